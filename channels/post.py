"""Posten: what waits in the outbox is put into words and sent, each message marked before the next one.

Links are made when a message is put into words; the same message again holds the same links (models.link).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jinja2 import Environment
from sqlalchemy import Engine
from sqlmodel import Session

from channels.addresses import address
from channels.calendar import calendar_of, check_occasion
from channels.documents import environment
from channels.letters import compose, dress, the_place
from channels.mail import Mail, MailRefused, MailUnreachable, Transport, message_id, open_transport
from channels.sms import WORDS, SmsTrouble, quiet_until, send_sms, words_for
from config.catalogue import catalogue
from config.settings import settings
from models.agreement import agreements_of
from models.calendar import today
from models.database import now, transaction
from models.facility import Facility
from models.link import Purpose, make_link
from models.message import (
    Message,
    add_to_daily,
    claim_messages,
    items_of,
    mark_failed,
    mark_sent,
)
from models.photo import photos_of
from models.role import Role
from models.stage import Stage
from models.volunteer_group import Contact, Reach, VolunteerGroup

BATCH = 20
LEASE = timedelta(minutes=10)
"""Longer than a batch can take (20 messages of 20 s each), so that nobody else sends the same."""
TRY_AGAIN = timedelta(minutes=15)
GIVE_UP_AFTER = 200
"""About two days of tries: then a person must look (doctor says so)."""


@dataclass
class Delivery:
    """What one delivery did; `says` tells where the mail went when no mail server is set."""

    sent: int = 0
    failed: int = 0
    without_address: int = 0
    says: str = ""


def deliver(engine: Engine) -> Delivery:
    """Send all that waits. A message is marked right after it has gone, so a crash repeats at most one.

    Raises:
        MailUnreachable: the mail server is out of reach; what wasn't sent stays in the outbox.
        MailSettingError: DRIFTSKLAR_SMTP_URL can't be used.
    """
    done = Delivery()
    templates = environment(settings().templates_dir)
    with open_transport(
        settings().smtp_url, settings().var_dir, sender=settings().mail_from
    ) as transport:
        done.says = transport.says
        while True:
            lease_until = now() + LEASE
            with transaction(engine) as session:
                claimed = claim_messages(session, BATCH, lease_until, now())
            if not claimed:
                return done
            for number, claimed_id in enumerate(claimed):
                try:
                    _send_one(engine, claimed_id, lease_until, transport, templates, done)
                except MailUnreachable:
                    with transaction(engine) as session:
                        for left in claimed[number:]:
                            mark_failed(
                                session,
                                left,
                                "Mailserveren kan ikke nås.",
                                give_up=False,
                                again_at=now(),
                            )
                    raise


def _send_one(
    engine: Engine,
    claimed_id: int,
    lease_until: datetime,
    transport: Transport,
    templates: Environment,
    done: Delivery,
) -> None:
    """Write it, send it, mark it: the database is not held while the mail server answers."""
    with transaction(engine) as session:
        message = session.get_one(Message, claimed_id)
        if message.sent_at is not None or message.lease_until != lease_until:
            return  # somebody else has it
        to, to_name = _address(session, message)
        texts = _texts(session, message, mail=to)
        if not to and texts is None:
            mark_failed(
                session,
                claimed_id,
                "Modtageren har ingen mailadresse.",
                give_up=True,
                again_at=now(),
            )
            done.without_address += 1
            return
        try:
            mail = letter(session, message, to, to_name, templates) if texts is None else None
        except Exception as broken:  # whatever is wrong with this one, the others must go out
            give_up = message.attempts >= GIVE_UP_AFTER
            reason = f"Brevet kan ikke skrives: {broken!r}"
            mark_failed(session, claimed_id, reason, give_up=give_up, again_at=now() + TRY_AGAIN)
            done.failed += 1
            return
    if texts is not None:
        _send_texts(engine, message, texts, done)
        return
    assert mail is not None
    try:
        transport.send(mail)
    except MailRefused as refused:
        with transaction(engine) as session:
            give_up = refused.permanent or message.attempts >= GIVE_UP_AFTER
            mark_failed(
                session, claimed_id, refused.reason, give_up=give_up, again_at=now() + TRY_AGAIN
            )
            if refused.permanent and message.contact_id is not None:
                _mark_refused(session, message, refused.reason)
        done.failed += 1
        return
    with transaction(engine) as session:
        mark_sent(session, claimed_id, lease_until)
        if message.contact_id is not None:
            session.get_one(Contact, message.contact_id).mail_refused = ""
    done.sent += 1


def _mark_refused(session: Session, message: Message, reason: str) -> None:
    """The address doesn't take mail any more: note it, and ask the coordinator for another one."""
    contact = session.get_one(Contact, message.contact_id)
    first = not contact.mail_refused
    contact.mail_refused = reason[:500]
    facilities = [message.facility_id, *(item.facility_id for item in items_of(session, message))]
    facility_id = next((each for each in facilities if each is not None), None)
    if not first or facility_id is None:
        return
    group = session.get_one(VolunteerGroup, contact.group_id)
    add_to_daily(
        session,
        contact_id=None,
        role=Role.COORDINATOR,
        kind="contact_refused",
        facility_id=facility_id,
        key=f"contact:{contact.id}:refused:{today()}",
        context={"group_name": group.name, "role_danish": contact.role_danish},
        on=today(),
    )


