"""The cookie that keeps somebody signed in at the desk.

HttpOnly, so that no script reads it. SameSite=Lax and not Strict: people come here from their webmail and from the
municipality's sign-in, which are other sites, and with Strict they would seem signed out on that first page; what Lax
sends along is a look, never a form. Secure wherever the page has https; beyond loopback it must have it.
"""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from channels.addresses import root
from config.settings import is_loopback, settings


def is_safe_here() -> bool:
    """Whether a cookie can be kept safe on the way: the page has https, or isn't left by anything."""
    return _is_https() or is_loopback(urlsplit(settings().page_url).hostname or "")


def session_token(request: Request) -> str:
    """The token in the cookie of a request; empty where there is none."""
    return request.cookies.get(_name("opgaver"), "")


def set_session(response: Response, token: str, *, seconds: int) -> None:
    """Keep somebody signed in."""
    _set(response, "opgaver", token, seconds)


def clear_session(response: Response) -> None:
    """Forget it in the browser; the row is ended beside that."""
    _set(response, "opgaver", "", 0)


def journey(request: Request) -> str:
    """What was noted before the browser was led to the municipality's sign-in; empty where nothing was."""
    return request.cookies.get(_name("rejse"), "")


def set_journey(response: Response, noted: str, *, seconds: int) -> None:
    """Note something until the browser comes back from there."""
    _set(response, "rejse", noted, seconds)


def _name(what: str) -> str:
    """With __Secure- no page without https can set it. Browsers keep one jar for all ports, so loopback names its own."""
    return f"__Secure-driftsklar-{what}" if _is_https() else f"driftsklar-{what}-{settings().page_port}"


def _set(response: Response, what: str, value: str, seconds: int) -> None:
    response.set_cookie(
        _name(what),
        value,
        max_age=seconds,
        path=f"{root()}/opgaver",
        httponly=True,
        samesite="lax",
        secure=_is_https() or not is_loopback(urlsplit(settings().page_url).hostname or ""),
    )


def _is_https() -> bool:
    return urlsplit(settings().page_url).scheme == "https"
