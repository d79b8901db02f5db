"""The door before Prefect on this machine: who has the key or a link comes in, and nobody's web page does."""

import base64
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from flows.engine.paths import what_waits
from flows.engine.prefect_door import cookie_name, link_to
from flows.engine.prefect_environment import api_url
from flows.engine.prefect_key import make_key
from flows.engine.prefect_ticket import LINK, SECONDS
from flows.running.up import HOUSE, free_port, is_healthy, running, way_in
from models.database import now
from tests import patience
from tests.flows.house import until

pytestmark = pytest.mark.prefect

FILTER = "/api/flow_runs/filter"
HTML = {"Accept": "text/html"}


@dataclass
class Server:
    """Prefect as `driftsklar up` starts it, alone."""

    folder: Path
    port: int
    processes: list[int]

    @property
    def ui(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> str:
        return make_key(self.folder)

    @property
    def basic(self) -> dict[str, str]:
        return {"Authorization": f"Basic {base64.b64encode(self.key.encode()).decode()}"}

    def browser(self, **more: Any) -> httpx.Client:
        """Somebody who was never here before."""
        return httpx.Client(base_url=self.ui, timeout=patience.SECONDS, **more)

    def signed_in(self) -> httpx.Client:
        """Somebody who has opened a link."""
        browser = self.browser()
        link = way_in(self.folder, api_url(self.port))
        assert browser.post(link, headers={"Origin": self.ui}).status_code == 303
        return browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder, port = tmp_path_factory.mktemp("door"), free_port()
    with running(port, var_dir=folder, runner=None) as stack:
        until(lambda: is_healthy(port))
        pids = [child.process.pid for child in stack.children if child.process]
        yield Server(folder, port, pids)


def token_of(browser: httpx.Client, **headers: str) -> dict[str, str]:
    """What Prefect gives against forged forms."""
    told = browser.get("/api/csrf-token?client=test", headers=headers).json()
    return {"Prefect-Csrf-Token": told["token"], "Prefect-Csrf-Client": "test"}


def test_another_user_of_the_machine_sees_and_decides_nothing_without_the_key(server: Server) -> None:
    stranger = server.browser()

    asked = {
        path: stranger.get(path).status_code
        for path in (
            "/",
            "/v2/",
            "/runs",
            "/api/ready",
            "/api//health",
            "/docs",
            "/ui-settings",
            "/openapi.json",
            "/api/csrf-token?client=x",
            "/api/variables/name/health",
        )
    }
    page = stranger.get("/v2/", headers=HTML)
    sent = stranger.post(FILTER, json={})

    assert set(asked.values()) == {401}
    assert stranger.get("/api/health").json() is True
    assert (page.status_code, "<h1>Log ind</h1>" in page.text) == (401, True)
    assert sent.status_code == 401
    assert oct((server.folder / "prefect.key").stat().st_mode)[-3:] == "600"


@pytest.mark.parametrize("told", ["Basic xx", "Basic åå", "Bearer x", "Basic", "Basic w6XDpTrDpcOl", "Basic /w=="])
def test_a_wrong_key_is_no_error_of_ours(server: Server, told: str) -> None:
    answer = server.browser().get("/api/version", headers=[(b"Authorization", told.encode("latin-1"))])

    assert answer.status_code == 401


def test_a_link_opens_prefect_once(server: Server) -> None:
    link = way_in(server.folder, api_url(server.port))
    mine, other = server.browser(), server.browser()

    looked = [mine.get(link).status_code for _ in range(3)]  # as a program that looks at links
    opened = mine.post(link, headers={"Origin": server.ui})
    again = other.post(link, headers={"Origin": server.ui})

    assert looked == [200] * 3
    assert (opened.status_code, opened.headers["location"]) == (303, what_waits())
    said = opened.headers["set-cookie"].lower()
    assert all(word in said for word in ("httponly", "samesite=strict", "path=/"))
    assert mine.get("/api/version").status_code == 200
    assert mine.get(link).headers["location"] == "/"  # from the browser's history
    assert (again.status_code, other.get("/api/version").status_code) == (410, 401)
    assert "Linket er brugt" in again.text
    assert "driftsklar open" in again.text


def test_a_link_that_has_run_out_says_so_kindly(server: Server) -> None:
    link = link_to(server.ui, server.key, time.time() - SECONDS[LINK] - 1)
    browser = server.browser()

    looked, opened = browser.get(link), browser.post(link, headers={"Origin": server.ui})

    for answer in (looked, opened):
        assert answer.status_code == 410
        assert "Linket er for gammelt" in answer.text
        assert "Et link gælder i 10 minutter. Skriv <code>driftsklar open</code>" in answer.text
    assert browser.get("/api/version").status_code == 401


def test_a_link_or_session_that_was_tampered_with_opens_nothing(server: Server) -> None:
    link = link_to(server.ui, server.key, time.time() - SECONDS[LINK] - 1)
    head, _, rest = link.rpartition("/ind/")[2].partition(".")
    later = f"{int(head) + 9999}.{rest}"
    browser = server.browser(cookies={cookie_name(f"127.0.0.1:{server.port}"): later})
    fresh = way_in(server.folder, api_url(server.port)).rpartition("/ind/")[2]
    thief = server.browser(cookies={cookie_name(f"127.0.0.1:{server.port}"): fresh})

    assert browser.post(f"/ind/{later}", headers={"Origin": server.ui}).status_code == 404
    assert browser.get("/api/version").status_code == 401
    assert thief.get("/api/version").status_code == 401  # a link is no session


def test_the_code_can_be_typed_and_leads_where_one_wanted_to_go(server: Server) -> None:
    browser = server.browser()
    code = server.key.partition(":")[2]

    wrong = browser.post("/ind", data={"kode": "gæt", "til": "/runs"})
    right = browser.post("/ind", data={"kode": code, "til": "/runs?x=1"})
    away = browser.post("/ind", data={"kode": code, "til": "//evil.example/"})

    assert (wrong.status_code, "Koden passer ikke" in wrong.text) == (401, True)
    assert (right.status_code, right.headers["location"]) == (303, "/runs?x=1")
    assert away.headers["location"] == "/"
    assert browser.get("/api/version").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.", "192.0.2.7", "", "a b", "[x"])
def test_a_foreign_name_is_refused_even_with_the_key(server: Server, host: str) -> None:
    told = server.basic | {"Host": f"{host}:{server.port}" if host else ""}

    shown = server.browser().get("/api/version", headers=told)

    assert shown.status_code in (400, 403)
    assert server.browser().get("/api/health", headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ],
)
def test_a_page_of_another_origin_is_refused_even_with_key_and_token(server: Server, headers: dict[str, str]) -> None:
    browser = server.signed_in()
    told = token_of(browser) | headers

    sent = browser.post(FILTER, json={}, headers=told)
    read = browser.get("/api/version", headers=headers)
    preflight = {"Access-Control-Request-Method": "POST", **headers}
    asked = browser.options(FILTER, headers=preflight)

    assert (sent.status_code, read.status_code, asked.status_code) == (403, 403, 403)
    assert "access-control-allow-origin" not in {*sent.headers, *read.headers, *asked.headers}


def test_a_change_needs_prefects_token_and_our_own_page_has_it(server: Server) -> None:
    browser = server.signed_in()
    token = token_of(browser)

    without = browser.post(FILTER, json={}, headers={"Origin": server.ui})
    with_it = browser.post(FILTER, json={}, headers={"Origin": server.ui} | token)

    assert (without.status_code, with_it.status_code) == (403, 200)


def test_a_link_from_a_mail_finds_the_session_although_it_comes_from_elsewhere(server: Server) -> None:
    clicked = HTML | {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

    first = server.browser().get("/runs/flow-run/x?tab=Logs", headers=clicked)
    then = server.signed_in().get("/ind?til=/runs/flow-run/x%3Ftab%3DLogs")

    assert 'content="0;url=/ind?til=/runs/flow-run/x%3Ftab%3DLogs"' in first.text
    assert (then.status_code, then.headers["location"]) == (303, "/runs/flow-run/x?tab=Logs")


def test_nothing_can_be_framed(server: Server) -> None:
    browser = server.signed_in()

    for path in ("/", "/v2/", "/runs", "/api/version", "/ind", "/api/nothing"):
        headers = browser.get(path).headers
        assert headers["x-frame-options"] == "DENY", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path


@pytest.mark.parametrize("path", ["events/in", "events/out", "logs/out"])
def test_a_websocket_is_for_who_has_the_key_and_comes_from_here(server: Server, path: str) -> None:
    def hears(token: str, **headers: str) -> str:
        url = f"ws://127.0.0.1:{server.port}/api/{path}"
        with connect(url, subprotocols=["prefect"], additional_headers=headers) as socket:  # type: ignore[list-item]
            socket.send(f'{{"type": "auth", "token": "{token}"}}')
            return str(socket.recv(timeout=patience.SECONDS))

    assert "auth_success" in hears(server.key)
    assert "auth_success" in hears("", **server.basic)
    for token, headers in (
        ("driftsklar:guess", {}),
        (server.key, {"Origin": "http://evil.example"}),
        (server.key, {"Origin": "null"}),
        ("", server.basic | {"Origin": "http://127.0.0.1:1"}),
    ):
        with pytest.raises((InvalidStatus, ConnectionClosed)):
            hears(token, **headers)


def event(name: str) -> dict[str, Any]:
    """What Prefect takes for something that has happened."""
    what = {"prefect.resource.id": "test.1"}
    return {"id": str(uuid4()), "occurred": now().isoformat(), "event": name, "resource": what}


def test_half_sent_requests_are_ended_and_who_listens_goes_on_listening(server: Server) -> None:
    url = f"ws://127.0.0.1:{server.port}/api/events/out"
    with ExitStack() as held, connect(url, subprotocols=["prefect"]) as listener:  # type: ignore[list-item]
        listener.send(f'{{"type": "auth", "token": "{server.key}"}}')
        assert "auth_success" in str(listener.recv(timeout=patience.SECONDS))
        ahead = {"occurred": {"since": now().isoformat(), "until": (now() + timedelta(days=1)).isoformat()}}
        listener.send(json.dumps({"type": "filter", "filter": ahead, "backfill": False}))
        halves = [held.enter_context(socket.create_connection(("127.0.0.1", server.port), 60)) for _ in range(300)]
        for each in halves:
            each.sendall(b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")

        answered = server.browser().get("/api/health").json()
        said = {each.recv(1) for each in halves}  # after ten seconds; fails by its time-out where they are held

        assert answered is True
        assert said == {b""}
        headers = server.basic | token_of(server.browser(), **server.basic)
        assert server.browser().post("/api/events", json=[event("heard.still")], headers=headers).status_code == 204
        assert "heard.still" in str(listener.recv(timeout=patience.SECONDS))


def test_the_key_stands_in_no_log_argument_or_address(server: Server) -> None:
    code = server.key.partition(":")[2]
    server.signed_in().get("/v2/")

    logs = b"".join(path.read_bytes() for path in (server.folder / "log").iterdir())
    told = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in server.processes)

    assert code.encode() not in logs
    assert code.encode() not in told
    assert b"/ind/" not in logs
    assert code not in way_in(server.folder, api_url(server.port))


def test_open_prints_a_link_that_works_for_the_one_that_runs(server: Server) -> None:
    def driftsklar_open(folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "driftsklar", "open"],
            cwd=HOUSE,
            capture_output=True,
            text=True,
            env={name: value for name, value in os.environ.items() if "PREFECT" not in name}
            | {"DRIFTSKLAR_VAR_DIR": str(folder)},
            check=False,
        )

    printed = driftsklar_open(server.folder)
    nowhere = driftsklar_open(server.folder / "elsewhere")

    opened = server.browser().post(printed.stdout.strip(), headers={"Origin": server.ui})
    assert (printed.returncode, opened.status_code) == (0, 303)
    assert (nowhere.returncode, nowhere.stdout) == (3, "")
    assert "Driftsklar kører ikke her" in nowhere.stderr
