"""The steps of a check's ladder: which comes after which, on what day, and whether any is due."""

from datetime import date, timedelta
from functools import cache
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Date, Select, and_, bindparam, or_, select
from sqlmodel import Session

from config.catalogue import catalogue
from models.database import columns_of
from models.operation.check import Check, CheckState

CHECK = columns_of(Check)

#: The state a check is in before each step, and the column that says when the step was taken.
STATE_BEFORE = (CheckState.PLANNED, CheckState.NOTIFIED, CheckState.REMINDED, CheckState.REMINDED, CheckState.ESCALATED)
TAKEN = ("noticed_on", "reminded_on", "second_reminded_on", "escalated_on")
NOTICE, REMINDER, SECOND_REMINDER, ESCALATION, CLOSING = range(5)


Day = TypeVar("Day", date, BindParameter[date])


class StepDays(NamedTuple, Generic[Day]):
    """A step's turn: for checks that were due by one day, and took the step before by another (none before the first)."""

    due_by: Day
    taken_by: Day


def days_of_steps(on: date) -> list[StepDays[date]]:
    """The days of each step, in order.

    By the check's due date, and never sooner after the last step than planned: a notice that came late because
    the check was planned late still leaves its days to act.
    """
    steps = catalogue().escalation
    days = (
        -steps.notice_days_before,
        steps.reminder_days_after,
        steps.second_reminder_days_after,
        steps.escalation_days_after,
        steps.work_order_days_after,
    )
    return [
        StepDays(on - timedelta(days=days[number]), on - timedelta(days=days[number] - days[max(number - 1, 0)]))
        for number in range(CLOSING + 1)
    ]


def step_is_due(number: int, days: StepDays[Day]) -> ColumnElement[bool]:
    """Whether a check's next step is this one and its day has come."""
    due = [CHECK.state == STATE_BEFORE[number], CHECK.due_on <= days.due_by]
    if number < len(TAKEN):
        due.append(CHECK[TAKEN[number]].is_(None))
    if number > NOTICE:
        due.append(CHECK[TAKEN[number - 1]] <= days.taken_by)
    return and_(*due)


def named_days(on: date) -> dict[str, date]:
    """The days of the steps by the names that `bound_days` has for them."""
    return {
        name: day
        for number, each in enumerate(days_of_steps(on))
        for name, day in ((f"due_by_{number}", each.due_by), (f"taken_by_{number}", each.taken_by))
    }


def bound_days() -> list[StepDays[BindParameter[date]]]:
    """The days as parameters, for a statement that is written once."""
    return [
        StepDays(bindparam(f"due_by_{number}", type_=Date), bindparam(f"taken_by_{number}", type_=Date))
        for number in range(CLOSING + 1)
    ]


def is_a_step_due(session: Session, on: date) -> bool:
    """Whether any open check has a step today."""
    return bool(session.execute(_is_any_step_due(), named_days(on)).scalar_one())


@cache  # every day asks it, and most days have nothing more to do
def _is_any_step_due() -> Select[bool]:
    due = (select(CHECK.id).where(step_is_due(number, each)).exists() for number, each in enumerate(bound_days()))
    return select(or_(*due))
