"""A person is asked, asked again when a rule refuses, and never twice for what was accepted."""

import json
import logging
import os
import signal
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import FlowRun

from flows.engine import engine
from flows.engine.prefect_client import prefect
from flows.engine.run_input import has_form
from flows.running.up import Supervisor
from tests.flows.house import is_there, until

pytestmark = pytest.mark.usefixtures("prefect_server")


def ask_in(folder: Path) -> FlowRun:
    run = engine.start(
        "Legetøj/toy",
        key=f"toy:{folder.name}",
        name=folder.name,
        tags=[folder.name],
        parameters={"folder": str(folder)},
    )
    return waiting(run.id)


def read(run_id: UUID) -> FlowRun:
    with prefect() as client:
        return client.read_flow_run(run_id)


def state(run_id: UUID) -> str:
    return read(run_id).state_name or ""


def waiting(run_id: UUID) -> FlowRun:
    """The run, once it is suspended with a form that can be answered."""

    def asks() -> FlowRun | None:
        run = read(run_id)
        with prefect() as client:
            return run if run.state_name == "Suspended" and has_form(client, run) else None

    return until(asks)  # type: ignore[return-value]


def form_key(run: FlowRun, part: str) -> str:
    assert run.state is not None
    assert run.state.state_details.run_input_keyset is not None
    return run.state.state_details.run_input_keyset[part]


def described(run: FlowRun) -> str:
    with prefect() as client:
        return client.read_flow_run_input(run.id, form_key(run, "description"))


def warnings_of(run_id: UUID) -> list[str]:
    """What the run's log warns of; Prefect writes it a moment later."""
    of_this_run = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id]))
    with prefect() as client:
        return [line.message for line in client.read_logs(of_this_run) if line.level == logging.WARNING]


def seen(folder: Path) -> list[str]:
    return (folder / "seen").read_text().splitlines()


def killed_while_deciding(folder: Path, run: FlowRun, values: dict[str, object]) -> None:
    """Answer, and kill -9 the process after it has the answer and before it records anything."""
    (folder / "hold").touch()
    engine.resume(run.id, values)
    pid = int(until(lambda: (folder / "held").exists() and (folder / "held").read_text()))
    os.kill(pid, signal.SIGKILL)
    until(lambda: not is_there(pid))
    (folder / "hold").unlink()


@pytest.mark.parametrize(
    "values", [{"kr": -3}, {"choice": "Måske"}, {"kr": "mange"}, {"reason": "x" * 201}, {"unknown": 1}]
)
def test_what_the_form_does_not_allow_is_rejected_and_the_run_still_waits(
    values: dict[str, object], one_waiting: FlowRun
) -> None:
    with pytest.raises(engine.AnswerRejected):
        engine.resume(one_waiting.id, values)

    assert state(one_waiting.id) == "Suspended"


@pytest.fixture(scope="module")
def one_waiting(prefect_server: Supervisor, tmp_path_factory: pytest.TempPathFactory) -> FlowRun:
    return ask_in(tmp_path_factory.mktemp("waiting"))


def test_a_refused_answer_is_asked_again_with_the_reason_and_never_applied_later(tmp_path: Path) -> None:
    run = ask_in(tmp_path)

    engine.resume(run.id, {"choice": "Nej", "kr": 1})
    until(lambda: "begrundelse" in described(waiting(run.id)))
    (tmp_path / "lenient").touch()  # by now the refused answer would have been accepted
    engine.resume(run.id, {"choice": "Ja", "kr": 2})
    until(lambda: state(run.id) == "Completed")

    assert seen(tmp_path) == ["Nej|1|", "Ja|2|"]
    assert [path.name for path in tmp_path.glob("decision-*")] == ["decision-2"]


