"""A life is lived, killed with -9 at point k, lived again from the start: it comes out the same, for every k.

In `make test` a few points, others for each database; all of them with DRIFTSKLAR_CRASH=all.
"""

import os
import re
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel

from config.settings import settings
from models.database import engine_for, reading
from models.pool import wrong_years
from tests.crash.conftest import Sink
from tests.crash.lifecycle import live
from tests.crash.points import Points

STEP = 1 if os.environ.get("DRIFTSKLAR_CRASH") == "all" else 40
PASSING = re.compile(r"(^|_)(id|at|until|attempts)$")
"""Columns that say when and under which number, not what."""


def in_a_process(what: Callable[[], None]) -> int:
    """Run it in a forked process; returns the signal that ended it, 0 for none."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            what()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert not (os.WIFEXITED(status) and os.WEXITSTATUS(status)), "the life itself failed"
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def what_is_true(engine: Engine) -> dict[str, Counter[str]]:
    """Every row of every table but for times and numbers."""
    rows = {}
    with engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            columns = [c for c in table.columns if not PASSING.search(c.name)]
            rows[table.name] = Counter(
                re.sub(r"\d+", "#", repr(tuple(row)))
                if table.name.startswith("message")
                else repr(tuple(row))
                for row in connection.execute(table.select().with_only_columns(*columns))
            )
    rows.pop("numbering")
    return rows


def lived(url: str, points: Points) -> Callable[[], None]:
    """A life in a database, with its points watched."""

    def what() -> None:
        engine = engine_for(url)
        points.watch(engine)
        live(engine)

    return what


@pytest.fixture
def life(database: Engine, tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty database, with the settings of a municipality that sends real mail."""
    url = database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DRIFTSKLAR_SMTP_URL", sink.url)
    settings.cache_clear()
    database.dispose()  # no connection is shared with a fork
    return url


def test_a_life_survives_being_killed_at_any_point(
    life: str, database: Engine, sink: Sink, tmp_path: Path
) -> None:
    points = Points()
    counted = tmp_path / "counted"

    def whole() -> None:
        lived(life, points)()
        counted.write_text("\n".join(points.passed))

    clean = _snapshot(life, tmp_path / "var")
    sink.forget()
    assert in_a_process(whole) == 0
    expected = what_is_true(engine_for(life))
    mails = Counter(sink.taken())
    names = counted.read_text().splitlines()
    assert set(mails.values()) == {1}
    assert len(names) > 100

    phase = 0 if database.dialect.name == "sqlite" else 17
    for number in range(1 + phase, len(names) + 1, STEP):
        clean()
        sink.forget()
        killed = in_a_process(lived(life, Points(kill_at=number)))
        assert killed == signal.SIGKILL, f"point {number} was not reached"
        _let_leases_run_out(life)

        assert in_a_process(lived(life, Points())) == 0

        about = f"killed at {number}: {names[number - 1]}"
        engine = engine_for(life)
        assert what_is_true(engine) == expected, about
        with reading(engine) as session:
            assert wrong_years(session) == [], about
        engine.dispose()
        again = Counter(sink.taken())
        assert len(again) == len(mails), about
        doubled = sum(count - 1 for count in again.values())
        assert doubled <= (1 if names[number - 1] in ("after mail", "before commit") else 0), about


def _let_leases_run_out(url: str) -> None:
    """The ten minutes after which another sender may take what a dead one had claimed."""
    engine = engine_for(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE message SET lease_until = NULL WHERE sent_at IS NULL")
    engine.dispose()


def _snapshot(url: str, var_dir: Path) -> Callable[[], None]:
    """How to get the empty database back."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        template = path.read_bytes()

        def put_back() -> None:
            for name in path.parent.glob(f"{path.name}*"):
                name.unlink()
            path.write_bytes(template)
            shutil.rmtree(var_dir, ignore_errors=True)

        return put_back

    def empty_again() -> None:
        engine = engine_for(url)
        with engine.begin() as connection:
            _empty_tables(connection)
        engine.dispose()
        shutil.rmtree(var_dir, ignore_errors=True)

    return empty_again


def _empty_tables(connection: object) -> None:
    """Empty every table; the append-only ones let go only of a session that is a replica."""
    tables = ", ".join(f'"{t.name}"' for t in SQLModel.metadata.sorted_tables)
    for statement in (
        "SET LOCAL session_replication_role = replica",
        f"TRUNCATE {tables} RESTART IDENTITY CASCADE",
    ):
        connection.exec_driver_sql(statement)  # type: ignore[attr-defined]
