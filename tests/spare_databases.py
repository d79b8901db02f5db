"""PostgreSQL databases that are used again: emptied after each test, and thrown away if their shape was changed.

To copy a database costs the server 25 ms of processor time and to drop it 9, some two thousand times; to take
its rows out costs 2.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

_numbers = count(1)

#: What a test may have changed that no deleting of rows undoes: tables, columns, constraints, triggers, functions.
SHAPE = " UNION ALL ".join(
    f"SELECT '{catalogue}', count(*), coalesce(sum(xmin::text::bigint), 0) FROM {catalogue}"
    for catalogue in (
        "pg_class",
        "pg_attribute",
        "pg_constraint",
        "pg_trigger",
        "pg_proc",
        "pg_index",
        "pg_db_role_setting",
    )
)
ROWS_OF_A_LIFETIME = 200  # tests: what is deleted stays in the files until then


def address_of(server: str, name: str) -> str:
    """The URL of that database on that server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def create(server: str, name: str, template: str) -> None:
    """Make a database as that one is."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            # by files: nothing is written to disk here, and to log every page would take five times as long
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def drop(server: str, name: str) -> None:
    """Take it away, whoever is still connected."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def a_database(server: str, template: str) -> Iterator[str]:
    """The name of a database as that one is, for one test."""
    name = f"city_{next(_numbers)}"
    create(server, name, template)
    yield name
    drop(server, name)


class SpareDatabases:
    """Databases of one template on one server, lent to one test after another."""

    def __init__(self, server: str, template: str) -> None:
        """Nothing is made before it is asked for."""
        self._server = server
        self._template = template
        self._spare: list[tuple[str, psycopg.Connection, int]] = []
        self._shape: object = None
        self._rows: dict[str, bytes] = {}
        self._emptying = ""

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The name of a database as the template is; it may be changed at will."""
        name, connection, tests = self._spare.pop() if self._spare else self._made()
        yield name
        if tests < ROWS_OF_A_LIFETIME and self._is_as_new_again(name, connection):
            self._spare.append((name, connection, tests + 1))
        else:
            connection.close()
            drop(self._server, name)

    def close(self) -> None:
        """Take away what is left."""
        for name, connection, _ in self._spare:
            connection.close()
            drop(self._server, name)

    def _made(self) -> tuple[str, psycopg.Connection, int]:
        name = f"spare_{next(_numbers)}"
        create(self._server, name, self._template)
        connection = psycopg.connect(address_of(self._server, name), autocommit=True, application_name="spare")
        if self._shape is None:
            self._shape = connection.execute(SHAPE).fetchall()
            self._learn(connection)
        return name, connection, 0

    def _learn(self, connection: psycopg.Connection) -> None:
        """What stands in it when it is new."""
        tables = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for table in tables:
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
                if rows := b"".join(copy):
                    self._rows[table] = rows
        sequences = connection.execute(
            "SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL"
            " FROM pg_sequences WHERE schemaname = 'public'"
        ).fetchall()
        self._emptying = "; ".join(
            ["SET session_replication_role = replica"]  # neither guards nor references stand in the way
            + [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)).as_string() for table in tables]
            + [
                sql.SQL("SELECT setval({}, {}, {})").format(f'"{name}"', last, used).as_string()
                for name, last, used in sequences
            ]
        )

    def _is_as_new_again(self, name: str, connection: psycopg.Connection) -> bool:
        try:
            return self._emptied(name, connection)
        except psycopg.OperationalError:  # the test had the server restarted
            return False

    def _emptied(self, name: str, connection: psycopg.Connection) -> bool:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            (name,),
        )
        if connection.execute(SHAPE).fetchall() != self._shape:
            return False
        connection.execute(self._emptying.encode())
        for table, rows in self._rows.items():
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                copy.write(rows)
        return True
