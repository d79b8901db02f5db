"""Bygning: the project lead reports the permits, and when the building starts and is finished."""

from enum import StrEnum

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.input import RunInput
from pydantic import Field
from sqlmodel import Session

from config.catalogue import catalogue
from flows.fields import Answered, on_of
from flows.form import form
from flows.question import Outcome, heading, settle
from models.building import BuildingEvent, answer_permit, report_building
from models.facility import Facility
from models.permit import Permit, PermitResult, permits_of
from models.refusal import Refusal
from models.role import Door, Role
from models.text import NAME_LENGTH
from models.waiting import Wait


class EventChoice(StrEnum):
    """What can be reported."""

    PERMIT = "En tilladelse er besvaret"
    STARTED = "Byggeriet er i gang"
    FINISHED = "Byggeriet er færdigt"


class PermitChoice(StrEnum):
    """What an authority can answer."""

    GRANTED = "Givet"
    NOT_NEEDED = "Kræves ikke"
    REFUSED = "Afslået"


class BuildingForm(Answered):
    """A report from the building."""

    haendelse: EventChoice = Field(title="Hvad er sket?")
    tilladelse: str = Field(
        default="",
        title="Tilladelse",
        max_length=40,
        description="Nøglen fra tabellen, hvis det er en tilladelse.",
    )
    svar: PermitChoice = Field(default=PermitChoice.GRANTED, title="Svaret på tilladelsen")
    sagsnummer: str = Field(default="", title="Sagsnummer", max_length=NAME_LENGTH)


@flow(name="Bygning")
def building(reference: str, question: str) -> State:
    """Wait for the permits and the builder; each report is a run of its own."""
    return settle(reference, question, _form, _decide)


def _form(session: Session, facility: Facility, wait: Wait, told: str) -> type[RunInput]:
    permits = permits_of(session, facility)
    rows = [
        "| Nøgle | Tilladelse | Lov | Svar |",
        "|---|---|---|---|",
        *(_row(permit) for permit in permits),
    ]
    waiting = next((p for p in permits if p.result is PermitResult.NEEDED), None)
    event = EventChoice.PERMIT if waiting else EventChoice.STARTED
    if facility.building_started_on is not None:
        event = EventChoice.FINISHED
    facts = [
        f"**{facility.reference} · {facility.name}**",
        "\n".join(rows) if permits else "Der kræves ingen tilladelser.",
    ]
    title = f"Projektlederen bedes melde: {wait.what}"
    return form(
        BuildingForm,
        heading(told, title, facts),
        haendelse=event,
        tilladelse=waiting.key if waiting else "",
    )


def _row(permit: Permit) -> str:
    named = catalogue().permits[permit.key]
    case = f" (sag {permit.case_number})" if permit.case_number else ""
    return f"| `{permit.key}` | {named.name} | {named.law} | {permit.result.danish}{case} |"


def _decide(session: Session, facility: Facility, _wait: Wait, said: BuildingForm) -> Outcome:
    on, by, door = on_of(said), Role.PROJECT_LEAD, Door.PREFECT
    if said.haendelse is EventChoice.PERMIT:
        if not said.tilladelse:
            raise Refusal("building.permit_missing", "Skriv tilladelsens nøgle fra tabellen.")
        permit = answer_permit(
            session, facility, said.tilladelse.strip(), PermitResult[said.svar.name], case_number=said.sagsnummer,
            on=on, by=by, door=door,
        )  # fmt: skip
        return Outcome(
            "Tilladelse", f"{catalogue().permits[permit.key].name}: {permit.result.danish}."
        )
    report_building(session, facility, BuildingEvent[said.haendelse.name], on=on, by=by, door=door)
    return Outcome(
        "I gang" if said.haendelse is EventChoice.STARTED else "Færdigt", f"{said.haendelse}."
    )
