"""Gruppens kontakter: write a deputy on, leave, or put one's own address right."""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Desk, Form, Typed, desk_of, done
from channels.page.show import said_back, show, sorry
from config.settings import settings
from models.case.volunteer_group import Contact, Pace, Reach, VolunteerGroup, contacts_of
from models.database import reading
from models.operation.damage_link import link_for_damage
from models.operation.winding_down import minutes_given
from models.persons.contacts import add_contact, change_contact, choose_pace, facilities_of, leave_group
from models.post.link import Link, Purpose, open_link
from models.post.receipt import send_receipt
from models.refusal import BadInput, Refusal
from models.role import Door
from models.said import Said

router = APIRouter(prefix="/kontakter/{token}")


@router.api_route("", methods=["GET", "HEAD"])
def see(request: Request, token: str) -> Response:
    """Who is on, and what can be changed."""
    return _page(desk_of(request), token)


@router.api_route("/tak/{what}", methods=["GET", "HEAD"])
def receipt(request: Request, token: str, what: str) -> Response:
    """What was changed. Somebody who left has no link any more, so their receipt needs none."""
    if what == "ude":
        return _left(desk_of(request), token)
    return _page(desk_of(request), token, thanks=True)


@router.post("")
def change(request: Request, token: str, form: Typed) -> Response:
    """Record the change; the same again changes nothing."""
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            link = open_link(session, token, Purpose.CONTACTS, moment=desk.moment())
            _decide(session, desk, link, form)
    except Refusal as refusal:
        if refusal.code == "link.revoked" and form["what"] == "leave":
            return done(desk, f"/kontakter/{token}/tak/ude")  # the second press of the same button
        return _page(desk, token, **said_back(refusal), typed=form.typed)
    return done(desk, f"/kontakter/{token}/tak/{'ude' if form['what'] == 'leave' else 'gemt'}")


def _left(desk: Desk, token: str) -> Response:
    """Thanks for the time, by a link that has just stopped working: it names nobody and opens nothing."""
    with reading(desk.engine) as session:
        link, is_known = link_for_damage(session, token, Purpose.CONTACTS)
        if is_known:
            return sorry(404, "Siden findes ikke", "Åbn linket fra mailen igen, eller ring til os.")
        group = session.get_one(VolunteerGroup, link.subject_id)
        given = sum(minutes_given(session, place) for place in facilities_of(session, group))
    return show("left", minutes_given=given)


def _decide(session: Session, desk: Desk, link: Link, form: Form) -> None:
    group = session.get_one(VolunteerGroup, link.subject_id)
    said = Said(desk.today(), link.acts_as, Door.PAGE)
    myself = session.get(Contact, link.contact_id) if link.contact_id is not None else None
    match form["what"]:
        case "add":
            if not form["name"].strip():
                raise BadInput("name", "skriv navnet.")
            added = add_contact(session, group, form["name"], form["mail"], form["phone"], said)
            _receipt(session, link, group, f"I har fået en {added.role_danish}.", f"contact:{added.id}", desk)
        case "pace":
            if form["pace"] not in list(Pace) or (form["pace"] == Pace.SMS and settings().sms_url is None):
                raise BadInput("pace", "vælg, hvor ofte I vil have besked.")
            choose_pace(session, group, Pace(form["pace"]), said)
        case "leave":
            if form["sure"] != "yes":
                raise BadInput("sure", "sæt et flueben, hvis du går ud.")
            if myself is None:
                raise Refusal("contacts.nobody", "Linket hører ikke til en kontakt. Ring til os.")
            leave_group(session, myself, said)
        case "change":
            if myself is None:
                raise Refusal("contacts.nobody", "Linket hører ikke til en kontakt. Ring til os.")
            prefers = Reach.SMS if form["prefers"] == "sms" and settings().sms_url else Reach.MAIL
            change_contact(session, myself, form["own_mail"], form["own_phone"], prefers, said)
        case _:
            raise BadInput("what", "vælg, hvad der skal ændres.")


def _receipt(session: Session, link: Link, group: VolunteerGroup, what: str, key: str, desk: Desk) -> None:
    for facility in facilities_of(session, group)[:1]:
        send_receipt(session, link, facility.number, what, key=key, on=desk.today())


def _page(desk: Desk, token: str, *, status: int = 200, thanks: bool = False, **more: Any) -> Response:
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.CONTACTS, moment=desk.moment())
        group = session.get_one(VolunteerGroup, link.subject_id)
        there = contacts_of(session, group)
        myself = next((contact for contact in there if contact.id == link.contact_id), None)
        told = {"token": token, "group": group, "contacts": there, "myself": myself}
        paces = [(each.value, each.danish.capitalize()) for each in Pace if each is not Pace.SMS or settings().sms_url]
        can_sms = settings().sms_url is not None
        return show("contacts", status=status, thanks=thanks, can_sms=can_sms, paces=paces, **told | more)
