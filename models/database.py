"""The domain database: one SQLite file by default, PostgreSQL by one setting. It is the truth."""

import select
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnDefault,
    ColumnElement,
    Connection,
    Date,
    Engine,
    Insert,
    Select,
    String,
    Table,
    bindparam,
    cast,
    event,
    func,
    insert,
    inspect,
    literal_column,
    update,
)
from sqlalchemy import Enum as SAEnum
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Field, Session, SQLModel, create_engine
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from config.file_modes import make_folder
from models.prepared_statements import Written
from models.refusal import BadInput

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

PATIENCE_SECONDS = 60
"""How long a writer waits for SQLite's one place to write."""
LOOK_SECONDS = 0.0005
"""How often it looks meanwhile."""

POOL_SIZE = 16
"""Connections that are kept for the next who asks; what goes beyond is made and thrown away each time."""


Row = TypeVar("Row", bound=SQLModel)
Found = TypeVar("Found")


class Numbered:
    """A row that has a number once it is stored."""

    id: int | None

    @property
    def number(self) -> int:
        """The row's number (its `id`).

        Raises:
            LookupError: the row isn't stored yet; a program that gets here is wrong.
        """
        if self.id is None:
            raise LookupError(f"{type(self).__name__} is not stored yet")
        return self.id


def word_column(words: type[StrEnum], **options: Any) -> Any:
    """A column that stores the *value* of an enum as text, so that a new word needs no migration."""
    return Field(sa_type=words_of(words), **options)


def words_of(words: type[StrEnum]) -> SAEnum:
    """The type of such a column."""
    return SAEnum(words, values_callable=lambda e: [w.value for w in e], native_enum=False, length=32)


def now() -> datetime:
    """The moment something is recorded, in UTC. What happened *when* is always a date that is passed in."""
    return datetime.now(UTC)


def engine_for(url: str) -> Engine:
    """An engine with the settings under which nothing was lost or doubled when it was killed (docs/reliability.md).

    Raises:
        BadInput: the URL is neither SQLite nor PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except Exception as broken:
        raise BadInput(
            "DRIFTSKLAR_DATABASE_URL", "adressen kan ikke læses. Skriv fx sqlite:///var/driftsklar.db."
        ) from broken
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            make_folder(Path(parsed.database).absolute().parent)
        engine = create_engine(parsed, pool_size=POOL_SIZE, connect_args={"timeout": PATIENCE_SECONDS})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_immediately)
        return engine
    if backend == "postgresql":
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=POOL_SIZE,
            connect_args={"connect_timeout": 10, "keepalives_idle": 30},
        )
        event.listen(engine, "checkout", _let_go_of_a_lost_one)
        return engine
    raise BadInput(
        "DRIFTSKLAR_DATABASE_URL", f"{backend} kan ikke bruges. Brug sqlite:///sti/til/fil.db eller postgresql://…"
    )


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    # secure_delete: an erased person isn't left in the free pages of the file
    for pragma in (
        "journal_mode=WAL",
        f"busy_timeout={PATIENCE_SECONDS * 1000}",
        "foreign_keys=ON",
        "synchronous=FULL",
        "secure_delete=ON",
        # pages kept in memory (16 MB) and, for a long run of commits, in the log (40 MB) before they are put in their place
        "cache_size=-16000",
        "wal_autocheckpoint=10000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # asked by the triggers that chain ledger and journal (models/guards.py): who comes without it can't add to them
    connection.create_function("chain_hash", 2, _chain_hash, deterministic=True)


def _chain_hash(previous: str, told: str) -> str:
    return sha256((previous + told).encode()).hexdigest()


def _let_go_of_a_lost_one(connection: Any, _record: Any, _fairy: Any) -> None:
    """Connect anew where the server has gone meanwhile, without a question to it each time (a pre-ping)."""
    if not connection.closed:
        # nobody has asked it anything: what there is to read is its goodbye
        ear = select.poll()
        ear.register(connection.fileno(), select.POLLIN)
        if not ear.poll(0):
            return
    raise InvalidatePoolError


def _begin_immediately(connection: Any) -> None:
    # a deferred BEGIN that upgrades later fails at once with "database is locked", whatever the timeout
    driver = connection.connection.driver_connection
    if connection.get_execution_options().get("reading"):
        driver.execute("BEGIN")
        return
    # SQLite's busy handler ends up trying ten times a second, and misses the short gaps while others commit in a row
    deadline = monotonic() + PATIENCE_SECONDS
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while monotonic() < deadline:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
            sleep(LOOK_SECONDS)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # which says what is wrong in SQLAlchemy's words
    finally:
        driver.execute(f"PRAGMA busy_timeout={PATIENCE_SECONDS * 1000}")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One decision, whole or not at all."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()  # what raises before this is rolled back when the session is closed


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A look that stands in nobody's way; what it changes is not kept."""
    with Session(engine.execution_options(reading=True), expire_on_commit=False, autoflush=False) as session:
        yield session


