"""The ladder of a check: planned, notified, reminded, reminded again, given on, ordered as work.

A step is taken from the step before it, never from the due date alone: after ten days of downtime a group
gets its notice first, and is reminded as many days later as it would have been. So nobody is escalated
for a message that never went out, and nobody gets ten mails at once.
"""

from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Delete,
    Insert,
    Integer,
    Label,
    Select,
    String,
    Update,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    union_all,
    update,
)
from sqlmodel import Session

from config.catalogue import Who
from models.case.agreement import CareTask
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup
from models.daily.check_steps import (
    CLOSING,
    ESCALATION,
    NOTICE,
    REMINDER,
    SECOND_REMINDER,
    TAKEN,
    bound_days,
    named_days,
    step_is_due,
)
from models.daily.daily_messages import Telling, tell_contacts, tell_role_many
from models.daily.due_work import DUE_CHECK, STEP, Groups
from models.daily.unanswered import THEIRS, close_unanswered
from models.danish import dato
from models.database import columns_of, dialect_of, iso_text, json_of
from models.operation.check import Check, CheckState
from models.post.calendar_word import note_many
from models.role import Role

CHECK, TASK, FACILITY, GROUP = (
    columns_of(Check),
    columns_of(CareTask),
    columns_of(Facility),
    columns_of(VolunteerGroup),
)


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
    messages: int = 0

    def add(self, other: "SweepCounts") -> None:
        """Count what another run or range did, too."""
        for name, number in other.as_dict().items():
            setattr(self, name, getattr(self, name) + number)

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


#: What is asked at each step, and the state that the check is in then.
ASKED = ("check_notice", "check_reminder", "check_second_reminder")
STATE_AFTER = (CheckState.NOTIFIED, CheckState.REMINDED, CheckState.REMINDED, CheckState.ESCALATED)


def find_due_checks(session: Session, on: date) -> None:
    """Note which open checks have a step today."""
    session.connection().execute(_looking(), named_days(on))


@cache
def _looking() -> Insert:
    due = union_all(
        *(
            select(FACILITY.group_id, CHECK.id)
            .join(Facility, FACILITY.id == CHECK.facility_id)
            .where(step_is_due(number, each))
            for number, each in enumerate(bound_days())
        )
    )
    return insert(DUE_CHECK).from_select(["group_id", "check_id"], due)


def take_steps(session: Session, groups: Groups, on: date, *, planned_after: int) -> SweepCounts:
    """Take for each open check of the range the one step that is due.

    Checks with a number above `planned_after` were planned just now; their notice is noted with them, and is told
    here with the others.
    """
    connection = session.connection()
    older = _find_steps(session, groups, on, planned_after)
    taken: dict[int, int] = dict(connection.execute(_counting()).all())
    if not taken:
        return SweepCounts()
    for number in taken.keys() & range(len(TAKEN)) if older else ():
        connection.execute(_taking(number), {"today": on})
    counts = SweepCounts(
        notices=taken.get(NOTICE, 0),
        reminders=taken.get(REMINDER, 0),
        second_reminders=taken.get(SECOND_REMINDER, 0),
        escalations=taken.get(ESCALATION, 0),
    )
    if CLOSING in taken:  # the oldest first: it is what a mail begins with
        counts.work_orders = close_unanswered(session, select(STEP.c.check_id).where(STEP.c.number == CLOSING), on)
    if ESCALATION in taken:
        _escalate(session, on)
    _ask(session, on)
    return counts


@cache
def _counting() -> Select[*tuple[Any, ...]]:
    return select(STEP.c.number, func.count()).group_by(STEP.c.number)


@cache
def _taking(number: int) -> Update:
    column = TAKEN[number]
    these = select(STEP.c.check_id).where(STEP.c.number == number)
    step = update(Check).where(CHECK.id.in_(these), CHECK[column].is_(None))
    return step.values({column: bindparam("today"), "state": STATE_AFTER[number]})


def _find_steps(session: Session, groups: Groups, on: date, planned_after: int) -> int:
    """Note the steps of the range; how many are of checks that were there before."""
    connection, finding = session.connection(), _finding()
    named = {"today": on, "planned_after": planned_after} | named_days(on) | groups._asdict()
    connection.execute(finding.nothing)
    older = connection.execute(finding.older, named).rowcount
    connection.execute(finding.new, named)
    return older


class _Finding(NamedTuple):
    nothing: Delete
    older: Insert
    new: Insert


