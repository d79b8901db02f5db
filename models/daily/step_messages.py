"""What is said at each step of the ladder: who is asked to do a check, and who hears that nobody answered."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, String, case, cast, func, literal, literal_column, select
from sqlmodel import Session

from config.catalogue import Who
from models.case.agreement import CareTask
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup
from models.daily.check_steps import ASKING, VOLUNTEERS_TAKE_PART, Step
from models.daily.daily_messages import Telling, tell_contacts, tell_role_many
from models.daily.day_tables import DUE_STEP
from models.daily.speed import written_once
from models.danish import dato
from models.database import columns_of, dialect_of, iso_text, json_of
from models.post.calendar_word import note_many
from models.role import Role

NOTICE_TO, REMINDER_TO = 1, 2
"""The contact person alone is asked; the deputy hears when nobody has answered."""
TASK, FACILITY, GROUP = columns_of(CareTask), columns_of(Facility), columns_of(VolunteerGroup)

TOLD_TO = case((DUE_STEP.c.step == Step.NOTICE, NOTICE_TO), else_=REMINDER_TO)
"""How many of the group a step is told."""
IS_ASKING = DUE_STEP.c.step < Step.ESCALATION
IS_ESCALATION = DUE_STEP.c.step == Step.ESCALATION
IS_THE_GROUPS = DUE_STEP.c.who.in_(VOLUNTEERS_TAKE_PART)


def ask_for_checks(session: Session, on: date) -> None:
    """Ask those who do the range's checks, or remind them: the contact person, reminders to the deputy too; operations
    by its mailbox."""
    dialect_name = dialect_of(session)
    tell_contacts(session, _asked_groups(), _asked_of_groups(dialect_name), on)
    tell_role_many(session, Role.OPERATIONS, _asked_of_operations(dialect_name), on)


@written_once
def _asked_groups() -> Telling:
    """The groups that are asked for something. Oracle: `_ask` in tests/models/plain_sweep.py."""
    told = select(DUE_STEP.c.group_id, func.max(TOLD_TO).label("told_to"))
    return told.where(IS_ASKING, IS_THE_GROUPS).group_by(DUE_STEP.c.group_id)


@written_once
def _asked_of_groups(dialect_name: str) -> Telling:
    """What each group is asked for. Oracle: `_ask` in tests/models/plain_sweep.py."""
    return _asked(dialect_name).add_columns(DUE_STEP.c.group_id, TOLD_TO.label("told_to")).where(IS_THE_GROUPS)


@written_once
def _asked_of_operations(dialect_name: str) -> Telling:
    """What operations is asked for. Oracle: `_ask` in tests/models/plain_sweep.py."""
    return _asked(dialect_name).where(DUE_STEP.c.who != Who.VOLUNTEERS)


def _asked(dialect_name: str) -> Telling:
    kind = case(*((DUE_STEP.c.step == step, literal(f"check_{step.name.lower()}")) for step in ASKING))
    context = json_of(
        dialect_name,
        {
            "task_name": TASK.name,
            "minutes": TASK.minutes,
            "due_on": iso_text(dialect_name, DUE_STEP.c.due_on),
            "check_id": DUE_STEP.c.check_id,
            "fine_when": TASK.fine_when,
        },
    )
    key = literal("check:") + cast(DUE_STEP.c.check_id, String) + ":" + kind
    return _told(key.label("key"), kind.label("kind"), context).where(IS_ASKING)


def tell_of_escalations(session: Session, on: date) -> None:
    """Nobody answered: the coordinator is told of a group's check, operations' manager of its own."""
    dialect_name = dialect_of(session)
    tell_role_many(session, Role.COORDINATOR, _escalated_of_groups(dialect_name), on)
    tell_role_many(session, Role.OPERATIONS_MANAGER, _escalated_of_operations(dialect_name), on)
    note_many(
        session,
        (
            (facility_id, stage, f"Tjek “{name}” ({dato(due_on)}) er ikke besvaret; givet videre.")
            for facility_id, stage, name, due_on in session.connection().execute(_escalated_for_journal())
        ),
        on,
    )


@written_once
def _escalated_of_groups(dialect_name: str) -> Telling:
    """The groups' checks that are given on today. Oracle: `_escalate` in tests/models/plain_sweep.py."""
    return _escalated(dialect_name, GROUP.name).where(IS_ESCALATION, IS_THE_GROUPS)


@written_once
def _escalated_of_operations(dialect_name: str) -> Telling:
    """Operations' own checks that are given on today. Oracle: `_escalate` in tests/models/plain_sweep.py."""
    return _escalated(dialect_name, literal_column("'driften'")).where(IS_ESCALATION, ~IS_THE_GROUPS)


def _escalated(dialect_name: str, group_name: ColumnElement[str]) -> Telling:
    key = literal("check:") + cast(DUE_STEP.c.check_id, String) + ":escalated"
    due_on = iso_text(dialect_name, DUE_STEP.c.due_on)
    context = json_of(dialect_name, {"task_name": TASK.name, "due_on": due_on, "group_name": group_name})
    telling = _told(key.label("key"), literal("check_escalated").label("kind"), context)
    return telling.join(VolunteerGroup, GROUP.id == DUE_STEP.c.group_id)


@written_once
def _escalated_for_journal() -> Select[*tuple[Any, ...]]:
    """What the journal says of the checks that are given on today, the oldest first.

    Oracle: `_escalate` in tests/models/plain_sweep.py.
    """
    return (
        select(FACILITY.id, FACILITY.stage, TASK.name, DUE_STEP.c.due_on)
        .select_from(DUE_STEP)
        .join(CareTask, TASK.id == DUE_STEP.c.task_id)
        .join(Facility, FACILITY.id == DUE_STEP.c.facility_id)
        .where(IS_ESCALATION)
        .order_by(DUE_STEP.c.due_on, DUE_STEP.c.check_id)
    )


def _told(key: Label[str], kind: Label[str], context: ColumnElement[object]) -> Telling:
    """The checks of the range's steps as `models.daily.daily_messages` wants them."""
    return (
        select(key, kind, context.label("context"), DUE_STEP.c.facility_id, DUE_STEP.c.due_on, DUE_STEP.c.check_id)
        .select_from(DUE_STEP)
        .join(CareTask, TASK.id == DUE_STEP.c.task_id)
    )
