"""Eftersynets arbejde: each inspection and each defect is a work order, so that it climbs the ladder until it ends."""

from datetime import date

from sqlmodel import Session, col, select

from models.case.facility import Facility
from models.case.handover import Defect
from models.case.inspection import Inspection, InspectionResult
from models.danish import dato
from models.journal import write_journal
from models.operation.work import drop_work, finish_work, order_work
from models.operation.work_order import INSPECTION_KEY, WorkKind, WorkOrder, WorkState, is_for_inspection
from models.post.outbox import tell
from models.role import Role
from models.said import Said


def order_inspection(session: Session, facility: Facility, inspection: Inspection, said: Said) -> WorkOrder:
    """Operations' order to hold an inspection; first to summon the firm, where there is one.

    While one is open, the same again is that one; an inspection that applies once more has a new order.
    """
    there = _orders(session, inspection)
    if there and there[-1].is_open:
        return there[-1]
    last = dato(inspection.inspection_on)
    what, due_on = f"Hold {inspection.kind.danish} senest {last}", inspection.inspection_on
    if inspection.summon_by_on is not None:
        summon_by_on = dato(inspection.summon_by_on)
        what = f"Indkald til {inspection.kind.danish} senest {summon_by_on}; det holdes senest {last}"
        due_on = inspection.summon_by_on
    key = f"{INSPECTION_KEY}{inspection.number}" + (f":{len(there)}" if there else "")
    kind = WorkKind.INSPECTION if inspection.kind.is_by_contract else WorkKind.VISIT
    return order_work(session, facility, kind, f"{what}.", max(due_on, said.on), said, key=key)


def order_mending(
    session: Session, facility: Facility, defect: Defect, said: Said, *, firm_id: int | None
) -> WorkOrder:
    """The order to mend a defect: the firm's, or operations' own where no firm built it."""
    return order_work(
        session,
        facility,
        WorkKind.DEFECT,
        f"Ret mangel {defect.number}: {defect.text}",
        defect.deadline_on,
        said,
        key=f"defect:{defect.id}",
        firm_id=firm_id,
        defect_id=defect.id,
    )


def work_of_inspection(session: Session, inspection: Inspection) -> WorkOrder | None:
    """The newest order to hold it, if operations was asked."""
    orders = _orders(session, inspection)
    return orders[-1] if orders else None


def _orders(session: Session, inspection: Inspection) -> list[WorkOrder]:
    key = f"{INSPECTION_KEY}{inspection.number}"
    rows = select(WorkOrder).where((col(WorkOrder.key) == key) | col(WorkOrder.key).startswith(f"{key}:"))
    return list(session.exec(rows.order_by(col(WorkOrder.id))))


def put_off(session: Session, inspection: Inspection, until_on: date) -> None:
    """The firm is summoned: the order is late only after that day."""
    work = work_of_inspection(session, inspection)
    if work is not None and work.is_open:
        work.due_on = max(until_on, work.ordered_on)
        session.flush()


def settle_work(session: Session, inspection: Inspection, said: Said) -> None:
    """End the order of an inspection that was held, or that doesn't apply any more."""
    work = work_of_inspection(session, inspection)
    if work is None or not work.is_open or inspection.is_open:
        return
    if inspection.held_on is not None:
        finish_work(session, work, said, minutes=0, ore=0)
    else:
        drop_work(session, work, said, reason=inspection.note or "Eftersynet gælder ikke mere.")


def settle_mending(session: Session, defect: Defect, said: Said) -> None:
    """End the order of a defect that was found to be mended."""
    work = session.exec(select(WorkOrder).where(WorkOrder.key == f"defect:{defect.id}")).first()
    if work is None or not work.is_open:
        return
    if said.by in (Role.OPERATIONS, Role.OPERATIONS_MANAGER):
        finish_work(session, work, said, minutes=0, ore=0)
    else:
        drop_work(session, work, said, reason="Manglen er rettet.")


def inspection_of(session: Session, work: WorkOrder) -> Inspection | None:
    """The inspection or the visit that an order is about; None for other work."""
    return session.get(Inspection, int(work.key.split(":")[1])) if is_for_inspection(work) else None


def end_visit(session: Session, work: WorkOrder, said: Said) -> None:
    """A visit whose order is done was held; a contract's inspection still has to be answered. Dropped is dropped."""
    inspection = inspection_of(session, work)
    if inspection is None or not inspection.is_open:
        return
    facility = session.get_one(Facility, inspection.facility_id)
    if work.state is WorkState.DROPPED:
        inspection.dropped_on, inspection.note = work.dropped_on, work.dropped_because
        write_journal(session, facility, f"{inspection.kind.danish.capitalize()} bliver ikke holdt.", said)
    elif work.state is WorkState.DONE and not inspection.kind.is_by_contract:
        inspection.held_on, inspection.result, inspection.note = work.done_on, InspectionResult.OK, work.note
        line = f"Eftersyn nr. {inspection.id} holdt: {inspection.kind.danish}, i orden."
        write_journal(session, facility, line, said)
    session.flush()


def end_mending(session: Session, work: WorkOrder, said: Said) -> None:
    """A defect that operations mended is mended; what a firm says it mended, operations looks at first."""
    defect = session.get(Defect, work.defect_id) if work.defect_id is not None else None
    if defect is None or defect.fixed_on is not None or work.state is not WorkState.DONE:
        return
    facility = session.get_one(Facility, defect.facility_id)
    if said.by is not Role.FIRM:
        defect.fixed_on = work.done_on
        write_journal(session, facility, f"Mangel {defect.number} er rettet: {defect.text}", said)
        session.flush()
        return
    tell(
        session,
        facility,
        Role.OPERATIONS,
        "defect_mended_by_firm",
        said.on,
        key=f"defect:{defect.id}:mended",
        context={"number": defect.number, "text": defect.text},
    )
