"""Posten: what waits in the outbox is put into words (`channels.wording`) and sent, each mail marked before the next."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from jinja2 import Environment
from sqlalchemy import Engine
from sqlmodel import Session

from channels.documents import environment
from channels.mail import Mail, MailRefused, MailUnreachable
from channels.mail_transport import Transport, open_transport
from channels.sms import WORDS, SmsTrouble, quiet_until, send_sms, words_for
from channels.wording import Wording, place_words
from config.catalogue import catalogue
from config.settings import settings
from models.calendar import COPENHAGEN, today
from models.database import now, reading, transaction
from models.message import Message, add_to_daily
from models.posting import (
    claim_mails,
    is_still_ours,
    mark_failed,
    mark_sent,
    messages_of,
    regroup,
)
from models.role import Role
from models.volunteer_group import Contact, Reach, VolunteerGroup

BATCH = 20
LEASE = timedelta(minutes=10)
"""Longer than a batch can take (20 messages of 20 s each), so that nobody else sends the same."""
TRUSTED_SECONDS = 5
"""How long after a batch was put into words its mails go without asking whether they are still ours."""
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
            with transaction(engine) as session:
                written = _write(session, claimed, lease_until, templates, done)
            for number, post in enumerate(written):
                try:
                    _send(engine, post, transport, done)
                except MailUnreachable:
                    _put_back(engine, written[number:])
                    raise


def deliver_by_the_way(engine: Engine) -> Delivery:
    """What the page and the worker do after each step: before the morning only what can't wait.

    Else what was left over from yesterday would leave at midnight, and the day's own mail not at half past six.

    Raises:
        MailUnreachable, MailSettingError: as `deliver`.
    """
    return deliver(engine, only_urgent=now().astimezone(ZoneInfo(COPENHAGEN)).hour < MORNING_HOUR)


@dataclass(frozen=True)
class _Post:
    """What is ready to go to one person or role: a mail with its messages, and SMSes instead of some."""

    messages: list[Message]
    mail: Mail | None
    texts: list[tuple[Message, list[tuple[str, str]]]]
    places: list[int]
    lease_until: datetime
    trusted_until: float

    @property
    def contact_id(self) -> int | None:
        """Whose it is; None for a role's."""
        return self.messages[0].contact_id


def _put_back(engine: Engine, written: list[_Post]) -> None:
    """The server is out of reach. The first mail may have arrived when the connection broke."""
    with transaction(engine) as session:
        for number, post in enumerate(written):
            numbers = _ids(post.messages + [message for message, _ in post.texts if number])
            reason = "Mailserveren kan ikke nås."
            mark_failed(
                session, numbers, reason, give_up=False, again_at=now(), may_have_gone=number == 0
            )


def _write(
    session: Session,
    claimed: list[list[int]],
    lease_until: datetime,
    templates: Environment,
    done: Delivery,
) -> list[_Post]:
    """Put the claimed mails into words, but for what somebody else has."""
    theirs = messages_of(session, claimed, lease_until)
    wording = Wording(session, [message for each in theirs for message in each], templates)
    return [
        _written_post(session, messages, wording, lease_until, done)
        for messages in theirs
        if messages
    ]


def _written_post(
    session: Session,
    messages: list[Message],
    wording: Wording,
    lease_until: datetime,
    done: Delivery,
) -> _Post:
    claimed = _ids(messages)
    contact_id = messages[0].contact_id
    to, to_name = _address(session, messages[0])
    texts = [(m, t) for m in messages if (t := _texts(session, m, wording, mail=to)) is not None]
    by_sms = {message.id for message, _ in texts}
    by_mail = [message for message in messages if message.id not in by_sms]
    if by_mail and not to:
        reason = "Modtageren har ingen mailadresse."
        mark_failed(session, _ids(by_mail), reason, give_up=True, again_at=now())
        done.without_address += len(by_mail)
        by_mail = []
    mail, in_one = _written(session, by_mail, to, to_name, wording, done)
    if contact_id is not None and len(in_one) < len(claimed):
        regroup(session, claimed, [number for number in claimed if number not in _ids(in_one)])
    places = wording.places_of(in_one or [message for message, _ in texts])
    return _Post(in_one, mail, texts, places, lease_until, monotonic() + TRUSTED_SECONDS)