def test_a_refused_answer_is_seen_where_people_look_and_what_was_typed_is_kept(tmp_path: Path) -> None:
    run = ask_in(tmp_path)
    why = "Et nej skal have en begrundelse."

    engine.resume(run.id, {"choice": "Nej", "kr": 12})
    until(lambda: why in described(waiting(run.id)))
    again = until(lambda: (seen := read(run.id)).state is not None and seen.state.message and seen)
    with prefect() as client:
        form = json.loads(client.read_flow_run_input(run.id, form_key(again, "schema")))

    assert again.name == f"Svar igen · {run.name}"
    assert again.state.message == f"Svaret kunne ikke bruges. {why}"
    assert until(lambda: warnings_of(run.id)) == [again.state.message]
    typed = {name: about.get("default") for name, about in form["properties"].items()}
    assert typed == {"choice": "Nej", "kr": 12, "reason": ""}
    engine.resume(run.id, {"choice": "Nej", "kr": 12, "reason": "Erosion"})
    until(lambda: state(run.id) == "Completed")
    assert read(run.id).name == run.name


def test_an_answer_survives_a_kill_and_is_not_asked_for_again(tmp_path: Path) -> None:
    run = ask_in(tmp_path)

    killed_while_deciding(tmp_path, run, {"choice": "Ja på betingelser", "kr": 11})
    until(lambda: state(run.id) == "Crashed")
    engine.revive(run)
    until(lambda: state(run.id) == "Completed")

    assert seen(tmp_path) == ["Ja på betingelser|11|"] * 2
    assert [path.name for path in tmp_path.glob("decision-*")] == ["decision-11"]


def test_a_form_that_got_lost_is_asked_again_and_its_defaults_are_no_answer(tmp_path: Path) -> None:
    run = ask_in(tmp_path)
    schema = form_key(run, "schema")
    with prefect() as client:  # as if killed before the form was saved
        client.delete_flow_run_input(run.id, schema)
        assert not has_form(client, run)
    with pytest.raises(engine.AnswerRejected):
        engine.resume(run.id, {"kr": 5})

    engine.revive(run)
    until(lambda: form_key(waiting(run.id), "schema") != schema)
    assert not (tmp_path / "seen").exists()
    engine.resume(run.id, {"kr": 5})
    until(lambda: state(run.id) == "Completed")

    assert seen(tmp_path) == ["Ja|5|"]


def test_a_run_is_found_by_its_tag_and_its_key_and_ends_with_a_reason(tmp_path: Path) -> None:
    run = ask_in(tmp_path)
    tag = tmp_path.name
    assert ask_in(tmp_path).id == run.id
    assert [found.id for found in engine.open_runs(tag)] == [run.id]

    engine.cancel(run, "Svaret er givet et andet sted.")

    assert engine.open_runs(tag) == []
    assert [found.id for found in engine.runs_by_key("toy:", tag=tag)] == [run.id]
    found = engine.run_with_key(f"toy:{tag}")
    assert found is not None
    assert found.state is not None
    assert (found.state_name, found.state.message) == ("Cancelled", "Svaret er givet et andet sted.")
    with pytest.raises(engine.AnswerRejected):
        engine.resume(run.id, {"kr": 5})


def test_a_running_run_is_stopped_when_it_is_cancelled(tmp_path: Path) -> None:
    run = ask_in(tmp_path)
    (tmp_path / "hold").touch()
    engine.resume(run.id, {"kr": 5})
    pid = int(until(lambda: (tmp_path / "held").exists() and (tmp_path / "held").read_text()))

    engine.cancel(run, "Forældet.")

    assert state(run.id) == "Cancelled"
    until(lambda: not is_there(pid))
    assert list(tmp_path.glob("decision-*")) == []


def test_a_page_is_written_only_when_it_says_something_new() -> None:
    assert engine.put_artifact("status-vk-1", "# Alt er i orden", "Status")
    assert not engine.put_artifact("status-vk-1", "# Alt er i orden", "Status")
    assert engine.put_artifact("status-vk-1", "# Noget mangler", "Status")

    shown = engine.latest_artifact("status-vk-1")
    assert shown is not None
    assert shown.data == "# Noget mangler"
    assert engine.latest_artifact("status-vk-2") is None
