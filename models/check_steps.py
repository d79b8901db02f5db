"""The steps of a check's ladder: which comes after which, on what day, and whether any is due."""

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Date, Select, and_, bindparam, or_, select
from sqlmodel import Session

from config.catalogue import catalogue
from models.check import Check, CheckState
from models.database import columns_of

CHECK = columns_of(Check)

#: The state a check is in before each step, and the column that says when the step was taken.
STATE_BEFORE = (
    CheckState.PLANNED,
    CheckState.NOTIFIED,
    CheckState.REMINDED,
    CheckState.REMINDED,
    CheckState.ESCALATED,
)
TAKEN = ("noticed_on", "reminded_on", "second_reminded_on", "escalated_on")
NOTICE, REMINDER, SECOND_REMINDER, ESCALATION, CLOSING = range(5)


class StepDays(NamedTuple):
    """A step's turn: for checks that were due by one day, and took the step before by another (none before the first)."""

    due_by: date | BindParameter[date]
    taken_by: date | BindParameter[date]


def days_of_steps(on: date) -> list[StepDays]:
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
        StepDays(
            on - timedelta(days=days[number]),
            on - timedelta(days=days[number] - days[max(number - 1, 0)]),
        )
        for number in range(CLOSING + 1)
    ]


def step_is_due(number: int, days: StepDays) -> ColumnElement[bool]:
    """Whether a check's next step is this one and its day has come."""
    due = [CHECK.state == STATE_BEFORE[number], CHECK.due_on <= days.due_by]
    if number < len(TAKEN):
        due.append(CHECK[TAKEN[number]].is_(None))
    if number > NOTICE:
        due.append(CHECK[TAKEN[number - 1]] <= days.taken_by)
    return and_(*due)


def is_a_step_due(session: Session, on: date) -> bool:
    """Whether any open check has a step today."""
    days = days_of_steps(on)
    named = {
        name: day
        for number, each in enumerate(days)
        for name, day in ((f"due_by_{number}", each.due_by), (f"taken_by_{number}", each.taken_by))
    }
    return bool(session.execute(_is_any_step_due(), named).scalar_one())


@cache  # written once: every day asks it, and most days have nothing more to do
def _is_any_step_due() -> Select[bool]:
    due = (
        select(CHECK.id)
        .where(
            step_is_due(
                number,
                StepDays(
                    bindparam(f"due_by_{number}", type_=Date),
                    bindparam(f"taken_by_{number}", type_=Date),
                ),
            )
        )
        .exists()
        for number in range(CLOSING + 1)
    )
    return select(or_(*due))
