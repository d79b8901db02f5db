"""Tjekkets arbejde: what is ordered of operations for a check, and what becomes of the order when the check is answered."""

from datetime import date, timedelta

from sqlmodel import Session

from config.catalogue import Who, catalogue
from models.case.agreement import CareTask
from models.case.agreement_version import cost_of
from models.case.facility import Facility
from models.danish import dato
from models.operation.check import Check, CheckResult
from models.operation.work import WorkKind, WorkOrder, WorkState, drop_work, finish_work, order_work
from models.operation.work_certificate import is_certified
from models.operation.work_order import work_of_check
from models.post.outbox import add_to_daily
from models.role import Door, Role
from models.said import Said

OPERATIONS = (Role.OPERATIONS, Role.OPERATIONS_MANAGER)
"""Whose answer to a check is that the work for it was done."""


def order_missed(session: Session, facility: Facility, check: Check, task: CareTask, *, on: date) -> WorkOrder:
    """Give a check that volunteers didn't do to operations, and reserve its hours in the pool.

    An order that was dropped, because the group said it had done it, is followed by a new one, which the check then has.
    """
    dropped, key = work_of_check(session, check.number), f"check:{check.id}"
    if dropped is not None and dropped.state is WorkState.DROPPED:
        key, dropped.check_id = f"check:{check.id}:{dropped.id}", None
        session.flush()
    work = order_work(
        session,
        facility,
        WorkKind.MISSED_CHECK,
        task.name,
        on + timedelta(days=catalogue().escalation.work_days),
        Said(on, Role.CALENDAR, Door.CALENDAR),
        key=key,
        minutes=task.minutes,
        ore=cost_of(task.minutes),
        check_id=check.number,
    )
    add_to_daily(
        session,
        contact_id=None,
        role=Role.OPERATIONS,
        kind="work_order",
        facility_id=facility.number,
        key=f"work-order:{work.id}",
        context={
            "work_id": work.id,
            "task_name": work.what,
            "due_on": work.due_on.isoformat(),
            "minutes": work.minutes_estimated,
            "kr_ore": work.ore_estimated,
            "booked": work.reserved_year is not None,
        },
        on=on,
    )
    return work


def order_own(
    session: Session, facility: Facility, check: Check, task: CareTask, said: Said, *, minutes: int
) -> WorkOrder:
    """Operations' own task as work, with the check's day as its deadline: one for each task and day."""
    return order_work(
        session,
        facility,
        WorkKind.OWN_TASK,
        task.name,
        check.due_on,
        said,
        key=f"check:{check.id}",
        minutes=minutes,
        ore=cost_of(minutes),
        check_id=check.number,
    )


def end_order(
    session: Session,
    facility: Facility,
    check: Check,
    task: CareTask,
    order: WorkOrder | None,
    result: CheckResult,
    minutes: int,
    said: Said,
) -> None:
    """Let a check's order follow its answer: done by operations with its minutes, dropped where others did it.

    Operations' own time without an order yet is one that is done at once, so that all hours that were worked
    stand in one place.
    """
    if order is not None and said.on < order.ordered_on:
        # done before it was ordered, and typed in afterwards: the order ends on the day it was made, at the earliest
        said = said._replace(on=order.ordered_on)
    if said.by not in OPERATIONS:
        if order is not None and result is not CheckResult.NOT_DONE:  # who couldn't leaves it to operations
            others_did_it(session, facility, check, task, order, result, said)
        return
    if result is CheckResult.NOT_DONE:
        if order is not None and order.is_open:
            drop_work(session, order, said, reason="Driften nåede det ikke.")
        return
    if not is_certified(session, check, order):
        return  # damage was found, which is never refused; the inspection isn't done before its report is here
    if order is None and minutes and check.who is not Who.VOLUNTEERS:
        order = order_own(session, facility, check, task, said, minutes=minutes)
    if order is not None and order.is_open:
        finish_work(session, order, said, minutes=minutes, ore=cost_of(minutes))


def others_did_it(
    session: Session,
    facility: Facility,
    check: Check,
    task: CareTask,
    order: WorkOrder,
    result: CheckResult,
    said: Said,
) -> None:
    """Somebody else has done what was ordered: an open order is dropped, a done one stays; operations is told once."""
    if order.is_open:
        reason = f"Tjekket er besvaret af {said.by.danish}: {result.danish}."
        drop_work(session, order, said, reason=reason)
    elif order.state is WorkState.DROPPED:
        return
    add_to_daily(
        session,
        contact_id=None,
        role=Role.OPERATIONS,
        kind="work_order_answered",
        facility_id=facility.number,
        key=f"work-order:{order.id}:answered",
        context={
            "task_name": task.name,
            "due_on": check.due_on.isoformat(),
            "what": f"{said.by.danish.capitalize()} svarede {dato(said.on)}: {result.danish}.",
            "is_dropped": order.state is WorkState.DROPPED,
        },
        on=said.on,
    )
