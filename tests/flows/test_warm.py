"""Runs in the worker's own process: one that falls is taken up again, and its neighbours go on."""

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from prefect.client.schemas.objects import FlowRun

from flows.engine import engine
from flows.engine.paths import TAG
from flows.running.up import Child, Supervisor
from tests import patience
from tests.flows.house import House, is_there, read, until
from tests.flows.test_form import state, waiting

pytestmark = pytest.mark.prefect


@pytest.fixture
def worker(prefect_server: Supervisor) -> Child:
    """The process in which the short runs are."""
    return next(child for child in prefect_server.children if child.name == "runner")


def started(deployment: str, folder: Path, **parameters: str) -> FlowRun:
    """A run of a toy, which the reconcile takes up again as it does ours."""
    return engine.start(
        f"Legetøj/{deployment}",
        key=f"{deployment}:{folder.name}",
        name=folder.name,
        tags=[TAG],
        parameters={"folder": str(folder), **parameters},
    )


def at_work_in(folder: Path) -> int:
    """The process that has the answer and has recorded nothing yet."""
    return int(until(lambda: (folder / "held").exists() and (folder / "held").read_text()))


def answered(folder: Path, deployment: str = "varm") -> tuple[FlowRun, int]:
    """A run that is held just after it got its answer, and the process it is in."""
    run = waiting(started(deployment, folder).id)
    (folder / "hold").touch()
    engine.resume(run.id, {"kr": 31})
    return run, at_work_in(folder)


def accepted(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("decision-*")]


def test_a_worker_killed_while_it_has_an_answer_is_healed_and_doubles_nothing(worker: Child, tmp_path: Path) -> None:
    assert worker.process is not None
    run, process = answered(tmp_path)
    assert process == worker.process.pid
    starts = worker.starts

    os.kill(process, signal.SIGKILL)
    (tmp_path / "hold").unlink()
    until(lambda: worker.starts == starts + 1)
    until(lambda: state(run.id) == "Completed")

    assert (tmp_path / "seen").read_text().splitlines() == ["Ja|31|"] * 2
    assert accepted(tmp_path) == ["decision-31"]


def test_a_run_that_never_ends_is_ended_and_goes_on_where_it_harms_nobody(worker: Child, tmp_path: Path) -> None:
    assert worker.process is not None
    starts = worker.starts
    run, process = answered(tmp_path, "hænger")
    neighbour = tmp_path / "nabo"
    neighbour.mkdir()

    other = started("varm", neighbour)
    waiting(other.id)
    until(lambda: worker.starts > starts and not is_there(process))
    elsewhere = until(lambda: (pid := at_work_in(tmp_path)) != process and pid)
    (tmp_path / "hold").unlink()
    until(lambda: state(run.id) == "Completed")

    assert worker.process is not None
    assert elsewhere != worker.process.pid
    assert accepted(tmp_path) == ["decision-31"]
    assert state(other.id) == "Suspended"
    engine.cancel(read(other.id), "Kun en nabo.")


def test_a_run_whose_module_raises_is_told_and_its_neighbours_go_on(worker: Child, tmp_path: Path) -> None:
    starts = worker.starts
    broken = {"folder": str(tmp_path)}
    run = engine.start("Legetøj/knækket", key=f"knækket:{tmp_path.name}", name="knækket", tags=[], parameters=broken)

    until(lambda: state(run.id) == "Crashed")
    engine.cancel(waiting(started("varm", tmp_path).id), "Kun en nabo.")

    assert "RuntimeError: halvt opgraderet" in str((found := read(run.id)).state and found.state.message)
    assert worker.starts == starts


def test_a_worker_that_took_too_much_memory_lets_another_take_its_place(worker: Child, tmp_path: Path) -> None:
    starts = worker.starts
    eater = engine.start("Sulten/sulten", key=f"sulten:{tmp_path.name}", name="sulten", tags=[], parameters={})

    until(lambda: worker.starts == starts + 1)
    engine.cancel(waiting(started("varm", tmp_path).id), "Kun en nabo.")

    until(lambda: state(eater.id) == "Completed")


def test_a_question_asked_before_there_was_a_pool_is_answered_all_the_same(
    house: House, worker: Child, tmp_path: Path
) -> None:
    run = waiting(started("varm", tmp_path).id)
    with closing(sqlite3.connect(house.prefect_database, timeout=patience.SECONDS)) as base, base:
        base.execute("UPDATE flow_run SET work_queue_id = NULL WHERE id = ?", [str(run.id)])
    starts = worker.starts
    assert worker.process is not None
    os.kill(worker.process.pid, signal.SIGKILL)  # as after an upgrade: it finds what waits
    until(lambda: worker.starts == starts + 1)

    engine.resume(run.id, {"kr": 32})

    until(lambda: state(run.id) == "Completed")
    assert accepted(tmp_path) == ["decision-32"]
