"""Forsikring: who insures the volunteers of a place, by which cover, from which day, and by whose approval.

A municipality may insure them, an association may do it itself, and some work needs no cover of its own. Which it is
must be answered before a place goes into operation; clause 9 of the care agreement prints it.
"""

from datetime import date
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from models import text
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup
from models.database import Numbered, word_column
from models.role import Role
from models.stage import Stage


class Cover(StrEnum):
    """Who insures the volunteers."""

    MUNICIPALITY = "municipality"
    ASSOCIATION = "association"
    NONE_NEEDED = "none_needed"
    UNKNOWN = "unknown"
    """The place went into operation before anybody was asked: no answer, and it is listed until there is one."""

    @property
    def danish(self) -> str:
        """The cover as people say it."""
        return {
            "municipality": "kommunen forsikrer de frivillige",
            "association": "gruppens egen forening forsikrer de frivillige",
            "none_needed": "der er ikke brug for en forsikring",
            "unknown": "ikke besvaret",
        }[self.value]


COVERS = (Cover.MUNICIPALITY, Cover.ASSOCIATION, Cover.NONE_NEEDED)
"""What can be answered."""


class Insurance(Numbered, SQLModel, table=True):
    """One answer for one place. The newest counts; the earlier ones say what held before."""

    __tablename__ = "insurance"

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    cover: Cover = word_column(Cover)
    reference: str = Field(default="", max_length=text.NAME_LENGTH)
    """The policy's number, or the decision's; empty where there is none."""
    from_on: date
    approved_by: Role | None = word_column(Role, default=None, nullable=True)
    answered_on: date


def insurance_of(session: Session, facility: Facility, *, by: date | None = None) -> Insurance | None:
    """The newest answer, or the newest one given `by` a day; None while nobody has answered."""
    rows = select(Insurance).where(Insurance.facility_id == facility.id, Insurance.cover != Cover.UNKNOWN)
    if by is not None:
        rows = rows.where(col(Insurance.answered_on) <= by)
    return session.exec(rows.order_by(col(Insurance.id).desc()).limit(1)).first()


def has_answer(session: Session, facility: Facility) -> bool:
    """Whether it is answered, or the place went into operation before anybody was asked."""
    rows = select(Insurance.id).where(Insurance.facility_id == facility.id)
    return session.exec(rows.limit(1)).first() is not None


def without_insurance(session: Session) -> list[Facility]:
    """The places that volunteers look after in operation though nobody has answered who insures them; by reference."""
    answered = select(Insurance.facility_id).where(Insurance.cover != Cover.UNKNOWN)
    lives = (Stage.OPERATION, Stage.WINDING_DOWN)
    rows = (
        select(Facility, VolunteerGroup)
        .join(VolunteerGroup, col(VolunteerGroup.id) == Facility.group_id)
        .where(col(Facility.stage).in_(lives), col(Facility.id).not_in(answered))
        .order_by(col(Facility.reference))
    )
    return [facility for facility, group in session.exec(rows) if not group.is_nobody]
