"""One question, one run: a run waits for one role's answer, records it and starts what comes next.

The body runs again from the top each time it is resumed, revived or crashed. So it first looks whether
the question is still open; an answer that was recorded before a crash is not recorded twice, and one
that came by another door ends the run.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.domain import looking, recording
from channels.questions.fields import AboutFacility, in_form_words, on_of, role_of, roles, the_day, with_fields
from channels.questions.question import Outcome
from channels.questions.table import QUESTIONS, question_of
from flows.asking.discretion import discreet
from flows.asking.drawn_facts import drawn
from flows.asking.form import ask, form, last_answer
from flows.asking.markdown import cell
from flows.asking.next_runs import follow_up, settled_by
from models.case.facility import Facility, find
from models.journal import journal_of
from models.overview.waiting import Wait, waits_of
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said

Form = TypeVar("Form", bound=BaseModel)
Answer = TypeVar("Answer")
Result = TypeVar("Result")
Started = TypeVar("Started", bound=AboutFacility)


SETTLED = Outcome("Afgjort", "Spørgsmålet er afgjort ad en anden vej.")
MEND = "Ret det, og send det igen"
LEAVE = "Det, du skrev, står nedenfor. Intet er gemt endnu. Skal det ikke bruges, så vælg ⋮ og Cancel."


def settle(reference: str, key: str) -> State:
    """Ask the question `key` of the facility, record the answer, and start what comes next."""

    def the_form(told: str) -> type[BaseModel]:
        with looking() as session:
            facility = find(session, reference)
            wait = _open_wait(session, facility, key)
            if wait is None:  # settled meanwhile: the form is not shown
                raise Refusal("question.settled", SETTLED.message)
            question = question_of(wait)
            facts = question.facts(session, facility, wait)
            asked = with_who_and_when(question.form(session, facility, wait), question.who, question.roles)
        return form(asked, heading(told, facts.title, drawn(facts)))

    def record(answer: Any) -> Outcome:
        with recording() as session:
            facility = find(session, reference)
            wait = _open_wait(session, facility, key)
            if wait is None:
                return SETTLED
            question = question_of(wait)
            return question.decide(session, facility, wait, answer, said_in(answer, question.roles))

    with looking() as session:
        is_open = _open_wait(session, find(session, reference), key) is not None
    try:
        outcome = ask_person(key, the_form, record) if is_open else _recorded_before(reference, key)
    except Refusal:
        outcome = SETTLED
    follow_up(reference)
    return Completed(name=outcome.name, message=_told(reference, outcome))


def _recorded_before(reference: str, key: str) -> Outcome:
    """What this run itself recorded before its process died; else the question was settled by another door.

    The case tells: since the answer came, something was decided in it through Prefect.
    """
    answered = last_answer(key)
    if answered is None:
        return SETTLED
    values, at = answered
    with looking() as session:
        lines = journal_of(session, find(session, reference).number)
    ours = [line for line in lines if line.door is Door.PREFECT and line.recorded_at >= at]
    if not ours:
        return SETTLED
    what = ours[0].what.partition(":")[0].rstrip(".")  # reasons stay with us
    return Outcome(QUESTIONS[key.split(":")[1]].ends_as(values), f"{what}.")


def _told(reference: str, outcome: Outcome) -> str:
    """The outcome in words; whoever answered too late is told what was decided first."""
    if outcome is not SETTLED:
        return discreet(outcome.message)
    with looking() as session:
        facility = find(session, reference)
    return settled_by(facility)


def with_who_and_when(asked: type[Form], who: str, allowed: tuple[Role, ...]) -> type[Form]:
    """The form with what Prefect doesn't know: who answers, where several may (`who` asks), and for which day."""
    more: dict[str, Any] = {"hvem": (roles(*allowed), Field(title=who))} if who else {}
    return with_fields(asked, **more, dato=(str, the_day()))


def said_in(answer: Any, allowed: tuple[Role, ...]) -> Said:
    """Who answered by Prefect's form, and for which day; Prefect knows nobody by name.

    Raises:
        BadInput: there is no such day, or it hasn't come yet.
    """
    choice = getattr(answer, "hvem", None)
    return Said(on_of(answer.dato), role_of(choice) if choice is not None else allowed[0], Door.PREFECT)


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


def in_words(decide: Callable[[Answer], Result]) -> Callable[[Answer], Result]:
    """`decide`, whose refusals call a field what the form calls it, and name nobody."""

    def decided(answer: Answer) -> Result:
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