class _Look(Session):
    """A session that nothing is written by: without a transaction around it, it would stay."""

    def flush(self, objects: Any = None) -> None:
        """Never called by itself here.

        Raises:
            TypeError: whoever calls it wants to write.
        """
        raise TypeError("a look writes nothing")


@contextmanager
def without_transaction(engine: Engine) -> Iterator[Session]:
    """A `reading` for a page that only asks: PostgreSQL is told of no transaction around it.

    It would be two questions more, and there each statement sees what is newest with one or without.
    """
    options = {"isolation_level": "AUTOCOMMIT"} if engine.dialect.name == "postgresql" else {}
    with _Look(engine.execution_options(reading=True, **options), expire_on_commit=False, autoflush=False) as session:
        yield session


@contextmanager
def glance(engine: Engine) -> Iterator[Connection]:
    """A look in one statement, which needs no transaction around it; PostgreSQL is asked once instead of thrice."""
    alone = engine.dialect.name == "postgresql"
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if alone else {"reading": True}
    with engine.execution_options(**options).connect() as connection:
        yield connection


def connection_of(session: Session | Connection) -> Connection:
    """The connection itself, of a session or of a `glance`."""
    return session.connection() if isinstance(session, Session) else session


def is_reading(session: Session) -> bool:
    """Whether this is a look, in which nothing is locked or changed."""
    return bool(session.get_bind().get_execution_options().get("reading"))


def insert_one(session: Session, table: type[SQLModel], row: dict[str, Any], **found: ColumnElement[Any]) -> int:
    """Insert a row at once, past the session's own list of what is new; returns its number.

    What the database finds itself as it inserts is given by `found`; a column of the row is a parameter there under its
    name with `_0` behind it.
    """
    connection, whole = session.connection(), _whole(table, row)
    written = _inserting_one(connection.dialect.name, table, tuple(whole), tuple(found.items()))
    made = written.first(connection, written.bound(_numbered([whole])))
    assert made is not None
    return int(made[0])


def change_one(session: Session, row: Row, **values: Any) -> None:
    """Change a stored row at once, past the session's own list of what is changed; what is on the list goes first.

    Raises:
        LookupError: the row isn't stored; a program that gets here is wrong.
    """
    session.flush()
    connection, (number,) = session.connection(), inspect(row).identity or (None,)
    written = _changing(connection.dialect.name, type(row), tuple(values))
    if written.count(connection, written.bound({**values, "of_id": number})) != 1:
        raise LookupError(f"{type(row).__name__} {number} is not stored")
    for name, value in values.items():
        set_committed_value(row, name, value)


@cache
def _changing(dialect_name: str, table: type[SQLModel], columns: tuple[str, ...]) -> Written:
    named = columns_of(table)
    values = {name: bindparam(name, type_=named[name].type) for name in columns}
    return Written(update(table).where(named.id == bindparam("of_id")).values(values), dialect_name)


def rows_by(session: Session, table: type[Row], **values: Any) -> list[Row]:
    """A table's rows that have these values in these columns, asked for once (`asked_once`)."""
    statement = rows_with(table, *values)
    return asked_once(session, (table, *values.items()), lambda: list(session.exec(statement, params=values)))


