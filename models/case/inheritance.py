"""Arv: facilities that stood before Driftsklar came, and so were never consulted about, agreed or funded.

They enter at operation through a door of their own (`Door.INHERITED`, `models.stages.inheritance`), the only way past
the gate, and each keeps a row here for as long as it stands. So operations sees what it inherited.
"""

from datetime import date

from sqlmodel import Field, Session, SQLModel, col, select

from models import text
from models.case.consultation import Condition, Consultation
from models.case.facility import Facility
from models.danish import dato
from models.database import rows_by, word_column
from models.role import Role
from models.stage import Stage

NUMBER_LENGTH = 64


class Inheritance(SQLModel, table=True):
    """What the municipality's own list said of one facility.

    `number` is the municipality's own number for it, `said` the fingerprint (SHA-256) of its row, by which
    the same list again is known.
    """

    __tablename__ = "inheritance"

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", unique=True)
    number: str = Field(default="", max_length=NUMBER_LENGTH)
    address: str = Field(default="", max_length=text.NAME_LENGTH)
    built_on: date | None = None
    said: str = Field(max_length=64)
    taken_in_on: date
    taken_in_by: Role = word_column(Role)


def inheritance_of(session: Session, facility: Facility) -> Inheritance | None:
    """What was inherited with the facility; None when it came the usual way."""
    return next(iter(rows_by(session, Inheritance, facility_id=facility.id)), None)


def is_inherited(session: Session, facility: Facility) -> bool:
    """Whether the facility came in by the inherited door."""
    return inheritance_of(session, facility) is not None


def by_when(session: Session, facility: Facility, condition: Condition) -> str:
    """Until when operations' condition must be met, in words.

    Without a day of its own before the handover; a place that stood already never has one, so nothing is said there.
    """
    if condition.deadline_on is not None:
        return f"senest {dato(condition.deadline_on)}"
    return "" if is_inherited(session, facility) else "inden afleveringen"


def never_consulted(session: Session) -> list[tuple[Facility, Inheritance]]:
    """The facilities that stand though operations was never asked: the inherited debts, by reference."""
    asked = select(Consultation.facility_id).where(col(Consultation.answer).is_not(None))
    rows = (
        select(Facility, Inheritance)
        .join(Inheritance, col(Inheritance.facility_id) == Facility.id)
        .where(Facility.stage != Stage.CLOSED, col(Facility.id).not_in(asked))
        .order_by(col(Facility.reference))
    )
    return [(facility, inheritance) for facility, inheritance in session.exec(rows)]
