"""Bygning: the project lead reports the permits, and when the building starts and is finished."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.input import RunInput
from pydantic import Field, create_model
from sqlmodel import Session

from config.catalogue import catalogue
from flows.asking.fields import Answered, Choice, choices, on_of, short_text
from flows.asking.form import form
from flows.asking.markdown import cell, table
from flows.asking.question import Outcome, about, heading, settle
from models.case.facility import Facility
from models.case.permit import Permit, PermitResult, permits_of
from models.overview.waiting import Wait
from models.role import Door, Role
from models.said import Said
from models.stages.building import BuildingEvent, answer_permit, report_building

DECIDED = (PermitResult.GRANTED, PermitResult.NOT_NEEDED)


class StartChoice(Choice):
    """What can be reported before the building starts; the gate asks for the permits first."""

    STARTED = "Byggeriet er i gang"


class FinishChoice(Choice):
    """What can be reported while it is built."""

    FINISHED = "Byggeriet er færdigt"


class PermitChoice(Choice):
    """What an authority can answer."""

    GRANTED = "Givet"
    NOT_NEEDED = "Kræves ikke"
    REFUSED = "Afslået"


class PermitForm(Answered):
    """What an authority answered. `tilladelse` is a choice among the permits that are not decided."""

    tilladelse: Choice = Field(title="Tilladelse")
    svar: PermitChoice = Field(title="Svaret på tilladelsen")
    sagsnummer: str = short_text("Sagsnummer", "Myndighedens sag, hvis I kender den.")


class StartForm(Answered):
    """The building starts."""

    haendelse: StartChoice = Field(title="Hvad er sket?")


class FinishForm(Answered):
    """The building is finished."""

    haendelse: FinishChoice = Field(title="Hvad er sket?")


@flow(name="Bygning")
def building(reference: str, question: str) -> State:
    """Wait for the permits and the builder; each report is a run of its own."""
    return settle(reference, question, _form, _decide)


def _form(session: Session, facility: Facility, wait: Wait, told: str) -> type[RunInput]:
    permits = permits_of(session, facility)
    named = {permit.key: catalogue().permits[permit.key] for permit in permits}
    rows = [[named[p.key].name, named[p.key].law, _answer(p)] for p in permits]
    facts = [about(facility), table("Tilladelse|Lov|Svar", rows) if rows else "Der kræves ingen tilladelser."]
    text = heading(told, f"Projektlederen bedes melde: {wait.what}", facts)
    if facility.building_started_on is not None:
        return form(FinishForm, text)
    waiting = [p.key for p in permits if p.result not in DECIDED]
    if not waiting:
        return form(StartForm, text)
    choice = choices("Tilladelser", {key: named[key].name for key in waiting})
    asked = create_model("PermitForm", __base__=PermitForm, tilladelse=(choice, Field(title="Tilladelse")))
    if len(waiting) == 1:
        return form(asked, text, tilladelse=choice[waiting[0]])
    return form(asked, text)


def _answer(permit: Permit) -> str:
    case = f" (sag {cell(permit.case_number)})" if permit.case_number else ""
    return f"{permit.result.danish}{case}"


def _decide(session: Session, facility: Facility, _wait: Wait, said: RunInput) -> Outcome:
    if not isinstance(said, PermitForm | StartForm | FinishForm):
        raise AssertionError("a building is asked about by its own forms")
    on, by, door = on_of(said.dato), Role.PROJECT_LEAD, Door.PREFECT
    if isinstance(said, PermitForm):
        permit = answer_permit(
            session,
            facility,
            said.tilladelse.name,
            PermitResult[said.svar.name],
            Said(on, by, door),
            case_number=said.sagsnummer,
        )
        name = catalogue().permits[permit.key].name
        return Outcome("Tilladelse", f"{name}: {permit.result.danish}.")
    report_building(session, facility, BuildingEvent[said.haendelse.name], Said(on, by, door))
    is_start = isinstance(said, StartForm)
    return Outcome("I gang" if is_start else "Færdigt", f"{said.haendelse}.")
