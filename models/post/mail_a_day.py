"""Postgang: which messages leave together as one mail, when, and what became of it.

A person gets one mail a day. What waits for a contact when the post leaves goes in one mail; what is
said later that day waits for the next day's mail. `URGENT` is what a person waits for or must act on
now: it goes at once, and takes along whatever waits. The day that counts is the one it leaves on: what is
dated back (typed in afterwards) is a letter of today. Roles have mailboxes, not a person's patience: each case is a mail of its own there, so that it can
be filed and passed on, and damage never waits. Only what comes in heaps is gathered: of the consultations that operations is
asked about on one day the first three go at once, the others in one mail the next morning.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache, lru_cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Update,
    and_,
    bindparam,
    exists,
    func,
    null,
    or_,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.catalogue import catalogue
from models.case.volunteer_group import Contact
from models.database import now
from models.post.outbox import Message, MessageItem
from models.prepared_statements import Written

URGENT = ("agreement_to_sign", "links_asked", "lost_link")
"""Templates and kinds that don't wait for the next day's mail: a link to sign by, and one that was asked for.

A receipt does wait: it is on the page at once, and its mail is for the drawer.
"""
SAID_BY_SOMEBODY = ("coordinator_message", "weather", "weather_over")
"""What somebody has decided to say now: it is in the mail of the day also in the quiet time, never a mail more."""
GATHERED = "consultation_asked"
"""What a role is gathered for, once a day has brought more than `AT_ONCE` of it."""
AT_ONCE = 3


def is_any_unsent(session: Session) -> bool:
    """Whether a message waits to be sent, now or later."""
    waits = select(Message.id).where(col(Message.sent_at).is_(None), col(Message.given_up_at).is_(None))
    return session.exec(waits.limit(1)).first() is not None


def claim_mails(
    session: Session, count: int, lease_until: datetime, moment: datetime, *, on: date, only_urgent: bool = False
) -> list[list[int]]:
    """Lease up to `count` mails that nobody else is sending; each is the numbers of its messages.

    A role's mail is one message, but for what is gathered. A contact's is all that waits, once for a day; `only_urgent` leaves it
    until something urgent comes. A mail that was claimed before keeps its messages, for it may have
    arrived; a lease that ran out is free again.
    """
    free = _free(moment)
    # two queries: each reads one part of the partial index of what waits; an OR of both would read all of it for each batch
    made_before = and_(col(Message.mail_id) > 0, col(Message.mail_id) == col(Message.id) + 0)
    a_roles = and_(col(Message.mail_id).is_(None), col(Message.contact_id).is_(None), ~_is_gathered())
    own: list[tuple[int | None, int | None]] = []
    # The same order as that index (mail_id, contact_id, id). Without it SQLite picks an index that also holds sent
    # messages, and each batch costs as much as all there ever were.
    in_turn = (col(Message.mail_id), col(Message.contact_id))
    for whose in (made_before, a_roles):
        rows = select(Message.id, Message.mail_id).where(free, whose)
        rows = rows.order_by(*in_turn, col(Message.id))
        own += session.exec(rows.limit(count).with_for_update(skip_locked=True)).all()
    mails: list[list[int]] = []
    days: list[date | None] = []
    """The day that each mail counts for; None for a role's, which is one message and no more."""
    for number, mail_id in sorted(own)[:count]:
        if mail_id is None:
            mails.append([number or 0])
            days.append(None)
            continue
        again = select(col(Message.id), col(Message.on)).where(free, Message.mail_id == mail_id)
        found = session.exec(again.order_by(col(Message.id))).all()
        mails.append([each or 0 for each, _ in found])
        days.append(max(on, *(day for _, day in found)))
    _lease(session, mails, days, lease_until)
    gathered = [] if only_urgent or len(mails) >= count else _gathered(session, free, on)
    _lease(session, gathered, [on] * len(gathered), lease_until)
    mails += gathered
    waits = and_(free, col(Message.mail_id).is_(None))
    is_quiet = catalogue().mails.is_quiet(f"{on:%m-%d}")  # then nobody is written to but with what can't wait
    may_go = _is_urgent() if only_urgent else or_(_is_urgent(), ~_waits_for_tomorrow(on))
    if is_quiet and not only_urgent:
        may_go = or_(_is_urgent(), and_(_tells(SAID_BY_SOMEBODY), ~_waits_for_tomorrow(on)))
    theirs = (
        select(Message.contact_id)
        .where(waits, col(Message.contact_id).is_not(None), may_go)
        .group_by(*in_turn)
        .order_by(*in_turn)
        .limit(max(0, count - len(mails)))
    )
    contacts = _whose_turn(session, theirs, waits_for_others=not mails)
    # asked again, since a mail may just have been made of it
    bundles = _all_that_waits(session, contacts, waits, may_go)
    theirs_on = [max(on, *(day for _, day in bundle)) for bundle in bundles]
    numbers = [[number for number, _ in bundle] for bundle in bundles]
    _lease(session, numbers, theirs_on, lease_until)
    return mails + numbers


