"""What is asked of a database, counted: a guard of speed that needs no clock."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from models.prepared_statements import Parameters, Written


class Seen:
    """What a run asked of the database: statements, the rows they changed, and the plans that were chosen."""

    def __init__(self) -> None:
        self.statements: Counter[str] = Counter()
        self.asked: list[str] = []
        """The same in their order, each as a whole."""
        self.rows = 0
        self.plans: list[str] = []
        self.plans_of: dict[str, list[str]] = {}


@contextmanager
def watching(engine: Engine, *, plans: bool = False) -> Iterator[Seen]:
    """Watch what is asked of a database; with `plans` each statement is explained first."""
    seen = Seen()
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "

    def before(_connection, cursor, statement, parameters, _context, many):
        word = statement.split()[0]
        if plans and not many and word in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            asking = cursor.connection.cursor()
            asking.execute(explain + statement, parameters)
            plan = [str(row[-1]) for row in asking.fetchall()]
            seen.plans += plan
            seen.plans_of.setdefault(" ".join(statement.split()), []).extend(plan)

    def after(_connection, cursor, statement, _parameters, _context, _many):
        seen.asked.append(statement)
        seen.statements[" ".join(statement.split())[:60]] += 1
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
            seen.rows += max(0, cursor.rowcount)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        with _written_ones_too(before, seen):
            yield seen
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


@contextmanager
def _written_ones_too(before: Callable[..., None], seen: Seen) -> Iterator[None]:
    """Statements that go past SQLAlchemy's cursor (`models.prepared_statements`), of which it tells nobody."""

    def watched(run: Callable[..., Any]) -> Callable[..., Any]:
        def watch(written: Written, connection: Connection, parameters: Parameters) -> Any:
            before(connection, connection.connection.cursor(), written.text, parameters, None, False)
            found = run(written, connection, parameters)
            seen.asked.append(written.text)
            seen.statements[" ".join(written.text.split())[:60]] += 1
            if written.text.split()[0] in ("INSERT", "UPDATE", "DELETE"):
                seen.rows += found if isinstance(found, int) else found is not None
            return found

        return watch

    with pytest.MonkeyPatch.context() as patch:
        for name in ("first", "all", "count"):
            patch.setattr(Written, name, watched(getattr(Written, name)))
        yield


def scans(plan: str, table: str) -> bool:
    """An index that is read from end to end (to sort by it) is no better than the table."""
    if f"Seq Scan on {table} " in f"{plan} ".replace('"', ""):
        return True
    return plan.replace('"', "").split()[:2] == ["SCAN", table]


def prefer_indexes(engine: Engine) -> None:
    """A table of a test is so small that PostgreSQL would read it whole; what can't use an index still does."""
    event.listen(engine, "connect", lambda raw, _record: raw.execute("SET enable_seqscan = off") and raw.commit())
    engine.dispose()
