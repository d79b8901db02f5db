"""Eftersyn i kalenderen: operations is asked in time to summon, again while nobody was, and told when a right has ended.

Each is told once; what fell due during downtime is told by the next run. A place that came in late (by a migration, or
since its builder was corrected) is asked about at once.
"""

from datetime import date, timedelta

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from models.calendar import is_working_day
from models.case.facility import Facility
from models.case.inspection import Inspection, InspectionKind
from models.danish import dato
from models.operation.inspection_work import order_inspection, settle_work
from models.post.calendar_word import note, tell_once
from models.post.outbox import tell_group
from models.role import Door, Role
from models.said import Said
from models.stage import Stage

OPERATING = (Stage.OPERATION, Stage.WINDING_DOWN)
STILL_NOT_SUMMONED = ((Role.OPERATIONS_MANAGER, 21), (Role.LEADER, 7))
"""Who is told how many days before the last day to summon, while the firm isn't summoned [assume]."""


def watch_inspections(session: Session, on: date) -> None:
    """Let go of what can't be claimed any more, ask about what can be summoned to from now on, and warn of the rest."""
    _let_go(session, on)
    for inspection, facility in session.exec(_to_ask().where(col(Inspection.tell_on) <= on)).all():
        _ask(session, facility, inspection, on)
    for role, days in STILL_NOT_SUMMONED:
        soon = _not_summoned().where(col(Inspection.summon_by_on).between(on, on + timedelta(days=days)))
        for inspection, facility in session.exec(soon).all():
            _warn(session, facility, inspection, role, on)


def _ask(session: Session, facility: Facility, inspection: Inspection, on: date) -> None:
    """Operations is asked and has the work order; a group is told that it will be visited."""
    inspection.asked_on = on
    session.flush()
    order_inspection(session, facility, inspection, Said(on, Role.CALENDAR, Door.CALENDAR))
    tell_once(
        session,
        facility,
        Role.OPERATIONS,
        "inspection_asked",
        f"inspection:{inspection.id}:asked",
        told(inspection),
        on,
    )
    if inspection.kind is InspectionKind.FIRST_WEEKS:
        last = {"last_on": inspection.inspection_on.isoformat()}
        tell_group(session, facility, "visit_planned", on, key=f"inspection:{inspection.id}:visit", context=last)


def _warn(session: Session, facility: Facility, inspection: Inspection, role: Role, on: date) -> None:
    key = f"inspection:{inspection.id}:summons"
    if tell_once(session, facility, role, "summons_soon", key, told(inspection), on):
        assert inspection.summon_by_on is not None
        day = dato(inspection.summon_by_on)
        note(session, facility, f"Firmaet skal indkaldes senest {day}; {role.danish} har fået besked.", on)


def _let_go(session: Session, on: date) -> None:
    """The inspections that were never held, of places whose claims have ended."""
    over = _places().where(col(Inspection.claims_end_on) < on)
    for inspection, facility in session.exec(over).all():
        assert inspection.claims_end_on is not None
        inspection.dropped_on = on
        inspection.note = f"Det blev ikke holdt, før fristen for krav udløb {dato(inspection.claims_end_on)}."
        session.flush()
        settle_work(session, inspection, Said(on, Role.CALENDAR, Door.CALENDAR))
        note(session, facility, f"{inspection.kind.danish.capitalize()}: {inspection.note}", on)
        for role in (Role.OPERATIONS_MANAGER, Role.LEADER) if inspection.asked_on is not None else ():
            key = f"inspection:{inspection.id}:lapsed"
            tell_once(session, facility, role, "inspection_lapsed", key, told(inspection), on)


def told(inspection: Inspection) -> dict[str, object]:
    """What is said of an inspection."""
    last, first_day = inspection.inspection_on, inspection.summon_by_on
    return {
        "inspection_id": inspection.id,
        "danish": inspection.kind.danish,
        "by_contract": inspection.kind.is_by_contract,
        "inspection_on": last.isoformat(),
        "no_working_day": inspection.kind.is_by_contract and not is_working_day(last),
        "summon_by_on": first_day.isoformat() if first_day is not None else "",
        "claims_end_on": inspection.claims_end_on.isoformat() if inspection.claims_end_on is not None else "",
    }


def _places() -> Select[Inspection, Facility]:
    """The inspections that are still to be held, with their places in operation."""
    return (
        select(Inspection, Facility)
        .join(Facility, col(Facility.id) == Inspection.facility_id)
        .where(
            col(Inspection.held_on).is_(None), col(Inspection.dropped_on).is_(None), col(Facility.stage).in_(OPERATING)
        )
        .order_by(col(Inspection.id))
    )


def _to_ask() -> Select[Inspection, Facility]:
    return _places().where(col(Inspection.asked_on).is_(None))


def _not_summoned() -> Select[Inspection, Facility]:
    return _places().where(col(Inspection.summoned_on).is_(None), col(Facility.firm_id).is_not(None))
