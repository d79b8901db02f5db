"""Statements of a decision that is made thousands of times, written out once and then given to the driver as they are.

SQLAlchemy looks at a statement, its parameters and its result anew each time it is run. For one row by its key that takes
longer than the database needs for it, and it is done while others wait for the row.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, Dialect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import CompilerElement

Parameters: TypeAlias = tuple[Any, ...] | dict[str, Any]


class Written:
    """A statement in one database's own words. Lists of any length (`IN`) can't be among its parameters."""

    def __init__(self, statement: CompilerElement, dialect_name: str) -> None:
        dialect = _dialect(dialect_name)
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        self.text = str(compiled)
        self._order = compiled.positiontup  # None where parameters go by name
        # a parameter without a value of its own is filled in at each run
        self._values = {name: value for name, value in compiled.params.items() if value is not None}
        self._stored: dict[str, Callable[[Any], Any]] = {}
        for name, parameter in compiled.binds.items():
            store = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            if store is not None:
                self._stored[name] = store

    def bound(self, values: Mapping[str, Any]) -> Parameters:
        """These values as the driver takes them: what can be made before anybody waits for a row."""
        values = {**self._values, **values}
        for name, store in self._stored.items():
            values[name] = store(values[name])
        return values if self._order is None else tuple(map(values.__getitem__, self._order))

    def first(self, connection: Connection, parameters: Parameters) -> tuple[Any, ...] | None:
        """Run it with what `bound` made, in the connection's transaction; the first row it returns."""
        cursor = self._run(connection, parameters)
        try:
            row: tuple[Any, ...] | None = cursor.fetchone()
        finally:
            cursor.close()
        return row

    def all(self, connection: Connection, parameters: Parameters) -> list[tuple[Any, ...]]:
        """Run it likewise; all rows, as the driver gives them."""
        cursor = self._run(connection, parameters)
        try:
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        finally:
            cursor.close()
        return rows

    def count(self, connection: Connection, parameters: Parameters) -> int:
        """Run it likewise; how many rows it changed."""
        cursor = self._run(connection, parameters)
        changed: int = cursor.rowcount
        cursor.close()
        return changed

    def _run(self, connection: Connection, parameters: Parameters) -> Any:
        """On the driver's own cursor: what SQLAlchemy sets up around it takes as long as the statement.

        Raises:
            DBAPIError: what the driver raises, in SQLAlchemy's words.
        """
        assert connection.in_transaction(), "a transaction is begun by whoever decides"
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self.text, parameters)
        except Exception as error:
            cursor.close()
            dialect = connection.dialect
            known = dialect.loaded_dbapi.Error
            raise DBAPIError.instance(self.text, parameters, error, known, dialect=dialect) from error
        return cursor


@cache
def _dialect(name: str) -> Dialect:
    """What each engine of this database says alike, so that a statement is written out once for all of them."""
    url = "postgresql+psycopg://" if name == "postgresql" else "sqlite://"
    return make_url(url).get_dialect()()
