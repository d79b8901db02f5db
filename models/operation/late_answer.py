"""Sent svar: the group did it after all, after operations had got the work order. The order is told."""

from sqlmodel import Session, select

from models import text
from models.case.agreement import CareTask
from models.case.facility import Facility
from models.danish import dato
from models.journal import write_journal
from models.operation.check import Check, CheckResult, WorkOrder
from models.operation.check_answer import MAX_MINUTES, MAY_REPORT, record_answer
from models.post.outbox import add_to_daily
from models.refusal import BadInput
from models.role import Role, may_decide
from models.said import Said


def answer_late(
    session: Session, check: Check, said: Said, *, minutes: int | None, note: str, contact_id: int | None
) -> None:
    """Record that all is well at a check that was closed without an answer, and tell operations about its order.

    Raises:
        BadInput: minutes out of bounds.
    """
    may_decide(said.by, MAY_REPORT, "Et tjek")
    note = text.text(note, "note", required=False)
    if minutes is not None and not 0 <= minutes <= MAX_MINUTES:
        raise BadInput("minutes", f"skriv hele minutter fra 0 til {MAX_MINUTES}.")
    task = session.get_one(CareTask, check.care_task_id)
    facility = session.get_one(Facility, check.facility_id)
    spent = task.minutes if minutes is None else minutes
    record_answer(session, check, CheckResult.OK, spent, minutes is None, note, said, contact_id)
    facility.sleeping_since = None
    session.flush()
    write_journal(session, facility, f"Tjek “{task.name}”: i orden, besvaret efter arbejdsordren.", said)
    tell_the_order(session, check, task, facility, f"Gruppen svarede {dato(said.on)}: i orden.", said)


def tell_the_order(
    session: Session, check: Check, task: CareTask, facility: Facility, what: str, said: Said
) -> WorkOrder | None:
    """Tell operations what the group says of a check they have a work order for; None where there is no order."""
    order = session.exec(select(WorkOrder).where(WorkOrder.check_id == check.id)).first()
    if order is None:
        return None
    add_to_daily(
        session,
        contact_id=None,
        role=Role.OPERATIONS,
        kind="work_order_answered",
        facility_id=facility.number,
        key=f"work-order:{order.id}:answered:{said.on}",
        context={"task_name": task.name, "due_on": check.due_on.isoformat(), "what": what},
        on=said.on,
    )
    return order
