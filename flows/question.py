"""One question, one run: a run waits for one role's answer, records it and starts what comes next.

The body runs again from the top each time it is resumed, revived or crashed. So it first looks whether
the question is still open; an answer that was recorded before a crash is not recorded twice, and one
that came by another door ends the run.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from prefect.client.schemas.objects import State
from prefect.input import RunInput
from prefect.states import Completed
from sqlmodel import Session

from flows.case_file import case_link
from flows.discretion import discreet
from flows.domain import looking, recording
from flows.fields import in_form_words
from flows.form import ask
from flows.markdown import cell
from flows.next_runs import follow_up
from models.facility import Facility, find
from models.refusal import Refusal
from models.waiting import Wait, waits_of

Form = TypeVar("Form", bound=RunInput)
Said = TypeVar("Said")
Result = TypeVar("Result")


class Outcome(NamedTuple):
    """How a run ended, in words for the runs page. A refusal is an outcome, never a failure."""

    name: str
    message: str


SETTLED = Outcome("Afgjort", "Spørgsmålet er afgjort ad en anden vej.")


def settle(
    reference: str,
    key: str,
    make_form: Callable[[Session, Facility, Wait, str], type[Form]],
    decide: Callable[[Session, Facility, Wait, Form], Outcome],
) -> State:
    """Ask the question `key` of the facility, pass the answer to `decide`, and start what comes next.

    `make_form` gets the sentence that says why the last answer was refused, empty the first time.
    """

    def the_form(told: str) -> type[Form]:
        with looking() as session:
            facility = find(session, reference)
            wait = _open_wait(session, facility, key)
            if wait is None:  # settled meanwhile: the form is not shown
                raise Refusal("question.settled", SETTLED.message)
            return make_form(session, facility, wait, told)

    def record(answer: Form) -> Outcome:
        with recording() as session:
            facility = find(session, reference)
            wait = _open_wait(session, facility, key)
            return decide(session, facility, wait, answer) if wait is not None else SETTLED

    with looking() as session:
        is_open = _open_wait(session, find(session, reference), key) is not None
    try:
        outcome = ask(key, the_form, in_words(record), refused=Refusal) if is_open else SETTLED
    except Refusal:
        outcome = SETTLED
    follow_up(reference)
    return Completed(name=outcome.name, message=discreet(outcome.message))


def begin(reference: str, decide: Callable[[Session, Facility], Outcome]) -> State:
    """Record what a person starts for a facility by a form of parameters, and start what comes next.

    A refusal is an outcome here too: nothing is recorded, and the run says why.
    """
    try:
        with recording() as session:
            facility = find(session, reference)
            outcome = decide(session, facility)
    except Refusal as refusal:
        return Completed(name="Afvist", message=in_form_words(refusal))
    follow_up(facility.reference)
    return Completed(name=outcome.name, message=discreet(outcome.message))


def in_words(decide: Callable[[Said], Result]) -> Callable[[Said], Result]:
    """`decide`, whose refusals call a field what the form calls it."""

    def decided(answer: Said) -> Result:
        try:
            return decide(answer)
        except Refusal as refusal:
            raise Refusal(refusal.code, in_form_words(refusal)) from refusal

    return decided


def _open_wait(session: Session, facility: Facility, key: str) -> Wait | None:
    return next((wait for wait in waits_of(session, facility) if wait.key == key), None)


def heading(told: str, what: str, facts: list[str]) -> str:
    """The Markdown above a form's fields: why the last answer was refused, what is asked, the facts."""
    parts = [f"> **Svaret kunne ikke bruges.** {cell(told)}"] if told else []
    return discreet("\n\n".join([*parts, f"### {what}", *(fact for fact in facts if fact)]))


def about(facility: Facility) -> str:
    """The line that says which facility a form is about, with the way to its case file."""
    return f"**{facility.reference} · {cell(facility.name)}**{case_link(facility.reference)}"
