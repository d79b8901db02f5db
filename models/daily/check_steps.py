"""The steps of a check's ladder: which comes after which, on what day, and whether any is due."""

from datetime import date, timedelta
from enum import IntEnum
from typing import Self

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, or_, select
from sqlmodel import Session

from config.catalogue import Who, catalogue
from models.daily.speed import written_once
from models.database import columns_of
from models.operation.check import Check, CheckState

CHECK = columns_of(Check)

VOLUNTEERS_TAKE_PART = (Who.VOLUNTEERS, Who.BOTH)
"""Whose checks are also the group's: the group is asked, and operations takes over what it leaves."""


class Step(IntEnum):
    """A step of the ladder, in order: its number, the check's state before and after, and where its day is stored.

    The closing has no column of its own: it ends the check (`models.daily.unanswered`).
    """

    NOTICE = 0, CheckState.PLANNED, CheckState.NOTIFIED, "noticed_on"
    REMINDER = 1, CheckState.NOTIFIED, CheckState.REMINDED, "reminded_on"
    SECOND_REMINDER = 2, CheckState.REMINDED, CheckState.REMINDED, "second_reminded_on"
    ESCALATION = 3, CheckState.REMINDED, CheckState.ESCALATED, "escalated_on"
    CLOSING = 4, CheckState.ESCALATED, CheckState.MISSED, ""

    state_before: CheckState
    state_after: CheckState
    taken_on: str

    def __new__(cls, number: int, state_before: CheckState, state_after: CheckState, taken_on: str) -> Self:
        step = int.__new__(cls, number)
        step._value_ = number
        step.state_before, step.state_after, step.taken_on = state_before, state_after, taken_on
        return step

    @property
    def before(self) -> "Step | None":
        """The step that must have been taken before; none before the notice."""
        return list(Step)[self - 1] if self > Step.NOTICE else None

    @property
    def days_after_due(self) -> int:
        """Days from the check's due date to this step; the notice comes before it (config/escalation.yaml)."""
        ladder = catalogue().escalation
        return {
            Step.NOTICE: -ladder.notice_days_before,
            Step.REMINDER: ladder.reminder_days_after,
            Step.SECOND_REMINDER: ladder.second_reminder_days_after,
            Step.ESCALATION: ladder.escalation_days_after,
            Step.CLOSING: ladder.work_order_days_after,
        }[self]

    @property
    def is_asking(self) -> bool:
        """Whether those who do the task are asked to do it: the notice and its reminders."""
        return self <= Step.SECOND_REMINDER


ASKING = tuple(step for step in Step if step.is_asking)


def step_is_due(step: Step) -> ColumnElement[bool]:
    """Whether a check's next step is this one and its day has come; the days are those of `days_of_steps`.

    By the check's due date, and never sooner after the step before than planned: a notice that came late because
    the check was planned late still leaves its days to act.
    """
    due = [CHECK.state == step.state_before, CHECK.due_on <= bindparam(f"due_by_{step}", type_=Date)]
    if step > Step.REMINDER:  # operations' own task is work from its day on, with a ladder of its own
        due.append(CHECK.who.in_(VOLUNTEERS_TAKE_PART))
    if step.taken_on:
        due.append(CHECK[step.taken_on].is_(None))
    if step.before is not None:
        due.append(CHECK[step.before.taken_on] <= bindparam(f"taken_by_{step}", type_=Date))
    return and_(*due)


def days_of_steps(on: date) -> dict[str, date]:
    """The parameters of `step_is_due` on a day: a step's turn is for checks that were due by one day, and took the
    step before by another."""
    days = {}
    for step in Step:
        days[f"due_by_{step}"] = on - timedelta(days=step.days_after_due)
        if step.before is not None:
            days[f"taken_by_{step}"] = on - timedelta(days=step.days_after_due - step.before.days_after_due)
    return days


def is_a_step_due(session: Session, on: date) -> bool:
    """Whether any open check has a step today."""
    return bool(session.execute(_any_step_due(), days_of_steps(on)).scalar_one())


@written_once
def _any_step_due() -> Select[bool]:
    """Is any step of any open check due? Oracle: `next_step_on` in tests/models/plain_sweep.py."""
    return select(or_(*(select(CHECK.id).where(step_is_due(step)).exists() for step in Step)))
