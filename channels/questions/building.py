"""Bygning: the project lead reports the permits, and when the building starts and is finished."""

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.facts import Facts, Link, says, table
from channels.questions.fields import Choice, Shown, choices, short_text, with_fields, with_values
from channels.questions.question import Outcome, Question, by_choice
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from config.catalogue import catalogue
from models.case.facility import Facility
from models.case.permit import Permit, PermitResult, permits_of
from models.overview.waiting import Wait
from models.role import Role
from models.said import Said
from models.stages.building import (
    BuildingEvent,
    answer_permit,
    correct_permit,
    held_permits,
    report_building,
    why_not_correct_permit,
)

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


class PermitForm(Shown):
    """What an authority answered. `tilladelse` is a choice among the permits that are not decided."""

    tilladelse: Choice = Field(title="Tilladelse")
    svar: PermitChoice = Field(title="Svaret på tilladelsen")
    sagsnummer: str = short_text("Sagsnummer", "Myndighedens sag, hvis I kender den.")


class StartForm(Shown):
    """The building starts."""

    haendelse: StartChoice = Field(title="Hvad er sket?")


class FinishForm(Shown):
    """The building is finished."""

    haendelse: FinishChoice = Field(title="Hvad er sket?")


def facts(session: Session, facility: Facility, _wait: Wait) -> Facts:
    """The permits with what was answered."""
    named = catalogue().permits
    rows = [[named[p.key].name, named[p.key].law, _answer(p)] for p in permits_of(session, facility)]
    permits = table("Tilladelse|Lov|Svar", rows) if rows else says("Der kræves ingen tilladelser.")
    asks = "svare på tilladelserne"
    if facility.building_started_on is not None:
        asks = "melde, når byggeriet er færdigt"
    elif all(p.result in DECIDED for p in permits_of(session, facility)):
        asks = "melde, når byggeriet går i gang"
    return Facts(f"Projektlederen bedes {asks}", (Link(facility.reference, facility.name), permits))


def _answer(permit: Permit) -> str:
    case = f" (sag {permit.case_number})" if permit.case_number else ""
    return f"{permit.result.danish}{case}"


def form(session: Session, facility: Facility, _wait: Wait) -> type[BaseModel]:
    """A permit, the start or the end, whichever comes next; a single permit is filled in."""
    if facility.building_started_on is not None:
        return FinishForm
    waiting = [p.key for p in permits_of(session, facility) if p.result not in DECIDED]
    return _about_permits(waiting) if waiting else StartForm


def _about_permits(keys: list[str]) -> type[BaseModel]:
    choice = choices("Tilladelser", {key: catalogue().permits[key].name for key in keys})
    asked = with_fields(PermitForm, tilladelse=(choice, Field(title="Tilladelse")))
    return with_values(asked, tilladelse=choice[keys[0]]) if len(keys) == 1 else asked


def correct_form(session: Session, facility: Facility, _wait: Wait) -> type[BaseModel]:
    """One of the permits that are answered so that the building may start."""
    return _about_permits([permit.key for permit in held_permits(session, facility)])


def correct(session: Session, facility: Facility, _wait: Wait, answer: PermitForm, said: Said) -> Outcome:
    """Another answer about one of those permits.

    Raises:
        Refusal: see `models.stages.building.correct_permit`.
    """
    result = PermitResult[answer.svar.name]
    key = answer.tilladelse.name
    permit = correct_permit(session, facility, key, result, said, case_number=answer.sagsnummer)
    return Outcome("Rettet", f"{catalogue().permits[permit.key].name}: {permit.result.danish}.")


def decide(
    session: Session, facility: Facility, _wait: Wait, answer: PermitForm | StartForm | FinishForm, said: Said
) -> Outcome:
    """A permit's answer, or that the building started or is finished.

    Raises:
        Refusal: see `models.stages.building`.
    """
    if isinstance(answer, PermitForm):
        result = PermitResult[answer.svar.name]
        permit = answer_permit(session, facility, answer.tilladelse.name, result, said, case_number=answer.sagsnummer)
        name = catalogue().permits[permit.key].name
        return Outcome("Tilladelse", f"{name}: {permit.result.danish}.")
    report_building(session, facility, BuildingEvent[answer.haendelse.name], said)
    is_start = isinstance(answer, StartForm)
    return Outcome("I gang" if is_start else "Færdigt", f"{answer.haendelse}.")


def command(_wait: Waits, case: FacilityCase) -> str:
    """The command that answers: for a permit as long as one is missing."""
    ref = case.reference
    missing = [p.key for p in case.permits if p.result in ("needed", "refused")]
    if missing:
        return f"answer permit {ref} --permit {'|'.join(missing)} --result granted|not_needed|refused"
    return f"answer building {ref} --event {'finished' if case.building_started_on else 'started'}"


QUESTION = Question(
    topic="building",
    word="Bygning",
    asked_by="building",
    dated=(PermitForm, StartForm, FinishForm),
    waits_for="Venter på tilladelser og på byggeriet.",
    roles=(Role.PROJECT_LEAD,),
    who="",
    facts=facts,
    form=form,
    decide=decide,
    command=command,
    ends_as=by_choice({StartChoice.STARTED: "I gang", FinishChoice.FINISHED: "Færdigt"}, "Tilladelse"),
    why_not_correct=lambda session, facility, _wait: why_not_correct_permit(session, facility),
    correct=correct,
    correct_form=correct_form,
)
