"""Who waits on the same machine hears at once what a request has done; nobody has to be there."""

import asyncio
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from flows.engine.knock import RECONCILE, WORKER, Knocking, heard_within, knock, listen


def asked(var_dir: Path, method: str, path: str, answer: bytes) -> None:
    """A request to Prefect, whose application gives this answer in two parts."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for part in (answer[:10], answer[10:]):
            await send({"type": "http.response.body", "body": part, "more_body": True})

    async def nothing(*_: Message) -> Message:
        return {"type": "http.request"}

    async def away(_: Message) -> None:
        pass

    asyncio.run(Knocking(app, var_dir)({"type": "http", "method": method, "path": path}, nothing, away))


@pytest.mark.parametrize("deep", ["her", "x" * 120])
def test_a_knock_is_heard_whatever_the_folder_is_called(deep: str, tmp_path: Path) -> None:
    folder = tmp_path / deep
    folder.mkdir()
    here = listen(folder, WORKER)

    knock(folder, WORKER)

    assert heard_within(here, 5)
    assert not heard_within(here, 0)
    assert here is not None
    here.close()


def test_a_knock_where_nobody_is_does_no_harm(tmp_path: Path) -> None:
    knock(tmp_path, WORKER)
    gone = listen(tmp_path, WORKER)
    assert gone is not None
    gone.close()

    knock(tmp_path, WORKER)


@pytest.mark.parametrize(
    ("method", "path", "answer", "worker", "reconcile"),
    [
        ("POST", "/api/deployments/7/create_flow_run", b'{"state_type":"SCHEDULED"}', True, False),
        ("POST", "/api/deployments/7/create_flow_run", b'{"state_type":"PAUSED"}', False, False),
        ("POST", "/api/flow_runs/7/resume", b'{"status":"ACCEPT"}', True, False),
        ("POST", "/api/flow_runs/7/set_state", b'{"state":{"type":"RUNNING"}}', False, False),
        ("POST", "/api/flow_runs/7/set_state", b'{"state":{"type":"SCHEDULED"}}', True, False),
        ("POST", "/api/flow_runs/7/set_state", b'{"state":{"type":"CRASHED"}}', False, True),
        ("POST", "/api/flow_runs/filter", b'[{"state_type":"SCHEDULED"}]', False, False),
        ("GET", "/api/flow_runs/7", b'{"state_type":"SCHEDULED"}', False, False),
    ],
)
def test_a_request_that_makes_a_run_or_ends_one_badly_is_told(
    method: str, path: str, answer: bytes, worker: bool, reconcile: bool, tmp_path: Path
) -> None:
    doors = {who: listen(tmp_path, who) for who in (WORKER, RECONCILE)}

    asked(tmp_path, method, path, answer)

    assert {who: heard_within(door, 0) for who, door in doors.items()} == {WORKER: worker, RECONCILE: reconcile}
    for door in doors.values():
        assert door is not None
        door.close()
