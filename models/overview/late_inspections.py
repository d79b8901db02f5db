"""Eftersyn, der haster: what can't be held lawfully any more, or only if somebody acts now; by today's day."""

from datetime import date, timedelta

from sqlmodel import Session, col, select

from models.case.facility import Facility
from models.case.inspection import Inspection, InspectionKind
from models.danish import dato
from models.stage import Stage

NEARLY = timedelta(days=21)


def late_inspections(session: Session, on: date) -> list[str]:
    """The inspections by contract that are too late or nearly so, each with its place, number and why.

    A place of a builder nobody knows is named so: who built it decides whether there is a right at all.
    """
    rows = (
        select(Inspection, Facility)
        .join(Facility, col(Facility.id) == Inspection.facility_id)
        .where(
            col(Inspection.kind).in_((InspectionKind.ONE_YEAR, InspectionKind.FIVE_YEAR)),
            col(Inspection.held_on).is_(None),
            col(Inspection.dropped_on).is_(None),
            col(Inspection.claims_end_on) >= on,
            col(Facility.stage).in_((Stage.OPERATION, Stage.WINDING_DOWN)),
        )
        .order_by(col(Inspection.inspection_on), col(Inspection.id))
    )
    return [line for inspection, facility in session.exec(rows) if (line := _why(inspection, facility, on))]


def _why(inspection: Inspection, facility: Facility, on: date) -> str:
    summons = inspection.summon_by_on
    builder = "" if facility.built_by is not None else " (hvem der byggede, er ukendt)"
    what = f"{facility.reference} {inspection.kind.danish} nr. {inspection.id}{builder}"
    if inspection.inspection_on < on:
        return f"{what}: sidste dag var {dato(inspection.inspection_on)}"
    if inspection.summoned_on is not None or summons is None:
        return ""
    if summons < on:
        return f"{what}: sidste dag for at indkalde var {dato(summons)}"
    return f"{what}: indkald senest {dato(summons)}" if summons <= on + NEARLY else ""
