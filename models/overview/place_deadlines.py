"""Which days are waited for at each place: answers, signatures, conditions, defects, checks, visits and work, as one query."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, CompoundSelect, Date, func, literal, select, true, type_coerce, union_all
from sqlmodel import SQLModel

from config.catalogue import catalogue
from models.case.agreement import Agreement, AgreementStatus
from models.case.consultation import Condition, Consultation
from models.case.facility import Facility
from models.case.handover import Defect
from models.database import columns_of
from models.operation.check import OPEN_STATES, Check, CheckState
from models.operation.work_order import OPEN_WORK, WorkOrder

_CLOSED = tuple(state for state in CheckState if state not in OPEN_STATES)


def deadlines(dialect_name: str, numbers: Sequence[int] | None = None) -> CompoundSelect[tuple[int, date, str]]:
    """Every day something must be done by that isn't done: `facility_id`, `day`, and `what` it is, in Danish.

    `numbers` are the facilities one wants to know it of; None is all.
    """
    asked, version = columns_of(Consultation), columns_of(Agreement)
    condition, defect, check = columns_of(Condition), columns_of(Defect), columns_of(Check)
    work = columns_of(WorkOrder)
    later = SQLModel.metadata.tables[str(Consultation.__tablename__)].alias().c
    newer = select(later.id).where(later.facility_id == condition.facility_id, later.round > condition.round)
    sent_on = func.coalesce(version.sent_on, version.drafted_on)
    # of a few facilities the checks are found by the facility: an IN would have SQLite read every open check there is
    is_open = check.state.in_(OPEN_STATES) if numbers is None else check.state.not_in(_CLOSED)

    def of(facility_id: ColumnElement[int]) -> ColumnElement[bool]:
        return true() if numbers is None else facility_id.in_(numbers)

    return union_all(
        select(
            asked.facility_id, asked.deadline_on.label("day"), literal("svar på driftshøringen").label("what")
        ).where(asked.answer.is_(None), of(asked.facility_id)),
        select(
            version.facility_id,
            _days_after(sent_on, catalogue().escalation.signing_days, dialect_name),
            literal("underskrift på pasningsaftalen"),
        ).where(version.status == AgreementStatus.SIGNING, of(version.facility_id)),
        select(condition.facility_id, condition.deadline_on, literal("en betingelse fra driften")).where(
            condition.met_on.is_(None), condition.deadline_on.is_not(None), ~newer.exists(), of(condition.facility_id)
        ),
        select(defect.facility_id, defect.deadline_on, literal("en mangel fra afleveringen")).where(
            defect.fixed_on.is_(None), of(defect.facility_id)
        ),
        select(check.facility_id, check.due_on, literal("et tjek")).where(is_open, of(check.facility_id)),
        # a visit and an inspection are work, too
        select(work.facility_id, work.due_on, literal("arbejde, der er bestilt")).where(
            work.state.in_(OPEN_WORK), of(work.facility_id)
        ),
    )


def late_places(dialect_name: str, on: date) -> ColumnElement[bool]:
    """Whether one of a facility's days has passed; for a statement about `Facility.id`."""
    days = deadlines(dialect_name).subquery()
    return columns_of(Facility).id.in_(select(days.c.facility_id).where(days.c.day < on))


def _days_after(day: ColumnElement[date], number: int, dialect_name: str) -> ColumnElement[date]:
    if dialect_name == "postgresql":
        return day + number
    return type_coerce(func.date(day, f"{number:+d} days"), Date)
