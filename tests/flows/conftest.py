"""One real Prefect server and one runner for the session, as `driftsklar up` starts them."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from flows.prefect_environment import prefect_environment
from flows.up import Supervisor, free_port, running

Found = TypeVar("Found")


def until(look: Callable[[], Found], *, within_seconds: float = 30.0) -> Found:
    """What `look` finds, as soon as it is true; a test fails when it never is."""
    deadline = time.monotonic() + within_seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {within_seconds} s"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervisor]:
    """The stack with the toy deployment and the page, and this process pointed at its server."""
    from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings

    var_dir: Path = tmp_path_factory.mktemp("var")
    port = free_port()
    ours = prefect_environment(var_dir, port)
    stack = running(
        port,
        free_port(),
        var_dir=var_dir,
        runner="tests.flows.toy_deployments",
        reconcile=None,
        page_module="channels.page",
    )
    settings = temporary_settings(
        {PREFECT_API_URL: ours["PREFECT_API_URL"], PREFECT_HOME: ours["PREFECT_HOME"]}
    )
    with ExitStack() as ends:
        with pytest.MonkeyPatch.context() as start:
            start.setenv("DRIFTSKLAR_DATABASE_URL", f"sqlite:///{var_dir / 'driftsklar.db'}")
            supervisor = ends.enter_context(stack)
        ends.enter_context(settings)
        until(lambda: _is_served(), within_seconds=60)
        yield supervisor


def _is_served() -> bool:
    from flows import engine
    from flows.prefect_client import prefect

    if not engine.is_up():
        return False
    with prefect() as client:
        return any(found.name == "toy" for found in client.read_deployments())


def is_there(pid: int) -> bool:
    """Whether this process lives; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
