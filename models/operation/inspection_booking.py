"""Eftersyn bookes: which inspections a place has, from the day it was handed over and from who built it."""

from sqlmodel import Session, select

from models.case.facility import Facility
from models.case.handed_over import handed_over_on
from models.case.inspection import Inspection
from models.danish import dato
from models.journal import write_journal
from models.operation.inspection import MONTHS, claims_end_on, days_of, kinds_for
from models.operation.inspection_work import settle_work
from models.said import Said


def book_inspections(session: Session, facility: Facility, said: Said) -> list[Inspection]:
    """Book what the builder and the day of the handover come to; what doesn't apply any more is dropped.

    The same again changes nothing. What was held stays; what could only have been held before `said.on` is written
    down as gone, not booked.
    """
    day = handed_over_on(session, facility)
    rows = session.exec(select(Inspection).where(Inspection.facility_id == facility.id)).all()
    there = {row.kind: row for row in rows}
    wanted = kinds_for(facility.built_by) if day is not None else ()
    for row in rows:
        if row.is_open and row.kind not in wanted:
            row.dropped_on = said.on
            settle_work(session, row, said)
    booked: list[Inspection] = []
    if day is None:
        return booked
    for kind in wanted:
        days = days_of(kind, day)
        found = there.get(kind)
        is_gone = days.last_on < said.on and (found is None or not (found.is_open or kind.is_by_contract))
        if is_gone and (found is None or found.held_on is None):
            if kind.is_by_contract:
                line = f"Sidste dag for {kind.danish} var {dato(days.last_on)}. Det er ikke booket."
                write_journal(session, facility, line, said)
            continue
        booking = found
        if booking is None:
            booking = Inspection(
                facility_id=facility.number,
                kind=kind,
                months=MONTHS[kind],
                inspection_on=days.last_on,
                tell_on=days.tell_on,
            )
            session.add(booking)
        elif booking.held_on is None and booking.summoned_on is None:
            booking.asked_on = None if booking.dropped_on is not None else booking.asked_on  # it is asked about anew
            booking.dropped_on, booking.inspection_on, booking.tell_on = None, days.last_on, days.tell_on
        booking.summon_by_on = days.summon_by_on
        booking.claims_end_on = claims_end_on(day) if kind.is_by_contract else None
        booked.append(booking)
    session.flush()
    return booked
