"""A knock from Prefect's server to who waits on the same machine: a run can start now, or has fallen.

Prefect's workers ask every few seconds. Where both stand in one folder, the server says it by a socket instead, and
the asking is only the net below. Between machines PostgreSQL carries it (`far_knock`). A knock carries nothing: who
hears it looks for itself, so one too many costs a question and one too few a few seconds.
"""

import asyncio
import os
import re
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

WORKER = "worker.sock"
RECONCILE = "reconcile.sock"
LONGEST_ADDRESS = 100  # bytes; Linux takes 107 for a socket in a folder
STARTS_RUNS = re.compile(r"/(deployments/[^/]+/create_flow_run|flow_runs/[^/]+/(resume|set_state)|flow_runs/?)$")
"""What can make a run that is to start: a person's form, an answer, a revival."""
CALENDAR = re.compile(r"/deployments/(?!filter)[^/]+(/(pause_deployment|set_schedule_inactive|schedules(/[^/]+)?))?$")
"""What can switch the calendar off."""
IS_SCHEDULED = b'"SCHEDULED"'
HAS_FALLEN = re.compile(rb'"(CRASHED|FAILED|CANCELLED)"')


def address(var_dir: Path, who: str) -> str:
    """Where somebody of this folder listens; by the folder's descriptor where its name is too long."""
    path = str(Path(var_dir).resolve() / who)
    if len(os.fsencode(path)) <= LONGEST_ADDRESS:
        return path
    return f"/proc/self/fd/{_folder(var_dir)}/{who}"


_folders: dict[Path, int] = {}


def _folder(var_dir: Path) -> int:
    """The descriptor of a folder, kept open as long as we live."""
    return _folders.setdefault(var_dir, os.open(var_dir, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))


def knock(var_dir: Path, who: str) -> None:
    """Tell them to look now; nobody there is no fault."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as here:
        here.setblocking(False)
        here.sendto(b"!", address(var_dir, who))


def listen(var_dir: Path, who: str) -> socket.socket | None:
    """Where knocks for `who` arrive, in place of whoever listened before; None where the system has no such sockets."""
    try:
        here = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        where = address(var_dir, who)
        with suppress(FileNotFoundError):
            os.unlink(where)
        here.bind(where)
        os.chmod(where, 0o600)
        here.setblocking(False)
    except (AttributeError, OSError):
        return None
    return here


def heard_within(here: socket.socket | None, seconds: float) -> bool:
    """Wait so long for a knock, and take all that came; whether there was one. Without a socket it only waits."""
    if here is None:
        time.sleep(seconds)
        return False
    there_is = bool(select.select([here], [], [], seconds)[0])
    _take_all(here)
    return there_is


def _take_all(here: socket.socket) -> None:
    with suppress(OSError):
        while here.recv(16):
            pass


def hear(here: socket.socket, told: asyncio.Event) -> None:
    """Set `told` with each knock; call it in the loop that waits for `told`."""

    def take() -> None:
        _take_all(here)
        told.set()

    asyncio.get_running_loop().add_reader(here, take)


class Knocking:
    """Pure ASGI around Prefect's application: knocks when a request has made a run that is to start, or ended one badly."""

    def __init__(self, app: ASGIApp, var_dir: Path, afar: Callable[[str], None] | None = None) -> None:
        """`afar` tells those on other machines, where something can."""
        self._app, self._var_dir, self._afar = app, var_dir, afar

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        changes = scope["type"] == "http" and scope["method"] in ("POST", "PATCH")
        if not changes or not STARTS_RUNS.search(scope["path"]):
            await self._app(scope, receive, send)
            if changes and CALENDAR.search(scope["path"]):
                self._knock(RECONCILE)
            return
        told = b""

        async def seen(message: Message) -> None:
            nonlocal told
            if message["type"] == "http.response.body":
                told += message.get("body", b"")
            await send(message)

        plainly = [(name, value) for name, value in scope.get("headers", []) if name != b"accept-encoding"]
        await self._app({**scope, "headers": plainly}, receive, seen)  # compressed, the answer couldn't be read here
        # the answer to a resume names no state, only that it was taken
        if IS_SCHEDULED in told or scope["path"].endswith("/resume"):
            self._knock(WORKER)
        if HAS_FALLEN.search(told):
            self._knock(RECONCILE)

    def _knock(self, who: str) -> None:
        knock(self._var_dir, who)
        if self._afar is not None:
            self._afar(who)
