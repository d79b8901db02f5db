"""The daily run's own tables: what is due, what is done about it, and who is told.

They are temporary: each run has its own, on its own connection, and they go when it ends. They hold numbers and days,
no names. All statements of the run for many rows start from them (`models.daily.due_work`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Column, Connection, Date, Engine, Integer, MetaData, String, Table, UniqueConstraint
from sqlalchemy.schema import CreateTable, DropTable

from config.catalogue import Who
from models.daily.speed import wait_for_disk
from models.database import words_of

_temporary = MetaData()

TURN = Table(
    "due_turn",
    _temporary,
    Column("id", Integer, primary_key=True),
    Column("nominal", Date),
    Column("together_on", Date),
    Column("who", words_of(Who)),
    Column("every_days", Integer),
    Column("every_months", Integer),
    Column("season", String),
    Column("held", Integer),
    Column("next_on", Date),
    Column("skipped", Integer),
    UniqueConstraint("nominal", "together_on", "who", "every_days", "every_months", "season", "held"),
    prefixes=["TEMPORARY"],
)
"""A rule, a date of it, the day of another task it is done with (else that date), whether an earlier check is still open, and what comes next for each such task (`models.daily.check_plan`)."""
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
"""The tasks with a date to deal with, by group, each with its turn."""
DUE_CHECK = Table(
    "due_check",
    _temporary,
    Column("group_id", Integer, primary_key=True),
    Column("check_id", Integer, primary_key=True),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
)
"""The open checks with a step today, by group."""
DUE_STEP = Table(
    "due_step",
    _temporary,
    Column("check_id", Integer, primary_key=True),
    Column("step", Integer),
    Column("due_on", Date),
    Column("who", words_of(Who)),
    Column("task_id", Integer),
    Column("facility_id", Integer),
    Column("group_id", Integer),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)
"""The step that each check of the range takes today, a number of `models.daily.check_steps.Step`.

What the messages need of the check is copied here. Read from `check` and sorted by its `due_on`, SQLite and PostgreSQL
would go along `ix_check_due_on`, through every check there ever was (row "daily sweep, 100 % due").
"""
RECIPIENT = Table(
    "due_recipient",
    _temporary,
    Column("group_id", Integer, primary_key=True),
    Column("contact_id", Integer, primary_key=True),
    Column("message_id", Integer),
    Column("before", Integer),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
    sqlite_with_rowid=False,
)
"""The day's message of each contact who is told something in the range (`models.daily.daily_messages`), and how many of
the group stand before them: none before the contact person, one before the deputy."""


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """One connection for the day, with these tables, empty; they are dropped when it ends."""
    with engine.connect() as connection:
        connection.execution_options(reading=True)
        with connection.begin():
            for table in _temporary.sorted_tables:
                # a run that broke off left its tables on a connection that is used again
                connection.execute(DropTable(table, if_exists=True))
                connection.execute(CreateTable(table))
        try:
            yield connection
        finally:
            wait_for_disk(connection, True)
        with connection.begin():
            for table in _temporary.sorted_tables:
                connection.execute(DropTable(table))
