"""Running numbers: VK-2026-0007 for a facility, G-0001 for a group. Gapless and safe when two count at once."""

from sqlalchemy import update
from sqlmodel import Field, Session, SQLModel, col, select

from models.database import insert_new


class Numbering(SQLModel, table=True):
    """The last number given out in one series."""

    __tablename__ = "numbering"

    series: str = Field(primary_key=True, max_length=32)
    last: int


def next_number(session: Session, series: str) -> int:
    """The next number of the series; the row is locked until the transaction ends."""
    return next_numbers(session, series, 1)[0]


def next_numbers(session: Session, series: str, count: int) -> range:
    """The next `count` numbers of the series, in one step."""
    insert_new(session, Numbering, [{"series": series, "last": 0}])
    later = Numbering.last + count
    step = update(Numbering).where(col(Numbering.series) == series).values(last=later)
    session.connection().execute(step)
    last = session.exec(select(Numbering.last).where(Numbering.series == series)).one()
    return range(last - count + 1, last + 1)
