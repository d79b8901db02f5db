"""Prøv det: on one's own machine, with nobody configured, one chooses a role and sees what it meets."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from channels.addresses import root
from channels.page.desk import Typed, desk_of
from channels.page.show import show, sorry
from channels.staff.cookie import session_token, set_session
from config.roles_now import names_are_known, roles_now
from config.settings import is_loopback, settings
from models.persons.staff_session import Way, sign_in, sign_out
from models.role import PEOPLE, Role

router = APIRouter(prefix="/opgaver/proev")

ROLES = tuple(role for role in PEOPLE if role is not Role.VOLUNTEER)
"""The roles one can try; a volunteer has a page of their own."""


def may_try(request: Request) -> bool:
    """Whether roles may be chosen freely: no persons, no sign-in, no operators, and everything on this machine.

    The page's own address, the name it was asked by and the address that asks must all be this machine, and no web
    server may stand between: what is offered here is every role to whoever comes.
    """
    if names_are_known() or roles_now().operators or settings().page_proxy:
        return False
    hosts = (urlsplit(settings().page_url).hostname, request.url.hostname, request.client and request.client.host)
    return all(is_loopback(host or "") for host in hosts) and not _came_through_a_server(request.headers)


def _came_through_a_server(headers: Mapping[str, str]) -> bool:
    return any(name in headers for name in ("x-forwarded-for", "x-forwarded-host", "forwarded", "via"))


@router.api_route("/{role}", methods=["GET", "HEAD"])
def ask(request: Request, role: str) -> Response:
    """The button that signs one in as the role, for trying."""
    chosen = _role(role)
    if chosen is None or not may_try(request):
        return _not_here()
    return show("staff/try", role=chosen, visitor=None)


@router.post("/{role}")
def start(request: Request, role: str, _form: Typed) -> Response:
    """Be that role until one is signed out; another choice replaces it."""
    chosen = _role(role)
    if chosen is None or not may_try(request):
        return _not_here()
    desk = desk_of(request)
    with desk.deciding() as session:
        sign_out(session, session_token(request), moment=desk.moment())
        token = sign_in(session, Way.TRYING, "", [chosen], moment=desk.moment())
    response = RedirectResponse(f"{root()}/opgaver", 303)
    set_session(response, token, seconds=roles_now().sessions.longest_hours * 3600)
    return response


def _role(word: str) -> Role | None:
    return next((role for role in ROLES if role.value == word), None)


def _not_here() -> Response:
    return sorry(404, "Siden findes ikke", "Log ind på /opgaver/log-ind.")
