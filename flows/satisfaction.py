"""Samarbejde: once a year operations is asked how it goes with a place; the group is asked by mail."""

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field
from sqlmodel import Session

from flows.asking.fields import Answered, Choice, long_text, on_of, role_of, roles
from flows.asking.form import form
from flows.asking.question import Outcome, about, heading, settle
from models.case.agreement import Side
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup
from models.operation.satisfaction import MAY_ANSWER, QUESTION, SCORES, answer_satisfaction
from models.overview.waiting import Wait
from models.role import Door
from models.said import Said

Decider = roles(*MAY_ANSWER[Side.MUNICIPALITY])


class ScoreChoice(Choice):
    """How it goes; the members are named by their number."""

    _1 = SCORES[1]
    _2 = SCORES[2]
    _3 = SCORES[3]
    _4 = SCORES[4]
    _5 = SCORES[5]


class SatisfactionForm(Answered):
    """The one question."""

    svar: ScoreChoice = Field(title="Hvordan går samarbejdet?")
    bemaerkning: str = long_text("Bemærkning", "Et ord om hvorfor. Ingen personnavne: den står i sagen.")
    hvem: Decider = Field(title="Hvem svarer?")  # type: ignore[valid-type]


@flow(name="Samarbejde")
def satisfaction(reference: str, question: str) -> State:
    """Wait for operations' answer to the year's question and record it."""
    return settle(reference, question, _form, _decide)


def _form(session: Session, facility: Facility, wait: Wait, told: str) -> type[SatisfactionForm]:
    group = session.get_one(VolunteerGroup, facility.group_id)
    facts = [about(facility), f"{QUESTION} Gruppen er {group.name}; den bliver spurgt om det samme i en mail."]
    return form(SatisfactionForm, heading(told, f"Driften bedes give {wait.what}.", facts))


def _decide(session: Session, facility: Facility, _wait: Wait, said: SatisfactionForm) -> Outcome:
    score = int(said.svar.name.removeprefix("_"))
    answer_satisfaction(
        session,
        facility,
        Side.MUNICIPALITY,
        score,
        said.bemaerkning,
        Said(on_of(said.dato), role_of(said.hvem), Door.PREFECT),
    )
    return Outcome("Svaret", f"{score} af 5.")
