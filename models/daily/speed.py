"""The speed of the daily run: everything that is here for its pace, and for nothing else.

Without any of this the run does the same (`tests/models/test_fast_as_plain.py`), only slower. Each trick names the
database, what it costs to leave it out, and the row of docs/performance.md (`python -m benchmarks`) that pays for it.
That no plan gets worse unseen is guarded by `tests/models/test_daily_path.py`.
"""

from functools import cache
from time import sleep
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, String, Table, cast
from sqlmodel import Session

from models.database import LOOK_SECONDS, dialect_of

written_once = cache
"""Both databases: builds a statement at its first use and keeps it, since every range of every day has the same.

SQLAlchemy needs about 50 ms to write all statements of a day; a range would pay it again.
Rows: "daily sweep, 100 % due" (many ranges), "daily sweep, 0.1 % due" (where little else is left).
"""

GAP_SECONDS = 1.5 * LOOK_SECONDS
"""The pause between two ranges on SQLite: long enough for a waiting writer to try again."""


def give_way(connection: Connection) -> None:
    """SQLite: let waiting writers in between two ranges.

    SQLite keeps no queue of writers: without a pause, the connection that has just committed takes the next turn too.
    PostgreSQL locks rows, not the database, and needs no pause.
    Row: "longest wait of a grant during a sweep".
    """
    if connection.dialect.name == "sqlite":
        sleep(GAP_SECONDS)


def wait_for_disk(connection: Connection, waits: bool) -> None:
    """SQLite: whether the connection's next commits wait until they are on disk; set outside a transaction.

    Only the last range waits. The log is written in order, so the last commit takes all before it to the disk.
    Row: "daily sweep, 100 % due".
    """
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA synchronous={'FULL' if waits else 'NORMAL'}")


def set_up_range(session: Session, *, is_last: bool) -> None:
    """PostgreSQL: the settings for the transaction of one range; they end with it.

    Hash and merge joins are switched off. With them, the planner reads `care_task` from end to end for each range,
    since one long read is cheaper than many look-ups: with many ranges the whole table is read many times.
    Without them it joins by index from the range's few rows (`test_a_range_is_found_from_its_own_rows…`).

    `synchronous_commit` is off but for the last range, as in `wait_for_disk`.
    Row: "daily sweep, 100 % due" (with `written_once` and plain items, these two brought it from 0.32 to 0.48).
    """
    if dialect_of(session) != "postgresql":
        return
    switched_off = ["enable_hashjoin", "enable_mergejoin"]
    if not is_last:
        switched_off.append("synchronous_commit")
    for setting in switched_off:
        session.connection().exec_driver_sql(f"SET LOCAL {setting} = off")


def count_rows(session: Session, *tables: Table) -> None:
    """PostgreSQL: collect statistics about the day's own tables once they are filled.

    Nothing analyzes temporary tables by itself. Without statistics the planner assumes a size for them, and reads the
    large tables that it joins to them from end to end.
    Row: "daily sweep, 100 % due".
    """
    if dialect_of(session) == "postgresql":
        names = ", ".join(table.name for table in tables)
        session.connection().exec_driver_sql(f"ANALYZE {names}")


def text_without_index(column: Column[Any]) -> ColumnElement[str]:
    """Both databases: the same text as an expression, so that no index of the column can be used.

    For `facility.stage`: `ix_facility_stage` finds nearly every facility, as most are in operation. The due tasks are
    found by `ix_care_task_next_on`, and the stage is then looked up for these alone.
    Row: "daily sweep, 0.1 % due".
    """
    return cast(column, String)


def number_without_index(column: Column[int]) -> ColumnElement[int]:
    """Both databases: the same number as an expression, so that no index of the column can be used.

    For `facility.group_id`: on a quiet day one range spans all groups, so `ix_facility_group_id` finds every facility.
    The few new checks are found by the primary key of `check`, and their groups are then looked up for these alone.
    Rows: "escalation pass (0.1 % with a step today)", "daily sweep, 0.1 % due".
    """
    return column + 0
