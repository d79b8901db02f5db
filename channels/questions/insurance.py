"""Forsikring: who insures the volunteers, asked where the review of the agreement hasn't said it."""

from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.facts import Facts, Link, says
from channels.questions.fields import Choice, Shown, day, day_of, short_text
from channels.questions.question import Outcome, Question, by_choice
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from models.case.facility import Facility
from models.case.insurance import Cover
from models.case.volunteer_group import VolunteerGroup
from models.overview.waiting import Wait
from models.said import Said
from models.stages.insurance import MAY_INSURE, answer_insurance, correct_insurance, why_not_correct_insurance


class CoverChoice(Choice):
    """Who insures them."""

    MUNICIPALITY = "Kommunen forsikrer dem"
    ASSOCIATION = "Gruppens egen forening"
    NONE_NEEDED = "Der er ikke brug for en forsikring"


def policy() -> Any:
    """The field for a policy's number."""
    return short_text("Policens nummer", "Policens eller beslutningens nummer, hvis der er et.")


def from_day() -> Any:
    """The field for the first day of the cover."""
    return day("Forsikret fra", "Lad den stå tom, hvis det er fra i dag.")


class InsuranceForm(Shown):
    """Who insures the volunteers."""

    svar: CoverChoice = Field(title="Hvem forsikrer de frivillige?", description="Aftalens punkt 9 siger det videre.")
    police: str = policy()
    forsikret_fra: str = from_day()


def facts(session: Session, facility: Facility, wait: Wait) -> Facts:
    """Which group it is about, and why it is asked."""
    group = session.get_one(VolunteerGroup, facility.group_id)
    return Facts(
        f"Frivilligkoordinatoren bedes give {wait.what}",
        (
            Link(facility.reference, facility.name),
            says(f"{group.name} passer stedet. Uden et svar kan stedet ikke komme i drift."),
            says("Gruppen får svaret i et brev, og det står i den næste udgave af aftalen."),
        ),
    )


def form(_session: Session, _facility: Facility, _wait: Wait) -> type[BaseModel]:
    """The same for every place."""
    return InsuranceForm


def decide(session: Session, facility: Facility, _wait: Wait, answer: InsuranceForm, said: Said) -> Outcome:
    """Who insures them, by which policy and from which day.

    Raises:
        Refusal: see `models.stages.insurance.answer_insurance`.
        BadInput: there is no such day.
    """
    given = insured(session, facility, answer.svar, answer.police, answer.forsikret_fra, said)
    return Outcome("Besvaret", f"Forsikring: {given.danish}.")


def correct(session: Session, facility: Facility, _wait: Wait, answer: InsuranceForm, said: Said) -> Outcome:
    """Another answer, while nobody has been told the first one.

    Raises:
        Refusal: see `models.stages.insurance.correct_insurance`.
        BadInput: there is no such day.
    """
    cover, from_on = Cover[answer.svar.name], day_of(answer.forsikret_fra, "Forsikret fra")
    correct_insurance(session, facility, cover, said, reference=answer.police, from_on=from_on)
    return Outcome("Rettet", f"Forsikring: {cover.danish}.")


def insured(session: Session, facility: Facility, choice: str, police: str, from_on: str, said: Said) -> Cover:
    """Record what was chosen in a form; returns the cover."""
    cover = Cover[CoverChoice(choice).name]
    day_ = day_of(from_on, "Forsikret fra")
    answer_insurance(session, facility, cover, said, reference=police, from_on=day_)
    return cover


def command(_wait: Waits, case: FacilityCase) -> str:
    """The command that answers."""
    return f"answer insurance {case.reference} --cover municipality|association|none_needed"


QUESTION = Question(
    topic="insurance",
    word="Forsikring",
    asked_by="insurance",
    waits_for="Venter på svar om, hvem der forsikrer de frivillige.",
    roles=MAY_INSURE,
    who="Hvem svarer?",
    facts=facts,
    form=form,
    decide=decide,
    command=command,
    ends_as=by_choice(otherwise="Besvaret"),
    why_not_correct=lambda session, facility, _wait: why_not_correct_insurance(session, facility),
    correct=correct,
)