def _whose_turn(
    session: Session, theirs: SelectOfScalar[int] | SelectOfScalar[None], *, waits_for_others: bool
) -> Sequence[int | None]:
    """The contacts whose mail is ours to make: whoever holds the contact makes it.

    Other senders may hold all of the first ones while they claim. That is no reason to go home: with nothing else to send,
    wait until they have, and look again.
    """
    while found := session.exec(theirs).all():
        held = select(Contact.id).order_by(col(Contact.id))
        ours = held.where(col(Contact.id).in_(found)).with_for_update(key_share=True, skip_locked=True)
        contacts = session.exec(ours).all()
        if contacts or not waits_for_others:
            return contacts
        session.exec(held.where(Contact.id == found[0]).with_for_update(key_share=True)).all()
    return []


def _gathered(session: Session, free: ColumnElement[bool], on: date) -> list[list[int]]:
    """What a role was asked in a heap on the days before `on`, as one mail for each role."""
    rows = (
        select(col(Message.role), col(Message.id))
        .where(free, col(Message.mail_id).is_(None), col(Message.contact_id).is_(None), _is_gathered())
        .where(col(Message.on) < on)
        .order_by(col(Message.id))
        .with_for_update(skip_locked=True)
    )
    heaps: dict[object, list[int]] = {}
    for role, number in session.exec(rows).all():
        heaps.setdefault(role, []).append(number or 0)
    return list(heaps.values())


@cache
def _is_gathered() -> ColumnElement[bool]:
    """It is one of a heap: as many as go at once were asked of the role before it, on the same day."""
    before = aliased(Message)
    earlier = (
        select(func.count(col(before.id)))
        .where(
            before.on == Message.on,
            before.role == Message.role,
            before.template == GATHERED,
            col(before.id) < Message.id,
        )
        .scalar_subquery()
    )
    return and_(col(Message.template) == GATHERED, earlier >= AT_ONCE)


def _all_that_waits(
    session: Session, contacts: Sequence[int | None], waits: ColumnElement[bool], may_go: ColumnElement[bool]
) -> list[list[tuple[int, date]]]:
    """The messages (number, day) of each contact of whom one may go: the others go along."""
    rows = (
        select(col(Message.contact_id), col(Message.id), col(Message.on), may_go.label("may_go"))
        .where(waits, col(Message.contact_id).in_(contacts))
        .order_by(col(Message.contact_id), col(Message.id))
        .with_for_update()
    )
    found = session.exec(rows).all() if contacts else []
    leaving = {contact_id for contact_id, *_, leaves in found if leaves}
    waiting: dict[int | None, list[tuple[int, date]]] = {}
    for contact_id, number, day, _ in found:
        if contact_id in leaving:
            waiting.setdefault(contact_id, []).append((number or 0, day))
    return list(waiting.values())


def _free(moment: datetime) -> ColumnElement[bool]:
    return and_(
        col(Message.sent_at).is_(None),
        col(Message.given_up_at).is_(None),
        or_(col(Message.lease_until).is_(None), col(Message.lease_until) < moment),
    )


@cache
def _is_urgent() -> ColumnElement[bool]:
    return or_(col(Message.template).in_(URGENT), _tells(URGENT))


