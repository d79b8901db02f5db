"""Work orders for programs and lists."""

from datetime import date

from sqlmodel import Session, col, select

from channels.views.amounts import kroner
from channels.views.shapes.work import WorkLine
from models.case.district import districts_of, is_in_area
from models.case.facility import Facility
from models.case.inheritance import Inheritance
from models.operation.work_order import WorkOrder


def work_lines(session: Session, orders: list[WorkOrder], on: date, *, area: str = "") -> list[WorkLine]:
    """Orders as lists show them on a day; only those whose place lies in `area` (`models.case.district`)."""
    numbers = {order.facility_id for order in orders}
    places = {f.number: f for f in session.exec(select(Facility).where(col(Facility.id).in_(numbers)))}
    rows = session.exec(select(Inheritance).where(col(Inheritance.facility_id).in_(numbers)))
    addresses = {row.facility_id: row.address for row in rows}
    found = [(order, places[order.facility_id], addresses.get(order.facility_id, "")) for order in orders]
    return [_line(order, place, address, on) for order, place, address in found if is_in_area(place, address, area)]


def work_line(session: Session, order: WorkOrder, on: date) -> WorkLine:
    """One order."""
    return work_lines(session, [order], on)[0]


def _line(order: WorkOrder, place: Facility, address: str, on: date) -> WorkLine:
    return WorkLine(
        id=order.number,
        facility=place.reference,
        facility_name=place.name,
        area=", ".join(districts_of(place)) or address,
        address=address,
        what=order.what,
        kind=order.kind,
        state=order.state,
        ordered_on=order.ordered_on,
        due_on=order.due_on,
        late=order.is_late(on),
        taken_by=order.taken_by,
        done_on=order.done_on,
        minutes_estimated=order.minutes_estimated,
        minutes=order.minutes,
        kr_estimated=kroner(order.ore_estimated),
        kr=None if order.ore is None else kroner(order.ore),
        invoice=order.invoice,
        note=order.note,
        dropped_because=order.dropped_because,
        check=order.check_id,
        incident=order.incident_id,
        paid=order.booked_on is not None,
    )
