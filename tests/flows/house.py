"""The whole house: server, runner, reconcile and page as `driftsklar up` starts them, with a city inside.

The city's decisions go straight to the domain database, as the command line's do, whether Prefect
is up or not.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from unittest import mock
from uuid import UUID

from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, PREFECT_HOME, temporary_settings
from sqlmodel import Session

from channels.paper.agreement_paper import print_agreement
from config.settings import settings as configured
from flows.asking.form import AGAIN
from flows.asking.next_runs import key_of
from flows.engine import engine
from flows.engine.prefect_client import prefect
from flows.engine.prefect_door import cookie_name
from flows.engine.prefect_environment import prefect_environment
from flows.engine.prefect_key import make_key
from flows.engine.prefect_ticket import SESSION, proof
from flows.engine.run_input import has_form
from flows.running.up import Supervisor, free_port, running
from models.calendar import today
from models.case.agreement import Agreement, Document
from models.case.facility import facilities
from models.database import engine_for, reading
from models.migration import migrate
from models.overview.waiting import waits_of
from tests import patience
from tests.city import City, Dump

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

RUNNER = "tests.flows.toy_deployments"

LOOK_SECONDS = 0.2  # it asks a server that has better things to do


Found = TypeVar("Found")


def until(look: Callable[[], Found | None]) -> Found:
    """What `look` finds, as soon as it is true; a test fails when it never is."""
    deadline = time.monotonic() + patience.SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {patience.SECONDS:.0f} s"
        time.sleep(LOOK_SECONDS)
    return found


@dataclass
class House:
    """A folder with a city in it; Prefect is there between `open` and `close`."""

    folder: Path
    port: int = field(default_factory=free_port)
    stack: Supervisor | None = None
    _rooms: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.city = City(engine_for(self.database_url), today())
        self.city.printer = self._print
        migrate(self.city.engine)

    def _print(self, session: Session, agreement: Agreement) -> Document:
        """On paper, in this house's folder, as its own processes do."""
        with mock.patch.dict(os.environ, {"DRIFTSKLAR_VAR_DIR": str(self.folder)}):
            configured.cache_clear()
            printed = print_agreement(session, agreement)
        configured.cache_clear()
        return printed

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder / 'driftsklar.db'}"

    @property
    def ui(self) -> str:
        """Where people see it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def prefect_database(self) -> Path:
        """Prefect's own database."""
        return self.folder / "prefect" / "prefect.db"

    def open(self) -> None:
        """Start Prefect, the runner with the toys beside our own flows, the reconcile and the page."""
        if not self.prefect_database.exists():  # what was free before the city grew may be taken
            self.port = free_port()
        ours = prefect_environment(self.folder, self.port)
        settings = temporary_settings(
            {each: ours[each.name] for each in (PREFECT_API_URL, PREFECT_API_AUTH_STRING, PREFECT_HOME)}
        )
        env = {"DRIFTSKLAR_DATABASE_URL": self.database_url, "DRIFTSKLAR_VAR_DIR": str(self.folder)}
        with mock.patch.dict(os.environ, env):
            stack = running(self.port, free_port(), var_dir=self.folder, runner=RUNNER, page_module="channels.page")
            self.stack = self._rooms.enter_context(stack)
        self._rooms.enter_context(settings)
        until(engine.is_up)

    def close(self) -> None:
        """Stop it all; the folder stays."""
        self._rooms.close()
        self.stack = None

    def wipe_prefect(self) -> None:
        """Lose everything Prefect knew."""
        shutil.rmtree(self.folder / "prefect")

    def waiting(self) -> dict[str, FlowRun]:
        """The questions that wait with their form in Prefect, by key; never two for one."""
        suspended = [run for run in engine.open_runs("spørgsmål") if run.state is not None and run.state.is_paused()]
        with prefect() as client:
            found = [run for run in suspended if has_form(client, run)]
        keys = [key_of(run) or "" for run in found]
        assert len(keys) == len(set(keys)), f"asked twice: {sorted(keys)}"
        return dict(zip(keys, found, strict=True))

    def decided(self) -> Dump:
        """All that the domain holds, but for the post, which goes out meanwhile."""
        held = self.city.dump()
        held["message"] = [str(len(held["message"]))]
        return held

    def open_questions(self) -> dict[str, str]:
        """The questions the domain waits for, and the role that each waits for."""
        with reading(self.city.engine) as session:
            rows = facilities(session)
            return {w.key: w.role.danish for f in rows for w in waits_of(session, f)}

    def comes_in_step(self) -> dict[str, FlowRun]:
        """The waiting questions, as soon as they are just those that are open, each for its role."""

        def look() -> dict[str, FlowRun] | None:
            wanted = self.open_questions()
            if len(engine.open_runs("spørgsmål")) != len(wanted):
                return None
            waiting = self.waiting()
            return waiting if set(waiting) == set(wanted) else None

        waiting = until(look)
        wanted = self.open_questions()
        for key, run in waiting.items():
            assert f"venter på {wanted[key]}" in run.tags
        return waiting

    def asks_again(self, key: str, than: UUID | None = None) -> FlowRun:
        """The run that asks this question, other than a run before."""

        def look() -> FlowRun | None:
            run = self.waiting().get(key)
            return run if run is not None and run.id != than else None

        return until(look)


def let_in(context: "BrowserContext", ui: str, var_dir: Path) -> None:
    """Give a browser the session of somebody who has opened the link to Prefect's pages at `ui`."""
    session = proof(make_key(var_dir), SESSION, time.time())
    context.add_cookies(
        [
            {
                "name": cookie_name(ui.partition("://")[2]),
                "value": session,
                "url": ui,
                "httpOnly": True,
                "sameSite": "Strict",
            }
        ]
    )


@contextmanager
def a_house(folder: Path) -> Iterator[House]:
    """A house that is closed in the end."""
    house = House(folder)
    try:
        yield house
    finally:
        house.close()
        house.city.engine.dispose()


def description(run: FlowRun) -> str:
    """What stands above the form's fields."""
    assert run.state is not None
    keys = run.state.state_details.run_input_keyset
    assert keys is not None
    with prefect() as client:
        return client.read_flow_run_input(run.id, keys["description"])


def plain_name(run: FlowRun) -> str:
    """What the run is called, also while its last answer could not be used."""
    return run.name.removeprefix(AGAIN)


def read(run_id: UUID) -> FlowRun:
    """The run as it is now."""
    with prefect() as client:
        return client.read_flow_run(run_id)


def is_there(pid: int) -> bool:
    """Whether this process lives; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
