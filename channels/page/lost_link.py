"""Forsiden, og linket, der er blevet væk: type one's mail address, and get the link mailed, where the address is known.

The answer is the same words in the same time for every address; what is found is found afterwards. Nothing typed is kept.
A person gets one such mail a day, however often anybody asks.
"""

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Desk, Typed, desk_of, log
from channels.page.show import said_back, show, sorry
from channels.page.shown import must_be_pressed_by_a_person, shown_again, shown_now
from config.catalogue import catalogue
from models.persons.lost_link import ask_for_lost_link
from models.refusal import BadInput, Refusal

router = APIRouter()
LONGEST = 254


@router.api_route("/", methods=["GET", "HEAD"])
def home(request: Request) -> Response:
    """What this is, and the way back in."""
    return show("home", public=catalogue().public, shown=shown_now(desk_of(request)))


@router.post("/link")
def send_link(request: Request, form: Typed) -> Response:
    """Say that a mail is on its way if the address is known; whether it is, the answer doesn't say."""
    desk, mail = desk_of(request), form["mail"].strip()
    if desk.sign_ins.over(f"link:{request.client.host if request.client else ''}"):
        return sorry(429, "For mange forsøg herfra", "Vent ti minutter, og prøv så igen.")
    try:
        if "@" not in mail or len(mail) > LONGEST:
            raise BadInput("mail", "Skriv din mail som navn@sted.dk.")
        must_be_pressed_by_a_person(desk, form)
    except Refusal as refusal:
        shown = shown_again(desk, form["shown"])
        return show("home", shown=shown, typed=form.typed, public=catalogue().public, **said_back(refusal))
    response = show("link_asked")
    response.background = BackgroundTask(_find, desk, mail)
    return response


def _find(desk: Desk, mail: str) -> None:
    try:
        with desk.deciding() as session:
            ask_for_lost_link(session, mail, on=desk.today())
    except Exception as trouble:  # nobody waits for the answer; who gets no mail asks again
        log.warning("no lost link was looked for: %s", type(trouble).__name__)
        return
    desk.send_post()
