"""The chain over ledger and journal: each entry's hash is over itself and the one before.

Who alters or deletes an entry, with its balance moved along, breaks the chain; who writes the chain anew from there
on can't have the head that was kept elsewhere. The database itself links each entry when it is
inserted (`models/guards.py`), so that no way of writing goes round it.

Writers who commit at the same moment would wait for each other's disk if there were one last link. So the chain
has strands: a transaction takes the first that nobody else is committing to. SQLite has one writer, and one strand.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, Engine, text
from sqlmodel import Field, SQLModel

STRANDS = 16
"""As many as commit at once without waiting for each other (PostgreSQL)."""
LOCK = 0x64726966
"""The first number of the advisory locks: the second is the strand's."""
AT_ONCE = 2_000
"""Rows held in memory while the chain is read."""

#: The columns a hash is over. A later column may only add to a row's text where it isn't NULL: old hashes stay.
COVERED: dict[str, tuple[str, ...]] = {
    "ledger_entry": (
        "id",
        "key",
        "year",
        "facility_id",
        "kind",
        "amount_ore",
        "what",
        "on",
        "recorded_at",
        "by",
        "door",
        "decided_on",
        "case_number",
    ),
    "journal": ("id", "facility_id", "on", "recorded_at", "stage", "what", "by", "door", "operator"),
}
_DAYS = ("on", "decided_on")
_MOMENTS = ("recorded_at",)
_BIT_BY_BIT = {"yield_per": AT_ONCE}
_CALLED = {"ledger_entry": "postering", "journal": "journallinje"}


class ChainLink(SQLModel, table=True):
    """One entry's place in the chain. `number` grows in each strand; `entry` is the table, `entry_id` its row."""

    __tablename__ = "chain_link"
    __table_args__ = {"sqlite_with_rowid": False}

    strand: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    entry: str = Field(max_length=16)
    entry_id: int
    hash: str = Field(max_length=64)


class Head(NamedTuple):
    """How far the chain went at a moment, and a hash over all up to there: `812:5e3a…`."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


def sha256(*parts: str) -> str:
    """The hash of these texts behind one another, as 64 hexadecimal digits."""
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def told(dialect_name: str, table: str, row: str, columns: Sequence[str] | None = None) -> str:
    """SQL for the text of a row that is hashed, in which no two rows are alike.

    PostgreSQL quotes each column, SQLite says its length in bytes before it. Moments and days are in one form, whatever
    the session's settings. What is there must be told alike for ever.
    """
    names = [f'{row}."{column}"' for column in columns or COVERED[table]]
    if dialect_name == "sqlite":
        return " || ".join(f"coalesce(length(CAST({name} AS BLOB)) || ':' || {name}, '-')" for name in names)
    return f"format('{quoting(table, columns)}', {values(table, row, columns)})"


def quoting(table: str, columns: Sequence[str] | None = None) -> str:
    """How PostgreSQL's `format` quotes a row: one call, since each part of an expression costs each commit anew."""
    return ",".join("%L" for _ in columns or COVERED[table])


def values(table: str, row: str, columns: Sequence[str] | None = None) -> str:
    """What it quotes."""
    return ", ".join(_value(row, column) for column in columns or COVERED[table])


def _value(row: str, column: str) -> str:
    name = f'{row}."{column}"'
    if column in _MOMENTS:
        return f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return f"{name} - DATE '2000-01-01'" if column in _DAYS else name


def hash_of(previous: str, strand: int, number: int, table: str, row: str) -> str:
    """The hash of a link: over the one before in its strand ("" for the first), its place, and the entry's text."""
    return sha256(previous, f"{strand}:{number}:{table}:", row)


def broken_links(connection: Connection) -> Iterator[str]:
    """What doesn't fit in the chain, in Danish, each by its number; nothing when all is as it was written.

    Reads row by row, so that memory doesn't grow with the ledger.
    """
    dialect_name = connection.dialect.name
    entries = " ".join(f"WHEN '{table}' THEN {told(dialect_name, table, table)}" for table in COVERED)
    found = " ".join(f"WHEN '{table}' THEN {table}.id" for table in COVERED)
    joined = " ".join(
        f"LEFT JOIN {table} ON link.entry = '{table}' AND {table}.id = link.entry_id" for table in COVERED
    )
    links = connection.execute(
        text(
            f"SELECT link.strand, link.number, link.entry, link.entry_id, link.hash, CASE link.entry {found} END, "
            f"CASE link.entry {entries} END FROM chain_link AS link {joined} ORDER BY link.strand, link.number"
        ),
        execution_options=_BIT_BY_BIT,
    )
    before: tuple[int, str] = (0, "")
    for strand, number, table, entry_id, hash_, is_there, row in links:
        previous = before[1] if before[0] == strand else ""
        before = strand, hash_
        called = f"{_CALLED.get(table, table)} {entry_id}"
        if is_there is None:
            yield f"{called} er slettet (led {strand}.{number})"
        elif hash_of(previous, strand, number, table, row) != hash_:
            yield f"{called} er ændret, eller leddet før den er væk (led {strand}.{number})"
    for table, called in _CALLED.items():
        # by sorting, as a join would look through all links for each entry where no index has them
        linked = f"SELECT entry_id FROM chain_link WHERE entry = '{table}'"
        for what, wrong in (
            ("ikke", f"SELECT id FROM {table} EXCEPT {linked} ORDER BY 1"),
            ("flere gange", f"{linked} GROUP BY entry_id HAVING count(*) > 1 ORDER BY 1"),
        ):
            for (entry_id,) in connection.execute(text(wrong), execution_options=_BIT_BY_BIT):
                yield f"{called} {entry_id} står {what} i kæden"


def head_of(engine: Engine) -> Head:
    """The chain's head now: all that was committed is in it, and nothing up to its number comes later."""
    looking = engine.execution_options(reading=True)
    with looking.connect() as connection:
        if connection.dialect.name == "postgresql":
            for strand in range(1, STRANDS + 1):  # who commits at this moment has its number already
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK}, {strand})"))
        number = connection.execute(text("SELECT max(number) FROM chain_link")).scalar() or 0
    with looking.connect() as connection:
        return head_at(connection, number)


def head_at(connection: Connection, number: int) -> Head:
    """The head the chain had when `number` was its last."""
    last = text(
        "SELECT strand, number, hash FROM chain_link WHERE strand = :strand AND number <= :number"
        " ORDER BY number DESC LIMIT 1"
    )
    ends = []
    for strand in range(1, STRANDS + 1):
        found = connection.execute(last, {"strand": strand, "number": number}).first()
        if found is not None:
            ends.append("{}:{}:{}\n".format(*found))
    return Head(number, sha256(*ends))


def stands(connection: Connection, head: Head) -> bool:
    """Whether all that stood when this was the head stands unchanged; of a chain that isn't broken."""
    top = connection.execute(text("SELECT 1 FROM chain_link WHERE number = :number"), {"number": head.number}).first()
    return (top is not None or head.number == 0) and head_at(connection, head.number) == head
