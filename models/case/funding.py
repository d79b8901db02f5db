"""Puljeansøgningen: what was asked of the pool for one agreement, and what was decided."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from models import text
from models.case.facility import Facility
from models.database import Numbered, word_column
from models.role import Role


class FundingDecision(StrEnum):
    """What can be decided; waiting keeps the application open, with a place on the priority list."""

    GRANT = "grant"
    DECLINE = "decline"
    WAIT = "wait"

    @property
    def danish(self) -> str:
        """The decision as people say it."""
        return {"grant": "tilsagn", "decline": "afslag", "wait": "på prioriteringslisten"}[self.value]


class PoolApplication(Numbered, SQLModel, table=True):
    """One agreement's application. `decision` is empty while it is open; `waiting_since` says it waits.

    `offered_on` says when the pool had money for it again, and whoever decides was told.
    """

    __tablename__ = "pool_application"
    __table_args__ = (Index(None, "decision"),)  # those nobody has decided on

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    agreement_id: int = Field(foreign_key="agreement.id", unique=True)
    applied_on: date
    waiting_since: date | None = None
    offered_on: date | None = None
    decision: FundingDecision | None = word_column(FundingDecision, default=None, nullable=True)
    decided_on: date | None = None
    decided_by: Role | None = word_column(Role, default=None, nullable=True)
    reason: str = ""
    case_number: str = Field(default="", max_length=text.NAME_LENGTH)


def last_application(session: Session, facility: Facility) -> PoolApplication | None:
    """The application of the newest signed agreement."""
    rows = (
        select(PoolApplication)
        .where(PoolApplication.facility_id == facility.id)
        .order_by(col(PoolApplication.id).desc())
    )
    return session.exec(rows).first()


def has_grant(session: Session, facility: Facility) -> bool:
    """Whether the pool has promised money for the facility's operation."""
    rows = select(PoolApplication.id).where(
        PoolApplication.facility_id == facility.id, PoolApplication.decision == FundingDecision.GRANT
    )
    return session.exec(rows).first() is not None


def open_applications(session: Session, facility: Facility) -> list[PoolApplication]:
    """The facility's applications that nobody has decided yet."""
    rows = select(PoolApplication).where(
        PoolApplication.facility_id == facility.id, col(PoolApplication.decision).is_(None)
    )
    return list(session.exec(rows))


def waiting(session: Session) -> list[PoolApplication]:
    """The applications on the priority list, the one that has waited longest first."""
    rows = select(PoolApplication).where(
        col(PoolApplication.waiting_since).is_not(None), col(PoolApplication.decision).is_(None)
    )
    return sorted(session.exec(rows), key=lambda a: (a.waiting_since or a.applied_on, a.number))
