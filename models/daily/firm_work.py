"""Firmaernes opgaver: a firm whose order is late is told again every week until it is done or dropped."""

from datetime import date

from sqlmodel import Session, col, select

from models.case.facility import Facility
from models.case.firm import Firm
from models.operation.work_order import OPEN_WORK, WorkOrder
from models.post.outbox import tell_firm

DAYS_BETWEEN = 7


def remind_firms(session: Session, on: date) -> None:
    """Mail each firm about each of its orders whose deadline has passed, once in each week after it."""
    late = (
        select(WorkOrder, Facility)
        .join(Facility, col(Facility.id) == WorkOrder.facility_id)
        .join(Firm, col(Firm.id) == WorkOrder.firm_id)
        .where(col(WorkOrder.state).in_(OPEN_WORK), col(WorkOrder.due_on) < on, col(Firm.left_on).is_(None))
        .order_by(col(WorkOrder.id))
    )
    for work, facility in session.exec(late).all():
        assert work.firm_id is not None
        week = ((on - work.due_on).days - 1) // DAYS_BETWEEN + 1
        context = {"work_id": work.id, "what": work.what, "due_on": work.due_on.isoformat(), "late": True}
        key = f"work:{work.id}:late:{week}"
        tell_firm(session, facility, work.firm_id, "work_for_firm", on, key=key, context=context)
