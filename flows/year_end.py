"""Året: what is left of a year's money is moved to the next, by a person's decision."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from channels.domain import looking, recording
from channels.questions import year_end as question
from channels.questions.fields import Shown
from flows.asking.drawn_facts import drawn
from flows.asking.form import form
from flows.asking.money_proposal import pointed_to_the_desk
from flows.asking.question import ask_person, heading, said_in, with_who_and_when
from models.danish import kr
from models.pool.year_end import is_carried_over


class WhichYear(Shown):
    """The year that is over."""

    aar: int = Field(title="Hvilket år?", ge=2020, le=2100, description="Det år, der er slut, fx 2026.")


@flow(name="Årsafslutning", flow_run_name="Årsafslutning · {afslutning.aar}")
def year_end(afslutning: WhichYear) -> State:
    """Overfør det, der er tilbage i puljen, til næste år."""
    aar = afslutning.aar

    def the_form(told: str) -> type[question.YearEndForm]:
        with looking() as session:
            facts = question.facts(session, aar)
        asked = with_who_and_when(question.YearEndForm, question.WHO, question.ROLES)
        return form(asked, heading(told, facts.title, drawn(facts)))

    def record(answer: question.YearEndForm) -> int:
        with recording() as session:
            return question.decide(session, aar, answer, said_in(answer, question.ROLES))

    if (elsewhere := pointed_to_the_desk()) is not None:
        return elsewhere
    with looking() as session:
        done = is_carried_over(session, aar)
    if done:
        return Completed(name="Afgjort", message=f"{aar} er overført.")
    moved = ask_person(f"year-end-{aar}", the_form, record)
    return Completed(name="Overført", message=f"{kr(moved)} er overført fra {aar} til {aar + 1}.")
