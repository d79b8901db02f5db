"""Attester: the report of a competent person that a job needs, as the yearly main inspection of play equipment does.

BR18 chapter 16 § 367 and DS/EN 1176-7. The file lies under `var/documents/certificates`, named by its hash.
"""

from datetime import date

from sqlmodel import Field, Session, SQLModel, col, select

from models.database import Numbered


class Certificate(Numbered, SQLModel, table=True):
    """One certificate of one order."""

    __tablename__ = "certificate"

    id: int | None = Field(default=None, primary_key=True)
    work_id: int = Field(foreign_key="work_order.id", index=True)
    sha256: str = Field(max_length=64)
    path: str = Field(max_length=120)
    added_on: date


def certificates_of(session: Session, work_id: int) -> list[Certificate]:
    """The certificates of an order, in the order they came."""
    rows = select(Certificate).where(Certificate.work_id == work_id).order_by(col(Certificate.id))
    return list(session.exec(rows))
