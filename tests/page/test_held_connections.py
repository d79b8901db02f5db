"""Connections that are held and never finished: a volunteer is answered all the same, and they are ended."""

import asyncio
import logging
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from channels.connections import Bounded, Bounds, Room, bounded, neighbourhood
from channels.page.__main__ import open_more_files, server_of
from channels.visitors import UPLOADS_EACH
from config.settings import settings
from flows.running.up import HOUSE, free_port
from tests import patience

ATTACKER, VOLUNTEER = "127.0.0.2", "127.0.0.1"
MANY = 1_000
LONG = 3_600.0
PATIENT = {"head_seconds": LONG, "stall_seconds": LONG, "idle_seconds": LONG}
HALVES = {
    "half a head": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ",
    "half a body": b"POST /sted/a-0001 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nwhat=",
    "an answer never read": b"GET /big HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "idle after an answer": b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "nothing at all": b"",
}
kinds = pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
TIME_OUTS = re.compile(r"\b(client_header|client_body|send|keepalive)_timeout \d+s;")


def _with_something_big(app: ASGIApp) -> ASGIApp:
    """The app, and an answer that is larger than what the machine buffers."""
    big = b"x" * 8_000_000

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != "/big":
            await app(scope, receive, send)
            return
        length = str(len(big)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": big})

    return asked


@contextmanager
def _serving(app: ASGIApp, **bounds: object) -> Iterator[int]:
    port = free_port()
    server = server_of(_with_something_big(app), port, bounds=Bounds(**bounds))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(patience.SECONDS)


@contextmanager
def _holding(port: int, half: bytes, how_many: int = MANY, source: str = ATTACKER) -> Iterator[list[socket.socket]]:
    open_more_files()
    with ExitStack() as held:
        sockets = []
        for _ in range(how_many):
            each = held.enter_context(socket.socket())
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            each.settimeout(patience.SECONDS)
            each.bind((source, 0))
            each.connect(("127.0.0.1", port))
            each.sendall(half)
            sockets.append(each)
        yield sockets


def _is_open(connection: socket.socket) -> bool:
    """Whether the server still holds it, whatever it has said so far."""
    connection.setblocking(False)
    try:
        return bool(connection.recv(4_096)) and bool(connection.recv(4_096))
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
    finally:
        connection.settimeout(patience.SECONDS)


def _until_it_ends(connection: socket.socket) -> None:
    """Return when the server has ended it; fails by its time-out when it never does."""
    try:
        while connection.recv(65_536):
            pass
    except ConnectionError:
        pass


def _until(so: Callable[[], bool]) -> None:
    latest = time.monotonic() + patience.SECONDS
    while not so():
        assert time.monotonic() < latest
        time.sleep(0.05)


def _get(port: int, path: str = "/", source: str = VOLUNTEER, **more: str) -> httpx.Response:
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    transport = httpx.HTTPTransport(local_address=source)
    with httpx.Client(transport=transport, timeout=patience.SECONDS) as client:
        return client.get(f"http://127.0.0.1:{port}{path}", headers=headers)


@kinds
def test_a_volunteer_is_answered_while_a_thousand_connections_are_held(page, bench, half):
    link = page.check_link(bench, "look")

    with _serving(page.app, each=None, **PATIENT) as port, _holding(port, half) as held:
        answer = _get(port, link)

        assert answer.status_code == 200
        kept = UPLOADS_EACH if half.startswith(b"POST") else MANY
        _until(lambda: sum(map(_is_open, held)) == kept)


@kinds
def test_what_is_held_is_ended_by_the_server(page, half):
    soon = {"head_seconds": 0.2, "stall_seconds": 0.2, "idle_seconds": 0.2, "look_seconds": 0.05}

    with _serving(page.app, **soon) as port, _holding(port, half, 5) as held:
        if b"/big" in half:  # reading is what it must not do: it ends for us when its rest is gone
            for connection in held:
                _write_until_it_ends(connection)
        else:
            for connection in held:
                _until_it_ends(connection)

        assert _get(port).status_code == 200


def _write_until_it_ends(connection: socket.socket) -> None:
    def is_gone() -> bool:
        try:
            connection.sendall(b"\r\n")
        except ConnectionError:
            return True
        return False

    _until(is_gone)


@pytest.mark.parametrize("source", [ATTACKER, VOLUNTEER], ids=["another's address", "the same"])
def test_an_address_that_holds_too_many_loses_its_oldest_and_nobody_is_refused(page, source):
    with _serving(page.app, **PATIENT) as port, _holding(port, HALVES["half a head"], source=source) as held:
        assert _get(port).status_code == 200
        for connection in held[:-32]:
            _until_it_ends(connection)
        assert _get(port).status_code == 200
        assert all(map(_is_open, held[-30:]))


def test_with_very_many_addresses_the_one_that_holds_most_gives_way():
    ended: list[str] = []

    class Held:
        worth = 1

        def __init__(self, whose: str) -> None:
            self.whose = whose

        def end(self) -> None:
            ended.append(self.whose)

    room = Room(most=10, each=None)
    for whose in ["a"] * 7 + ["b"] * 3:
        room.take(whose, Held(whose))

    for _ in range(3):
        room.take("c", Held("c"))

    assert ended == ["a", "a", "a"]
    assert len(room) == 10


def test_with_ipv6_a_whole_network_is_one_neighbour():
    assert neighbourhood("2001:db8:1:2::7") == neighbourhood("2001:db8:1:2:ffff::9")
    assert neighbourhood("2001:db8:1:2::7") != neighbourhood("2001:db8:1:3::7")
    assert neighbourhood("::ffff:192.0.2.1") == neighbourhood("192.0.2.1") == "192.0.2.1"


@dataclass(eq=False)
class _Call:
    """What is to be done at a moment of that clock."""

    when: float
    what: Callable[[], None]
    among: list["_Call"]

    def cancel(self) -> None:
        self.among.remove(self)


class _Clock:
    """The protocol's loop with a clock we set, so that an hour passes at once."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[_Call] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, call: Callable[[], None]) -> "_Call":
        made = _Call(self.now + seconds, call, self._due)
        self._due.append(made)
        return made

    def get_debug(self) -> bool:
        return False

    def create_task(self, work) -> asyncio.Future:
        work.close()
        return asyncio.Future(loop=self)

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        for call in [each for each in self._due if each.when <= self.now]:
            self._due.remove(call)
            call.what()


class _Wire(asyncio.Transport):
    ended = False

    def get_write_buffer_size(self) -> int:
        return 0

    def abort(self) -> None:
        self.ended = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def _upload(bytes_each_second: int, seconds: int) -> bool:
    """Whether five photos of 65 MB at that pace are still being received so much later."""
    clock, wire = _Clock(), _Wire()
    config = uvicorn.Config(lambda: None, log_config=None)
    protocol: Bounded = bounded(Bounds())(config, ServerState(), {}, _loop=clock)
    protocol.connection_made(wire)
    protocol.data_received(b"POST /svar/x HTTP/1.1\r\nHost: a\r\nContent-Length: 65000000\r\n\r\n")
    for _ in range(seconds):
        protocol.data_received(b"x" * bytes_each_second)
        protocol.cycle.body.clear()  # the page reads what comes
        protocol.flow.resume_reading()
        clock.pass_by(1)
    return not wire.ended


def test_five_photos_over_a_bad_net_have_the_time_they_need_and_a_trickle_has_not():
    assert _upload(20_000, seconds=65_000_000 // 20_000)
    assert _upload(1_000, seconds=3_600)
    assert not _upload(100, seconds=31)
    assert not _upload(0, seconds=31)


def test_an_upload_has_an_end_even_if_it_gets_on():
    assert not _upload(1_000, seconds=2 * 3600 + 1)


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTSKLAR_PAGE_PROXY", "127.0.0.1")
    settings.cache_clear()


def test_uploads_are_counted_by_visitor_behind_a_web_server_that_passes_them_on(page, proxied):
    half = HALVES["half a body"].replace(b"Host: 127.0.0.1", b"Host: 127.0.0.1\r\nX-Forwarded-For: 192.0.2.1")
    other = half.replace(b"192.0.2.1", b"192.0.2.2")

    with (
        _serving(page.app, **PATIENT) as port,
        _holding(port, other, 1, VOLUNTEER) as honest,
        _holding(port, half, MANY, VOLUNTEER) as held,
    ):
        told = held[0].recv(65_536)
        assert told.startswith(b"HTTP/1.1 503")
        assert b"retry-after" in told
        for connection in held[1:-16]:
            _until_it_ends(connection)
        assert sum(map(_is_open, held[-16:])) == 16
        honest[0].sendall(b"x" * (9000 - 5))
        assert honest[0].recv(65_536).startswith((b"HTTP/1.1 404", b"HTTP/1.1 422"))
        assert _get(port, X_Forwarded_For="192.0.2.1").status_code == 200


def test_who_leaves_in_the_middle_of_a_form_leaves_no_trace_in_the_log(page, caplog):
    with caplog.at_level(logging.DEBUG), _serving(page.app, **PATIENT) as port:
        with _holding(port, HALVES["half a body"], 20):
            assert _get(port).status_code == 200
        assert _get(port).status_code == 200

    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_what_a_visitor_says_of_their_own_address_is_not_believed_and_said_once(page, caplog):
    with _serving(page.app) as port:
        path = "/svar/" + "x" * 43
        tried = [_get(port, path, X_Forwarded_For=f"192.0.2.{n}").status_code for n in range(21)]

    assert tried == [404] * 20 + [429]
    said = [each.getMessage() for each in caplog.records if each.name == "driftsklar.page"]
    assert len(said) == 1
    assert "DRIFTSKLAR_PAGE_PROXY" in said[0]
    assert "127.0.0.1" in said[0]


@contextmanager
def _nginx(folder: Path, port: int, *, time_outs: str = "") -> Iterator[int]:
    """The documented server block of the page, on loopback without a certificate.

    With `time_outs` ("1s") each of the documented time-outs is that: who would wait for them?
    """
    outside = free_port()
    told = (HOUSE / "deploy/nginx.conf").read_text()
    before, _, rest = told.partition("server {")
    block = rest[: rest.index("\n}\n")]
    block = "\n".join(line for line in block.splitlines() if "ssl_" not in line)
    block = block.replace("listen 443 ssl", f"listen 127.0.0.1:{outside}")
    block = block.replace("127.0.0.1:4280", f"127.0.0.1:{port}")
    if time_outs:
        block, given = TIME_OUTS.subn(rf"\1_timeout {time_outs};", block)
        assert given == 4, "a time-out is missing in deploy/nginx.conf"
        block = f"lingering_timeout {time_outs};\n{block}"
    temps = "\n".join(
        f"{each}_temp_path {folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
        "worker_rlimit_nofile 16384; events { worker_connections 4096; }\n"
        f"http {{ {temps}\n{before}\nserver {{ {block}\n}} }}\n"
    )
    process = subprocess.Popen(["/usr/sbin/nginx", "-e", f"{folder}/e.log", "-c", str(config)])
    transport = httpx.HTTPTransport(retries=8)
    with httpx.Client(transport=transport, timeout=patience.SECONDS) as client:
        client.get(f"http://127.0.0.1:{outside}/robots.txt")
    try:
        yield outside
    finally:
        process.terminate()
        process.wait(patience.SECONDS)


behind_nginx = pytest.mark.skipif(not Path("/usr/sbin/nginx").exists(), reason="no nginx here")
nginx_kinds = pytest.mark.parametrize("half", ["half a head", "half a body", "idle after an answer"])


@behind_nginx
@nginx_kinds
def test_behind_the_documented_nginx_a_thousand_held_shut_nobody_out(page, bench, proxied, tmp_path, half):
    link = page.check_link(bench, "look")

    with (
        _serving(page.app, **PATIENT) as inside,
        _nginx(tmp_path, inside) as port,
        _holding(port, HALVES[half]) as held,
    ):
        assert _get(port, link).status_code == 200
        assert sum(map(_is_open, held)) >= 32


@behind_nginx
@nginx_kinds
def test_behind_the_documented_nginx_what_is_held_is_ended(page, proxied, tmp_path, half):
    with (
        _serving(page.app, **PATIENT) as inside,
        _nginx(tmp_path, inside, time_outs="1s") as port,
        _holding(port, HALVES[half]) as held,
    ):
        for connection in held:
            _until_it_ends(connection)
        assert _get(port).status_code == 200
