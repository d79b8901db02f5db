"""Driftens egne opgaver: on its day a check that is operations' own becomes work, and climbs the ladder of work."""

from datetime import date

from sqlalchemy import Engine
from sqlmodel import col, select

from models.case.agreement import CareTask
from models.case.facility import Facility
from models.daily.check_steps import VOLUNTEERS_TAKE_PART
from models.database import transaction
from models.operation.check import Check, CheckState
from models.operation.check_answer import order_own
from models.operation.work_order import WorkOrder
from models.role import Door, Role
from models.said import Said

AT_ONCE = 200
"""Orders of one transaction, so that nobody else waits long."""
ON_THEIR_DAY = (CheckState.REMINDED, CheckState.ESCALATED)
"""A check of before there was work may be further up the ladder."""


def order_own_tasks(engine: Engine, on: date) -> int:
    """Order each of operations' own checks whose day has come, once; returns how many were new.

    One by one, since the pool holds the hours of each or not. The check stays open until its work ends, so the
    task's next one is planned from there.
    """
    said, ordered = Said(on, Role.CALENDAR, Door.CALENDAR), 0
    rows = (
        select(Check, CareTask, Facility)
        .join(CareTask, col(CareTask.id) == Check.care_task_id)
        .join(Facility, col(Facility.id) == Check.facility_id)
        .where(
            col(Check.state).in_(ON_THEIR_DAY),
            col(Check.due_on) <= on,
            col(Check.who).not_in(VOLUNTEERS_TAKE_PART),
            ~select(WorkOrder.id).where(WorkOrder.check_id == Check.id).exists(),
        )
        .order_by(col(Check.due_on), col(Check.id))
        .limit(AT_ONCE)
    )
    while True:
        with transaction(engine) as session:
            found = session.exec(rows).all()
            for check, task, facility in found:
                order_own(session, facility, check, task, said, minutes=task.minutes)
        ordered += len(found)
        if len(found) < AT_ONCE:
            return ordered
