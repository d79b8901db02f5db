"""A restore that is killed with -9, at any point: another one brings all of it, and nothing of the first is left.

In `make test` at some of its points, others for each database; at all of them with DRIFTSKLAR_CRASH=all.
"""

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from channels.paper.agreement_paper import print_agreement
from channels.records.backup import back_up
from channels.records.restore import restore
from config.settings import settings
from models.database import engine_for
from models.refusal import Refusal
from tests.channels.test_backup import PG_BIN
from tests.city import City
from tests.crash.a_restore import in_a_process
from tests.crash.tally import EVERYTHING

FEW = 9


def point_at(monkeypatch: pytest.MonkeyPatch, url: str, var_dir: Path) -> None:
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", url.replace("+psycopg", ""))
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(var_dir))
    settings.cache_clear()


def named(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_restore_killed_at_any_point_is_simply_done_again(
    city: City, database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{PG_BIN}{os.pathsep}{os.environ['PATH']}")
    point_at(monkeypatch, database.url.render_as_string(hide_password=False), tmp_path / "var")
    city.printer = print_agreement
    city.in_operation("baenk")
    back_up(tmp_path / "copy.tar.gz")
    lived = city.dump()
    is_sqlite = database.dialect.name == "sqlite"
    new = tmp_path / "new"

    def emptied() -> str:
        shutil.rmtree(new, ignore_errors=True)
        if is_sqlite:
            return f"sqlite:///{new}/d.db"
        url = database.url.set(database="restored_here")
        server = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(server, autocommit=True) as connection:
            for what in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}"):
                connection.execute(sql.SQL(what).format(sql.Identifier("restored_here")))
        return url.render_as_string(hide_password=False)

    point_at(monkeypatch, emptied(), new)
    assert in_a_process(tmp_path / "copy.tar.gz", counted=tmp_path / "counted") == 0
    whole, points = named(new), int((tmp_path / "counted").read_text())
    assert points > 20

    step = 1 if EVERYTHING else FEW
    for at in {*range(1 if is_sqlite else 1 + step // 2, points + 1, step), points}:
        url = emptied()
        point_at(monkeypatch, url, new)
        assert in_a_process(tmp_path / "copy.tar.gz", kill_at=at) == signal.SIGKILL
        # refused where the database, which comes last, was in its place
        with suppress(Refusal):
            restore(tmp_path / "copy.tar.gz")
        assert named(new) == whole, at
        engine = engine_for(make_url(url).render_as_string(hide_password=False))
        assert City(engine).dump() == lived, at
        engine.dispose()
