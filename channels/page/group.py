"""Min gruppe: the coming checks, what was given, the calendar, the agreement; and the way to the other links.

This link looks, and tells of damage. Who wants to stop or change contacts gets a link for that by mail, so that a group's
page that was forwarded gives nobody the power to do it.
"""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import Response

from channels.addresses import address
from channels.page.answer import said_damage, whose
from channels.page.desk import Desk, Typed, desk_of, done, lost_photos, number_said, receipt_path
from channels.page.show import must_not_be_used, place_words, said_back, show, sorry
from channels.page.sign import pdf
from channels.views.calendar import MEDIA_TYPE, occasions_of
from channels.views.calendar_feed import feed_of, written
from config.catalogue import catalogue
from models.case.agreement import agreement_in_force, last_agreement
from models.case.facility import Facility, find
from models.case.volunteer_group import VolunteerGroup, contacts_of, members_of
from models.database import reading
from models.operation.damage_link import damage_by_group, link_for_damage
from models.operation.public_report import may_be_reported
from models.operation.winding_down import minutes_given
from models.persons.contacts import facilities_of
from models.persons.group_message import messages_to_read
from models.post.link import Link, Purpose, make_link, open_link, revoke_links, token_of
from models.post.outbox import add_to_daily
from models.refusal import BadInput, Refusal
from models.role import Door
from models.said import Said
from models.stage import Stage

router = APIRouter()
SHOWN = 6


@router.api_route("/gruppe/{token}", methods=["GET", "HEAD"])
def see(request: Request, token: str) -> Response:
    """The group's page."""
    return _page(desk_of(request), token)


@router.api_route("/gruppe/{token}/tak", methods=["GET", "HEAD"])
def receipt(request: Request, token: str) -> Response:
    """The mail is on its way."""
    return _page(desk_of(request), token, sent=True)


@router.api_route("/gruppe/{token}/aftale/{number}.pdf", methods=["GET", "HEAD"])
def download(request: Request, token: str, number: int) -> Response:
    """The agreement of the group's first, second … place."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.GROUP, moment=desk.moment())
        places = facilities_of(session, session.get_one(VolunteerGroup, link.subject_id))
        if not 1 <= number <= len(places):
            return sorry(404, "Siden findes ikke", "Åbn linket fra mailen igen, eller ring til os.")
        facility = places[number - 1]
        agreement = agreement_in_force(session, facility) or last_agreement(session, facility)
        return pdf(agreement) if agreement is not None else sorry(404, "Aftalen er ikke her", "Der er ingen endnu.")


@router.api_route("/gruppe/{token}/galt/{reference}", methods=["GET", "HEAD"])
def ask_what_is_wrong(request: Request, token: str, reference: str) -> Response:
    """Damage at one of the group's places, without a check."""
    return _damage_page(desk_of(request), token, reference)


@router.api_route("/gruppe/{token}/galt/{reference}/meldt", methods=["GET", "HEAD"])
def damage_kept(request: Request, token: str, reference: str) -> Response:
    """Thanks for it."""
    lost = lost_photos(request)
    return _damage_page(
        desk_of(request), token, reference, template="damage_kept", lost_photos=lost, number=number_said(request)
    )


@router.post("/gruppe/{token}/galt/{reference}")
def report_damage(request: Request, token: str, reference: str, form: Typed) -> Response:
    """Open an incident with what was written, also where the link has run out."""
    desk = desk_of(request)
    with reading(desk.engine) as session:  # before photos are drawn anew for somebody who has no link
        _, is_known = link_for_damage(session, token, Purpose.GROUP)
    try:
        damage, lost = said_damage(form)
        if not is_known:
            desk.must_not_flood(request)
        with desk.deciding() as session:
            incident = damage_by_group(session, token, find(session, reference), damage, on=desk.today())
            number = incident.number if incident is not None else None
    except Refusal as refusal:
        return _damage_page(desk, token, reference, **said_back(refusal), typed=form.typed)
    path = f"/gruppe/{token}/galt/{reference.lower()}/meldt"
    return done(desk, receipt_path(path, lost, number))