def _texts(session: Session, message: Message, *, mail: str) -> list[tuple[str, str]] | None:
    """The SMSes (number, text) that say this message, when it goes by SMS; one for each thing to say."""
    if settings().sms_url is None or message.contact_id is None or message.template != "daily":
        return None
    contact = session.get_one(Contact, message.contact_id)
    wishes = contact.prefers is Reach.SMS or not mail or contact.mail_refused
    items = items_of(session, message)
    if (
        contact.left_on
        or not contact.phone
        or not wishes
        or any(i.kind not in WORDS for i in items)
    ):
        return None
    texts = []
    for item in items:
        links = _links(session, message, item.kind, item.context, item.facility_id)
        url = next(
            (
                links[name]
                for name in ("answer_link", "suggestion_link", "contacts_link")
                if name in links
            ),
            "",
        )
        if item.kind == "links_asked":
            texts.append(
                (
                    contact.phone,
                    words_for(item.kind, _place(session, item.facility_id), links["stop_link"]),
                )
            )
        if item.kind == "welcome":
            url = links["group_link"]
        texts.append((contact.phone, words_for(item.kind, _place(session, item.facility_id), url)))
    return texts


def _send_texts(
    engine: Engine, message: Message, texts: list[tuple[str, str]], done: Delivery
) -> None:
    """Send them in the daytime; a gateway that says no for good leaves the message to a person."""
    night = quiet_until(now())
    trouble: SmsTrouble | None = None
    if night is None:
        try:
            for to, text in texts:
                send_sms(to, text)
        except SmsTrouble as caught:
            trouble = caught
    with transaction(engine) as session:
        if night is not None:
            mark_failed(
                session, message.id or 0, "SMS venter til i morgen.", give_up=False, again_at=night
            )
        elif trouble is not None:
            give_up = trouble.permanent or message.attempts >= GIVE_UP_AFTER
            mark_failed(
                session,
                message.id or 0,
                trouble.reason,
                give_up=give_up,
                again_at=now() + TRY_AGAIN,
            )
            if trouble.permanent:
                _mark_refused(session, message, trouble.reason)
            done.failed += 1
        else:
            mark_sent(session, message.id or 0, message.lease_until or now())
            done.sent += 1


