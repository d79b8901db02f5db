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

from channels.domain import looking, recording
from flows.asking.discretion import discreet
from flows.asking.fields import AboutFacility, in_form_words
from flows.asking.form import ask, form
from flows.asking.markdown import cell
from flows.asking.next_runs import follow_up
from flows.case_file import case_link
from models.case.facility import Facility, find
from models.overview.waiting import Wait, waits_of
from models.refusal import Refusal

Form = TypeVar("Form", bound=RunInput)
Said = TypeVar("Said")
Result = TypeVar("Result")
Started = TypeVar("Started", bound=AboutFacility)


class Outcome(NamedTuple):
    """How a run ended, in words for the runs page. A refusal is an outcome, never a failure."""

    name: str
    message: str


SETTLED = Outcome("Afgjort", "Spørgsmålet er afgjort ad en anden vej.")
MEND = "Ret det, og send det igen"
LEAVE = "Det, du skrev, står nedenfor. Intet er gemt endnu. Skal det ikke bruges, så vælg ⋮ og Cancel."


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
        outcome = ask_person(key, the_form, record) if is_open else SETTLED
    except Refusal:
        outcome = SETTLED
    follow_up(reference)
    return Completed(name=outcome.name, message=discreet(outcome.message))


def ask_person(
    key: str, make_form: Callable[[str], type[Form]], decide: Callable[[Form], Result], given: Form | None = None
) -> Result:
    """What comes of a person's answer; see `form.ask`. A refusal is told in the form's own words."""
    return ask(key, make_form, in_words(decide), refused=Refusal, given=given, discreet=discreet)


def start_with(given: Form, record: Callable[[Form], Result], key: str = "start") -> Result:
    """What comes of the form a run was started with; when it is refused, the run asks for it again.

    Nothing that was typed is lost: the form that asks again holds it, with the reason on top.
    """
    return ask_person(key, lambda told: form(type(given), heading(told, MEND, [LEAVE])), record, given)


def begin(given: Started, decide: Callable[[Session, Facility, Started], Outcome]) -> State:
    """Record what a person starts for a facility by a form of parameters, and start what comes next."""

    def record(said: Started) -> tuple[str, Outcome]:
        with recording() as session:
            facility = find(session, said.reference)
            return facility.reference, decide(session, facility, said)

    reference, outcome = start_with(given, record)
    follow_up(reference)
    return Completed(name=outcome.name, message=discreet(outcome.message))


def in_words(decide: Callable[[Said], Result]) -> Callable[[Said], Result]:
    """`decide`, whose refusals call a field what the form calls it, and name nobody."""

    def decided(answer: Said) -> Result:
        try:
            return decide(answer)
        except Refusal as refusal:
            raise Refusal(refusal.code, discreet(in_form_words(refusal))) from refusal

    return decided


def _open_wait(session: Session, facility: Facility, key: str) -> Wait | None:
    return next((wait for wait in waits_of(session, facility) if wait.key == key), None)


def heading(told: str, what: str, facts: list[str]) -> str:
    """The Markdown above a form's fields: why the last answer was refused, what is asked, the facts."""
    parts = [f"**Svaret kunne ikke bruges.** {cell(told)}"] if told else []
    return discreet("\n\n".join([*parts, f"### {what}", *(fact for fact in facts if fact)]))


def about(facility: Facility) -> str:
    """The line that says which facility a form is about, with the way to its case file."""
    return f"**{facility.reference} · {cell(facility.name)}**{case_link(facility.reference)}"
