"""Min kalender: the secret address that somebody at the desk subscribes to, made, shown and taken back; and the feed itself."""

from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from channels.addresses import CALENDARS, calendar_address
from channels.page.desk import Typed, desk_of, done
from channels.staff.show import show_staff
from channels.staff.visitor import Posting, Visiting
from channels.views.calendar import MEDIA_TYPE, occasions_of_role
from channels.views.calendar_feed import feed_of, written
from config.roles_now import roles_now
from models.database import reading
from models.outside.calendar_feed import NOBODY, CalendarFeed, feeds_of, find_feed, make_feed, revoke_feed
from models.persons.staff_session import was_here
from models.refusal import BadInput, Refusal
from models.role import Role

router = APIRouter()
PATH = "/opgaver/kalender"
STAYS = timedelta(days=30)
"""How long a calendar of somebody whom only the municipality's sign-in knows works after they were last at the desk [assume]."""


@router.api_route(PATH, methods=["GET", "HEAD"])
def calendar(request: Request, visitor: Visiting) -> Response:
    """The visitor's addresses, and how each program subscribes to one."""
    with reading(desk_of(request).engine) as session:
        feeds = [_shown(feed) for feed in feeds_of(session, visitor.person)] if visitor.person else []
    mine = sorted(visitor.roles)
    is_there = any(sorted(feed["roles"]) == mine for feed in feeds)
    return show_staff("calendar", visitor, here="/kalender", feeds=feeds, mine=mine, is_there=is_there)


@router.post(PATH)
def change(request: Request, visitor: Posting, form: Typed) -> Response:
    """Make an address for all roles of the visitor, or take one back.

    Raises:
        BadInput: the form says neither.
        Refusal: `calendar.nobody`, nobody is known who could take it back again.
    """
    desk = desk_of(request)
    if not visitor.person:
        raise Refusal(
            "calendar.nobody",
            "En kalender hører til en person. Log ind med jeres egen mail først, eller bed administratoren om en for rollen: "
            "driftsklar calendar make --role ….",
        )
    by = min(visitor.roles)
    with desk.deciding() as session:
        said = visitor.said(desk.today(), by)
        if form["hvad"] == "lav":
            make_feed(session, visitor.roles, said)
        elif form["hvad"] == "fjern":
            for feed in feeds_of(session, visitor.person):
                if str(feed.number) == form["nr"]:
                    revoke_feed(session, feed, said)
        else:
            raise BadInput("hvad", "vælg, om kalenderen skal til eller fra.")
    return done(desk, PATH)


@router.api_route(f"{CALENDARS}/{{token}}.ics", methods=["GET", "HEAD"])
def feed(request: Request, token: str) -> Response:
    """What waits for the roles the person still has. It says what and where, and no person's name.

    Raises:
        Refusal: `link.unknown` or `link.revoked`; also where the person has none of the roles any more.
    """
    desk = desk_of(request)
    with reading(desk.engine) as session:
        found = find_feed(session, token)
        roles = _roles_today(session, found, desk.moment())
        occasions = {f"role:{role.value}": occasions_of_role(session, role, on=desk.today()) for role in roles}
    events = feed_of(desk.engine, occasions, on=desk.today(), moment=desk.moment())
    content = written(events, name=f"Driftsklar: {', '.join(role.danish for role in roles)}")
    headers = {"Content-Disposition": 'inline; filename="opgaver.ics"', "Cache-Control": "private, no-cache"}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


def _roles_today(session: Session, feed: CalendarFeed, moment: datetime) -> list[Role]:
    """The roles of the feed that its person has today: by roles.yaml; by the municipality's sign-in those of then."""
    mine = [Role(role) for role in feed.roles]
    if feed.person == NOBODY:
        return mine  # made for the role itself, and taken back at the command line
    known = roles_now().persons.get(feed.person)
    if known is not None:
        mine = [role for role in mine if role.value in known.roles]
    elif not was_here(session, feed.person, since=moment - STAYS):  # only the sign-in knows who has left
        mine = []
    if not mine:
        raise Refusal("link.revoked", "Kalenderen hører til en rolle, som personen ikke har mere.")
    return mine


def _shown(feed: CalendarFeed) -> dict[str, Any]:
    address = calendar_address(feed.token)
    return {
        "number": feed.number,
        "address": address,
        "webcal": f"webcal{address.removeprefix('https').removeprefix('http')}",
        "made_on": feed.made_on,
        "roles": [Role(role) for role in feed.roles],
    }
