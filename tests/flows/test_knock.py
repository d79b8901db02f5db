"""Who waits on the same machine hears at once what a request has done; nobody has to be there."""

import asyncio
import gzip
from pathlib import Path

import pytest
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.engine.knock import RECONCILE, WORKER, Knocking, heard_within, knock, listen
from tests import patience


def answering(answer: bytes) -> ASGIApp:
    """An application that gives this answer in two parts."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for part in (answer[:10], answer[10:]):
            await send({"type": "http.response.body", "body": part, "more_body": part == answer[:10]})

    return app


def asked(app: ASGIApp, method: str, path: str, *, by: str = "") -> bytes:
    """A request by a client that takes answers packed as in `by`; what comes back, packed or not."""
    came = b""

    async def nothing(*_: Message) -> Message:
        return {"type": "http.request"}

    async def take(message: Message) -> None:
        nonlocal came
        came += message.get("body", b"")

    head = [(b"accept-encoding", by.encode())] if by else []
    asyncio.run(app({"type": "http", "method": method, "path": path, "headers": head}, nothing, take))
    return came


@pytest.mark.parametrize("deep", ["her", "x" * 120])
def test_a_knock_is_heard_whatever_the_folder_is_called(deep: str, tmp_path: Path) -> None:
    folder = tmp_path / deep
    folder.mkdir()
    here = listen(folder, WORKER)

    knock(folder, WORKER)

    assert heard_within(here, patience.SECONDS)
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
        ("POST", "/api/deployments/7/pause_deployment", b"{}", False, True),
        ("PATCH", "/api/deployments/7/schedules/3", b"", False, True),
        ("PATCH", "/api/deployments/7", b"", False, True),
        ("GET", "/api/deployments/7", b"{}", False, False),
        ("POST", "/api/deployments/filter", b"[]", False, False),
    ],
)
def test_a_request_that_makes_a_run_or_ends_one_badly_is_told(
    method: str, path: str, answer: bytes, worker: bool, reconcile: bool, tmp_path: Path
) -> None:
    doors = {who: listen(tmp_path, who) for who in (WORKER, RECONCILE)}

    asked(Knocking(answering(answer), tmp_path), method, path)

    assert {who: heard_within(door, 0) for who, door in doors.items()} == {WORKER: worker, RECONCILE: reconcile}
    for door in doors.values():
        assert door is not None
        door.close()


def test_a_client_that_takes_packed_answers_is_heard_too_and_gets_the_same(tmp_path: Path) -> None:
    told = b'{"state":{"type":"SCHEDULED"},"details":"' + b"x" * 2000 + b'"}'
    packing = GZipMiddleware(answering(told), minimum_size=10)  # as Prefect's own application does
    door = listen(tmp_path, WORKER)
    assert door is not None

    packed = asked(packing, "POST", "/api/flow_runs/7/set_state", by="gzip")
    plain = asked(Knocking(packing, tmp_path), "POST", "/api/flow_runs/7/set_state", by="gzip")

    assert b"SCHEDULED" not in packed  # else this would show nothing
    assert plain == gzip.decompress(packed) == told
    assert heard_within(door, 0)
    door.close()