def asked_once(session: Session, key: tuple[object, ...], find: Callable[[], list[Found]]) -> list[Found]:
    """What `find` finds; a look (`reading`) asks only once: its pages come back to the same agreement three times."""
    seen: dict[tuple[object, ...], list[Found]] = session.info.setdefault("looked_up", {})
    if not is_reading(session):
        known = seen.pop(key, None)
        return find() if known is None else known
    if key not in seen:
        if len(seen) >= MOST_LOOKED_UP:  # a long list of cases is not held in memory
            seen.clear()
        seen[key] = find()
    return list(seen[key])


def found_beside(session: Session, table: type[Row], rows: list[Row], **values: Any) -> None:
    """Say what `rows_by` would find, as it was read in the same statement as something else.

    Where something is decided it is taken once, and what isn't asked for at once must be forgotten (`forget_beside`).
    """
    session.info.setdefault("looked_up", {})[table, *values.items()] = rows


def forget_beside(session: Session) -> None:
    """From now on what is decided may have changed what was found."""
    if not is_reading(session):
        session.info.pop("looked_up", None)


MOST_LOOKED_UP = 50


def rows_with(table: type[Row], *columns: str, is_locked: bool = False) -> SelectOfScalar[Row]:
    """A statement that asks for a table's rows by these columns, whose values are given to `exec` as `params`.

    It is kept: SQLAlchemy takes 0.3 ms to build such a statement and to find its text, SQLite 0.1 ms to answer it, and
    a page of the desk asks twenty of them. With `is_locked` the rows are held until the transaction ends.
    """
    key = (table, is_locked, *columns)
    if key not in _KEPT:
        named = columns_of(table)
        rows = select_rows(table).where(*(named[column] == bindparam(column) for column in columns))
        _KEPT[key] = rows.with_for_update() if is_locked else rows
    kept: SelectOfScalar[Row] = _KEPT[key]
    return kept


_KEPT: dict[tuple[object, ...], Any] = {}