def letter(
    session: Session, message: Message, to: str, to_name: str, templates: Environment
) -> Mail:
    """The message in words, as mail."""
    municipality = catalogue().municipality
    context: dict[str, Any] = dict(message.context) | {
        "municipality": {
            "name": municipality.name,
            "phone": municipality.phone,
            "mail": municipality.mailboxes["coordinator"],
        },
        "recipient": to_name,
        "volunteer": message.contact_id is not None,
    }
    if message.facility_id is not None:
        context["facility"] = _facility(session, message.facility_id)
    items = items_of(session, message) if message.template == "daily" else []
    if items:
        context["items"] = [
            dict(item.context)
            | {"kind": item.kind, "facility": _facility(session, item.facility_id)}
            | _links(session, message, item.kind, item.context, item.facility_id)
            for item in items
        ]
    about = message.facility_id or next((item.facility_id for item in items), None)
    if about is not None:
        context |= _links(session, message, message.template, message.context, about)
    subject, markdown = compose(message.template, context, templates)
    text, html = dress(subject, markdown, templates)
    domain = settings().mail_from.partition("@")[2]
    headers = {"Reply-To": municipality.mailboxes["coordinator"]}
    if items and "contacts_link" in context:
        headers["List-Unsubscribe"] = (
            f"<{context['contacts_link']}>, <mailto:{municipality.mailboxes['coordinator']}?subject=Afmeld>"
        )
    return Mail(
        to=to,
        to_name=to_name,
        subject=subject,
        text=text,
        html=html,
        message_id=message_id(message.key, domain),
        attachments=_attachments(session, message, context.get("items", []), domain),
        headers=headers,
    )


def _attachments(
    session: Session, message: Message, items: list[dict[str, Any]], domain: str
) -> list[tuple[str, str, bytes]]:
    """The agreement, the photos of an incident, and the checks of a notice for the calendar."""
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
    occasions = [
        check_occasion(session, int(item["check_id"]), item["answer_link"])
        for item in items
        if item["kind"] == "check_notice" and "answer_link" in item
    ]
    if occasions and message.contact_id is not None:
        content = calendar_of(occasions, name="Tjek", domain=domain, moment=message.created_at)
        attachments.append(("tjek.ics", "text/calendar", content))
    return attachments


def _links(
    session: Session, message: Message, kind: str, said: Mapping[str, Any], facility_id: int
) -> dict[str, str]:
    """The links that a letter or an item of it may show its recipient, each for one thing."""

    def link(purpose: Purpose, subject_id: int) -> str:
        token = make_link(
            session,
            purpose,
            subject_id,
            contact_id=message.contact_id,
            role=message.role,
            moment=message.created_at,
        )
        return address(purpose, token)

    links: dict[str, str] = {}
    facility = session.get_one(Facility, facility_id)
    if "check_id" in said:
        links["answer_link"] = link(Purpose.ANSWER, int(said["check_id"]))
        links["answer_how"] = (
            f"{links['answer_link']} Virker linket ikke, så svar på denne mail, eller ring på "
            f"{catalogue().municipality.phone} og sig tjek nr. {said['check_id']}."
        )
    if kind == "public_report":
        links["suggestion_link"] = link(Purpose.SUGGESTION, int(said["report_id"]))
    if message.contact_id is None:
        return links
    contact = session.get_one(Contact, message.contact_id)
    links["group_link"] = link(Purpose.GROUP, contact.group_id)
    links["contacts_link"] = link(Purpose.CONTACTS, contact.group_id)
    if facility.stage is Stage.OPERATION and facility.group_id == contact.group_id:
        links["stop_link"] = link(Purpose.STOP, facility_id)
    if kind == "agreement_to_sign":
        versions = {a.version: a.id or 0 for a in agreements_of(session, facility)}
        links["sign_link"] = link(Purpose.SIGN, versions[int(said["version"])])
    return links


def _address(session: Session, message: Message) -> tuple[str, str]:
    if message.contact_id is not None:
        contact = session.get_one(Contact, message.contact_id)
        return ("", contact.name) if contact.left_on else (contact.mail, contact.name)
    if message.role is None:
        return "", ""
    address = catalogue().municipality.mailboxes.get(str(message.role), "")  # type: ignore[call-overload]
    return address, message.role.danish


def _place(session: Session, facility_id: int) -> str:
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
