"""Posten: what waits in the outbox is put into words and sent, each message marked before the next one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jinja2 import Environment
from sqlalchemy import Engine
from sqlmodel import Session

from channels.documents import environment
from channels.letters import compose, dress
from channels.mail import Mail, MailRefused, MailUnreachable, Transport, message_id, open_transport
from config.catalogue import catalogue
from config.settings import settings
from models.database import now, transaction
from models.facility import Facility
from models.message import Message, claim_messages, items_of, mark_failed, mark_sent
from models.volunteer_group import Contact

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
        if not to:
            mark_failed(
                session,
                claimed_id,
                "Modtageren har ingen mailadresse.",
                give_up=True,
                again_at=now(),
            )
            done.without_address += 1
            return
        mail = letter(session, message, to, to_name, templates)
    try:
        transport.send(mail)
    except MailRefused as refused:
        with transaction(engine) as session:
            give_up = refused.permanent or message.attempts >= GIVE_UP_AFTER
            mark_failed(
                session, claimed_id, refused.reason, give_up=give_up, again_at=now() + TRY_AGAIN
            )
            if refused.permanent and message.contact_id is not None:
                session.get_one(Contact, message.contact_id).mail_refused = refused.reason[:500]
        done.failed += 1
        return
    with transaction(engine) as session:
        mark_sent(session, claimed_id, lease_until)
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
    if message.template == "daily":
        context["items"] = [
            dict(item.context)
            | {
                "kind": item.kind,
                "facility": _facility(session, item.facility_id),
                "answer_how": _how_to_answer(item.context),
            }
            for item in items_of(session, message)
        ]
    subject, markdown = compose(message.template, context, templates)
    text, html = dress(subject, markdown, templates)
    attachments = []
    if message.attachment:
        path = settings().var_dir / message.attachment
        attachments = [(path.name, "application/pdf", path.read_bytes())]
    domain = settings().mail_from.partition("@")[2]
    return Mail(
        to=to,
        to_name=to_name,
        subject=subject,
        text=text,
        html=html,
        message_id=message_id(message.key, domain),
        attachments=attachments,
        headers={"Reply-To": municipality.mailboxes["coordinator"]},
    )


def _how_to_answer(context: dict[str, Any]) -> str:
    phone = catalogue().municipality.phone
    return (
        f"svar på denne mail, eller ring på {phone} og sig tjek nr. {context['check_id']}."
        if "check_id" in context
        else ""
    )


def _address(session: Session, message: Message) -> tuple[str, str]:
    if message.contact_id is not None:
        contact = session.get_one(Contact, message.contact_id)
        return ("", contact.name) if contact.left_on else (contact.mail, contact.name)
    if message.role is None:
        return "", ""
    address = catalogue().municipality.mailboxes.get(str(message.role), "")  # type: ignore[call-overload]
    return address, message.role.danish


def _facility(session: Session, facility_id: int) -> dict[str, str]:
    facility = session.get_one(Facility, facility_id)
    kind = catalogue().type(facility.type_key)
    return {
        "reference": facility.reference,
        "name": facility.name,
        "type_name": kind.name,
        "definite": kind.definite,
    }
