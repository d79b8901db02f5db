"""The ladder of work: once its deadline has passed operations is reminded, then its manager, then the leader.

Each is told once for each order. Downtime skips nobody: a step whose day passed meanwhile is taken by the next run.
Work is late only after its day has passed (`config/escalation.yaml` has no step on the day itself).
"""

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Date, String, bindparam, literal
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.catalogue import catalogue
from models.case.facility import Facility
from models.daily.speed import written_once
from models.danish import dato
from models.operation.work_order import OPEN_WORK, WorkOrder
from models.post.calendar_word import is_told, note, tell_once
from models.role import Role


class WorkStep(NamedTuple):
    """Who is told how many days after the deadline."""

    role: Role
    days_after: int


def steps_of_work() -> tuple[WorkStep, ...]:
    """The ladder, in order."""
    ladder = catalogue().escalation
    return (
        WorkStep(Role.OPERATIONS, ladder.work_reminder_days_after),
        WorkStep(Role.OPERATIONS_MANAGER, ladder.work_manager_days_after),
        WorkStep(Role.LEADER, ladder.work_leader_days_after),
    )


def watch_work(session: Session, on: date) -> None:
    """Tell of each order that isn't done after its deadline, each role once, on its day."""
    for step in steps_of_work():
        due_by = on - timedelta(days=step.days_after)
        for work in session.exec(_late(step.role), params={"due_by": due_by}).all():
            facility = session.get_one(Facility, work.facility_id)
            told = {"work_id": work.id, "what": work.what, "due_on": work.due_on.isoformat(), "kind": work.kind.danish}
            is_new = tell_once(session, facility, step.role, "work_late", f"work:{work.id}", told, on)
            work.reminded_on = work.reminded_on or on
            if is_new and step.role is not Role.OPERATIONS:
                passed = f"Fristen {dato(work.due_on)} for arbejde nr. {work.id} er overskredet"
                note(session, facility, f"{passed}; {step.role.danish} har fået besked.", on)


@written_once
def _late(role: Role) -> SelectOfScalar[WorkOrder]:
    """Open orders whose deadline lies so far back that the role is told, and that haven't been told to it."""
    return (
        select(WorkOrder)
        .where(
            col(WorkOrder.state).in_(OPEN_WORK),
            col(WorkOrder.due_on) <= bindparam("due_by", type_=Date),
            ~is_told("work:", col(WorkOrder.id), literal(role.value, String)),
        )
        .order_by(col(WorkOrder.due_on), col(WorkOrder.id))
    )