@router.post("/gruppe/{token}/kalender")
def calendar(request: Request, token: str, form: Typed) -> Response:
    """Make the calendar's address, or take it back.

    Raises:
        BadInput: the form says neither of the two.
    """
    desk = desk_of(request)
    with desk.deciding() as session:
        link = open_link(session, token, Purpose.GROUP, moment=desk.moment())
        if form["what"] == "revoke":
            revoke_links(
                session, Said(desk.today(), link.acts_as, Door.PAGE), purpose=Purpose.FEED, subject_id=link.subject_id
            )
        elif form["what"] == "make":
            make_link(session, Purpose.FEED, link.subject_id, contact_id=None, role=None, moment=desk.moment())
        else:
            raise BadInput("what", "vælg, om kalenderen skal til eller fra.")
    return done(desk, f"/gruppe/{token}#kalender")


@router.post("/gruppe/{token}/link")
def ask_for_links(request: Request, token: str) -> Response:
    """Send the contact of this link the links to stop and to change contacts; once a day at most."""
    desk = desk_of(request)
    with desk.deciding() as session:
        link = open_link(session, token, Purpose.GROUP, moment=desk.moment())
        places = facilities_of(session, session.get_one(VolunteerGroup, link.subject_id))
        for facility in places if link.contact_id is not None else []:
            add_to_daily(
                session,
                contact_id=link.contact_id,
                role=None,
                kind="links_asked",
                facility_id=facility.number,
                key=f"links:{facility.id}:{desk.today()}",
                context={},
                on=desk.today(),
            )
    return done(desk, f"/gruppe/{token}/tak")


@router.api_route("/kalender/{token}.ics", methods=["GET", "HEAD"])
def feed(request: Request, token: str) -> Response:
    """The group's calendar. It says what and where, and no person's name."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.FEED, moment=desk.moment())
        group = session.get_one(VolunteerGroup, link.subject_id)
        occasions = {f"group:{group.number}": occasions_of(session, group, on=desk.today())}
    events = feed_of(desk.engine, occasions, on=desk.today(), moment=desk.moment())
    return Response(written(events, name=group.name), media_type=MEDIA_TYPE)


def _page(desk: Desk, token: str, **more: Any) -> Response:
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.GROUP, moment=desk.moment())
        group = session.get_one(VolunteerGroup, link.subject_id)
        places = facilities_of(session, group)
        told: dict[str, Any] = {
            "token": token,
            "group": group,
            "contacts": contacts_of(session, group),
            "members": members_of(session, group),
            "messages": messages_to_read(session, link.contact_id or -1, on=desk.today()),
            "places": [_place(session, facility) for facility in places],
            "coming": occasions_of(session, group, on=desk.today())[:SHOWN],
            "minutes_given": sum(minutes_given(session, facility) for facility in places),
            "feed": _feed(session, desk, link),
            "sent": False,
        }
        return show("group", **told | more)


def _damage_page(
    desk: Desk, token: str, reference: str, *, template: str = "damage", status: int = 200, **more: Any
) -> Response:
    with reading(desk.engine) as session:
        link, is_known = link_for_damage(session, token, Purpose.GROUP)
        row = select(Facility).where(Facility.reference == reference.strip().upper())
        facility = None if "\0" in reference else session.exec(row).first()
        is_theirs = facility is not None and facility.group_id == link.subject_id
        if facility is None or not (is_theirs or may_be_reported(facility)):
            return sorry(404, "Siden findes ikke", "Åbn linket fra mailen igen, eller ring til os.")
        told = {
            "action": f"/gruppe/{token}/galt/{facility.reference.lower()}",
            "back": f"/gruppe/{token}",
            "asked": facility,
            "is_known": is_known and is_theirs,
            "counts_minutes": False,
            "whose": whose(session, link, facility),
            **place_words(facility),
        }
        return show(template, status=status, **told | more)


def _place(session: Session, facility: Facility) -> dict[str, object]:
    agreement = agreement_in_force(session, facility) or last_agreement(session, facility)
    return {
        "name": facility.name,
        "reference": facility.reference,
        "stage": facility.stage.danish,
        "must_not": must_not_be_used(session, facility),
        "may_report": may_be_reported(facility),
        "may_follow": catalogue().public.following and facility.stage not in (Stage.OPERATION, Stage.CLOSED),
        "in_operation": facility.stage is Stage.OPERATION,
        "agreement": agreement if agreement is not None and agreement.pdf else None,
        "minutes_given": minutes_given(session, facility),
        **place_words(facility),
    }


def _feed(session: Session, desk: Desk, link: Link) -> str:
    token = token_of(session, Purpose.FEED, link.subject_id, contact_id=None, role=None, moment=desk.moment())
    return address(Purpose.FEED, token) if token is not None else ""
