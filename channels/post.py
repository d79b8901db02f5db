"""Posten: what waits in the outbox is put into words and sent, each message marked before the next one.

Links are made when a message is put into words; the same message again holds the same links (models.link).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment
from sqlalchemy import Engine
from sqlmodel import Session

from channels.addresses import address
from channels.calendar import calendar_of, check_occasion
from channels.documents import environment
from channels.letters import compose_together, dress, the_place
from channels.mail import Mail, MailRefused, MailUnreachable, Transport, message_id, open_transport
from channels.sms import WORDS, SmsTrouble, quiet_until, send_sms, words_for
from config.catalogue import catalogue
from config.settings import settings
from models.agreement import agreements_of
from models.calendar import COPENHAGEN, today
from models.database import now, transaction
from models.facility import Facility
from models.link import Purpose, make_link
from models.message import Message, add_to_daily, items_of
from models.photo import photos_of
from models.posting import claim_mails, mark_failed, mark_sent, messages_of, regroup
from models.role import Role
from models.stage import Stage
from models.volunteer_group import Contact, Reach, VolunteerGroup

BATCH = 20
LEASE = timedelta(minutes=10)
"""Longer than a batch can take (20 messages of 20 s each), so that nobody else sends the same."""
TRY_AGAIN = timedelta(minutes=15)
GIVE_UP_AFTER = 200
"""About two days of tries: then a person must look (doctor says so)."""
MORNING_HOUR = 7
"""Danish time; the daily run, which sends everything, comes at half past six."""


@dataclass
class Delivery:
    """What one delivery did; `says` tells where the mail went when no mail server is set."""

    sent: int = 0
    failed: int = 0
    without_address: int = 0
    says: str = ""


def deliver(
    engine: Engine, *, clock: Callable[[], date] = today, only_urgent: bool = False
) -> Delivery:
    """Send all that may leave now. A mail is marked right after it has gone, so a crash repeats at most one.

    A person gets one mail a day (models.posting says what waits); `clock` tells the day, and `only_urgent`
    leaves to a later delivery what a person can wait for.

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
                claimed = claim_mails(
                    session, BATCH, lease_until, now(), on=clock(), only_urgent=only_urgent
                )
            if not claimed:
                return done
            for number, mail in enumerate(claimed):
                try:
                    _send_one(engine, mail, lease_until, transport, templates, done)
                except MailUnreachable:
                    _put_back(engine, claimed[number:])
                    raise


def deliver_by_the_way(engine: Engine) -> Delivery:
    """What the page and the worker do after each step: before the morning only what can't wait.

    Else what was left over from yesterday would leave at midnight, and the day's own mail not at half past six.

    Raises:
        MailUnreachable, MailSettingError: as `deliver`.
    """
    return deliver(engine, only_urgent=now().astimezone(ZoneInfo(COPENHAGEN)).hour < MORNING_HOUR)


def _put_back(engine: Engine, claimed: list[list[int]]) -> None:
    """The server is out of reach. The first mail may have arrived when the connection broke."""
    with transaction(engine) as session:
        for number, mail in enumerate(claimed):
            reason = "Mailserveren kan ikke nås."
            mark_failed(
                session, mail, reason, give_up=False, again_at=now(), may_have_gone=number == 0
            )


def _send_one(
    engine: Engine,
    mail: list[int],
    lease_until: datetime,
    transport: Transport,
    templates: Environment,
    done: Delivery,
) -> None:
    """Write it, send it, mark it: the database is not held while the mail server answers."""
    with transaction(engine) as session:
        messages = messages_of(session, mail, lease_until)
        if not messages:
            return  # somebody else has it
        contact_id, attempts = messages[0].contact_id, messages[0].attempts
        to, to_name = _address(session, messages[0])
        texts = [(m, t) for m in messages if (t := _texts(session, m, mail=to)) is not None]
        by_sms = {message.id for message, _ in texts}
        messages = [message for message in messages if message.id not in by_sms]
        if messages and not to:
            reason = "Modtageren har ingen mailadresse."
            mark_failed(session, _ids(messages), reason, give_up=True, again_at=now())
            done.without_address += len(messages)
            messages = []
        written, in_one = _written(session, messages, to, to_name, templates, done)
        if contact_id is not None and len(in_one) < len(mail):
            regroup(session, mail, [number for number in mail if number not in _ids(in_one)])
    for message, each in texts:
        _send_texts(engine, message, each, done)
    if written is None:
        return
    try:
        transport.send(written)
    except MailRefused as refused:
        with transaction(engine) as session:
            give_up = refused.permanent or attempts >= GIVE_UP_AFTER
            mark_failed(
                session, _ids(in_one), refused.reason, give_up=give_up, again_at=now() + TRY_AGAIN
            )
            if refused.permanent and contact_id is not None:
                _mark_refused(session, in_one, refused.reason)
        done.failed += len(in_one)
        return
    with transaction(engine) as session:
        mark_sent(session, _ids(in_one), lease_until)
        if contact_id is not None:
            session.get_one(Contact, contact_id).mail_refused = ""
    done.sent += len(in_one)


def _ids(messages: Iterable[Message]) -> list[int]:
    return sorted(message.id or 0 for message in messages)


def _mark_refused(session: Session, messages: list[Message], reason: str) -> None:
    """The address doesn't take mail any more: note it, and ask the coordinator for another one."""
    contact = session.get_one(Contact, messages[0].contact_id)
    first = not contact.mail_refused
    contact.mail_refused = reason[:500]
    facility_id = next(iter(_about(session, messages)), None)
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
                session,
                [message.id or 0],
                "SMS venter til i morgen.",
                give_up=False,
                again_at=night,
            )
        elif trouble is not None:
            give_up = trouble.permanent or message.attempts >= GIVE_UP_AFTER
            mark_failed(
                session,
                [message.id or 0],
                trouble.reason,
                give_up=give_up,
                again_at=now() + TRY_AGAIN,
            )
            if trouble.permanent:
                _mark_refused(session, [message], trouble.reason)
            done.failed += 1
        else:
            mark_sent(session, [message.id or 0], message.lease_until or now())
            done.sent += 1


def _written(
    session: Session,
    messages: list[Message],
    to: str,
    to_name: str,
    templates: Environment,
    done: Delivery,
) -> tuple[Mail | None, list[Message]]:
    """The mail and what it says. What can't be written is marked and left out: the others must go."""
    if not messages:
        return None, []
    try:
        return letter(session, messages, to, to_name, templates), messages
    except Exception as broken:  # whatever is wrong with it
        fine = []
        if len(messages) > 1:
            for message in messages:
                fine += _written(session, [message], to, to_name, templates, done)[1]
        if fine and len(fine) < len(messages):
            return _written(session, fine, to, to_name, templates, done)
        done.failed += len(messages)
        give_up = messages[0].attempts >= GIVE_UP_AFTER
        reason, again_at = f"Brevet kan ikke skrives: {broken!r}", now() + TRY_AGAIN
        mark_failed(session, _ids(messages), reason, give_up=give_up, again_at=again_at)
        return None, []


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
        for facility_id in reversed(_about(session, messages)):
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
        context |= _links(session, message, message.template, message.context, message.facility_id)
    items = items_of(session, message) if message.template == "daily" else []
    if items:
        context["items"] = [
            dict(item.context)
            | {"kind": item.kind, "facility": _facility(session, item.facility_id)}
            | _links(session, message, item.kind, item.context, item.facility_id)
            for item in items
        ]
    return context


def _about(session: Session, messages: list[Message]) -> list[int]:
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


def _links(
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
