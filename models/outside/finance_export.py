"""Månedens udlæsning til økonomi: each booking of money that was spent is in exactly one month's file.

A month is exported once it is over, and the same file comes out ever after. What was booked late, for a month that had
been exported by then, is in the next month's file and marked there.
"""

from datetime import date
from typing import NamedTuple

from sqlalchemy import LargeBinary
from sqlmodel import Field, Session, SQLModel, col, select

from models.calendar import add_months
from models.database import Numbered
from models.pool.ledger import Kind, LedgerEntry
from models.refusal import Refusal

#: What the finance department books as well: money that left the pool, and what puts it right.
BOOKED = (Kind.SPENDING, Kind.REPLACEMENT, Kind.CORRECTION)


class FinanceExport(Numbered, SQLModel, table=True):
    """One month's file as it was handed over. `month` is 2026-11."""

    __tablename__ = "finance_export"

    id: int | None = Field(default=None, primary_key=True)
    month: str = Field(unique=True, max_length=7)
    layout: str = Field(max_length=64)
    made_on: date
    content: bytes = Field(sa_type=LargeBinary)


class FinanceEntry(SQLModel, table=True):
    """Which export a booking is in."""

    __tablename__ = "finance_entry"

    ledger_entry_id: int = Field(
        primary_key=True, foreign_key="ledger_entry.id", sa_column_kwargs={"autoincrement": False}
    )
    export_id: int = Field(foreign_key="finance_export.id", index=True)


class Booking(NamedTuple):
    """One booking of a month's file, and whether it belongs to an earlier month."""

    entry: LedgerEntry
    is_late: bool


def export_of(session: Session, month: date) -> FinanceExport | None:
    """The month's file, when it was made already."""
    return session.exec(select(FinanceExport).where(FinanceExport.month == f"{month:%Y-%m}")).first()


def bookings_of(session: Session, month: date, *, on: date, first_month: date | None) -> list[Booking]:
    """The bookings of the month's file: those it was made with, or those it would be made with now.

    `month` is its first day. Nothing from before `first_month` is ever in a file.

    Raises:
        Refusal: the month isn't over, lies before the first, or a later one was exported before it.
    """
    made = export_of(session, month)
    if made is not None:
        of_it = select(FinanceEntry.ledger_entry_id).where(FinanceEntry.export_id == made.number)
        rows = select(LedgerEntry).where(col(LedgerEntry.id).in_(of_it))
    else:
        _refuse_month(session, month, on, first_month)
        taken = select(FinanceEntry.ledger_entry_id)
        rows = select(LedgerEntry).where(
            col(LedgerEntry.kind).in_(BOOKED),
            col(LedgerEntry.on) < add_months(month, 1),
            col(LedgerEntry.id).not_in(taken),
        )
        if first_month is not None:
            rows = rows.where(col(LedgerEntry.on) >= first_month)
    entries = session.exec(rows.order_by(col(LedgerEntry.on), col(LedgerEntry.id)))
    return [Booking(entry, entry.on < month) for entry in entries]


def not_handed_over(session: Session, *, first_month: date | None) -> list[LedgerEntry]:
    """The bookings that are in no month's file yet; none while no month was ever exported."""
    if session.exec(select(FinanceExport.id).limit(1)).first() is None:
        return []
    rows = select(LedgerEntry).where(
        col(LedgerEntry.kind).in_(BOOKED), col(LedgerEntry.id).not_in(select(FinanceEntry.ledger_entry_id))
    )
    if first_month is not None:
        rows = rows.where(col(LedgerEntry.on) >= first_month)
    return list(session.exec(rows.order_by(col(LedgerEntry.id))))


def keep_export(
    session: Session, month: date, bookings: list[Booking], content: bytes, *, layout: str, on: date
) -> FinanceExport:
    """Note that these bookings are in the month's file, and keep it; a month that is kept stays as it is."""
    if (made := export_of(session, month)) is not None:
        return made
    made = FinanceExport(month=f"{month:%Y-%m}", layout=layout[:64], made_on=on, content=content)
    session.add(made)
    session.flush()
    for booking in bookings:
        session.add(FinanceEntry(ledger_entry_id=booking.entry.number, export_id=made.number))
    session.flush()
    return made


def last_export(session: Session) -> FinanceExport | None:
    """The newest month that was exported."""
    return session.exec(select(FinanceExport).order_by(col(FinanceExport.month).desc()).limit(1)).first()


def _refuse_month(session: Session, month: date, on: date, first_month: date | None) -> None:
    if on < add_months(month, 1):
        raise Refusal("finance.month_open", f"{month:%Y-%m} er ikke slut. Udlæs måneden, når den er forbi.")
    if first_month is not None and month < first_month:
        raise Refusal(
            "finance.before_first",
            f"{month:%Y-%m} er før den første måned, {first_month:%Y-%m} (first_month i finance.yaml).",
        )
    last = last_export(session)
    if last is not None and last.month > f"{month:%Y-%m}":
        raise Refusal(
            "finance.later_month",
            f"{last.month} er allerede udlæst, og med den alt, hvad der var bogført før. Udlæs en senere måned.",
        )
