"""Posten: what waits in the outbox is put into words (`channels.wording`) and sent, each mail marked before the next."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from jinja2 import Environment
from sqlalchemy import Engine
from sqlmodel import Session

from channels.documents import environment
from channels.mail import Mail, MailRefused, MailUnreachable
from channels.mail_transport import Transport, open_transport
from channels.sms import WORDS, SmsTrouble, quiet_until, send_sms, words_for
from channels.wording import letter, links_for, place_words, places_of
from config.catalogue import catalogue
from config.settings import settings
from models.calendar import COPENHAGEN, today
from models.database import now, transaction
from models.message import Message, add_to_daily, items_of
from models.posting import claim_mails, mark_failed, mark_sent, messages_of, regroup
from models.role import Role
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
    facility_id = next(iter(places_of(session, messages)), None)
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
        links = links_for(session, message, item.kind, item.context, item.facility_id)
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
                    words_for(
                        item.kind, place_words(session, item.facility_id), links["stop_link"]
                    ),
                )
            )
        if item.kind == "welcome":
            url = links["group_link"]
        texts.append(
            (contact.phone, words_for(item.kind, place_words(session, item.facility_id), url))
        )
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


def _address(session: Session, message: Message) -> tuple[str, str]:
    if message.contact_id is not None:
        contact = session.get_one(Contact, message.contact_id)
        return ("", contact.name) if contact.left_on else (contact.mail, contact.name)
    if message.role is None:
        return "", ""
    address = catalogue().municipality.mailboxes.get(str(message.role), "")  # type: ignore[call-overload]
    return address, message.role.danish
