"""The ladder of a check: planned, notified, reminded, reminded again, given on, ordered as work.

A step is taken from the step before it, never from the due date alone: after ten days of downtime a group
gets its notice first, and is reminded as many days later as it would have been. So nobody is escalated
for a message that never went out, and nobody gets ten mails at once.

Oracle of every statement here: `take_steps` in tests/models/plain_sweep.py.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Delete,
    Insert,
    Integer,
    Select,
    Update,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlmodel import Session

from models.case.facility import Facility
from models.daily.check_steps import Step, days_of_steps, step_is_due
from models.daily.day_tables import DUE_CHECK, DUE_STEP
from models.daily.due_work import Groups
from models.daily.speed import number_without_index, written_once
from models.daily.step_messages import ask_for_checks, tell_of_escalations
from models.daily.unanswered import close_unanswered
from models.database import columns_of
from models.operation.check import Check

CHECK, FACILITY = columns_of(Check), columns_of(Facility)


@dataclass
class SweepCounts:
    """What one day's run did; all zero when it had been run before."""

    planned: int = 0
    skipped: int = 0
    notices: int = 0
    reminders: int = 0
    second_reminders: int = 0
    escalations: int = 0
    work_orders: int = 0
    own_tasks: int = 0
    messages: int = 0

    def add(self, other: "SweepCounts") -> None:
        """Count what another run or range did, too."""
        for name, number in other.as_dict().items():
            setattr(self, name, getattr(self, name) + number)

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


def find_due_checks(session: Session, on: date) -> None:
    """Note which open checks have a step today."""
    session.connection().execute(_note_due_checks(), days_of_steps(on))


@written_once
def _note_due_checks() -> Insert:
    """Note each open check with a step today, with its group; each step finds its own by `ix_check_state_due_on`."""
    due = (
        select(FACILITY.group_id, CHECK.id).join(Facility, FACILITY.id == CHECK.facility_id).where(step_is_due(step))
        for step in Step
    )
    return insert(DUE_CHECK).from_select(["group_id", "check_id"], union_all(*due))


def take_steps(session: Session, groups: Groups, on: date, *, planned_after: int) -> SweepCounts:
    """Take for each open check of the range the one step that is due.

    Checks with a number above `planned_after` were planned just now; their notice is noted with them, and is told
    here with the others.
    """
    connection = session.connection()
    has_older_checks = _note_steps(session, groups, on, planned_after)
    taken: dict[int, int] = dict(connection.execute(_count_steps()).all())
    if not taken:
        return SweepCounts()
    if has_older_checks:
        for step in Step:
            if step in taken and step.taken_on:
                connection.execute(_take(step), {"today": on})
    counts = SweepCounts(
        notices=taken.get(Step.NOTICE, 0),
        reminders=taken.get(Step.REMINDER, 0),
        second_reminders=taken.get(Step.SECOND_REMINDER, 0),
        escalations=taken.get(Step.ESCALATION, 0),
    )
    # the last step first, so that the oldest checks stand at the top of a mail
    if Step.CLOSING in taken:
        counts.work_orders = close_unanswered(session, _checks_to_close(), on)
    if Step.ESCALATION in taken:
        tell_of_escalations(session, on)
    ask_for_checks(session, on)
    return counts


def _note_steps(session: Session, groups: Groups, on: date, planned_after: int) -> bool:
    """Note the steps of the range; whether any is of a check that was there before."""
    connection = session.connection()
    named = {"today": on, "planned_after": planned_after} | days_of_steps(on) | groups._asdict()
    connection.execute(_forget_steps())
    older = connection.execute(_note_steps_of_older_checks(), named).rowcount
    connection.execute(_note_notices_of_new_checks(), named)
    return older > 0


FIRST, LAST = bindparam("first", type_=Integer), bindparam("last", type_=Integer)
STEP_COLUMNS = ["check_id", "step", "due_on", "who", "task_id", "facility_id", "group_id"]
OF_THE_CHECK = (CHECK.due_on, CHECK.who, CHECK.care_task_id, CHECK.facility_id, FACILITY.group_id)


@written_once
def _forget_steps() -> Delete:
    """Empty the table of steps: SQLite keeps those of the range before, PostgreSQL empties it at each commit."""
    return delete(DUE_STEP)


@written_once
def _note_steps_of_older_checks() -> Insert:
    """Note the step that each of the range's due checks takes, if it still has one, and lock the check on PostgreSQL.

    The days are asked for in the `CASE` only, not in the `WHERE`: there both databases could use
    `ix_check_state_due_on`, which finds the due checks of all ranges for each range (row "daily sweep, 100 % due").
    """
    step = case(*((step_is_due(step), literal(int(step))) for step in Step))
    checks = (
        select(CHECK.id, step, *OF_THE_CHECK)
        .join(DUE_CHECK, DUE_CHECK.c.check_id == CHECK.id)
        .join(Facility, FACILITY.id == CHECK.facility_id)
        .where(DUE_CHECK.c.group_id.between(FIRST, LAST), step.is_not(None))
        .with_for_update(of=Check)
    )
    return insert(DUE_STEP).from_select(STEP_COLUMNS, checks).execution_options(preserve_rowcount=True)


@written_once
def _note_notices_of_new_checks() -> Insert:
    """Note the notice of each check of the range that was planned just now and lies within the notice."""
    checks = (
        select(CHECK.id, literal(int(Step.NOTICE)), *OF_THE_CHECK)
        .join(Facility, FACILITY.id == CHECK.facility_id)
        .where(
            CHECK.id > bindparam("planned_after"),
            CHECK.noticed_on == bindparam("today"),
            number_without_index(FACILITY.group_id).between(FIRST, LAST),
        )
    )
    return insert(DUE_STEP).from_select(STEP_COLUMNS, checks)


@written_once
def _count_steps() -> Select[*tuple[Any, ...]]:
    """How many checks of the range take each step."""
    return select(DUE_STEP.c.step, func.count()).group_by(DUE_STEP.c.step)


@written_once
def _take(step: Step) -> Update:
    """Write the step down at each of its checks: the day it was taken, and the check's new state."""
    checks = select(DUE_STEP.c.check_id).where(DUE_STEP.c.step == step)
    taking = update(Check).where(CHECK.id.in_(checks), CHECK[step.taken_on].is_(None))
    return taking.values({step.taken_on: bindparam("today"), "state": step.state_after})


@written_once
def _checks_to_close() -> Select[tuple[int]]:
    """The checks of the range that nobody answered to the end."""
    return select(DUE_STEP.c.check_id).where(DUE_STEP.c.step == Step.CLOSING)
