"""The door before Prefect's server: only to who has the key, only under our own names, only from our own pages.

Prefect answers everybody who reaches it. A web page that a member of staff has open reaches it through their browser,
so what a browser says of where a request comes from is looked at before the key is.
"""

import ipaddress
import json
import time
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Collection
from hmac import compare_digest
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.engine import prefect_sign_in as pages
from flows.engine.paths import what_waits
from flows.engine.prefect_ticket import LINK, SECONDS, SESSION, Standing, proof, spend, standing

WAY_IN = "/ind"
FORM_BYTES = 10_000
ON_EVERYTHING = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # a form of ours must say where it comes from
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NO_FRAMES = "frame-ancestors 'none'"
_POLICY_VIOLATED = 1008  # of RFC 6455


class Door:
    """Pure ASGI around Prefect's own application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        key: str,
        var_dir: Path,
        origins: Collection[str],
        names: Collection[str] = (),
        by_address: bool = False,
        health: str = "/api/health",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`origins` are where our pages may stand, `names` more hosts we are reached by.

        With `by_address` every IP address is a name of ours: a page of a stranger can lead a name of theirs here, but
        not an address.
        """
        self._app, self._key, self._var_dir, self._clock = app, key, var_dir, clock
        self._origins = frozenset(origins)
        self._names = {urlsplit(origin).hostname for origin in origins} | {*names}
        self._by_address, self._health = by_address, health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_ours = self._is_our_name(headers) and not self._is_foreign(scope, headers)
        if scope["type"] == "websocket":
            await self._connect(scope, receive, send, headers, is_ours=is_ours)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                for name, value in ON_EVERYTHING.items():
                    told[name] = value
                told.setdefault("Content-Security-Policy", _NO_FRAMES)
            await send(message)

        if not is_ours:
            why = (
                "Anmodningen kommer fra et andet sted end Driftsklars egne sider. Er det adressen, I selv bruger, skal"
                " den stå i PREFECT_SERVER_UI_API_URL."
            )
            await JSONResponse({"detail": why}, 403)(scope, receive, guarded)
        elif scope["path"].startswith(WAY_IN) and scope["path"][len(WAY_IN) :][:1] in ("", "/"):
            await (await self._sign_in(scope, receive, headers))(scope, receive, guarded)
        elif self._may_pass(scope, headers):
            await self._app(scope, receive, guarded)
        else:
            await _shown_the_door(scope, headers)(scope, receive, guarded)

    def _is_our_name(self, headers: Headers) -> bool:
        told = headers.getlist("host")
        try:
            name = urlsplit(f"//{told[0]}").hostname if len(told) == 1 else None
        except ValueError:
            return False
        if name is None or name in self._names:
            return name is not None
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._by_address

    def _is_foreign(self, scope: Scope, headers: Headers) -> bool:
        """Whether a page that isn't ours sends this; a link to us that somebody follows is no such thing."""
        if (origin := headers.get("origin")) is not None:
            same = origin.partition("://")[2] == headers.get("host")
            return origin not in self._origins and not same
        if headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none"):
            return False
        return not _is_followed_link(scope, headers)

    def _may_pass(self, scope: Scope, headers: Headers) -> bool:
        is_probe = scope["path"] == self._health and scope["method"] == "GET"
        return is_probe or self._has_session(scope, headers) or self._has_key(headers)

    def _has_key(self, headers: Headers) -> bool:
        scheme, _, told = headers.get("authorization", "").partition(" ")
        try:
            return scheme.lower() == "basic" and self._is_key(b64decode(told.strip()))
        except (NotBase64, ValueError):
            return False

    def _is_key(self, told: bytes) -> bool:
        return compare_digest(told, self._key.encode())

    def _has_session(self, scope: Scope, headers: Headers) -> bool:
        told = HTTPConnection(scope).cookies.get(cookie_name(headers.get("host", "")), "")
        return standing(self._key, SESSION, told, self._clock()) is Standing.HOLDS

    async def _connect(self, scope: Scope, receive: Receive, send: Send, headers: Headers, *, is_ours: bool) -> None:
        """A websocket: with the key in its head, or as Prefect's clients do, in their first message."""
        if is_ours and (self._has_session(scope, headers) or self._has_key(headers)):
            await self._app(scope, receive, send)
        elif is_ours and "prefect" in scope.get("subprotocols", ()):
            shown = False

            async def hear() -> Message:
                nonlocal shown
                message = await receive()
                if message["type"] == "websocket.receive" and not shown:
                    shown = self._is_key(_token(message))
                    if not shown:
                        await send({"type": "websocket.close", "code": _POLICY_VIOLATED})
                        return {"type": "websocket.disconnect", "code": _POLICY_VIOLATED}
                return message

            async def say(message: Message) -> None:
                if shown or message["type"] != "websocket.send":
                    await send(message)

            await self._app(scope, hear, say)
        else:
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATED})

    async def _sign_in(self, scope: Scope, receive: Receive, headers: Headers) -> Response:
        link = scope["path"][len(WAY_IN) + 1 :]
        if scope["method"] != "POST":
            target = _target(scope["query_string"].decode("latin-1"))
            if self._has_session(scope, headers):
                return RedirectResponse(target, 303)
            return self._show_link(link) if link else pages.ask_for_code(target)
        if not link:
            form = await _body(receive)
            code = parse_qs(form).get("kode", [""])[0].strip().encode()
            if not (self._is_key(code) or self._is_key(_user(self._key) + code)):
                return pages.ask_for_code(_target(form), was_wrong=True)
            return self._let_in(headers, _target(form))
        now = self._clock()
        if standing(self._key, LINK, link, now) is not Standing.HOLDS:
            return self._show_link(link)
        if not spend(self._var_dir, link, now):
            return pages.link_is_spent()
        return self._let_in(headers, what_waits())

    def _show_link(self, link: str) -> Response:
        return {
            Standing.HOLDS: pages.ask_to_open,
            Standing.TOO_OLD: pages.link_is_too_old,
            Standing.FALSE: pages.link_is_unknown,
        }[standing(self._key, LINK, link, self._clock())]()

    def _let_in(self, headers: Headers, target: str) -> Response:
        answer = RedirectResponse(target, 303)
        answer.set_cookie(
            cookie_name(headers.get("host", "")),
            proof(self._key, SESSION, self._clock()),
            max_age=SECONDS[SESSION],
            httponly=True,
            samesite="strict",
            secure=headers.get("origin", "").startswith("https://"),
        )
        return answer


