"""`driftsklar link …`: links to the volunteers' page, made and taken back."""

from datetime import date

import click
from sqlmodel import Session

from channels.addresses import address
from channels.command_line.contact import CONTACT, nth_contact
from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.shown import show_recorded
from channels.command_line.typed import choice
from channels.views.shapes.group import LinkMade, LinksRevoked
from models.case.agreement import last_agreement
from models.case.enquiry import find_enquiry
from models.case.facility import Facility, find
from models.case.volunteer_group import VolunteerGroup, find_group
from models.database import now
from models.operation.check import find_check
from models.operation.public_report import find_public_report
from models.post.link import Purpose, hash_of_address, make_link, revoke_links
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said
from models.stages.enquiry import follow_link
from models.stages.protocol_signature import decided_handover


@click.group()
def link() -> None:
    """Links til de frivilliges side."""


@link.command()
@click.argument("purpose", type=choice(Purpose, without=(Purpose.INVITATION,)))
@click.argument("subject")
@CONTACT
@json_option
def make(purpose: str, subject: str, number: int, as_json: bool) -> None:
    """Lav et link. SUBJECT er nr. på tjek, melding eller henvendelse, anlægget (VK-…) eller gruppen (G-…)."""
    said = Purpose(purpose)
    with recording() as session:
        if said is Purpose.FOLLOW:
            token = follow_link(session, find_enquiry(session, _number(subject)))
        else:
            subject_id, group = _subject(session, said, subject)
            contact = nth_contact(session, group, number)
            whose = None if said is Purpose.FEED else contact.id
            token = make_link(session, said, subject_id, contact_id=whose, role=None, moment=now())
        document = LinkMade(purpose=said, address=address(said, token))
        session.info["answer"] = (document, as_json, document.address)


@link.command()
@click.option("--address", "url", help="Linket, der skal holde op med at virke.")
@click.option("--group", "reference", help="Alle links for en i gruppen (G-0001), se --contact.")
@CONTACT
@on_option
@by_option(Role.COORDINATOR)
@json_option
def revoke(url: str | None, reference: str | None, number: int, on: date, by: str, as_json: bool) -> None:
    """Træk links tilbage: et enkelt, eller alle for en kontakt."""
    if (url is None) == (reference is None):
        raise BadInput("--address", "skriv enten et link (--address) eller en gruppe (--group).")
    said = Said(on, Role(by), Door.CLI)
    with recording() as session:
        if url is not None:
            count = revoke_links(session, said, sha256=hash_of_address(url))
        else:
            contact = nth_contact(session, find_group(session, reference or ""), number)
            count = revoke_links(session, said, contact_id=contact.id)
        show_recorded(session, LinksRevoked(revoked=count), as_json, f"{count} links er trukket tilbage.")


def _number(subject: str) -> int:
    if not (subject.isascii() and subject.isdigit() and len(subject) < 10):
        raise BadInput("subject", "skriv nummeret, fx 12.")
    return int(subject)


def _subject(session: Session, purpose: Purpose, subject: str) -> tuple[int, VolunteerGroup]:
    """What the link is about, and the group that gets it."""
    if purpose in (Purpose.GROUP, Purpose.CONTACTS, Purpose.FEED, Purpose.WEEK):
        group = find_group(session, subject)
        return group.number, group
    if purpose in (Purpose.ANSWER, Purpose.SUGGESTION):
        number = _number(subject)
        of = find_check(session, number) if purpose is Purpose.ANSWER else find_public_report(session, number)
        facility = session.get_one(Facility, of.facility_id)
        return of.number, session.get_one(VolunteerGroup, facility.group_id)
    if purpose in (Purpose.WORK, Purpose.QUESTION):
        raise BadInput("purpose", "det link står i mailen til firmaet eller rollen. Det laves ikke til en gruppe.")
    facility = find(session, subject)
    group = session.get_one(VolunteerGroup, facility.group_id)
    if purpose in (Purpose.STOP, Purpose.SATISFACTION):
        return facility.number, group
    if purpose is Purpose.PROTOCOL:
        return decided_handover(session, facility).number, group
    agreement = last_agreement(session, facility)
    if agreement is None:
        raise BadInput("subject", f"{facility.reference} har ingen aftale endnu.")
    return agreement.number, group
