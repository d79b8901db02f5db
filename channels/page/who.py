"""Hvem gør hvad: the dates of the next half year and the places, who took which, and a word to the others.

Behind the link to the week's page. "Jeg tager den" is one tap; reminders go to whoever took it. It can be given back.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

from fastapi import APIRouter
from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Desk, Form, Typed, desk_of, done
from channels.page.show import said_back, show
from channels.views.calendar import dates_of
from models.case.agreement import CareTask
from models.case.facility import Facility
from models.case.volunteer_group import Contact, VolunteerGroup, everyone_in
from models.database import reading
from models.operation.who_is_asked import (
    give_date_back,
    give_place_back,
    take_date,
    take_place,
    taken_dates,
    taken_places,
)
from models.persons.contacts import facilities_of
from models.persons.group_message import LONGEST, write_to_the_others
from models.post.link import Link, Purpose, open_link
from models.refusal import BadInput, Refusal
from models.role import Door
from models.said import Said
from models.stage import Stage

router = APIRouter(prefix="/uge/{token}/hvem")
HALF_A_YEAR = timedelta(days=183)
MOST_SHOWN = 40
KEPT = {
    "velkommen": "Tak, du er med. Vi har sendt dig et link til denne side. Bliver det væk, så skriv din mail på forsiden.",
    "velkommen-uden-mail": "Tak, du er med. Gem siden som bogmærke: vi har ingen mail at sende dig linket på.",
    "taget": "Tak. Du tager den, og det er dig, vi minder om det.",
    "tilbage": "Den er givet tilbage. Det er helt i orden.",
    "sendt": "Beskeden er på vej til de andre, med deres næste mail.",
}


class Date(NamedTuple):
    """One date that somebody can take, and who has."""

    task: CareTask
    facility: Facility
    due_on: date
    taker: Contact | None


@router.api_route("", methods=["GET", "HEAD"])
def see(request: Request, token: str) -> Response:
    """The dates and the places, with who took them."""
    return _page(desk_of(request), token, kept=KEPT.get(request.query_params.get("gemt", ""), ""))


@router.post("")
def change(request: Request, token: str, form: Typed) -> Response:
    """Take a date or a place, give it back, or write to the others; the same again changes nothing."""
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            kept = _record(session, desk, token, form)
    except Refusal as refusal:
        return _page(desk, token, **said_back(refusal), typed=form.typed)
    back = f"/uge/{token}" if form["from"] == "uge" else f"/uge/{token}/hvem"
    return done(desk, f"{back}?gemt={kept}")


def _record(session: Session, desk: Desk, token: str, form: Form) -> str:
    link = open_link(session, token, Purpose.WEEK, moment=desk.moment())
    myself = session.get(Contact, link.contact_id) if link.contact_id is not None else None
    if myself is None:
        raise Refusal("contacts.nobody", "Linket hører ikke til en kontakt. Ring til os.")
    group = session.get_one(VolunteerGroup, link.subject_id)
    said = Said(desk.today(), link.acts_as, Door.PAGE)
    word, _, rest = form["take"].partition(":")
    match word:
        case "date" | "back":
            found = _date(session, group, rest, desk.today())
            if word == "back":
                give_date_back(session, myself, found.task, found.due_on, said)
                return "tilbage"
            take_date(session, myself, found.task, found.due_on, said)
            return "taget"
        case "place" | "placeback":
            place = next((each for each in facilities_of(session, group) if each.reference == rest), None)
            if place is None:
                raise BadInput("take", "det er ikke et af jeres steder. Åbn siden igen fra mailen.")
            (take_place if word == "place" else give_place_back)(session, myself, place, said)
            return "taget" if word == "place" else "tilbage"
        case "write":
            write_to_the_others(session, myself, form["words"], said)
            return "sendt"
    raise BadInput("take", "vælg, hvad du tager.")


def _date(session: Session, group: VolunteerGroup, typed: str, on: date) -> Date:
    """The date that a button names, as `12:2026-05-04`; only one that the page shows."""
    found = [each for each in _dates(session, group, on) if f"{each.task.id}:{each.due_on}" == typed]
    if not found:
        raise BadInput("take", "den dato er der ikke mere. Åbn siden igen, og se, hvad der står.")
    return found[0]


def _dates(session: Session, group: VolunteerGroup, on: date) -> list[Date]:
    takers = taken_dates(session, group, since=on - HALF_A_YEAR)
    found = [
        Date(task, facility, due_on, takers.get((task.number, due_on)))
        for task, facility, due_on in dates_of(session, group, on=on)
        if due_on <= on + HALF_A_YEAR
    ]
    return found[:MOST_SHOWN]


def _page(desk: Desk, token: str, *, status: int = 200, kept: str = "", **more: Any) -> Response:
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.WEEK, moment=desk.moment())
        group = session.get_one(VolunteerGroup, link.subject_id)
        takers = taken_places(session, group)
        places = [each for each in facilities_of(session, group) if each.stage is Stage.OPERATION]
        told = {
            "token": token,
            "group": group,
            "myself": _holder(session, link),
            "today": desk.today(),
            "dates": _dates(session, group, desk.today()),
            "places": [(place, takers.get(place.number, [])) for place in places],
            "others": len(everyone_in(session, group)) - 1,
            "longest": LONGEST,
        }
        return show("who", status=status, kept=kept, **told | more)


def _holder(session: Session, link: Link) -> Contact | None:
    rows = select(Contact).where(Contact.id == link.contact_id)
    return session.exec(rows).first() if link.contact_id is not None else None
