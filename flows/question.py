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

from flows.domain import looking, recording
from flows.form import ask
from flows.next_runs import follow_up
from models.facility import Facility, find
from models.refusal import Refusal
from models.waiting import Wait, waits_of

Form = TypeVar("Form", bound=RunInput)


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
            if (
                wait is None
            ):  # settled meanwhile; the form is not shown, the refusal was the last word
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
        outcome = ask(key, the_form, record, refused=Refusal) if is_open else SETTLED
    except Refusal:
        outcome = SETTLED
    follow_up(reference)
    return Completed(name=outcome.name, message=outcome.message)


def _open_wait(session: Session, facility: Facility, key: str) -> Wait | None:
    return next((wait for wait in waits_of(session, facility) if wait.key == key), None)


def heading(told: str, what: str, facts: list[str]) -> str:
    """The Markdown above a form's fields: why the last answer was refused, what is asked, the facts."""
    parts = [f"> **Svaret kunne ikke bruges:** {told}"] if told else []
    return "\n\n".join([*parts, f"### {what}", *facts])
