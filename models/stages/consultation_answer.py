"""Driftens svar: what operations says in a consultation, and what it may not leave out."""

from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from models import text
from models.case.consultation import AnswerKind, Consultation, conditions_of
from models.case.facility import Facility
from models.danish import dato
from models.refusal import BadInput, Refusal
from models.role import Role

MAX_HOURS = 5_000
MAX_KR = 10_000_000


@dataclass(frozen=True)
class NewCondition:
    """A condition as it is said: what, who sees to it, by when (may be open)."""

    text: str
    owner: Role = Role.PROJECT_LEAD
    deadline_on: date | None = None


@dataclass(frozen=True)
class Answer:
    """What operations answers. Hours and kroner are operations' own figures; None keeps the estimate."""

    kind: AnswerKind
    hours_per_year: int | None = None
    kr_per_year: int | None = None
    conditions: tuple[NewCondition, ...] = field(default=())
    reason: str = ""
    could_be_yes: str = ""


def checked_answer(answer: Answer) -> Answer:
    """The answer with its texts cleaned.

    Raises:
        Refusal: a no lacks its reason, or conditions and the kind of yes don't fit.
        BadInput: hours or kroner out of bounds, or a text that can't be used.
    """
    reason = text.text(answer.reason, "reason", required=False)
    could_be_yes = text.text(answer.could_be_yes, "could_be_yes", required=False)
    conditions = tuple(NewCondition(text.text(c.text, "condition"), c.owner, c.deadline_on) for c in answer.conditions)
    if answer.kind is AnswerKind.NO and not reason:
        raise Refusal("consultation.reason_missing", "Et nej skal have en begrundelse, som gruppen kan forstå.")
    if answer.kind is AnswerKind.CONDITIONS and not conditions:
        raise Refusal("consultation.conditions_missing", "Et ja på betingelser skal have mindst én betingelse.")
    if answer.kind is not AnswerKind.CONDITIONS and conditions:
        raise Refusal("consultation.conditions_unexpected", "Betingelser hører til svaret “ja på betingelser”.")
    if answer.hours_per_year is not None and not 0 <= answer.hours_per_year <= MAX_HOURS:
        raise BadInput("hours_per_year", f"skriv hele timer fra 0 til {MAX_HOURS}.")
    if answer.kr_per_year is not None and not 0 <= answer.kr_per_year <= MAX_KR:
        raise BadInput("kr_per_year", "skriv hele kroner fra 0 til 10.000.000.")
    return Answer(answer.kind, answer.hours_per_year, answer.kr_per_year, conditions, reason, could_be_yes)


def require_days_to_come(answer: Answer, *, on: date) -> None:
    """A condition can't have been met before it was set.

    Raises:
        BadInput: the deadline of one lies before the day of the answer.
    """
    for condition in answer.conditions:
        if condition.deadline_on is not None and condition.deadline_on < on:
            raise BadInput(
                "condition", f"fristen {dato(condition.deadline_on)} er allerede gået. Vælg en dag, der kommer."
            )


def is_same_answer(session: Session, facility: Facility, round_: Consultation, answer: Answer) -> bool:
    """Whether the round was answered so already."""
    minutes = facility.minutes_per_year if answer.hours_per_year is None else answer.hours_per_year * 60
    kr_ore = facility.kr_per_year_ore if answer.kr_per_year is None else answer.kr_per_year * 100
    conditions = [(c.text, c.owner, c.deadline_on) for c in conditions_of(session, facility)]
    return (round_.answer, round_.reason, round_.could_be_yes, round_.minutes_per_year, round_.kr_per_year_ore) == (
        answer.kind,
        answer.reason,
        answer.could_be_yes,
        minutes,
        kr_ore,
    ) and conditions == [(c.text, c.owner, c.deadline_on) for c in answer.conditions]