@cache
def _tells(kinds: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether one of its items is of these kinds."""
    # a subquery with LIMIT 1, so that PostgreSQL asks the index of each message; a plain EXISTS it may turn into one
    # scan of all items there ever were
    item = (
        select(MessageItem.id)
        .where(col(MessageItem.message_id) == Message.id, col(MessageItem.kind).in_(kinds))
        .limit(1)
        .scalar_subquery()
    )
    return item.is_not(None)


@lru_cache(maxsize=4)
def _waits_for_tomorrow(on: date) -> ColumnElement[bool]:
    """The contact has had the mail of the day it would leave on: today, or the later day it is dated."""
    gone = aliased(Message)
    is_later = col(Message.on) > on
    same_day = or_(and_(is_later, col(gone.mailed_on) == Message.on), and_(~is_later, col(gone.mailed_on) == on))
    return exists().where(col(gone.contact_id) == Message.contact_id, same_day)


def _lease(session: Session, mails: list[list[int]], days: Sequence[date | None], lease_until: datetime) -> None:
    """Take them; the mail of a contact is also made one, of that day or of a later one it speaks of."""
    for made_one in (False, True):
        taken = [
            {"number": number, "until": lease_until} | ({"first": mail[0], "day": day} if made_one else {})
            for mail, day in zip(mails, days, strict=True)
            if (day is not None) == made_one
            for number in mail
        ]
        if taken:
            session.connection().execute(_taking(made_one), taken)


@cache
def _taking(made_one: bool) -> Update:
    """Written once: asking SQLAlchemy for it anew takes longer than the database does."""
    take = update(Message).where(col(Message.id) == bindparam("number"))
    take = take.values(lease_until=bindparam("until"), attempts=Message.attempts + 1)
    return take.values(mail_id=bindparam("first"), mailed_on=bindparam("day")) if made_one else take


def messages_of(session: Session, mails: list[list[int]], lease_until: datetime) -> list[list[Message]]:
    """The messages of claimed mails, the urgent ones first; none of one that somebody else has now."""
    claimed = [number for mail in mails for number in mail]
    rows = select(Message, _is_urgent().label("urgent")).where(_is_ours(claimed, lease_until))
    found = {message.id: (message, urgent) for message, urgent in session.exec(rows)}
    theirs = [[found[number] for number in sorted(mail) if number in found] for mail in mails]
    return [[message for message, _ in sorted(each, key=lambda row: not row[1])] for each in theirs]


def is_still_ours(session: Session, mail: list[int], lease_until: datetime) -> bool:
    """Whether nobody else has taken a claimed mail since."""
    rows = select(func.count()).where(_is_ours(mail, lease_until))
    return session.exec(rows).one() == len(mail)


def _is_ours(numbers: list[int], lease_until: datetime) -> ColumnElement[bool]:
    """Those of the messages that we lease and that haven't gone."""
    return and_(col(Message.id).in_(numbers), col(Message.sent_at).is_(None), col(Message.lease_until) == lease_until)


def regroup(session: Session, mail: list[int], apart: list[int]) -> None:
    """Some messages of a claimed mail go another way (by SMS, or not at all): the others are one mail still."""
    rest = [each for each in mail if each not in apart]
    for numbers, values in (
        (apart, {"mail_id": None, "mailed_on": None}),
        (rest, {"mail_id": min(rest, default=None)}),
    ):
        session.connection().execute(update(Message).where(col(Message.id).in_(numbers)).values(**values))


def mark_sent(session: Session, mail: list[int], lease_until: datetime) -> bool:
    """Note that a mail has gone; False when the lease was lost to another sender meanwhile."""
    marked = {"numbers": mail, "until": lease_until, "moment": now()}
    return session.connection().execute(_marking(), marked).rowcount == len(mail)


def mark_one_sent(connection: Connection, number: int, lease_until: datetime) -> bool:
    """The same for a mail that is one message, in a transaction of its own: the outbox waits for it after each mail."""
    one = _marking_one(connection.dialect.name)
    return one.count(connection, one.bound({"number": number, "until": lease_until, "moment": now()})) == 1


@cache
def _marking() -> Update:
    numbers: BindParameter[list[int]] = bindparam("numbers", expanding=True)
    return _marked_as_sent(col(Message.id).in_(numbers))


@cache
def _marking_one(dialect_name: str) -> Written:
    return Written(_marked_as_sent(col(Message.id) == bindparam("number")), dialect_name)


def _marked_as_sent(which: ColumnElement[bool]) -> Update:
    ours = update(Message).where(which, col(Message.lease_until) == bindparam("until"))
    return ours.values(sent_at=bindparam("moment"), lease_until=null(), error="")


def mark_failed(
    session: Session, mail: list[int], reason: str, *, give_up: bool, again_at: datetime, may_have_gone: bool = False
) -> None:
    """Note why a mail could not go: try again after `again_at` (UTC), or give it up for good.

    Unless it may have gone, its messages may leave in another mail, and the day's mail is still to come.
    """
    values: dict[str, object] = {"error": reason[:500]}
    values |= {"given_up_at": now(), "lease_until": None} if give_up else {"lease_until": again_at}
    if not may_have_gone:
        values |= {"mail_id": None, "mailed_on": None}
    session.connection().execute(update(Message).where(col(Message.id).in_(mail)).values(**values))
