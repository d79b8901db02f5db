"""Arbejdsordre: what operations or a firm must do, as it is written down. What is decided about it: `models.operation.work`."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, Session, SQLModel, col, select

from models.case.facility import Facility
from models.database import Numbered, word_column
from models.refusal import BadInput, Remedy
from models.role import Role
from models.text import NAME_LENGTH


class WorkKind(StrEnum):
    """Why there is work to do."""

    MISSED_CHECK = "missed_check"
    OWN_TASK = "own_task"
    REPAIR = "repair"
    DEFECT = "defect"
    INSPECTION = "inspection"
    VISIT = "visit"
    OTHER = "other"

    @property
    def danish(self) -> str:
        """The kind as people say it."""
        return {
            "missed_check": "tjek, der ikke blev gjort",
            "own_task": "driftens egen opgave",
            "repair": "reparation",
            "defect": "mangel",
            "inspection": "eftersyn",
            "visit": "besøg",
            "other": "andet",
        }[self.value]


class WorkState(StrEnum):
    """Where an order is."""

    ORDERED = "ordered"
    TAKEN = "taken"
    DONE = "done"
    DROPPED = "dropped"

    @property
    def danish(self) -> str:
        """The state as people say it."""
        return {"ordered": "bestilt", "taken": "taget", "done": "gjort", "dropped": "droppet"}[self.value]


OPEN_WORK = (WorkState.ORDERED, WorkState.TAKEN)


class WorkOrder(Numbered, SQLModel, table=True):
    """One order. `minutes` and `ore` are what it really took, None until it is done.

    `reserved_year` is the pool's year in which the estimate was reserved, None while it isn't; `booked_on` the day on which the
    pool paid what it cost. `reminded_on` is the day on which operations heard that it is late: from then on it is asked. `is_billed` is False for what stays on operations' ordinary budget.
    """

    __tablename__ = "work_order"
    __table_args__ = (
        Index(None, "state", "due_on"),
        CheckConstraint("minutes_estimated >= 0 AND ore_estimated >= 0", name="estimate_not_negative"),
        CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name="done_has_a_day"),
        CheckConstraint("(state = 'dropped') = (dropped_on IS NOT NULL)", name="dropped_has_a_day"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=128)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    kind: WorkKind = word_column(WorkKind)
    what: str
    state: WorkState = word_column(WorkState, default=WorkState.ORDERED)
    ordered_on: date
    ordered_by: Role = word_column(Role)
    due_on: date
    minutes_estimated: int = 0
    ore_estimated: int = Field(default=0, sa_type=BigInteger)
    minutes: int | None = None
    ore: int | None = Field(default=None, sa_type=BigInteger)
    note: str = ""
    invoice: str = Field(default="", max_length=NAME_LENGTH)
    firm_id: int | None = Field(default=None, index=True)
    taken_by: Role | None = word_column(Role, default=None, nullable=True)
    taken_by_person: str = Field(default="", max_length=12)
    taken_on: date | None = None
    done_on: date | None = None
    dropped_on: date | None = None
    dropped_because: str = ""
    check_id: int | None = Field(default=None, foreign_key="check.id", unique=True)
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)
    defect_id: int | None = Field(default=None, foreign_key="defect.id", index=True)
    is_billed: bool = True
    reserved_year: int | None = None
    booked_on: date | None = Field(default=None, index=True)
    reminded_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody must do it still."""
        return self.state in OPEN_WORK

    def is_late(self, on: date) -> bool:
        """Whether its day has passed and it isn't done: the day itself is still in time."""
        return self.is_open and self.due_on < on


def find_work(session: Session, work_id: int) -> WorkOrder:
    """The order, locked until the transaction ends.

    Raises:
        BadInput: there is no such order.
    """
    work = session.exec(
        select(WorkOrder).where(WorkOrder.id == work_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if work is None:
        raise BadInput("work", f"der er intet arbejde nr. {work_id}.", remedy=Remedy.LIST_WORK)
    return work


def work_of(session: Session, facility: Facility | None = None) -> list[WorkOrder]:
    """Orders by deadline, of one facility or of all."""
    rows = select(WorkOrder).order_by(col(WorkOrder.due_on), col(WorkOrder.id))
    if facility is not None:
        rows = rows.where(WorkOrder.facility_id == facility.number)
    return list(session.exec(rows))


def open_work(session: Session, facility: Facility | None = None) -> list[WorkOrder]:
    """What somebody must do still, the most urgent first; of one facility or of all."""
    rows = select(WorkOrder).where(col(WorkOrder.state).in_(OPEN_WORK))
    if facility is not None:
        rows = rows.where(WorkOrder.facility_id == facility.number)
    return list(session.exec(rows.order_by(col(WorkOrder.due_on), col(WorkOrder.id))))


def work_of_check(session: Session, check_id: int) -> WorkOrder | None:
    """The order that came of a check, if one did."""
    return session.exec(select(WorkOrder).where(WorkOrder.check_id == check_id)).first()


INSPECTION_KEY = "inspection:"


def is_for_inspection(work: WorkOrder) -> bool:
    """Whether it is the order to hold an inspection or a visit, which is asked about as such."""
    return work.key.startswith(INSPECTION_KEY)
