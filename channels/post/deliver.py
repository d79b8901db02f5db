"""Posten: what waits in the outbox is put into words (`channels.post.wording`) and sent, each mail marked before the next."""

from collections.abc import Callable
from datetime import date, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from jinja2 import Environment
from sqlalchemy import Engine
from sqlmodel import Session

from channels.paper.documents import environment
from channels.post.mail import MailRefused, MailUnreachable
from channels.post.mail_transport import Transport, open_transport
from channels.post.sms import SmsTrouble, quiet_until, send_sms
from channels.post.worded import GIVE_UP_AFTER, TRY_AGAIN, Delivery, Post, ids_of, write, write_apart
from config.settings import settings
from models.calendar import COPENHAGEN, today
from models.case.volunteer_group import Contact, VolunteerGroup
from models.database import now, reading, transaction
from models.operation.followed import forget_who_was_told
from models.post.mail_a_day import claim_mails, is_any_unsent, is_still_ours, mark_failed, mark_one_sent, mark_sent
from models.post.outbox import Message, add_to_daily
from models.role import Role

BATCH = 50
LEASE = timedelta(minutes=10)
"""So long what a sender has claimed is its own. What it hasn't sent a minute before that it leaves to the next one."""
LAST_MINUTE = timedelta(minutes=1)
"""Longer than a mail server may take for a mail."""
MORNING_HOUR = 7
"""Danish time; the daily run, which sends everything, comes at half past six."""


def deliver(engine: Engine, *, clock: Callable[[], date] = today, only_urgent: bool = False) -> Delivery:
    """Send all that may leave now. A mail is marked right after it has gone, so a crash repeats at most one.

    A person gets one mail a day (models.post.mail_a_day says what waits); `clock` tells the day, and `only_urgent`
    leaves to a later delivery what a person can wait for.

    Raises:
        MailUnreachable: the mail server is out of reach; what wasn't sent stays in the outbox.
        MailSettingError: DRIFTSKLAR_SMTP_URL can't be used.
    """
    done = Delivery()
    templates = environment(settings().templates_dir)
    with open_transport(settings().smtp_url, settings().var_dir, sender=settings().mail_from) as transport:
        done.says = transport.says
        while _waits(engine):
            lease_until = now() + LEASE
            with transaction(engine) as session:
                claimed = claim_mails(session, BATCH, lease_until, now(), on=clock(), only_urgent=only_urgent)
            if not claimed:
                return done
            with transaction(engine) as session:
                written = write(session, claimed, lease_until, templates, done, on=clock())
            for number, post in enumerate(written):
                try:
                    _send(engine, post, transport, templates, done, on=clock())
                except MailUnreachable:
                    _put_back(engine, written[number:])
                    raise
    return done


def _waits(engine: Engine) -> bool:
    """Whether anything at all isn't sent: mostly nothing is, and who looks every few seconds is done with one question."""
    with reading(engine) as session:
        return is_any_unsent(session)


def deliver_by_the_way(engine: Engine) -> Delivery:
    """What the page and the worker do after each step: before the morning only what can't wait.

    Else what was left over from yesterday would leave at midnight, and the day's own mail not at half past six.

    Raises:
        MailUnreachable, MailSettingError: as `deliver`.
    """
    return deliver(engine, only_urgent=now().astimezone(ZoneInfo(COPENHAGEN)).hour < MORNING_HOUR)


def _put_back(engine: Engine, written: list[Post]) -> None:
    """The server is out of reach. The first mail may have arrived when the connection broke."""
    with transaction(engine) as session:
        for number, post in enumerate(written):
            numbers = ids_of(post.messages + [message for message, _ in post.texts if number])
            reason = "Mailserveren kan ikke nås."
            mark_failed(session, numbers, reason, give_up=False, again_at=now(), may_have_gone=number == 0)


def _send(
    engine: Engine, post: Post, transport: Transport, templates: Environment, done: Delivery, *, on: date
) -> None:
    """Send it and mark it: the database is not held while it is put into words, nor while the mail server answers."""
    for message, each in post.texts:
        if _is_ours(engine, post, [message.number]):
            _send_texts(engine, message, each, post.places, done)
    if post.draft is None or not _is_ours(engine, post, ids_of(post.messages)):
        return
    try:
        mail = post.draft.mail()
    except Exception:  # whatever is wrong with it: what can be said must go
        with transaction(engine) as session:
            left = write_apart(session, post, post.draft, templates, done, on=on)
        if left is None or left.draft is None:
            return
        post, mail = left, left.draft.mail()
    numbers = ids_of(post.messages)
    try:
        transport.send(mail)
    except MailRefused as refused:
        with transaction(engine) as session:
            give_up = refused.permanent or post.messages[0].attempts >= GIVE_UP_AFTER
            mark_failed(session, numbers, refused.reason, give_up=give_up, again_at=now() + TRY_AGAIN)
            if refused.permanent and post.contact_id is not None:
                _mark_refused(session, post.contact_id, post.places, refused.reason)
        done.failed += len(numbers)
        return
    _mark(engine, post, numbers)
    done.sent += len(numbers)


def _mark(engine: Engine, post: Post, numbers: list[int]) -> None:
    """Note that it has gone, before the next one goes."""
    if len(numbers) == 1 and not post.was_refused and post.messages[0].public_report_id is None:
        with engine.begin() as connection:  # as nearly all are: one statement, and no session for it
            mark_one_sent(connection, numbers[0], post.lease_until)
        return
    with transaction(engine) as session:
        mark_sent(session, numbers, post.lease_until)
        forget_who_was_told(session, post.messages)
        if post.was_refused:
            session.get_one(Contact, post.contact_id).mail_refused = ""


def _is_ours(engine: Engine, post: Post, numbers: list[int]) -> bool:
    """Whether it may go: it was written just now, or nobody has taken it since, nor will while it is sent."""
    if monotonic() < post.trusted_until:
        return True
    if now() > post.lease_until - LAST_MINUTE:
        return False
    with reading(engine) as session:
        return is_still_ours(session, numbers, post.lease_until)


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


def _send_texts(
    engine: Engine, message: Message, texts: list[tuple[str, str]], places: list[int], done: Delivery
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
            mark_failed(session, [message.number], "SMS venter til i morgen.", give_up=False, again_at=night)
        elif trouble is not None:
            give_up = trouble.permanent or message.attempts >= GIVE_UP_AFTER
            mark_failed(session, [message.number], trouble.reason, give_up=give_up, again_at=now() + TRY_AGAIN)
            if trouble.permanent and message.contact_id is not None:  # as it always is: only contacts get texts
                _mark_refused(session, message.contact_id, places, trouble.reason)
            done.failed += 1
        else:
            mark_sent(session, [message.number], message.lease_until or now())
            done.sent += 1
