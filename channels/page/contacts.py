"""Gruppens kontakter: write a deputy on, leave, or put one's own address right."""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from channels.addresses import address
from channels.page.desk import Desk, Form, Typed, desk_of, done
from channels.page.show import said_back, show, sorry
from channels.post.languages import language_choices
from config.settings import settings
from models.case.volunteer_group import Contact, Pace, Reach, VolunteerGroup, contacts_of, members_of
from models.database import reading
from models.operation.damage_link import link_for_damage
from models.operation.who_is_asked import only_for, taken_places
from models.operation.winding_down import minutes_given
from models.persons.contacts import (
    add_contact,
    change_contact,
    choose_language,
    choose_pace,
    facilities_of,
    leave_group,
)
from models.persons.invitation import close_invitation, invite, open_invitations, token_of_invitation
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
        case "invite" | "close" | "remove" | "places":
            _of_the_group(session, desk, link, group, myself, form, said)
        case "add":
            _not_a_member(myself)
            if not form["name"].strip():
                raise BadInput("name", "skriv navnet.")
            added = add_contact(session, group, form["name"], form["mail"], form["phone"], said)
            _receipt(session, link, group, f"I har fået en {added.role_danish}.", f"contact:{added.id}", desk)
        case "pace":
            _not_a_member(myself)
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
            if form["language"] in {"", *dict(language_choices())}:
                choose_language(session, myself, form["language"], said)
        case _:
            raise BadInput("what", "vælg, hvad der skal ændres.")


def _of_the_group(
    session: Session, desk: Desk, link: Link, group: VolunteerGroup, myself: Contact | None, form: Form, said: Said
) -> None:
    """What a contact may do about the others: invite, close an invitation, take a member off, say whose place is whose."""
    _not_a_member(myself)
    if form["what"] == "invite":
        invite(session, group, said, by_contact=myself, most=form.number("most") or 1, moment=desk.moment())
    elif form["what"] == "close":
        close_invitation(session, group, form.number("number") or -1, said)
    elif form["what"] == "remove":
        number = form.number("number")
        there = next((each for each in members_of(session, group) if each.id == number), None)
        if there is not None:  # the second press of the button finds nobody
            leave_group(session, there, said)
    elif myself is not None:
        places = [each for each in facilities_of(session, group) if form[f"place-{each.reference}"]]
        only_for(session, myself, places, said)


def _not_a_member(myself: Contact | None) -> None:
    if myself is not None and myself.is_member:
        raise Refusal("contacts.members_may_not", "Det gør gruppens kontakter. Sig det til en af dem.")


def _receipt(session: Session, link: Link, group: VolunteerGroup, what: str, key: str, desk: Desk) -> None:
    for facility in facilities_of(session, group)[:1]:
        send_receipt(session, link, facility.number, what, key=key, on=desk.today())


def _page(desk: Desk, token: str, *, status: int = 200, thanks: bool = False, **more: Any) -> Response:
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.CONTACTS, moment=desk.moment())
        group = session.get_one(VolunteerGroup, link.subject_id)
        there = contacts_of(session, group)
        members = members_of(session, group)
        myself = next((contact for contact in there + members if contact.id == link.contact_id), None)
        told = {"token": token, "group": group, "contacts": there, "myself": myself, "members": members}
        takers, places = taken_places(session, group), facilities_of(session, group)
        told |= {
            "places": [(each, myself in takers.get(each.number, [])) for each in places],
            "is_first": there[:1] == [myself],
            "invitations": [
                (each, address(Purpose.INVITATION, token_of_invitation(session, each, moment=desk.moment())))
                for each in open_invitations(session, group, moment=desk.moment())
            ],
            "days": Purpose.INVITATION.lifetime.days,
            "languages": language_choices(),
        }
        paces = [(each.value, each.danish.capitalize()) for each in Pace if each is not Pace.SMS or settings().sms_url]
        can_sms = settings().sms_url is not None
        return show("contacts", status=status, thanks=thanks, can_sms=can_sms, paces=paces, **told | more)
