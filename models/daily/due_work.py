"""What is due today: found once by its indexes, then worked through in ranges, each with a commit of its own.

So the day costs what is due, not what there is, and nobody at another door waits for the whole of it: a range is a
tenth of a second or so. It is made of whole groups, since what a person is told on a day is one message. What
changes between the finding and a range's turn is looked at again there, by the statement that acts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.schema import CreateTable, DropTable
from sqlmodel import Session

from config.catalogue import Who
from models.database import LOOK_SECONDS, columns_of, dialect_of, words_of
from models.operation.check import Check

RANGE_ROWS = 6_000
"""Due tasks and checks in a range, or one group's where that is more."""
GAP_SECONDS = 1.5 * LOOK_SECONDS
"""Between two ranges on SQLite: long enough for whoever waits to look."""

_temporary = MetaData()

TURN = Table(
    "due_turn",
    _temporary,
    Column("id", Integer, primary_key=True),
    Column("nominal", Date),
    Column("who", words_of(Who)),
    Column("every_days", Integer),
    Column("every_months", Integer),
    Column("season", String),
    Column("held", Integer),
    Column("next_on", Date),
    Column("skipped", Integer),
    UniqueConstraint("nominal", "who", "every_days", "every_months", "season", "held"),
    prefixes=["TEMPORARY"],
)
"""A rule, a date of it, and whether an earlier check is still open: what comes next for each such task (`models.daily.check_plan`)."""
TURN_DATE = Table(
    "due_turn_date",
    _temporary,
    Column("turn_id", Integer, primary_key=True),
    Column("due_on", Date, primary_key=True),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
)
"""The days for which a turn asks for a check."""
DUE_TASK = Table(
    "due_task",
    _temporary,
    Column("group_id", Integer, primary_key=True),
    Column("task_id", Integer, primary_key=True),
    Column("turn_id", Integer),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
)
DUE_CHECK = Table(
    "due_check",
    _temporary,
    Column("group_id", Integer, primary_key=True),
    Column("check_id", Integer, primary_key=True),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
)
STEP = Table(
    "due_step",
    _temporary,
    Column("check_id", Integer, primary_key=True),
    Column("number", Integer),
    Column("due_on", Date),
    Column("who", words_of(Who)),
    Column("task_id", Integer),
    Column("facility_id", Integer),
    Column("group_id", Integer),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)
"""The step a check of the range takes today, 0 for the notice (`models.daily.check_ladder`).

What the messages need of it stands here, too, so that they needn't look for it again; sorted by the checks' own
days, all checks there ever were would be read.
"""
RECIPIENT = Table(
    "due_recipient",
    _temporary,
    Column("group_id", Integer, primary_key=True),
    Column("contact_id", Integer, primary_key=True),
    Column("message_id", Integer),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
    sqlite_with_rowid=False,
)
"""The day's message of each contact who is told something in the range (`models.daily.daily_messages`)."""


class Groups(NamedTuple):
    """A range of groups by number, both ends included."""

    first: int
    last: int


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """One connection for the day, with empty tables of its own; they hold numbers and days, and go when it ends."""
    with engine.connect() as connection:
        connection.execution_options(reading=True)
        with connection.begin():
            for table in _temporary.sorted_tables:
                connection.execute(DropTable(table, if_exists=True))  # of a day that broke
                connection.execute(CreateTable(table))
        try:
            yield connection
        finally:
            _wait_for_the_disk(connection, True)
        with connection.begin():
            for table in _temporary.sorted_tables:
                connection.execute(DropTable(table))


def look_over(session: Session, *tables: Table) -> None:
    """Tell PostgreSQL how much is in the day's tables: of new ones it guesses, and reads what it joins from end to end."""
    if dialect_of(session) == "postgresql":
        names = ", ".join(table.name for table in tables)
        session.connection().exec_driver_sql(f"ANALYZE {names}")


@contextmanager
def finding(connection: Connection) -> Iterator[Session]:
    """Fill the tables of the day; nobody is kept from writing meanwhile."""
    connection.execution_options(reading=True)
    with Session(connection) as session, session.begin():
        yield session


@contextmanager
def deciding(connection: Connection, *, is_last: bool) -> Iterator[Session]:
    """The work of one range, whole or not at all.

    All of it is found from the range's few rows by index. Left to itself, PostgreSQL reads all tasks there are for
    each range, since that is one long read: with many ranges they would be read many times.

    Only the last range is waited for until it is on disk, and all before it are then, too, as they are with any
    commit of anybody's: what comes later is never kept without what came before. Where the power goes in between,
    the ranges that are lost are still due.
    """
    connection.execution_options(reading=False)
    _wait_for_the_disk(connection, is_last)
    with Session(connection, expire_on_commit=False) as session, session.begin():
        if dialect_of(session) == "postgresql":
            switched_off = ["enable_hashjoin", "enable_mergejoin"]
            if not is_last:
                switched_off.append("synchronous_commit")
            for setting in switched_off:
                session.connection().exec_driver_sql(f"SET LOCAL {setting} = off")
        yield session


def _wait_for_the_disk(connection: Connection, waits: bool) -> None:
    """Whether SQLite's commits wait for it; PostgreSQL is told in the transaction."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA synchronous={'FULL' if waits else 'NORMAL'}")


def give_way(connection: Connection) -> None:
    """Let those who wait write between two ranges: SQLite has no queue, and who has just written comes first again."""
    if connection.dialect.name == "sqlite":
        sleep(GAP_SECONDS)


def ranges(session: Session) -> list[Groups]:
    """The groups with something due, cut where a range has enough.

    A role's mail tells them range after range; within one, the oldest first.
    """
    counts = (
        select(due.c.group_id, func.count().label("rows")).group_by(due.c.group_id) for due in (DUE_TASK, DUE_CHECK)
    )
    each = union_all(*counts).subquery()
    rows = func.sum(each.c.rows)
    before = func.sum(rows).over(order_by=each.c.group_id) - rows
    groups = (
        select(each.c.group_id, (cast(before, BigInteger) // RANGE_ROWS).label("number"))
        .group_by(each.c.group_id)
        .subquery()
    )
    ends = select(func.min(groups.c.group_id), func.max(groups.c.group_id))
    found = session.execute(ends.group_by(groups.c.number).order_by(groups.c.number))
    return [Groups(first, last) for first, last in found]


def last_check(session: Session) -> int:
    """The highest number of a check so far."""
    return session.scalars(select(func.max(columns_of(Check).id))).one() or 0