def insert_many(session: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Insert rows of the same columns at once, past the session's own list of what is new."""
    if rows:
        _insert_rows(session, table, rows, only_new=False)


@cache  # writing such a statement anew takes longer than the database needs for it
def _insert(table: type[SQLModel]) -> Insert:
    return insert(table)


def insert_new(session: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> int:
    """Insert the rows whose natural key isn't there yet; returns how many were new."""
    if not rows:
        return 0
    return _insert_rows(session, table, rows, only_new=True)


VALUES_AT_ONCE = 50
"""Up to so many values are one statement: psycopg keeps how it reads one up to that, and reads a longer one anew each time."""


def _insert_rows(session: Session, table: type[SQLModel], rows: list[dict[str, Any]], *, only_new: bool) -> int:
    """A few rows as one statement that is kept as it was written; many one by one, as the driver does it."""
    connection, whole = session.connection(), [_whole(table, row) for row in rows]
    dialect_name, columns = connection.dialect.name, tuple(whole[0])
    if len(whole) * len(columns) > VALUES_AT_ONCE:
        statement = inserting_new(dialect_name, table) if only_new else _insert(table)
        return connection.execute(statement, whole).rowcount
    written = _inserting(dialect_name, table, columns, len(whole), only_new)
    return written.count(connection, written.bound(_numbered(whole)))


def _whole(table: type[SQLModel], row: dict[str, Any]) -> dict[str, Any]:
    """The row with what its table says of the columns it leaves out."""
    return {name: value(None) if callable(value) else value for name, value in _defaults(table)} | row


@cache
def _defaults(table: type[SQLModel]) -> tuple[tuple[str, Any], ...]:
    columns = ((column.name, column.default) for column in columns_of(table))
    return tuple((name, default.arg) for name, default in columns if isinstance(default, ColumnDefault))


def _numbered(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The rows' values under the names that `_inserting` gives its parameters."""
    return {f"{name}_{number}": value for number, row in enumerate(rows) for name, value in row.items()}


@cache
def _inserting(
    dialect_name: str, table: type[SQLModel], columns: tuple[str, ...], count: int, only_new: bool
) -> Written:
    """A statement that inserts so many rows of these columns."""
    statement = inserting_new(dialect_name, table) if only_new else _insert(table)
    return Written(statement.values(_parameters(table, columns, count)), dialect_name)


@cache
def _inserting_one(
    dialect_name: str,
    table: type[SQLModel],
    columns: tuple[str, ...],
    found: tuple[tuple[str, ColumnElement[Any]], ...],
) -> Written:
    """A statement that inserts a row of these columns and of what it finds itself, and returns its number."""
    (values,) = _parameters(table, columns, 1)
    return Written(_insert(table).values(values | dict(found)).returning(columns_of(table).id), dialect_name)


def _parameters(table: type[SQLModel], columns: tuple[str, ...], count: int) -> list[dict[str, Any]]:
    types = columns_of(table)
    return [
        {name: bindparam(f"{name}_{number}", type_=types[name].type) for name in columns} for number in range(count)
    ]


@cache
def inserting_new(dialect_name: str, table: type[SQLModel]) -> Insert:
    """A statement that inserts a row, but for one whose natural key is there."""
    dialect = postgresql if dialect_name == "postgresql" else sqlite
    # SQLAlchemy keeps the row count of an INSERT that returns its id (PostgreSQL) only when asked to
    insert: Insert = dialect.insert(table).on_conflict_do_nothing()
    return insert.execution_options(preserve_rowcount=True)


def columns_of(table: type[SQLModel]) -> ReadOnlyColumnCollection[str, Column[Any]]:
    """A table's columns, for statements about many rows at once."""
    return SQLModel.metadata.tables[str(table.__tablename__)].c


def table_of(table: type[SQLModel]) -> Table:
    """The table itself, for a statement that asks for it twice under two names."""
    return SQLModel.metadata.tables[str(table.__tablename__)]


class days_later(FunctionElement[Any]):
    """A date so many days later, in either database: `days_later(column, days)`."""

    type = Date()
    inherit_cache = True


@compiles(days_later, "sqlite")
def _days_later_on_sqlite(element: days_later, compiler: Any, **more: Any) -> str:
    day, days = (compiler.process(each, **more) for each in element.clauses)
    return f"date({day}, {days} || ' days')"


@compiles(days_later, "postgresql")
def _days_later_on_postgresql(element: days_later, compiler: Any, **more: Any) -> str:
    day, days = (compiler.process(each, **more) for each in element.clauses)
    return f"({day} + {days})"


def putting_new(dialect_name: str, table: type[SQLModel], columns: list[str], rows: Select[*tuple[Any, ...]]) -> Insert:
    """A statement that inserts what a query finds, but for the rows whose natural key is there."""
    dialect = postgresql if dialect_name == "postgresql" else sqlite
    found = dialect.insert(table).from_select(columns, rows, include_defaults=False)
    statement: Insert = found.on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)


def put_new(session: Session, table: type[SQLModel], columns: list[str], rows: Select[*tuple[Any, ...]]) -> int:
    """Insert what a query finds, but for the rows whose natural key is there; returns how many were new."""
    statement = putting_new(dialect_of(session), table, columns, rows)
    return session.connection().execute(statement).rowcount


def dialect_of(session: Session) -> str:
    """Which database it is: `sqlite` or `postgresql`."""
    return session.get_bind().dialect.name


def json_of(dialect_name: str, facts: Mapping[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    """A JSON object made by the database itself, one for each row."""
    is_postgresql = dialect_name == "postgresql"
    make = func.json_build_object if is_postgresql else func.json_object
    named: Iterator[tuple[ColumnElement[Any], ColumnElement[Any]]] = (
        (literal_column(f"'{name}'"), value) for name, value in facts.items()
    )
    return make(*(part for pair in named for part in pair))


def iso_text(dialect_name: str, day: ColumnElement[Any]) -> ColumnElement[str]:
    """A date as ISO text, made by the database itself."""
    if dialect_name == "postgresql":
        return func.to_char(day, literal_column("'YYYY-MM-DD'"))
    return cast(day, String)
