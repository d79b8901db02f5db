"""What is due today: found once by its indexes, then worked through in ranges, each with a commit of its own.

So a day costs what is due, not what there is, and nobody at another door waits for the whole of it: a range takes about
a tenth of a second. A range is made of whole groups, since what a person is told on a day is one message. Between the
finding and a range's turn things may change; the statement that acts looks at them again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, Select, cast, func, select, union_all
from sqlmodel import Session

from models.daily.day_tables import DUE_CHECK, DUE_TASK
from models.daily.speed import set_up_range, wait_for_disk
from models.database import columns_of
from models.operation.check import Check

RANGE_ROWS = 6_000
"""Due tasks and checks in a range, or one group's where that is more.

Larger ranges cost less, but others wait longer for each (row "longest wait of a grant during a sweep").
"""


class Groups(NamedTuple):
    """A range of groups by number, both ends included."""

    first: int
    last: int


@contextmanager
def finding(connection: Connection) -> Iterator[Session]:
    """Fill the tables of the day; nobody is kept from writing meanwhile."""
    connection.execution_options(reading=True)
    with Session(connection) as session, session.begin():
        yield session


@contextmanager
def deciding(connection: Connection, *, is_last: bool) -> Iterator[Session]:
    """The work of one range, whole or not at all.

    Only the last range waits until it is on disk, and takes all before it there, as any commit of anybody does: what
    comes later is never kept without what came before. After a power cut the ranges that were lost are still due.
    """
    connection.execution_options(reading=False)
    wait_for_disk(connection, is_last)
    with Session(connection, expire_on_commit=False) as session, session.begin():
        set_up_range(session, is_last=is_last)
        yield session


def ranges(session: Session) -> list[Groups]:
    """The groups with something due, in order, cut where a range has enough."""
    return [Groups(first, last) for first, last in session.execute(_cut_into_ranges(RANGE_ROWS))]


def _cut_into_ranges(most: int) -> Select[tuple[int, int]]:
    """The first and the last group of each range: a new range begins once the one before has `most` due rows.

    Oracle: none is needed, as ranges change nothing but the commits; `test_daily_path.py` runs with many of them.
    """
    counts = (
        select(due.c.group_id, func.count().label("rows")).group_by(due.c.group_id) for due in (DUE_TASK, DUE_CHECK)
    )
    due = union_all(*counts).subquery()
    rows = func.sum(due.c.rows)
    rows_before = func.sum(rows).over(order_by=due.c.group_id) - rows
    groups = (
        select(due.c.group_id, (cast(rows_before, BigInteger) // most).label("number"))
        .group_by(due.c.group_id)
        .subquery()
    )
    ends = select(func.min(groups.c.group_id), func.max(groups.c.group_id))
    return ends.group_by(groups.c.number).order_by(groups.c.number)


def last_check(session: Session) -> int:
    """The highest number of a check so far."""
    return session.scalars(select(func.max(columns_of(Check).id))).one() or 0
