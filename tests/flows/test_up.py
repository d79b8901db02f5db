"""What dies comes back, and what waits still waits; see test_supervisor for the supervisor by itself."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from flows.engine import engine
from flows.engine.paths import what_waits
from flows.engine.prefect_environment import api_url
from flows.running.up import HOUSE, CannotStart, Supervisor, free_port, running
from tests import patience
from tests.flows.house import is_there, until
from tests.flows.test_form import ask_in, read, state


def test_a_killed_runner_comes_back_and_its_run_is_carried_on(prefect_server: Supervisor, tmp_path: Path) -> None:
    run = ask_in(tmp_path)
    (tmp_path / "hold").touch()
    engine.resume(run.id, {"kr": 21})
    flow_pid = int(until(lambda: (tmp_path / "held").exists() and (tmp_path / "held").read_text()))
    runner = next(child for child in prefect_server.children if child.name == "runner")
    starts = runner.starts
    assert runner.process is not None

    os.kill(runner.process.pid, signal.SIGKILL)
    until(lambda: runner.starts == starts + 1)
    until(lambda: not is_there(flow_pid))  # never two processes at work on one run
    (tmp_path / "hold").unlink()
    until(lambda: state(run.id) == "Completed")

    assert (tmp_path / "seen").read_text().splitlines() == ["Ja|21|"] * 2
    assert read(run.id).run_count == 2


def test_a_killed_server_comes_back_and_what_waits_still_waits(prefect_server: Supervisor, tmp_path: Path) -> None:
    run = ask_in(tmp_path)
    server = prefect_server.children[0]
    starts = server.starts
    assert server.process is not None

    os.kill(server.process.pid, signal.SIGKILL)
    until(lambda: server.starts == starts + 1 and engine.is_up())
    assert state(run.id) == "Suspended"
    engine.resume(run.id, {"kr": 22})
    until(lambda: state(run.id) == "Completed")

    assert (tmp_path / "decision-22").exists()


def test_the_page_stands_with_the_rest_and_comes_back(prefect_server: Supervisor) -> None:
    page = next(child for child in prefect_server.children if child.name == "page")
    port = page.argv[page.argv.index("--port") + 1]
    url = f"http://127.0.0.1:{port}"

    def is_well() -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{url}/healthz", timeout=patience.ONE_LOOK_SECONDS).json() == {"ok": True}
        return False

    until(is_well)
    starts = page.starts
    assert page.process is not None
    os.kill(page.process.pid, signal.SIGKILL)
    until(lambda: page.starts == starts + 1 and is_well())

    assert "De frivilliges side" in httpx.get(url, timeout=patience.SECONDS).text


def test_only_one_may_run_on_a_folder(prefect_server: Supervisor) -> None:
    var_dir = Path(prefect_server.mark.partition("=")[2])

    with pytest.raises(CannotStart, match="kører allerede"), running(free_port(), var_dir=var_dir):
        pass

    assert prefect_server.children[0].is_alive


def test_the_guide_leads_to_the_same_page_of_what_waits_as_up_does() -> None:
    guide = (HOUSE / "docs" / "drift.md").read_text("utf-8")

    assert f"({api_url(4200).removesuffix('/api')}{what_waits()})" in guide