def _send(engine: Engine, post: _Post, transport: Transport, done: Delivery) -> None:
    """Send it and mark it: the database is not held while the mail server answers."""
    for message, each in post.texts:
        if _is_ours(engine, post, [message.id or 0]):
            _send_texts(engine, message, each, post.places, done)
    if post.mail is None or not _is_ours(engine, post, _ids(post.messages)):
        return
    numbers = _ids(post.messages)
    try:
        transport.send(post.mail)
    except MailRefused as refused:
        with transaction(engine) as session:
            give_up = refused.permanent or post.messages[0].attempts >= GIVE_UP_AFTER
            mark_failed(
                session, numbers, refused.reason, give_up=give_up, again_at=now() + TRY_AGAIN
            )
            if refused.permanent and post.contact_id is not None:
                _mark_refused(session, post.contact_id, post.places, refused.reason)
        done.failed += len(numbers)
        return
    with transaction(engine) as session:
        mark_sent(session, numbers, post.lease_until)
        if post.contact_id is not None:
            session.get_one(Contact, post.contact_id).mail_refused = ""
    done.sent += len(numbers)


def _is_ours(engine: Engine, post: _Post, numbers: list[int]) -> bool:
    """Whether it may go: it was written just now, or nobody has taken it since."""
    if monotonic() < post.trusted_until:
        return True
    with reading(engine) as session:
        return is_still_ours(session, numbers, post.lease_until)


def _ids(messages: Iterable[Message]) -> list[int]:
    return sorted(message.id or 0 for message in messages)


def _mark_refused(session: Session, contact_id: int, places: list[int], reason: str) -> None:
    """The address doesn't take mail any more: note it, and ask the coordinator for another one."""
    contact = session.get_one(Contact, contact_id)
    first = not contact.mail_refused
    contact.mail_refused = reason[:500]
    facility_id = next(iter(places), None)
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


def _texts(
    session: Session, message: Message, wording: Wording, *, mail: str
) -> list[tuple[str, str]] | None:
    """The SMSes (number, text) that say this message, when it goes by SMS; one for each thing to say."""
    if settings().sms_url is None or message.contact_id is None or message.template != "daily":
        return None
    contact = session.get_one(Contact, message.contact_id)
    wishes = contact.prefers is Reach.SMS or not mail or contact.mail_refused
    items = wording.items_of(message)
    if (
        contact.left_on
        or not contact.phone
        or not wishes
        or any(i.kind not in WORDS for i in items)
    ):
        return None
    texts = []
    for item in items:
        links = wording.links_for(message, item.kind, item.context, item.facility_id)
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
    engine: Engine,
    message: Message,
    texts: list[tuple[str, str]],
    places: list[int],
    done: Delivery,
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
                _mark_refused(session, message.contact_id or 0, places, trouble.reason)
            done.failed += 1
        else:
            mark_sent(session, [message.id or 0], message.lease_until or now())
            done.sent += 1


def _written(
    session: Session,
    messages: list[Message],
    to: str,
    to_name: str,
    wording: Wording,
    done: Delivery,
) -> tuple[Mail | None, list[Message]]:
    """The mail and what it says. What can't be written is marked and left out: the others must go."""
    if not messages:
        return None, []
    try:
        return wording.letter(messages, to, to_name), messages
    except Exception as broken:  # whatever is wrong with it
        fine = []
        if len(messages) > 1:
            for message in messages:
                fine += _written(session, [message], to, to_name, wording, done)[1]
        if fine and len(fine) < len(messages):
            return _written(session, fine, to, to_name, wording, done)
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
