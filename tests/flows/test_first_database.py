"""Prefect's own file is taken ready-made where there is one; whatever is wrong with that, the server still starts."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flows.engine import first_database
from flows.engine.first_database import make_first_database

HEAD = "SELECT version_num FROM alembic_version"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.endswith("DATABASE_CONNECTION_URL")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    monkeypatch.setattr(first_database, "ready_made", lambda: tmp_path / "ready.db")
    monkeypatch.setattr(first_database, "_migrated_apart", lambda: (tmp_path / "by the long way").touch())
    return tmp_path / "prefect"


def ready(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "ready.db")) as base, base:
        base.execute("CREATE TABLE alembic_version (version_num)")
        base.execute("INSERT INTO alembic_version VALUES ('head')")


def test_a_new_house_takes_a_copy_and_nothing_else_lies_there(home: Path, tmp_path: Path) -> None:
    ready(tmp_path)

    make_first_database()

    with closing(sqlite3.connect(home / "prefect.db")) as base:
        assert base.execute(HEAD).fetchone() == ("head",)
    assert [each.name for each in home.iterdir()] == ["prefect.db"]
    assert not (tmp_path / "by the long way").exists()


def test_one_that_is_there_stays_as_it_is(home: Path, tmp_path: Path) -> None:
    ready(tmp_path)
    home.mkdir()
    (home / "prefect.db").write_bytes(b"the city's own")

    make_first_database()

    assert (home / "prefect.db").read_bytes() == b"the city's own"


def test_where_prefect_keeps_its_data_elsewhere_no_file_is_made(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(tmp_path)
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", "postgresql+asyncpg://somewhere/else")

    make_first_database()

    assert not home.exists()


def test_without_a_ready_one_its_migrations_are_run(home: Path, tmp_path: Path) -> None:
    make_first_database()

    assert (tmp_path / "by the long way").exists()


def test_one_that_cannot_be_copied_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    (tmp_path / "ready.db").mkdir()  # as much a file as one that can't be read

    make_first_database()

    assert (tmp_path / "by the long way").exists()
    assert not (home / "prefect.db").exists()
