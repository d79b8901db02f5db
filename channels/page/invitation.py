"""Invitationen: somebody who was sent a link writes themselves on as a member, and says yes to it.

The page names no person: neither who is in the group nor who sent the link. On a phone it takes two taps and the typing.
"""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Desk, Typed, desk_of, done
from channels.page.show import said_back, show
from channels.page.shown import must_be_pressed_by_a_person, shown_again, shown_now
from channels.post.languages import language_choices
from config.settings import settings
from models.case.volunteer_group import VolunteerGroup
from models.database import reading
from models.persons.contacts import facilities_of
from models.persons.invitation import Invitation, accept_invitation
from models.post.link import Link, Purpose, make_link, open_link
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said

router = APIRouter(prefix="/invitation/{token}")


@router.api_route("", methods=["GET", "HEAD"])
def see(request: Request, token: str) -> Response:
    """What one is invited to, and the form."""
    return _page(desk_of(request), token)


@router.api_route("/tak", methods=["GET", "HEAD"])
def receipt(request: Request, token: str) -> Response:
    """Thanks, to whoever is in the group already; it says no more than that."""
    return _page(desk_of(request), token, thanks=True)


@router.post("")
def accept(request: Request, token: str, form: Typed) -> Response:
    """Write oneself on; who is new is led to their own page, and gets its link by mail."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        open_link(session, token, Purpose.INVITATION, moment=desk.moment())
    try:
        must_be_pressed_by_a_person(desk, form)
        if desk.requests.over(f"invitation:{request.client.host if request.client else ''}"):
            raise Refusal("invitation.too_many_tries", "Der er skrevet mange på herfra. Prøv igen om en time.")
        with desk.deciding() as session:
            link = open_link(session, token, Purpose.INVITATION, moment=desk.moment())
            own = _accepted(session, desk, link, form.typed)
            can_be_mailed = bool(form["mail"].strip()) or settings().sms_url is not None
    except Refusal as refusal:
        return _page(desk, token, **said_back(refusal), typed=form.typed, shown=shown_again(desk, form["shown"]))
    welcome = "velkommen" if can_be_mailed else "velkommen-uden-mail"
    return done(desk, f"/uge/{own}/hvem?gemt={welcome}" if own else f"/invitation/{token}/tak")


def _accepted(session: Session, desk: Desk, link: Link, typed: dict[str, str]) -> str:
    """The token of the new one's own page; "" for whoever was in the group already."""
    language = typed.get("language", "")
    if language and language not in dict(language_choices()):
        raise BadInput("language", "vælg et af sprogene.")
    member, is_new = accept_invitation(
        session,
        link,
        typed.get("name", ""),
        typed.get("mail", ""),
        typed.get("phone", ""),
        Said(desk.today(), Role.VOLUNTEER, Door.PAGE),
        consents=typed.get("consent") == "yes",
        language=language,
    )
    if not is_new:
        return ""
    return make_link(session, Purpose.WEEK, member.group_id, contact_id=member.id, role=None, moment=desk.moment())


def _page(desk: Desk, token: str, *, status: int = 200, thanks: bool = False, **more: Any) -> Response:
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.INVITATION, moment=desk.moment())
        invitation = session.get_one(Invitation, link.subject_id)
        group = session.get_one(VolunteerGroup, invitation.group_id)
        told = {
            "token": token,
            "group": group,
            "places": [each.name for each in facilities_of(session, group)],
            "used_up": invitation.is_used_up,
            "languages": language_choices(),
            "shown": shown_now(desk),
        }
        return show("invitation", status=status, thanks=thanks, **told | more)
