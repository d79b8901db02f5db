"""Log ind: type one's mail address, open the link that comes, press the button; and log out again."""

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from channels.addresses import root
from channels.page.desk import Desk, Typed, desk_of, log
from channels.page.show import Fault, show, sorry
from channels.staff.cookie import clear_session, is_safe_here, session_token, set_session
from channels.staff.trying import ROLES, may_try
from channels.staff.visitor import Posting, current, onward
from config.roles_now import roles_now
from config.settings import settings
from models.database import reading
from models.persons.sign_in_link import ask_for_link, look_at_link, spend_link
from models.persons.staff_session import Way, sign_in, sign_out
from models.refusal import Refusal
from models.role import Role

router = APIRouter(prefix="/opgaver")

_NOT_SAFE = "Siden skal have https, før nogen kan logge ind. Sig det til jeres administrator."


@router.api_route("/log-ind", methods=["GET", "HEAD"])
def ask(request: Request) -> Response:
    """How one can sign in here."""
    if not is_safe_here():
        return sorry(503, "Her kan ingen logge ind endnu", _NOT_SAFE)
    return _page(request, request.query_params.get("videre", ""))


@router.post("/log-ind")
def send_link(request: Request, form: Typed) -> Response:
    """Send a link to the address, where it is one of the staff's. The answer is the same for every address."""
    desk = desk_of(request)
    if not is_safe_here():
        return sorry(503, "Her kan ingen logge ind endnu", _NOT_SAFE)
    mail = form["mail"].strip()
    if "@" not in mail or len(mail) > 200:
        return _page(request, form["videre"], status=422, fault=Fault("mail", "Skriv din mail som navn@sted.dk."))
    if desk.sign_ins.over(request.client.host if request.client else ""):
        return sorry(429, "For mange forsøg herfra", "Vent ti minutter, og prøv så igen.")
    # afterwards, so that the answer takes as long for an address that is known as for one that isn't
    response = show("staff/link_sent", visitor=None)
    response.background = BackgroundTask(_send, desk, mail, onward(form["videre"]))
    return response


@router.api_route("/log-ind/{token}", methods=["GET", "HEAD"])
def open_link(request: Request, token: str) -> Response:
    """The button that signs one in. Opening the page signs nobody in: mail filters open every link they see."""
    desk = desk_of(request)
    try:
        with reading(desk.engine) as session:
            link = look_at_link(session, token, moment=desk.moment())
    except Refusal as refusal:
        return _no_way_in(request, refusal)
    roles = [Role(role).danish for role in roles_now().persons[link.person].roles]
    videre = onward(request.query_params.get("videre", ""))
    return show("staff/link", token=token, videre=videre, person=link.person, roles=roles, visitor=None)


@router.post("/log-ind/{token}")
def enter(request: Request, token: str, form: Typed) -> Response:
    """Sign in, once, with a session that is new whatever the browser held before."""
    desk = desk_of(request)
    if not is_safe_here():
        return sorry(503, "Her kan ingen logge ind endnu", _NOT_SAFE)
    try:
        with desk.deciding() as session:
            person = spend_link(session, token, moment=desk.moment())
            sign_out(session, session_token(request), moment=desk.moment())
            made = sign_in(session, Way.MAIL, person, (), moment=desk.moment())
    except Refusal as refusal:
        return _no_way_in(request, refusal)
    response = RedirectResponse(root() + onward(form["videre"]), 303)
    set_session(response, made, seconds=roles_now().sessions.longest_hours * 3600)
    return response


@router.api_route("/log-ud", methods=["GET", "HEAD"])
def signed_out(request: Request) -> Response:
    """What holds after signing out; with a way to sign out at the municipality's own sign-in as well."""
    return show("staff/signed_out", oidc=settings().oidc_issuer is not None, visitor=current(request))


@router.post("/log-ud")
def leave(request: Request, visitor: Posting) -> Response:
    """Sign out. The page that follows says so."""
    desk = desk_of(request)
    with desk.deciding() as session:
        sign_out(session, session_token(request), moment=desk.moment())
    response = RedirectResponse(f"{root()}/opgaver/log-ud", 303)
    clear_session(response)
    return response


def _page(request: Request, videre: str, *, status: int = 200, fault: Fault | None = None) -> Response:
    return show(
        "staff/sign_in",
        status=status,
        fault=fault,
        videre=onward(videre),
        by_mail=bool(roles_now().persons),
        oidc=settings().oidc_issuer is not None,
        trying=[(role.value, role.danish) for role in ROLES] if may_try(request) else [],
        visitor=current(request),
    )


def _send(desk: Desk, mail: str, videre: str) -> None:
    try:
        with desk.deciding() as session:
            ask_for_link(session, mail, videre, on=desk.today(), moment=desk.moment())
    except Exception as trouble:  # nobody waits for the answer; who gets no mail asks again
        log.warning("no sign-in link was made: %s", type(trouble).__name__)
        return
    desk.send_post()


def _no_way_in(request: Request, refusal: Refusal) -> Response:
    desk = desk_of(request)
    if refusal.code == "link.unknown" and desk.guesses.over(request.client.host if request.client else ""):
        return sorry(429, "For mange forkerte links", "Vent ti minutter, og bed så om et nyt link.")
    return show(
        "staff/no_way_in",
        status=404 if refusal.code == "link.unknown" else 410,
        sentence=refusal.sentence,
        visitor=None,
    )