def cookie_name(host: str) -> str:
    """Browsers keep one jar for all ports of a host, so two installations must not share a name."""
    return f"driftsklar-{urlsplit(f'//{host}').port or 'prefect'}"


def link_to(ui: str, key: str, moment: float) -> str:
    """An address that opens Prefect's pages once, soon; `ui` is where they stand."""
    return f"{ui.rstrip('/')}{WAY_IN}/{proof(key, LINK, moment)}"


def _is_followed_link(scope: Scope, headers: Headers) -> bool:
    """Whether somebody comes here from elsewhere, with a window of their own to see it in."""
    return (
        scope.get("method") in ("GET", "HEAD")
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def _shown_the_door(scope: Scope, headers: Headers) -> Response:
    if scope["method"] != "GET" or "text/html" not in headers.get("accept", ""):
        return JSONResponse({"exception_message": "Unauthorized"}, 401)
    query = scope["query_string"].decode("latin-1")
    target = quote(scope["path"]) + (f"?{query}" if query else "")
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return pages.come_in_by_yourself(quote(target, safe="/"))
    return pages.ask_for_code(target)


def _target(form: str) -> str:
    """Where somebody wanted to go: a path here, and nothing that leads elsewhere."""
    told = parse_qs(form).get("til", ["/"])[0]
    is_here = told.startswith("/") and not told.startswith(("//", "/\\", WAY_IN))
    return told if is_here and told.isprintable() else "/"


def _user(key: str) -> bytes:
    return key.partition(":")[0].encode() + b":"


def _token(message: Message) -> bytes:
    told = message.get("text") or (message.get("bytes") or b"").decode(errors="replace")
    try:
        said = json.loads(told)
    except ValueError:
        return b""
    is_proof = isinstance(said, dict) and said.get("type") == "auth"
    return str(said.get("token")).encode() if is_proof else b""


async def _body(receive: Receive) -> str:
    taken = b""
    while len(taken) < FORM_BYTES:
        message = await receive()
        taken += message.get("body", b"")
        if not message.get("more_body"):
            break
    return taken[:FORM_BYTES].decode(errors="replace")
