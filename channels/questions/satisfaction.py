"""Samarbejde: once a year operations is asked how it goes with a place; the group is asked by mail."""

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.facts import Facts, Link, says
from channels.questions.fields import Choice, Shown, long_text
from channels.questions.question import Outcome, Question, by_choice
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from models.case.agreement import Side
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup
from models.operation.satisfaction import (
    MAY_ANSWER,
    SCORES,
    answer_satisfaction,
    correct_satisfaction,
    why_not_correct_satisfaction,
)
from models.operation.satisfaction import QUESTION as ASKED
from models.overview.waiting import Wait
from models.said import Said


class ScoreChoice(Choice):
    """How it goes; the members are named by their number."""

    _1 = SCORES[1]
    _2 = SCORES[2]
    _3 = SCORES[3]
    _4 = SCORES[4]
    _5 = SCORES[5]


class SatisfactionForm(Shown):
    """The one question."""

    svar: ScoreChoice = Field(title="Hvordan går samarbejdet?")
    bemaerkning: str = long_text("Bemærkning", "Et ord om hvorfor. Ingen personnavne: den står i sagen.")


def facts(session: Session, facility: Facility, wait: Wait) -> Facts:
    """Which group it is about, and that it is asked the same."""
    group = session.get_one(VolunteerGroup, facility.group_id)
    asked = f"{ASKED} Gruppen er {group.name}; den bliver spurgt om det samme i en mail."
    return Facts(f"Driften bedes give {wait.what}.", (Link(facility.reference, facility.name), says(asked)))


def form(_session: Session, _facility: Facility, _wait: Wait) -> type[BaseModel]:
    """The same every year."""
    return SatisfactionForm


def decide(session: Session, facility: Facility, _wait: Wait, answer: SatisfactionForm, said: Said) -> Outcome:
    """Operations' number from 1 to 5.

    Raises:
        Refusal: see `models.operation.satisfaction.answer_satisfaction`.
    """
    score = int(answer.svar.name.removeprefix("_"))
    answer_satisfaction(session, facility, Side.MUNICIPALITY, score, answer.bemaerkning, said)
    return Outcome("Svaret", f"{score} af 5.")


def why_not_correct(session: Session, facility: Facility, wait: Wait) -> str:
    """Until operations is asked about the next year."""
    if wait.subject is None:
        return "Der er ikke svaret endnu."
    return why_not_correct_satisfaction(session, facility, Side.MUNICIPALITY, wait.subject)


def correct(session: Session, facility: Facility, wait: Wait, answer: SatisfactionForm, said: Said) -> Outcome:
    """Another number for the same year.

    Raises:
        Refusal: see `models.operation.satisfaction.correct_satisfaction`.
    """
    score = int(answer.svar.name.removeprefix("_"))
    if wait.subject is None:
        raise AssertionError(f"{wait.key} names no year")
    correct_satisfaction(session, facility, Side.MUNICIPALITY, wait.subject, score, answer.bemaerkning, said)
    return Outcome("Rettet", f"{score} af 5.")


def command(_wait: Waits, case: FacilityCase) -> str:
    """The command that answers."""
    return f"answer satisfaction {case.reference} --side municipality --score 1|2|3|4|5"


QUESTION = Question(
    topic="satisfaction",
    word="Samarbejde",
    asked_by="satisfaction",
    waits_for="Venter på driftens svar om samarbejdet; der spørges en gang om året.",
    roles=MAY_ANSWER[Side.MUNICIPALITY],
    who="Hvem svarer?",
    facts=facts,
    form=form,
    decide=decide,
    command=command,
    ends_as=by_choice(otherwise="Svaret"),
    why_not_correct=why_not_correct,
    correct=correct,
)
