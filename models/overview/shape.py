"""Form: whether the database is built as the tables say, so that what protects it is there."""

from typing import Any

from sqlalchemy import CheckConstraint, Connection, inspect, text
from sqlmodel import SQLModel

_OTHERWISE_NAMED = "alembic_version"


def differences(connection: Connection) -> list[str]:
    """What is missing, too much or other than the tables say, each by its name; needs the newest revision."""
    from alembic.autogenerate import compare_metadata  # 0.1 s that only the doctor can spare
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found = [_in_words(each) for each in compare_metadata(context, SQLModel.metadata)]
    return [*found, *_checks_missing(connection), *_revisions(connection), *_of_its_kind(connection)]


def _in_words(difference: Any) -> str:
    """The kind of difference and the names in it: of tables, columns and indexes, never of what is in them."""
    if isinstance(difference, list):
        return ", ".join(_in_words(each) for each in difference)
    kind, *about = difference
    names = [
        name for each in about if (name := each if isinstance(each, str) else getattr(each, "name", None)) is not None
    ]
    return " ".join([str(kind), *map(str, names)])


def _checks_missing(connection: Connection) -> list[str]:
    """The constraints on values, which alembic doesn't compare."""
    inspector = inspect(connection)
    found = []
    for table in SQLModel.metadata.sorted_tables:
        wanted = {
            str(each.name) for each in table.constraints if isinstance(each, CheckConstraint) and each.name is not None
        }
        if wanted and inspector.has_table(table.name):
            there = {str(each["name"]) for each in inspector.get_check_constraints(table.name)}
            found += [f"constraint {name}" for name in sorted(wanted - there)]
    return found


def _revisions(connection: Connection) -> list[str]:
    count = connection.execute(text(f"SELECT count(*) FROM {_OTHERWISE_NAMED}")).scalar_one()
    return [] if count == 1 else [f"{_OTHERWISE_NAMED}: {count}"]


def _of_its_kind(connection: Connection) -> list[str]:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("PRAGMA quick_check(10)")).scalars()
        return [f"fil: {str(row)[:60]}" for row in rows if row != "ok"]
    switched_off = text(
        "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE t.tgenabled = 'D' AND n.nspname = current_schema() ORDER BY 1"
    )
    found = [f"trigger {name}" for name in connection.execute(switched_off).scalars()]
    there = set(inspect(connection).get_table_names())
    for table in SQLModel.metadata.sorted_tables:
        for column in table.primary_key if table.name in there else ():
            if column is table.autoincrement_column:
                found += _sequence_behind(connection, table.name, column.name)
    return found + (_sequence_behind(connection, "chain_link", "number") if "chain_link" in there else [])


def _sequence_behind(connection: Connection, table: str, column: str) -> list[str]:
    """A sequence that has fallen behind its table gives a number again, and the next row can't be written."""
    name = connection.execute(
        text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": f'"{table}"', "column": column}
    ).scalar_one()
    if name is None:
        return [f"sequence {table}"]
    behind = connection.execute(
        text(
            f'SELECT coalesce((SELECT max("{column}") FROM "{table}"), 0) >'
            f" (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {name})"
        )
    ).scalar_one()
    return [f"sequence {table}"] if behind else []
