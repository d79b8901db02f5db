"""The ladder of a check: planned, notified, reminded, reminded again, given on, ordered as work.

A step is taken from the step before it, never from the due date alone: after ten days of downtime a group
gets its notice first, and is reminded as many days later as it would have been. So nobody is escalated
for a message that never went out, and nobody gets ten mails at once.
"""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Label,
    Select,
    String,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    union_all,
    update,
)
from sqlmodel import Session

from config.catalogue import Who
from models.agreement import CareTask
from models.calendar_word import note_many
from models.check import Check, CheckState
from models.check_steps import (
    CLOSING,
    ESCALATION,
    NOTICE,
    REMINDER,
    SECOND_REMINDER,
    TAKEN,
    days_of_steps,
    step_is_due,
)
from models.daily_messages import tell_contacts, tell_role_many
from models.danish import dato
from models.database import columns_of, iso_text, json_of
from models.due_work import DUE_CHECK, STEP, Groups, look_over
from models.facility import Facility
from models.role import Role
from models.unanswered import THEIRS, close_unanswered
from models.volunteer_group import Contact, VolunteerGroup

CHECK, TASK, FACILITY, CONTACT, GROUP = (
    columns_of(Check),
    columns_of(CareTask),
    columns_of(Facility),
    columns_of(Contact),
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
    days = days_of_steps(on)
    due = union_all(
        *(
            select(FACILITY.group_id, CHECK.id)
            .join(Facility, FACILITY.id == CHECK.facility_id)
            .where(step_is_due(number, each))
            for number, each in enumerate(days)
        )
    )
    statement = insert(DUE_CHECK).from_select(["group_id", "check_id"], due)
    session.connection().execute(statement)


def take_steps(session: Session, groups: Groups, on: date, *, planned_after: int) -> SweepCounts:
    """Take for each open check of the range the one step that is due.

    Checks with a number above `planned_after` were planned just now; their notice is noted with them, and is told
    here with the others.
    """
    _find_steps(session, groups, on, planned_after)
    counted = select(STEP.c.number, func.count()).group_by(STEP.c.number)
    taken: dict[int, int] = dict(session.execute(counted).all())
    if not taken:
        return SweepCounts()
    for number, column in enumerate(TAKEN):
        if number in taken:
            these = select(STEP.c.check_id).where(STEP.c.number == number)
            step = update(Check).where(CHECK.id.in_(these), CHECK[column].is_(None))
            done = step.values({column: on, "state": STATE_AFTER[number]})
            session.connection().execute(done.execution_options(synchronize_session=False))
    counts = SweepCounts(
        notices=taken.get(NOTICE, 0),
        reminders=taken.get(REMINDER, 0),
        second_reminders=taken.get(SECOND_REMINDER, 0),
        escalations=taken.get(ESCALATION, 0),
    )
    if CLOSING in taken:  # the oldest first: it is what a mail begins with
        counts.work_orders = close_unanswered(
            session, select(STEP.c.check_id).where(STEP.c.number == CLOSING), on
        )
    if ESCALATION in taken:
        _escalate(session, on)
    _ask(session, on)
    return counts


def _find_steps(session: Session, groups: Groups, on: date, planned_after: int) -> None:
    connection = session.connection()
    days = days_of_steps(on)
    due = [step_is_due(number, each) for number, each in enumerate(days)]
    number = case(*((is_due, index) for index, is_due in enumerate(due)))
    rows = (
        select(CHECK.id, number, CHECK.due_on)
        .join(DUE_CHECK, DUE_CHECK.c.check_id == CHECK.id)
        .where(DUE_CHECK.c.group_id.between(*groups), or_(*due))
        .with_for_update(of=Check)
    )
    connection.execute(delete(STEP))
    connection.execute(insert(STEP).from_select(["check_id", "number", "due_on"], rows))
    new = (
        select(CHECK.id, literal(NOTICE), CHECK.due_on)
        .join(Facility, FACILITY.id == CHECK.facility_id)
        .where(
            CHECK.id > planned_after,
            CHECK.noticed_on == on,
            FACILITY.group_id.between(*groups),
        )
    )
    connection.execute(insert(STEP).from_select(["check_id", "number", "due_on"], new))
    look_over(session, STEP)


def _ask(session: Session, on: date) -> None:
    """Ask those who do the tasks; volunteers by their contacts, operations by its mailbox."""
    kind = case(*((STEP.c.number == number, literal(kind)) for number, kind in enumerate(ASKED)))
    context = json_of(
        session,
        {
            "task_name": TASK.name,
            "minutes": TASK.minutes,
            "due_on": iso_text(session, CHECK.due_on),
            "check_id": CHECK.id,
            "fine_when": TASK.fine_when,
        },
    )
    key = literal("check:") + cast(CHECK.id, String) + ":" + kind
    told = _told(key.label("key"), kind.label("kind"), context).where(STEP.c.number < ESCALATION)
    volunteers = (
        told.add_columns(CONTACT.id.label("contact_id"))
        .join(Contact, CONTACT.group_id == FACILITY.group_id)
        .where(CONTACT.left_on.is_(None), CHECK.who.in_(THEIRS))
    )
    tell_contacts(session, volunteers, on)
    operations = told.where(CHECK.who != Who.VOLUNTEERS)
    tell_role_many(session, Role.OPERATIONS, operations, on)


def _escalate(session: Session, on: date) -> None:
    """Nobody answered: their coordinator and operations are told, or operations' manager."""
    key = (literal("check:") + cast(CHECK.id, String) + ":escalated").label("key")
    theirs = CHECK.who.in_(THEIRS)
    for whose, group_name, roles in (
        (theirs, GROUP.name, (Role.COORDINATOR, Role.OPERATIONS)),
        (~theirs, literal_column("'driften'"), (Role.OPERATIONS_MANAGER,)),
    ):
        context = json_of(
            session,
            {
                "task_name": TASK.name,
                "due_on": iso_text(session, CHECK.due_on),
                "group_name": group_name,
            },
        )
        told = (
            _told(key, literal("check_escalated").label("kind"), context)
            .join(VolunteerGroup, GROUP.id == FACILITY.group_id)
            .where(STEP.c.number == ESCALATION, whose)
        )
        for role in roles:
            tell_role_many(session, role, told, on)
    lines = (
        select(FACILITY.id, FACILITY.stage, TASK.name, CHECK.due_on)
        .select_from(STEP)
        .join(Check, CHECK.id == STEP.c.check_id)
        .join(CareTask, TASK.id == CHECK.care_task_id)
        .join(Facility, FACILITY.id == CHECK.facility_id)
        .where(STEP.c.number == ESCALATION)
        .order_by(STEP.c.due_on, STEP.c.check_id)
    )
    note_many(
        session,
        (
            (facility_id, stage, f"Tjek “{name}” ({dato(due_on)}) er ikke besvaret; givet videre.")
            for facility_id, stage, name, due_on in session.execute(lines).all()
        ),
        on,
    )


def _told(
    key: Label[str], kind: Label[str], context: ColumnElement[object]
) -> Select[tuple[object, ...]]:
    """The checks of the range's steps as `models.daily_messages` wants them."""
    return (
        select(
            key, kind, context.label("context"), CHECK.facility_id, STEP.c.due_on, STEP.c.check_id,
        )
        .select_from(STEP)
        .join(Check, CHECK.id == STEP.c.check_id)
        .join(CareTask, TASK.id == CHECK.care_task_id)
        .join(Facility, FACILITY.id == CHECK.facility_id)
    )  # fmt: skip
