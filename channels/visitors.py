"""Who asks, as told by the web server in front where we were told of one; and how many requests at once.

Behind a web server all connections come from it, so uploads are counted here by the visitor's own address. What
`X-Forwarded-For` says is believed only of the addresses in DRIFTSKLAR_PAGE_PROXY.
"""

import asyncio
import logging
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from channels.connections import Room, neighbourhood

MOST_AT_WORK = 200
MOST_UPLOADS = 64
"""In all; each may lie in the temporary folder with as much as the page takes, 60 MB as it stands."""
UPLOADS_EACH = 16

log = logging.getLogger("driftsklar.page")


def behind(app: ASGIApp, proxy: str) -> ASGIApp:
    """The app, told the visitor's address by `proxy` alone: addresses and networks with commas, or nobody ("")."""
    inside: Any = AtOnce(app)
    told: Any = ProxyHeadersMiddleware(inside, proxy) if proxy else inside
    return _Unbelieved(told, proxy)


def believed(proxy: str) -> Container[str]:
    """The addresses that may say whom a request comes from."""
    nobody: Any = None
    hosts: Any = ProxyHeadersMiddleware(nobody, proxy).trusted_hosts
    told: Container[str] = hosts
    return told


class _Unbelieved:
    """Says once that somebody tells whom requests come from, and isn't believed: then all visitors are one."""

    def __init__(self, app: ASGIApp, proxy: str) -> None:
        self._app = app
        self._believed = believed(proxy)
        self._said = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._said and scope["type"] == "http":
            client = scope.get("client")
            host = client[0] if client else ""
            if host not in self._believed and any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
                self._said = True
                log.warning(
                    "X-Forwarded-For from %s is not believed, so all behind it share one address and its limits. "
                    "If that is the web server in front, write it in DRIFTSKLAR_PAGE_PROXY.",
                    host,
                )
        await self._app(scope, receive, send)


@dataclass(eq=False)
class _Upload:
    """A request whose body isn't here yet."""

    task: "asyncio.Task[object]"
    worth: int = 0
    ended: bool = False

    def end(self) -> None:
        self.ended = True
        self.task.cancel()


class AtOnce:
    """So many uploads for each address and in all, the oldest ends for a new one; so many requests at work."""

    def __init__(
        self, app: ASGIApp, *, at_work: int = MOST_AT_WORK, uploads: int = MOST_UPLOADS, each: int = UPLOADS_EACH
    ) -> None:
        self._app = app
        self._at_work = at_work
        self._uploads = Room(uploads, each)
        self._here = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._here - len(self._uploads) >= self._at_work:
            await _busy(scope, receive, send)
            return
        self._here += 1
        try:
            await self._let_in(scope, receive, send)
        finally:
            self._here -= 1

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not any(
            name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
            for name, value in scope["headers"]
        ):
            await self._app(scope, receive, send)
            return
        task = asyncio.current_task()
        assert task is not None
        upload, answered, arrived = _Upload(task), False, False
        client = scope.get("client")
        key = neighbourhood(client[0] if client else "")

        async def read() -> Message:
            nonlocal arrived
            if arrived or asyncio.current_task() is not task:
                return await receive()
            self._uploads.take(key, upload)  # only while it waits can it be told to end
            try:
                message = await receive()
            finally:
                self._uploads.leave(key, upload)
            arrived = not message.get("more_body")
            return message

        async def answer(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, read, answer)
        except asyncio.CancelledError:
            if not upload.ended:
                raise
            task.uncancel()
            if not answered:
                await _busy(scope, receive, send)


async def _busy(scope: Scope, receive: Receive, send: Send) -> None:
    response = PlainTextResponse(
        "Der er for mange lige nu. Prøv igen om lidt.\n",
        503,
        {"Retry-After": "5", "Connection": "close", "Cache-Control": "no-store"},
    )
    await response(scope, receive, send)
