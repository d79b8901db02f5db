"""Tjek: the due instances of a care task, and what was answered. What comes of silence: `models.operation.work`."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from config.catalogue import Who
from models.case.facility import Facility
from models.database import Numbered, word_column
from models.refusal import BadInput, Remedy
from models.role import Door, Role


class CheckState(StrEnum):
    """Where a check is; each step up to `escalated` is taken by the daily run."""

    PLANNED = "planned"
    NOTIFIED = "notified"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    DONE = "done"
    DAMAGED = "damaged"
    MISSED = "missed"
    CANCELLED = "cancelled"

    @property
    def danish(self) -> str:
        """The state as people say it."""
        return {
            "planned": "planlagt",
            "notified": "varslet",
            "reminded": "rykket",
            "escalated": "hos koordinatoren",
            "done": "udført",
            "damaged": "skade meldt",
            "missed": "ikke udført",
            "cancelled": "bortfaldet",
        }[self.value]


OPEN_STATES = (CheckState.PLANNED, CheckState.NOTIFIED, CheckState.REMINDED, CheckState.ESCALATED)


class CheckResult(StrEnum):
    """What can be answered to a check."""

    OK = "ok"
    DAMAGED = "damaged"
    NOT_DONE = "not_done"

    @property
    def danish(self) -> str:
        """The answer as people say it."""
        return {"ok": "i orden", "damaged": "noget er galt", "not_done": "nåede det ikke"}[self.value]


class Check(Numbered, SQLModel, table=True):
    """One due instance of one care task. The `…_on` dates say when each step was taken."""

    __tablename__ = "check"
    # the index finds the open ones whose day has come among the closed ones of many years
    __table_args__ = (UniqueConstraint("care_task_id", "due_on"), Index(None, "state", "due_on"))

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    care_task_id: int = Field(foreign_key="care_task.id")
    due_on: date = Field(index=True)
    who: Who = word_column(Who)
    state: CheckState = word_column(CheckState)
    planned_on: date
    noticed_on: date | None = None
    reminded_on: date | None = None
    second_reminded_on: date | None = None
    escalated_on: date | None = None
    closed_on: date | None = None


class Report(Numbered, SQLModel, table=True):
    """What was answered to a check; `minutes` is the time it took those who did it."""

    __tablename__ = "report"

    id: int | None = Field(default=None, primary_key=True)
    check_id: int = Field(foreign_key="check.id", unique=True)
    result: CheckResult = word_column(CheckResult)
    minutes: int
    minutes_are_planned: bool | None = None
    """Whether nobody wrote the minutes, so that the planned ones stand; None for what was answered before that was kept."""
    note: str = ""
    on: date
    by: Role = word_column(Role)
    door: Door = word_column(Door)
    contact_id: int | None = None
    """Who of the group gave it, by whose link; they may correct it (`models.operation.correction`)."""


class FormerAnswer(Numbered, SQLModel, table=True):
    """What was answered before the answer was corrected; it is kept."""

    __tablename__ = "former_answer"

    id: int | None = Field(default=None, primary_key=True)
    check_id: int = Field(foreign_key="check.id", index=True)
    result: CheckResult = word_column(CheckResult)
    minutes: int
    note: str = ""
    on: date
    corrected_on: date


def find_check(session: Session, check_id: int) -> Check:
    """The check, locked until the transaction ends.

    Raises:
        BadInput: there is no such check.
    """
    check = session.exec(select(Check).where(Check.id == check_id).with_for_update()).first()
    if check is None:
        raise BadInput("check", f"der er intet tjek nr. {check_id}.", remedy=Remedy.LIST_CHECKS)
    return check


def checks_of(session: Session, facility: Facility | None = None, *, only_open: bool = False) -> list[Check]:
    """Checks by due date, of one facility or of all."""
    rows = select(Check).order_by(col(Check.due_on), col(Check.id))
    if facility is not None:
        rows = rows.where(Check.facility_id == facility.id)
    if only_open:
        rows = rows.where(col(Check.state).in_(OPEN_STATES))
    return list(session.exec(rows))


def report_of(session: Session, check: Check) -> Report | None:
    """The answer to a check, if there is one."""
    return session.exec(select(Report).where(Report.check_id == check.id)).first()
