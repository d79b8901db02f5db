"""Tilladelser: what the law or the owner must allow before anything is built."""

from datetime import date
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, select

from models.case.facility import Facility, LandOwner
from models.database import Numbered, word_column


class PermitResult(StrEnum):
    """Where a permit stands."""

    NEEDED = "needed"
    GRANTED = "granted"
    NOT_NEEDED = "not_needed"
    REFUSED = "refused"

    @property
    def danish(self) -> str:
        """The result as people say it."""
        return {"needed": "mangler", "granted": "givet", "not_needed": "kræves ikke", "refused": "afslået"}[self.value]


class Permit(Numbered, SQLModel, table=True):
    """One permit of one facility; its name and law stand in `config/permits.yaml` under `key`."""

    __tablename__ = "permit"

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    key: str = Field(max_length=40)
    result: PermitResult = word_column(PermitResult)
    case_number: str = Field(default="", max_length=120)
    decided_on: date | None = None


def needed_permits(type_permits: tuple[str, ...], owner: LandOwner) -> tuple[str, ...]:
    """The permits a facility needs; the owner's written consent wherever the municipality isn't the owner."""
    return type_permits if owner is LandOwner.MUNICIPALITY else (*type_permits, "owner_consent")


def permits_of(session: Session, facility: Facility) -> list[Permit]:
    """The facility's permits in the order they were asked for."""
    rows = select(Permit).where(Permit.facility_id == facility.id)
    return sorted(session.exec(rows), key=lambda permit: permit.number)


def missing_permits(session: Session, facility: Facility) -> list[Permit]:
    """The permits that stand between the facility and its building."""
    held = (PermitResult.GRANTED, PermitResult.NOT_NEEDED)
    return [permit for permit in permits_of(session, facility) if permit.result not in held]