@cache  # written once: every range has the same
def _finding() -> _Finding:
    due = [step_is_due(number, each) for number, each in enumerate(bound_days())]
    number = case(*((is_due, index) for index, is_due in enumerate(due)))
    theirs = (CHECK.due_on, CHECK.who, CHECK.care_task_id, CHECK.facility_id, FACILITY.group_id)
    first, last = bindparam("first", type_=Integer), bindparam("last", type_=Integer)
    older = (
        select(CHECK.id, number, *theirs)
        .join(DUE_CHECK, DUE_CHECK.c.check_id == CHECK.id)
        .join(Facility, FACILITY.id == CHECK.facility_id)
        # not the days again, lest an index of them be used: it finds the due checks of all ranges
        .where(DUE_CHECK.c.group_id.between(first, last), number.is_not(None))
        .with_for_update(of=Check)
    )
    new = (
        select(CHECK.id, literal(NOTICE), *theirs)
        .join(Facility, FACILITY.id == CHECK.facility_id)
        .where(
            CHECK.id > bindparam("planned_after"),
            CHECK.noticed_on == bindparam("today"),
            # reckoned with, lest an index of it be used: the new checks are few, and a range may be all groups there are
            (FACILITY.group_id + 0).between(first, last),
        )
    )
    columns = ["check_id", "number", "due_on", "who", "task_id", "facility_id", "group_id"]
    return _Finding(
        delete(STEP),
        insert(STEP).from_select(columns, older).execution_options(preserve_rowcount=True),
        insert(STEP).from_select(columns, new),
    )


def _ask(session: Session, on: date) -> None:
    """Ask those who do the tasks; volunteers by their contacts, operations by its mailbox."""
    asking = _asking(dialect_of(session))
    tell_contacts(session, asking.groups, asking.volunteers, on)
    tell_role_many(session, Role.OPERATIONS, asking.operations, on)


class _Asking(NamedTuple):
    groups: Telling
    volunteers: Telling
    operations: Telling


@cache
def _asking(dialect_name: str) -> _Asking:
    kind = case(*((STEP.c.number == number, literal(kind)) for number, kind in enumerate(ASKED)))
    context = json_of(
        dialect_name,
        {
            "task_name": TASK.name,
            "minutes": TASK.minutes,
            "due_on": iso_text(dialect_name, STEP.c.due_on),
            "check_id": STEP.c.check_id,
            "fine_when": TASK.fine_when,
        },
    )
    key = literal("check:") + cast(STEP.c.check_id, String) + ":" + kind
    asked, theirs = STEP.c.number < ESCALATION, STEP.c.who.in_(THEIRS)
    told = _told(key.label("key"), kind.label("kind"), context).where(asked)
    return _Asking(
        select(STEP.c.group_id).where(asked, theirs),
        told.add_columns(STEP.c.group_id).where(theirs),
        told.where(STEP.c.who != Who.VOLUNTEERS),
    )


def _escalate(session: Session, on: date) -> None:
    """Nobody answered: their coordinator and operations are told, or operations' manager."""
    escalating = _escalating(dialect_of(session))
    for role in (Role.COORDINATOR, Role.OPERATIONS):
        tell_role_many(session, role, escalating.theirs, on)
    tell_role_many(session, Role.OPERATIONS_MANAGER, escalating.ours, on)
    note_many(
        session,
        (
            (facility_id, stage, f"Tjek “{name}” ({dato(due_on)}) er ikke besvaret; givet videre.")
            for facility_id, stage, name, due_on in session.connection().execute(escalating.lines)
        ),
        on,
    )


class _Escalating(NamedTuple):
    theirs: Telling
    ours: Telling
    lines: Select[*tuple[Any, ...]]


@cache
def _escalating(dialect_name: str) -> _Escalating:
    key = (literal("check:") + cast(STEP.c.check_id, String) + ":escalated").label("key")
    kind, is_theirs = literal("check_escalated").label("kind"), STEP.c.who.in_(THEIRS)

    def told(group_name: ColumnElement[str], whose: ColumnElement[bool]) -> Telling:
        context = {"task_name": TASK.name, "due_on": iso_text(dialect_name, STEP.c.due_on), "group_name": group_name}
        telling = _told(key, kind, json_of(dialect_name, context))
        return telling.join(VolunteerGroup, GROUP.id == STEP.c.group_id).where(STEP.c.number == ESCALATION, whose)

    lines = (
        select(FACILITY.id, FACILITY.stage, TASK.name, STEP.c.due_on)
        .select_from(STEP)
        .join(CareTask, TASK.id == STEP.c.task_id)
        .join(Facility, FACILITY.id == STEP.c.facility_id)
        .where(STEP.c.number == ESCALATION)
        .order_by(STEP.c.due_on, STEP.c.check_id)
    )
    return _Escalating(told(GROUP.name, is_theirs), told(literal_column("'driften'"), ~is_theirs), lines)


def _told(key: Label[str], kind: Label[str], context: ColumnElement[object]) -> Telling:
    """The checks of the range's steps as `models.daily.daily_messages` wants them."""
    return (
        select(key, kind, context.label("context"), STEP.c.facility_id, STEP.c.due_on, STEP.c.check_id)
        .select_from(STEP)
        .join(CareTask, TASK.id == STEP.c.task_id)
    )
