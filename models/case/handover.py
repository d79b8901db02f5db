"""Afleveringsprotokollen: what was found when operations looked at the finished facility."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import JSON, Index
from sqlmodel import Field, Session, SQLModel, col, select

from models import text
from models.case.facility import Facility
from models.database import Numbered, word_column
from models.role import Role


class HandoverResult(StrEnum):
    """How a handover ended."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_DEFECTS = "accepted_with_defects"
    REFUSED = "refused"

    @property
    def danish(self) -> str:
        """The result as people say it."""
        return {"accepted": "overtaget", "accepted_with_defects": "overtaget med mangler", "refused": "ikke overtaget"}[
            self.value
        ]


@dataclass(frozen=True)
class NewDefect:
    """A defect as it is said: what, and by when it must be put right."""

    text: str
    deadline_on: date


class Handover(Numbered, SQLModel, table=True):
    """One attempt to hand over, and its protocol, signed by both (AB 18 § 46).

    `signed_by_builder` is whoever signed for the builder, as was written, on `builder_signed_on`; `builder_signed_as` is
    who said so: the firm or the group by its link, or the role that wrote down what was signed on paper. `signed_sha256`
    is the fingerprint of the text that was signed by link. `signed_for_us` is who signed for the municipality, on the
    day it decided; empty where only the role is known.
    """

    __tablename__ = "handover"

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    attempt: int
    ready_on: date
    result: HandoverResult | None = word_column(HandoverResult, default=None, nullable=True)
    reason: str = ""
    decided_on: date | None = Field(default=None, index=True)
    papers: list[str] = Field(default_factory=list, sa_type=JSON)
    papers_missing: list[str] = Field(default_factory=list, sa_type=JSON)
    signed_by_builder: str = Field(default="", max_length=text.NAME_LENGTH)
    builder_remarks: str = ""
    builder_signed_on: date | None = None
    builder_signed_as: Role | None = word_column(Role, default=None, nullable=True)
    signed_for_us: str = Field(default="", max_length=text.NAME_LENGTH, sa_column_kwargs={"server_default": ""})
    signed_sha256: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})


class Defect(SQLModel, table=True):
    """Something to be put right by a deadline, found at the handover or at an inspection."""

    __tablename__ = "defect"
    __table_args__ = (Index(None, "fixed_on", "deadline_on"),)

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    handover_id: int | None = Field(default=None, foreign_key="handover.id", index=True)
    inspection_id: int | None = Field(default=None, foreign_key="inspection.id", index=True)
    number: int
    text: str
    deadline_on: date
    fixed_on: date | None = None


def handovers_of(session: Session, facility: Facility) -> list[Handover]:
    """All attempts, the first one first."""
    rows = select(Handover).where(Handover.facility_id == facility.id)
    return sorted(session.exec(rows), key=lambda handover: handover.attempt)


def last_handover(session: Session, facility: Facility) -> Handover | None:
    """The attempt that counts."""
    attempts = handovers_of(session, facility)
    return attempts[-1] if attempts else None


def is_taken_over(session: Session, facility: Facility) -> bool:
    """Whether operations took the facility over, with or without defects."""
    return any(
        handover.result in (HandoverResult.ACCEPTED, HandoverResult.ACCEPTED_WITH_DEFECTS)
        for handover in handovers_of(session, facility)
    )


def defects_of(session: Session, facility: Facility) -> list[Defect]:
    """All defects of the facility, by number."""
    rows = select(Defect).where(Defect.facility_id == facility.id).order_by(col(Defect.number))
    return list(session.exec(rows))


def add_defects(
    session: Session,
    facility: Facility,
    new: Iterable[NewDefect],
    *,
    handover_id: int | None = None,
    inspection_id: int | None = None,
) -> list[Defect]:
    """Write defects down, numbered on from those the facility has had."""
    first = len(defects_of(session, facility)) + 1
    made = [
        Defect(
            facility_id=facility.number,
            handover_id=handover_id,
            inspection_id=inspection_id,
            number=number,
            text=defect.text,
            deadline_on=defect.deadline_on,
        )
        for number, defect in enumerate(new, start=first)
    ]
    session.add_all(made)
    session.flush()
    return made
