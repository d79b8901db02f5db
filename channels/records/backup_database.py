"""The database in a backup: copied while others write, looked at before it is put in place, and put there whole."""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import URL

from channels.records.backup_archive import DATABASES, NoBackup
from models.database import engine_for
from models.migration import known_revisions, migrate_to
from models.refusal import Refusal

_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA )\S+ (\S+) ", re.M)
_COPIED_REVISION = re.compile(r"^COPY \S*alembic_version .*\n(.*)\n\\\.$", re.M)
SQLITE_ENDS = ("-wal", "-journal", "-shm")


def copy_database(url: URL, folder: Path) -> Path:
    """A copy of the whole database in the folder, as it is at one moment.

    Raises:
        Refusal: pg_dump is needed and isn't installed, or fails.
    """
    target = folder / DATABASES[url.get_backend_name()]
    if url.get_backend_name() == "sqlite":
        source = sqlite3.connect(f"file:{url.database}?mode=ro", uri=True)
        copy = sqlite3.connect(target)
        with copy:
            source.backup(copy)  # SQLite's own online backup: whole, while others write
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.close()
        source.close()
        return target
    _run("pg_dump", url, "--format=custom", "--no-owner", f"--file={target}")
    return target


def is_empty(url: URL) -> bool:
    """Whether there is no database yet, or one without a table. A file that is something else is not empty."""
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "")
        ends = [file.with_name(f"{file.name}{end}") for end in SQLITE_ENDS[:2]]
        if any(end.exists() and end.stat().st_size for end in ends):
            return False
        if not file.exists() or (file.is_file() and not file.stat().st_size):
            return True
        try:
            with closing(sqlite3.connect(_only_read(file), uri=True)) as base:
                return not base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        except sqlite3.Error:
            return False
    engine = engine_for(url.render_as_string(hide_password=False))
    try:
        return not inspect(engine).get_table_names()
    finally:
        engine.dispose()


def look_at_database(source: Path, file: Path, revision: str) -> None:
    """Open the unpacked database of a backup, without running anything of it, and refuse one that isn't ours.

    Raises:
        NoBackup: it is broken, or has not the shape that its revision has.
        Refusal: it is newer than this program, or pg_restore is needed and isn't installed.
    """
    if revision not in known_revisions():
        if revision > max(known_revisions()):
            raise Refusal("restore.newer", "Kopien er fra en nyere version af Driftsklar. Opgradér først.")
        raise NoBackup(source, f"versionen {revision} har Driftsklar aldrig haft")
    tables, triggers = _shape_of(revision)
    if file.name == DATABASES["sqlite"]:
        has, has_triggers, its_revision = _look_at_sqlite(source, file)
        if has_triggers != triggers:
            raise NoBackup(source, "databasens triggere er ikke dem, Driftsklar har lagt i den")
    else:
        has, its_revision = _look_at_dump(source, file)
    if lost := sorted(tables - has):  # tables of the municipality's own may be there as well
        raise NoBackup(source, f"databasen er ikke Driftsklars, tabellen {lost[0]} mangler")
    if its_revision != revision:
        raise NoBackup(source, "databasen har en anden version, end der står i kopien")


def put_dump(url: URL, file: Path, lock: int) -> None:
    """Restore a dump into the empty PostgreSQL database in one transaction: all of it or nothing.

    pg_restore holds the `lock` as well: if we are killed, it may still be at work.

    Raises:
        Refusal: pg_restore isn't installed, or fails.
    """
    options = ("--no-owner", "--single-transaction", "--exit-on-error")
    _run("pg_restore", url, *options, str(file), lock=lock)


def _look_at_sqlite(source: Path, file: Path) -> tuple[set[str], dict[str, str], str]:
    try:
        with closing(sqlite3.connect(_only_read(file), uri=True)) as base:
            base.execute("PRAGMA trusted_schema=OFF")
            base.execute("PRAGMA cell_size_check=ON")
            if base.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                raise NoBackup(source, "databasen er beskadiget (integrity_check)")
            if base.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise NoBackup(source, "databasen henviser til noget, der mangler")
            tables = _tables(base)
            if "alembic_version" not in tables:
                raise NoBackup(source, "databasen er ikke Driftsklars")
            row = base.execute("SELECT version_num FROM alembic_version").fetchone()
            return tables, _triggers(base), str(row[0]) if row else ""
    except sqlite3.Error as broken:
        raise NoBackup(source, "databasen kan ikke åbnes") from broken


def _look_at_dump(source: Path, file: Path) -> tuple[set[str], str]:
    try:
        listed = _told("pg_restore", "--list", str(file))
        version = _told("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file))
    except subprocess.CalledProcessError as broken:
        raise NoBackup(source, "databasen kan ikke åbnes (pg_restore)") from broken
    found = _COPIED_REVISION.search(version)
    return set(_TABLE.findall(listed)), found[1] if found else ""


def _shape_of(revision: str) -> tuple[set[str], dict[str, str]]:
    """The tables and triggers a SQLite database of that revision has, as our own migrations make it."""
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_for(f"sqlite:///{folder}/shape.db")
        migrate_to(engine, revision)
        engine.dispose()
        with closing(sqlite3.connect(f"{folder}/shape.db")) as base:
            return _tables(base), _triggers(base)


def _tables(base: sqlite3.Connection) -> set[str]:
    rows = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in rows if not name.startswith("sqlite_")}


def _triggers(base: sqlite3.Connection) -> dict[str, str]:
    """What each trigger does: one more, or one that does something else, would act in our name."""
    rows = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return {name: " ".join(statement.split()) for name, statement in rows}


def _only_read(file: Path) -> str:
    return f"{file.absolute().as_uri()}?mode=ro&immutable=1"


def _run(program: str, url: URL, *arguments: str, lock: int | None = None) -> None:
    """Run one of PostgreSQL's own tools; the password goes by environment, not by the command line."""
    env = dict(os.environ)
    if url.password:
        env["PGPASSWORD"] = str(url.password)
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    done = subprocess.run(
        [_tool(program), f"--dbname={plain}", *arguments],
        env=env,
        pass_fds=() if lock is None else (lock,),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refusal("backup.tool_failed", f"{program} lykkedes ikke: {done.stderr.strip().splitlines()[-1:]}")


def _told(program: str, *arguments: str) -> str:
    return subprocess.run(
        [_tool(program), *arguments], capture_output=True, text=True, errors="replace", check=True
    ).stdout


def _tool(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise Refusal("backup.no_tool", f"Programmet {program} findes ikke. Installér PostgreSQLs klientprogrammer.")
    return found
