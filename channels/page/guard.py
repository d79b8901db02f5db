"""The guard in front of every page: headers, foreign origins, bodies that are too big, and guesses."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
DRAIN_BYTES = 300_000_000
"""How much of a body that is too big is read and thrown away, so that the browser shows our answer."""

Sorry = Callable[[int, str, str], Response]


class TooBig(Exception):
    """More was sent than the page takes."""


class Guard:
    """Pure ASGI, so nothing is buffered."""

    def __init__(
        self, app: ASGIApp, *, limit_of: Callable[[Scope], int], own: str, sorry: Sorry
    ) -> None:
        self._app = app
        self._limit_of = limit_of
        self._own = urlsplit(own).netloc
        self._root = urlsplit(own).path
        self._sorry = sorry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["root_path"] = (
            self._root
        )  # before the path of a route, where the web server left it on
        headers = Headers(scope=scope)
        limit = self._limit_of(scope)
        taken = 0

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    told[name] = value
                told.setdefault("Cache-Control", "no-store")
            await send(message)

        async def read() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise TooBig
            return message

        if scope["method"] == "POST" and self._is_foreign(headers):
            sorry = self._sorry(
                403, "Formularen kom fra et andet sted", "Åbn siden igen fra jeres link."
            )
            await sorry(scope, receive, answer)
            return
        try:
            if (headers.get("content-length") or "0").isdigit() and int(
                headers.get("content-length") or 0
            ) > limit:
                raise TooBig
            await self._app(scope, read, answer)
        except ClientDisconnect:
            return  # it left in the middle: nobody to answer, and no error of ours
        except TooBig:
            await _drain(receive)
            sorry = self._sorry(
                413,
                "Det var for meget på en gang",
                "Send færre eller mindre billeder, og prøv igen.",
            )
            await sorry(scope, receive, answer)

    def _is_foreign(self, headers: Headers) -> bool:
        """Whether a form of another site sends this.

        Our own forms arrive with `Origin: null`, since the page asks for no referrer; browsers of the
        last years say `Sec-Fetch-Site` besides. Where neither is said, the token in the address is the lock.
        """
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return True
        origin = headers.get("origin", "null")
        return origin != "null" and urlsplit(origin).netloc not in (self._own, headers.get("host"))


async def _drain(receive: Receive) -> None:
    taken = 0
    while taken < DRAIN_BYTES:
        message = await receive()
        taken += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return


class Limit:
    """So many in so many seconds for each key; keys are held in memory only, and a bounded number of them."""

    def __init__(self, most: int, seconds: float, *, keys: int = 10_000) -> None:
        self._most, self._seconds, self._keys = most, seconds, keys
        self._seen: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = Lock()

    def over(self, key: str) -> int:
        """Count one more; how far over the limit that is (0: within it)."""
        moment = time.monotonic()
        with self._lock:
            times = self._seen.setdefault(key, [])
            self._seen.move_to_end(key)
            times[:] = [t for t in times if moment - t < self._seconds][-self._most * 10 :]
            times.append(moment)
            if len(self._seen) > self._keys:
                self._seen.popitem(last=False)
            return max(0, len(times) - self._most)
