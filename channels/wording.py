"""Ordlyd: what the messages of one mail say, with the links that are its recipient's own.

Links are made when a message is put into words; the same message again holds the same links (models.link).
"""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment
from sqlmodel import Session

from channels.addresses import address
from channels.calendar import calendar_of, check_occasion
from channels.letters import compose_together, dress, the_place
from channels.mail import Mail, message_id
from config.catalogue import catalogue
from config.settings import settings
from models.agreement import agreements_of
from models.facility import Facility
from models.link import Purpose, make_link
from models.message import Message, items_of
from models.photo import photos_of
from models.stage import Stage
from models.volunteer_group import Contact


def letter(
    session: Session, messages: list[Message], to: str, to_name: str, templates: Environment
) -> Mail:
    """The messages to one person or role in words, as one mail."""
    municipality = catalogue().municipality
    common = _common(session, messages, to_name)
    said = [_context(session, message) for message in messages]
    told = [(m.template, common | context) for m, context in zip(messages, said, strict=True)]
    subject, markdown = compose_together(told, templates)
    text, html = dress(subject, markdown, templates)
    domain = settings().mail_from.partition("@")[2]
    headers = {"Reply-To": municipality.mailboxes["coordinator"]}
    items = [item for context in said for item in context.get("items", [])]
    if items and "contacts_link" in common:
        headers["List-Unsubscribe"] = (
            f"<{common['contacts_link']}>, <mailto:{municipality.mailboxes['coordinator']}?subject=Afmeld>"
        )
    first = min(messages, key=lambda message: message.id or 0)
    attachments = [each for message in messages for each in _attachments(session, message)]
    return Mail(
        to=to,
        to_name=to_name,
        subject=subject,
        text=text,
        html=html,
        message_id=message_id(first.key, domain),
        attachments=attachments + _for_the_calendar(session, first, items, domain),
        headers=headers,
    )


def _common(session: Session, messages: list[Message], to_name: str) -> dict[str, Any]:
    """What stands around the letters: who writes to whom, and the person's own links."""
    municipality = catalogue().municipality
    contact_id = messages[0].contact_id
    common: dict[str, Any] = {
        "municipality": {
            "name": municipality.name,
            "phone": municipality.phone,
            "mail": municipality.mailboxes["coordinator"],
        },
        "recipient": to_name,
        "volunteer": contact_id is not None,
    }
    if contact_id is not None:
        common["stop_links"] = {}
        for facility_id in reversed(places_of(session, messages)):
            own = _own_links(session, messages[0], contact_id, facility_id)
            common |= own
            if "stop_link" in own:
                reference = session.get_one(Facility, facility_id).reference
                common["stop_links"][reference] = own["stop_link"]
    return common


def _context(session: Session, message: Message) -> dict[str, Any]:
    """What one message says."""
    context: dict[str, Any] = dict(message.context)
    if message.facility_id is not None:
        context["facility"] = _facility(session, message.facility_id)
        context |= links_for(
            session, message, message.template, message.context, message.facility_id
        )
    items = items_of(session, message) if message.template == "daily" else []
    if items:
        context["items"] = [
            dict(item.context)
            | {"kind": item.kind, "facility": _facility(session, item.facility_id)}
            | links_for(session, message, item.kind, item.context, item.facility_id)
            for item in items
        ]
    return context


def places_of(session: Session, messages: list[Message]) -> list[int]:
    """The facilities that messages are about, in their order."""
    told = []
    for message in messages:
        told += [message.facility_id, *(item.facility_id for item in items_of(session, message))]
    return [each for each in dict.fromkeys(told) if each is not None]


def _attachments(session: Session, message: Message) -> list[tuple[str, str, bytes]]:
    """The agreement, and the photos of an incident."""
    attachments: list[tuple[str, str, bytes]] = []
    if message.attachment:
        path = settings().var_dir / message.attachment
        attachments.append((path.name, "application/pdf", path.read_bytes()))
    if message.template == "incident_reported" and isinstance(
        message.context.get("incident_id"), int
    ):
        photos = photos_of(session, incident_id=int(str(message.context["incident_id"])))
        for number, photo in enumerate(photos, 1):
            path = settings().var_dir / photo.path
            if path.is_file():
                attachments.append((f"billede-{number}.jpg", "image/jpeg", path.read_bytes()))
    return attachments


def _for_the_calendar(
    session: Session, first: Message, items: list[dict[str, Any]], domain: str
) -> list[tuple[str, str, bytes]]:
    """The checks that a contact is given notice of, for their calendar."""
    occasions = [
        check_occasion(session, int(item["check_id"]), item["answer_link"])
        for item in items
        if item["kind"] == "check_notice" and "answer_link" in item
    ]
    if not occasions or first.contact_id is None:
        return []
    content = calendar_of(occasions, name="Tjek", domain=domain, moment=first.created_at)
    return [("tjek.ics", "text/calendar", content)]


def links_for(
    session: Session, message: Message, kind: str, said: Mapping[str, Any], facility_id: int
) -> dict[str, str]:
    """The links that a letter or an item of it may show its recipient, each for one thing."""
    links: dict[str, str] = {}
    if "check_id" in said:
        links["answer_link"] = _link(session, message, Purpose.ANSWER, int(said["check_id"]))
        links["answer_how"] = (
            f"{links['answer_link']} Virker linket ikke, så svar på denne mail, eller ring på "
            f"{catalogue().municipality.phone} og sig tjek nr. {said['check_id']}."
        )
    if kind == "public_report":
        links["suggestion_link"] = _link(
            session, message, Purpose.SUGGESTION, int(said["report_id"])
        )
    if message.contact_id is None:
        return links
    if kind == "agreement_to_sign":
        facility = session.get_one(Facility, facility_id)
        versions = {a.version: a.id or 0 for a in agreements_of(session, facility)}
        links["sign_link"] = _link(session, message, Purpose.SIGN, versions[int(said["version"])])
    if kind == "satisfaction_asked":
        links["satisfaction_link"] = _link(session, message, Purpose.SATISFACTION, facility_id)
    return links | _own_links(session, message, message.contact_id, facility_id)


def _own_links(
    session: Session, message: Message, contact_id: int, facility_id: int
) -> dict[str, str]:
    """A contact's own pages; stopping is for a place that is in operation and theirs."""
    group_id = session.get_one(Contact, contact_id).group_id
    facility = session.get_one(Facility, facility_id)
    links = {
        "group_link": _link(session, message, Purpose.GROUP, group_id),
        "contacts_link": _link(session, message, Purpose.CONTACTS, group_id),
    }
    if facility.stage is Stage.OPERATION and facility.group_id == group_id:
        links["stop_link"] = _link(session, message, Purpose.STOP, facility_id)
    return links


def _link(session: Session, message: Message, purpose: Purpose, subject_id: int) -> str:
    token = make_link(
        session,
        purpose,
        subject_id,
        contact_id=message.contact_id,
        role=message.role,
        moment=message.created_at,
    )
    return address(purpose, token)


def place_words(session: Session, facility_id: int) -> str:
    """The place in a sentence: "shelteret ved Nyord Havn"."""
    return the_place(_facility(session, facility_id))


def _facility(session: Session, facility_id: int) -> dict[str, str]:
    facility = session.get_one(Facility, facility_id)
    kind = catalogue().type(facility.type_key)
    return {
        "reference": facility.reference,
        "name": facility.name,
        "type_name": kind.name,
        "definite": kind.definite,
    }
