"""Sound rows: what every row of every table must be, whatever it is about; the questions are made from the tables.

A word that no list has, a day beyond a lifetime, an amount no municipality has, a row that points at nothing, or at
something of another facility. A table or column that comes later is asked about by itself.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Float,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy import Enum as SAEnum
from sqlalchemy.sql.selectable import NamedFromClause
from sqlmodel import Session, SQLModel, col

from models.database import dialect_of, now
from models.journal import JournalEntry
from models.overview.daily_trace import DailyRun
from models.post.link import Purpose

MOST_ROWS = 11
"""How many rows of one fault are looked up; whoever reads of ten needs no more."""
FIRST_DAY = date(1800, 1, 1)
FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
LIFETIME = timedelta(days=60 * 366)
PLAYED_AHEAD = timedelta(days=20 * 366)
"""How far before the clock a day may lie on which something is said to have happened: a demo lives some years ahead."""
PLANS = (
    "until_on",
    "mailed_on",  # the day a mail is made for may be played ahead, with nothing else recorded on it yet
    "deadline_on",
    "halfway_on",
    "from_on",
    "start_on",
    "next_on",
    "due_on",
    "inspection_on",
    "claims_end_on",
    "summon_by_on",
    "summoned_for_on",
    "tell_on",
    "day_on",  # what is announced before a handover lies ahead
    "expires_at",
    "expires_on",
    "next_at",
    "lease_until",
)
"""The days that may lie ahead; all others say when something happened."""
MOST_ORE = 10**12
MOST = 10**8
DAYS = ("latest", "furthest", "soon", "last_moment")
_SIGNED = ("ledger_entry.amount_ore",)


class Fault(NamedTuple):
    """What may be wrong with the rows of a table: the columns that say it, and for which rows it is so."""

    about: str
    is_wrong: ColumnElement[bool]


def latest_day(session: Session) -> date:
    """The newest day anything is known to have happened on, by the daily runs, the journal and the clock."""
    today = now().date()
    days = [today]
    for day in (DailyRun.on, JournalEntry.on):
        rows = select(func.max(col(day))).where(col(day) <= today + PLAYED_AHEAD)
        newest: date | None = session.execute(rows).scalar_one()
        days += [newest] if newest is not None else []
    return max(days)


def wrong_values(session: Session) -> list[str]:
    """The rows with a word, day, amount or other value that nothing here could have written."""
    latest = latest_day(session)
    # the clock of the database's machine and ours needn't agree to the minute
    days = (latest, latest + LIFETIME, now() + timedelta(days=1), now() + LIFETIME)
    named = dict(zip(DAYS, days, strict=True))
    return [fault for table in SQLModel.metadata.sorted_tables for fault in _rows_of(session, table, named)]


def rows_without_their_own(session: Session) -> list[str]:
    """The rows that point at a row which isn't there, or at something of another facility."""
    found: list[str] = []
    for at, link in _pointers():
        for number in session.execute(link.limit(MOST_ROWS)).scalars():
            found.append(f"{at} {number}")
    return found


def _rows_of(session: Session, table: Table, named: dict[str, Any]) -> Iterator[str]:
    faults = _faults(table, dialect_of(session))
    count, used = _count_of(table, dialect_of(session))
    counted = session.execute(count, {name: named[name] for name in used}).one()
    for fault, many in zip(faults, counted, strict=True):
        if many:
            rows = select(_name(table)).where(fault.is_wrong).order_by(_name(table))
            for name in session.execute(rows.limit(MOST_ROWS), named).scalars():
                yield f"{table.name} {name} ({fault.about})"


@cache
def _count_of(table: Table, dialect_name: str) -> tuple[Select[Any], tuple[str, ...]]:
    """One look at the table for all its faults, how many rows have each; and which days it is to be told."""
    faults = _faults(table, dialect_name)
    counts = (func.sum(case((fault.is_wrong, 1), else_=0)) for fault in faults)
    statement = select(*counts).select_from(table)
    return statement, tuple(name for name in DAYS if name in statement.compile().params)


@cache
def _faults(table: Table, dialect_name: str) -> tuple[Fault, ...]:
    return tuple(
        Fault(column.name, and_(column.is_not(None), wrong))
        for column in table.columns
        if (wrong := _wrong(table, column, dialect_name)) is not None
    )


