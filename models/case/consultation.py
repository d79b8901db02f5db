"""Driftshøringens spørgsmål og svar: the rounds in which operations was asked, and the conditions it set."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, Session, SQLModel, col, select

from models.case.facility import Facility
from models.database import Numbered, rows_by, word_column
from models.role import Role


class AnswerKind(StrEnum):
    """What operations can answer; a no is as good an answer as a yes."""

    YES = "yes"
    CONDITIONS = "conditions"
    NO = "no"

    @property
    def danish(self) -> str:
        """The answer as people say it."""
        return {"yes": "ja", "conditions": "ja på betingelser", "no": "nej"}[self.value]


class Consultation(Numbered, SQLModel, table=True):
    """One round of asking. `minutes_per_year` and `kr_per_year_ore` are operations' own figures."""

    __tablename__ = "consultation"

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    round: int
    asked_on: date
    halfway_on: date
    deadline_on: date
    answer: AnswerKind | None = word_column(AnswerKind, default=None, nullable=True)
    reason: str = ""
    could_be_yes: str = ""
    minutes_per_year: int
    kr_per_year_ore: int = Field(sa_type=BigInteger)
    decided_on: date | None = None


class Condition(SQLModel, table=True):
    """Something that must be met before the handover (not before the signing), with owner and deadline."""

    __tablename__ = "condition"
    __table_args__ = (Index(None, "met_on", "deadline_on"),)

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    round: int
    number: int
    text: str
    owner: Role = word_column(Role)
    deadline_on: date | None = None
    met_on: date | None = None


def consultations_of(session: Session, facility: Facility) -> list[Consultation]:
    """All rounds, the first one first."""
    rows = rows_by(session, Consultation, facility_id=facility.id)
    return sorted(rows, key=lambda consultation: consultation.round)


def last_round(session: Session, facility: Facility) -> Consultation | None:
    """The round that counts."""
    rounds = consultations_of(session, facility)
    return rounds[-1] if rounds else None


def open_round(session: Session, facility: Facility) -> Consultation | None:
    """The round that operations hasn't answered; None when it isn't asked."""
    last = last_round(session, facility)
    return last if last is not None and last.answer is None else None


def open_rounds(session: Session) -> dict[int, Consultation]:
    """Every facility's `open_round`, by the facility's id."""
    rows = select(Consultation).order_by(col(Consultation.round))
    unanswered = select(Consultation.facility_id).where(col(Consultation.answer).is_(None))
    last = {each.facility_id: each for each in session.exec(rows.where(col(Consultation.facility_id).in_(unanswered)))}
    return {facility_id: each for facility_id, each in last.items() if each.answer is None}


def has_yes(session: Session, facility: Facility) -> bool:
    """Whether operations said yes, with or without conditions, in the round that counts."""
    last = last_round(session, facility)
    return last is not None and last.answer in (AnswerKind.YES, AnswerKind.CONDITIONS)


def conditions_of(session: Session, facility: Facility, of: Consultation | None = None) -> list[Condition]:
    """The conditions of the round that counts, or of the one that is named."""
    of = of or last_round(session, facility)
    if of is None:
        return []
    rows = rows_by(session, Condition, facility_id=facility.id, round=of.round)
    return sorted(rows, key=lambda condition: condition.number)


def conditions_as_told(session: Session, facility: Facility, of: Consultation | None = None) -> list[dict[str, object]]:
    """The same as letters say them."""
    return [
        {
            "number": condition.number,
            "text": condition.text,
            "owner_danish": condition.owner.danish,
            "deadline_on": condition.deadline_on.isoformat() if condition.deadline_on else None,
        }
        for condition in conditions_of(session, facility, of)
    ]


def unmet_conditions(session: Session, facility: Facility) -> list[Condition]:
    """What still stands between the facility and its handover."""
    return [condition for condition in conditions_of(session, facility) if condition.met_on is None]
