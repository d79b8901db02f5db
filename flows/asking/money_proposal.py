"""Forslag om puljens penge: what one proposes in the form that starts a run, another decides in the run's own form.

So there are two, also in Prefect; what is proposed lives in the run only.
"""

from hashlib import sha256

from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from channels.domain import looking, recording
from channels.questions.money_proposal import ROLES, WHO, MoneyForm, MoneyQuestion, Wish
from channels.questions.question import Outcome
from flows.asking.discretion import discreet
from flows.asking.drawn_facts import drawn
from flows.asking.form import form
from flows.asking.question import ask_person, heading, said_in, start_with, with_who_and_when
from models.calendar import today
from models.pool.right_to_decide import require_a_name
from models.refusal import Refusal
from models.role import Door
from models.said import Said


def pointed_to_the_desk() -> State | None:
    """The end of a run about money that can't be decided here, since the desk knows who decides; None where it can."""
    try:
        require_a_name(Said(today(), ROLES[0], Door.PREFECT))
    except Refusal as refusal:
        return Completed(name="Besluttes på opgaver", message=refusal.sentence)
    return None


def settle_proposal(key: str, given: Wish, question: MoneyQuestion[Wish]) -> tuple[State, Wish]:
    """Ask who may decide, and book a yes; also what was proposed in the end.

    The facts are read anew for each form, so its figures are those of the day; what can never be decided is
    refused, and the run asks for another proposal.
    """

    def possible(wish: Wish) -> Wish:
        with looking() as session:
            return question.checked(session, wish)

    if (elsewhere := pointed_to_the_desk()) is not None:
        return elsewhere, given
    wish = start_with(given, possible, f"{key}-proposal")

    def the_form(told: str) -> type[MoneyForm]:
        with looking() as session:
            facts = question.facts(session, wish)
        return form(with_who_and_when(MoneyForm, WHO, ROLES), heading(told, facts.title, drawn(facts)))

    def record(answer: MoneyForm) -> Outcome:
        with recording() as session:
            return question.decide(session, wish, answer, said_in(answer, ROLES), f"prefect:{flow_run.id}")

    # an answer counts for just this proposal, should the run have asked for another one
    this_wish = sha256(wish.model_dump_json().encode()).hexdigest()[:12]
    name, message = ask_person(f"{key}-{this_wish}", the_form, record)
    return Completed(name=name, message=discreet(message)), wish