def _wrong(table: Table, column: Column[Any], dialect_name: str) -> ColumnElement[bool] | None:
    kind, is_sqlite = column.type, dialect_name == "sqlite"
    plain = cast(column, String)
    if isinstance(kind, SAEnum):
        return plain.not_in(kind.enums)
    if isinstance(kind, Date):
        last = "furthest" if column.name in PLANS else "latest"
        outside = or_(column < FIRST_DAY, column > bindparam(last, type_=Date))
        # SQLite keeps any text
        return or_(func.date(column, type_=String).is_(None), outside) if is_sqlite else outside
    if isinstance(kind, DateTime) or "DateTime" in type(kind).__name__:
        last = "last_moment" if column.name in PLANS else "soon"
        outside = or_(column < FIRST_MOMENT, column > bindparam(last, type_=kind))
        return or_(func.datetime(column, type_=String).is_(None), outside) if is_sqlite else outside
    if isinstance(kind, Boolean):
        return cast(column, Integer).not_in((0, 1)) if is_sqlite else None
    if isinstance(kind, Integer):
        outside = _outside(table, column)
        return or_(func.typeof(column) != "integer", outside) if is_sqlite else outside
    if isinstance(kind, Float):
        return not_(column.between(-180.0, 180.0))
    if isinstance(kind, JSON):
        return func.json_valid(plain) == 0 if is_sqlite else None
    if isinstance(kind, String) and kind.length:
        return func.length(column) > kind.length if is_sqlite else None
    return None


def _outside(table: Table, column: Column[Any]) -> ColumnElement[bool]:
    name = column.name
    if name.endswith("_ore"):
        least = -MOST_ORE if f"{table.name}.{name}" in _SIGNED else 0
        return not_(column.between(least, MOST_ORE))
    if name == "year":
        return not_(column.between(FIRST_MOMENT.year, FIRST_MOMENT.year + 200))
    if column.primary_key or column.foreign_keys:
        return column < 1
    return not_(column.between(0, MOST))


@cache
def _pointers() -> tuple[tuple[str, Select[Any]], ...]:
    """For each reference of each table, what finds the rows in which it is broken."""
    found = [
        (f"{table.name}.{key.parent.name}", statement)
        for table in SQLModel.metadata.sorted_tables
        for key in sorted(table.foreign_keys, key=lambda each: each.parent.name)
        for statement in _broken_by(table, key.parent, key.column)
    ]
    message = SQLModel.metadata.tables["message"]
    found.append(("message.mail_id", _missing(message, message.c.mail_id, message.c.id)))  # a mail is about many places
    work, firm = SQLModel.metadata.tables["work_order"], SQLModel.metadata.tables["firm"]
    found.append(
        ("work_order.firm_id", _missing(work, work.c.firm_id, firm.c.id))
    )  # the column is older than the table
    report = SQLModel.metadata.tables["public_report"]
    found.append(("message.public_report_id", _missing(message, message.c.public_report_id, report.c.id)))
    enquiry = SQLModel.metadata.tables["enquiry"]
    found.append(("message.enquiry_id", _missing(message, message.c.enquiry_id, enquiry.c.id)))
    link = SQLModel.metadata.tables["link"]
    for purpose, table_name in SUBJECTS.items():
        subject = SQLModel.metadata.tables[table_name]
        lost = _missing(link, link.c.subject_id, subject.c.id)
        found.append(("link.subject_id", lost.where(link.c.purpose == purpose)))
    return tuple(found)


SUBJECTS = {
    Purpose.ANSWER: "check",
    Purpose.SIGN: "agreement",
    Purpose.STOP: "facility",
    Purpose.CONTACTS: "volunteer_group",
    Purpose.GROUP: "volunteer_group",
    Purpose.WEEK: "volunteer_group",
    Purpose.FEED: "volunteer_group",
    Purpose.SUGGESTION: "public_report",
    Purpose.SATISFACTION: "facility",
    Purpose.WORK: "work_order",
    Purpose.FOLLOW: "enquiry",
}
"""What the links of each purpose are about."""


def _broken_by(table: Table, column: Column[Any], target: Column[Any]) -> Iterator[Select[Any]]:
    yield _missing(table, column, target)
    other = target.table.alias()
    if table.name != "message_item" and "facility_id" in table.c and "facility_id" in other.c:
        yield (
            select(_name(table))
            .join(other, other.c[target.name] == column)
            .where(other.c.facility_id != table.c.facility_id)
        )


def _missing(table: Table, column: Column[Any], target: Column[Any]) -> Select[Any]:
    there = target.table.alias()
    return (
        select(_name(table))
        .select_from(table.outerjoin(there, there.c[target.name] == column))
        .where(column.is_not(None), there.c[target.name].is_(None))
    )


def _name(table: NamedFromClause) -> ColumnElement[str]:
    """What a row is called: its number, or whatever its key is."""
    first, *more = (cast(column, String) for column in table.primary_key)
    name: ColumnElement[str] = first
    for each in more:
        name = name + literal("/") + each
    return name
