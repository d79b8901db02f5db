"""Log ind med kommunens login: to the provider, back from it, and out of it again."""

import secrets
import time
from urllib.parse import quote, unquote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from channels.addresses import root
from channels.page.desk import Desk, desk_of
from channels.page.show import show, sorry
from channels.staff.cookie import clear_session, is_safe_here, journey, session_token, set_journey, set_session
from channels.staff.provider import JOURNEY_SECONDS, Away, Came, NotLetIn, way_out, way_there, who_comes_back
from channels.staff.visitor import onward
from config.roles_now import roles_now
from config.settings import settings
from models.persons.staff_session import Way, sign_in, sign_out
from models.persons.stand_in import roles_lent_to

router = APIRouter(prefix="/opgaver")


@router.api_route("/log-ind/oidc", methods=["GET", "HEAD"])
def go_there(request: Request) -> Response:
    """Lead the browser to the municipality's sign-in, and note in a cookie where it wanted to go."""
    if settings().oidc_issuer is None:
        return sorry(404, "Siden findes ikke", "Log ind på /opgaver/log-ind.")
    if not is_safe_here():
        return sorry(503, "Her kan ingen logge ind endnu", "Siden skal have https. Sig det til jeres administrator.")
    videre = onward(request.query_params.get("videre", ""))
    noted = f"{int(time.time())}.{secrets.token_urlsafe(24)}.{quote(videre, safe='')}"
    try:
        response = RedirectResponse(way_there(noted), 303)
    except Away:
        return _away()
    set_journey(response, noted, seconds=JOURNEY_SECONDS)
    return response


@router.api_route("/log-ind/oidc/tilbage", methods=["GET"])
def come_back(request: Request) -> Response:
    """Sign in whoever comes back, with the roles of their groups, for minutes; or say why not."""
    if settings().oidc_issuer is None:
        return sorry(404, "Siden findes ikke", "Log ind på /opgaver/log-ind.")
    noted, desk = journey(request), desk_of(request)
    try:
        came = who_comes_back(noted, request.query_params)
    except Away:
        return _away()
    except NotLetIn as no:
        return _not_let_in(no.sentence)
    made = _signed_in(desk, request, came)
    if made is None:
        sentence = f"Du har ingen rolle i Driftsklar. Bed administratoren om en. Dit id her er {came.person}."
        response = _not_let_in(sentence)
        clear_session(response)
        return response
    response = RedirectResponse(root() + onward(unquote(noted.split(".", 2)[2])), 303)
    set_session(response, made, seconds=roles_now().sessions.oidc_minutes * 60)
    set_journey(response, "", seconds=0)
    return response


@router.api_route("/log-ud/oidc", methods=["GET", "HEAD"])
def go_out(request: Request) -> Response:
    """Sign out at the municipality's sign-in as well: a link and not a form, since it leads to another house."""
    if settings().oidc_issuer is None:
        return sorry(404, "Siden findes ikke", "Log ind på /opgaver/log-ind.")
    try:
        there = way_out()
    except Away:
        return _away()
    return RedirectResponse(there, 303) if there else sorry(404, "Det kan kommunens login ikke", "Luk browseren.")


def _signed_in(desk: Desk, request: Request, came: Came) -> str | None:
    """The token of a new session; None for somebody without a role, whose session before is ended all the same."""
    with desk.deciding() as session:
        sign_out(session, session_token(request), moment=desk.moment())
        if not came.roles and not roles_lent_to(session, roles_now().known_as(came.person), on=desk.today()):
            return None
        return sign_in(session, Way.OIDC, came.person, came.roles, moment=desk.moment())


def _not_let_in(sentence: str) -> Response:
    response = show("staff/no_way_in", status=403, sentence=sentence, visitor=None)
    set_journey(response, "", seconds=0)
    return response


def _away() -> Response:
    return sorry(503, "Kommunens login kan ikke nås", "Prøv igen om lidt. Bliver det ved, så sig det til jeres IT.")
