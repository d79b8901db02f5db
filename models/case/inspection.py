"""Eftersyn: the inspections of a finished place by its contract, and the friendly visits where there is none."""

from datetime import date
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from models.case.facility import Facility
from models.database import Numbered, word_column
from models.refusal import BadInput, Remedy


class InspectionKind(StrEnum):
    """What is looked at, and by which right."""

    FIRST_WEEKS = "first_weeks"
    FRIENDLY_LOOK = "friendly_look"
    ONE_YEAR = "one_year"
    FIVE_YEAR = "five_year"

    @property
    def danish(self) -> str:
        """The kind as people say it."""
        return {
            "first_weeks": "besøg i de første uger",
            "friendly_look": "venligt eftersyn efter et år",
            "one_year": "etårseftersyn",
            "five_year": "femårseftersyn",
        }[self.value]

    @property
    def is_by_contract(self) -> bool:
        """Whether the builder can be summoned to it, and a right is lost after its last day."""
        return self in (InspectionKind.ONE_YEAR, InspectionKind.FIVE_YEAR)


class InspectionResult(StrEnum):
    """How an inspection ended."""

    OK = "ok"
    DEFECTS = "defects"

    @property
    def danish(self) -> str:
        """The result as people say it."""
        return {"ok": "i orden", "defects": "mangler"}[self.value]


class Inspection(Numbered, SQLModel, table=True):
    """One inspection, booked by the handover.

    `inspection_on` is the last day on which it can be held: by law for a contract's inspection, by good sense for a
    visit. `summon_by_on` is the last day on which the firm can still be summoned to that day, None where nobody is
    summoned. From `tell_on` operations is asked about it (`asked_on`) until it is held. `dropped_on` is when it
    turned out not to apply, as when a place was built by others than was thought, or the claims had ended.
    `learned` is what whoever designs the next place should know.
    """

    __tablename__ = "inspection"

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    kind: InspectionKind = word_column(InspectionKind)
    months: int
    inspection_on: date = Field(index=True)
    summon_by_on: date | None = None
    tell_on: date = Field(index=True)
    claims_end_on: date | None = None
    asked_on: date | None = None
    summoned_on: date | None = None
    summoned_for_on: date | None = None
    held_on: date | None = None
    result: InspectionResult | None = word_column(InspectionResult, default=None, nullable=True)
    note: str = ""
    learned: str = ""
    dropped_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be held."""
        return self.held_on is None and self.dropped_on is None


def inspections_of(session: Session, facility: Facility, *, only_open: bool = False) -> list[Inspection]:
    """The inspections that apply to the facility, the first one first; or those that are still to be held."""
    rows = select(Inspection).where(Inspection.facility_id == facility.id, col(Inspection.dropped_on).is_(None))
    if only_open:
        rows = rows.where(col(Inspection.held_on).is_(None))
    return list(session.exec(rows.order_by(col(Inspection.inspection_on))))


def open_inspections(session: Session, *, most: int | None = None) -> list[tuple[Inspection, Facility]]:
    """All that are still to be held, each with its place, the next one first."""
    rows = (
        select(Inspection, Facility)
        .join(Facility, col(Facility.id) == Inspection.facility_id)
        .where(col(Inspection.held_on).is_(None), col(Inspection.dropped_on).is_(None))
        .order_by(col(Inspection.inspection_on), col(Inspection.id))
        .limit(most)
    )
    return [(inspection, facility) for inspection, facility in session.exec(rows)]


def asked_inspections(session: Session, facility: Facility) -> list[Inspection]:
    """Those that operations is asked about now."""
    return [each for each in inspections_of(session, facility, only_open=True) if each.asked_on is not None]


def find_inspection(session: Session, inspection_id: int) -> Inspection:
    """The inspection, locked until the transaction ends.

    Raises:
        BadInput: there is no such inspection.
    """
    found = session.exec(select(Inspection).where(Inspection.id == inspection_id).with_for_update()).first()
    if found is None:
        raise BadInput("inspection", f"der er intet eftersyn nr. {inspection_id}.", remedy=Remedy.SEE_THE_CASE)
    return found
