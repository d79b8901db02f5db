"""The guard in front of every page: headers, foreign names and origins, bodies that are too big, and guesses."""

import ipaddress
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
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
    "Referrer-Policy": "same-origin",  # so that our own forms say where they come from
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HEADERS_WHERE_ONE_STANDS = {
    "Content-Security-Policy": f"{SECURITY_HEADERS['Content-Security-Policy']}; script-src 'self'",
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=()",
}
"""What is wider where our script may ask the telephone where it is; the telephone asks its owner first."""
DRAIN_BYTES = 300_000_000
"""How much of a body that is too big is read and thrown away, so that the browser shows our answer."""

Sorry = Callable[[int, str, str], Response]


class TooBig(Exception):
    """More was sent than the page takes."""


class Guard:
    """Pure ASGI, so nothing is buffered."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit_of: Callable[[Scope], int],
        own: str,
        sorry: Sorry,
        headers_of: Callable[[str], Mapping[str, str]] | None = None,
    ) -> None:
        """`headers_of` says for a path which security headers are others there than everywhere else."""
        self._app = app
        self._headers_of = headers_of or (lambda _path: {})
        self._limit_of = limit_of
        self._own = urlsplit(own).netloc
        self._names = {urlsplit(own).hostname, "localhost", socket.gethostname().lower()}
        self._root = urlsplit(own).path
        self._sorry = sorry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["root_path"] = self._root  # before the path of a route, where the web server left it on
        headers = Headers(scope=scope)
        limit = self._limit_of(scope)
        taken = 0

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    told[name] = value
                for name, value in self._headers_of(scope["path"].removeprefix(self._root)).items():
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

        if not self._is_our_name(headers):
            sorry = self._sorry(421, "Siden har en anden adresse", "Åbn siden fra jeres link.")
            await sorry(scope, receive, answer)
            return
        if scope["method"] == "POST" and self._is_foreign(headers):
            sorry = self._sorry(403, "Formularen kom fra et andet sted", "Åbn siden igen fra jeres link.")
            await sorry(scope, receive, answer)
            return
        try:
            if (headers.get("content-length") or "0").isdigit() and int(headers.get("content-length") or 0) > limit:
                raise TooBig
            await self._app(scope, read, answer)
        except ClientDisconnect:
            return  # it left in the middle: nobody to answer, and no error of ours
        except TooBig:
            await _drain(receive)
            sorry = self._sorry(413, "Det var for meget på en gang", "Send færre eller mindre billeder, og prøv igen.")
            await sorry(scope, receive, answer)

    def _is_our_name(self, headers: Headers) -> bool:
        """Whether this is asked by a name of ours: a stranger can lead a name of theirs here, but no address."""
        told = headers.getlist("host")
        try:
            name = urlsplit(f"//{told[0]}").hostname if len(told) == 1 else None
            return name in self._names or bool(ipaddress.ip_address(name or ""))
        except ValueError:
            return False

    def _is_foreign(self, headers: Headers) -> bool:
        """Whether a form of another site sends this.

        A frame in a sandbox and a `data:` page say `Origin: null`. Where nothing is said at all, the token in the
        address is the lock.
        """
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return True
        if (origin := headers.get("origin")) is None:
            return False
        if origin == "null":  # a page of ours that was opened while it asked for no referrer
            return headers.get("sec-fetch-site") != "same-origin"
        return urlsplit(origin).netloc not in (self._own, headers.get("host"))


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
