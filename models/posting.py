"""Postgang: which messages leave together as one mail, when, and what became of it.

A person gets one mail a day. What waits for a contact when the post leaves goes in one mail; what is
said later that day waits for the next day's mail. `URGENT` is what a person waits for or must act on
now: it goes at once, and takes along whatever waits. The day that counts is the one it leaves on: what is
dated back (typed in afterwards) is a letter of today. Roles have mailboxes, not a person's patience: each case is a mail of its own there, so that it can
be filed and passed on, and damage never waits.
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.database import now
from models.message import Message, MessageItem
from models.volunteer_group import Contact

URGENT = ("agreement_to_sign", "links_asked")
"""Templates and kinds that don't wait for the next day's mail: a link to sign by, and one that was asked for.

A receipt does wait: it is on the page at once, and its mail is for the drawer.
"""


def claim_mails(
    session: Session,
    count: int,
    lease_until: datetime,
    moment: datetime,
    *,
    on: date,
    only_urgent: bool = False,
) -> list[list[int]]:
    """Lease up to `count` mails that nobody else is sending; each is the numbers of its messages.

    A role's mail is one message. A contact's is all that waits, once for a day; `only_urgent` leaves it
    until something urgent comes. A mail that was claimed before keeps its messages, for it may have
    arrived; a lease that ran out is free again.
    """
    free = _free(moment)
    own = (
        select(Message.id, Message.mail_id)
        .where(free, or_(col(Message.contact_id).is_(None), col(Message.mail_id) == Message.id))
        .order_by(col(Message.id))
        .limit(count)
        .with_for_update(skip_locked=True)
    )
    mails: list[list[int]] = []
    for number, mail_id in session.exec(own).all():
        again = select(Message.id).where(free, Message.mail_id == mail_id)
        mails.append(
            [number or 0]
            if mail_id is None
            else sorted(each or 0 for each in session.exec(again).all())
        )
        _lease(session, mails[-1], lease_until, None if mail_id is None else on)
    waits = and_(free, col(Message.mail_id).is_(None))
    may_go = _is_urgent() if only_urgent else or_(_is_urgent(), ~_waits_for_tomorrow(on))
    theirs = (
        select(Message.contact_id)
        .where(waits, col(Message.contact_id).is_not(None), may_go)
        .group_by(col(Message.contact_id))
        .order_by(col(Message.contact_id))
        .limit(count - len(mails))
    )
    # whoever holds the contact makes the mail; asked again below, since it may just have been made
    turn = (
        select(Contact.id)
        .where(col(Contact.id).in_(session.exec(theirs).all()))
        .order_by(col(Contact.id))
        .with_for_update(key_share=True, skip_locked=True)
    )
    for contact_id in session.exec(turn).all():
        bundle = (
            select(Message.id, may_go.label("may_go"))
            .where(waits, Message.contact_id == contact_id)
            .order_by(col(Message.id))
            .with_for_update()
        )
        found = session.exec(bundle).all()
        if any(leaves for _, leaves in found):
            mails.append([number or 0 for number, _ in found])
            _lease(session, mails[-1], lease_until, on)
    return mails


def _free(moment: datetime) -> ColumnElement[bool]:
    return and_(
        col(Message.sent_at).is_(None),
        col(Message.given_up_at).is_(None),
        or_(col(Message.lease_until).is_(None), col(Message.lease_until) < moment),
    )


def _is_urgent() -> ColumnElement[bool]:
    items = exists().where(
        col(MessageItem.message_id) == Message.id, col(MessageItem.kind).in_(URGENT)
    )
    return or_(col(Message.template).in_(URGENT), items)


def _waits_for_tomorrow(on: date) -> ColumnElement[bool]:
    """The contact has had the mail of the day it would leave on: today, or the later day it is dated."""
    gone = aliased(Message)
    is_later = col(Message.on) > on
    same_day = or_(
        and_(is_later, col(gone.mailed_on) == Message.on),
        and_(~is_later, col(gone.mailed_on) == on),
    )
    return exists().where(col(gone.contact_id) == Message.contact_id, same_day)


def _lease(session: Session, mail: list[int], lease_until: datetime, on: date | None) -> None:
    """Take it; the mail of a contact (`on`) is also made one, of that day or of a later one it speaks of."""
    values: dict[str, object] = {"lease_until": lease_until, "attempts": Message.attempts + 1}
    if on is not None:
        days = select(col(Message.on)).where(col(Message.id).in_(mail))
        values |= {"mail_id": mail[0], "mailed_on": max(on, *session.exec(days).all())}
    session.connection().execute(update(Message).where(col(Message.id).in_(mail)).values(**values))


def messages_of(session: Session, mail: list[int], lease_until: datetime) -> list[Message]:
    """The messages of a claimed mail, the urgent ones first; none when somebody else has it now."""
    rows = (
        select(Message, _is_urgent().label("urgent"))
        .where(
            col(Message.id).in_(mail),
            col(Message.sent_at).is_(None),
            col(Message.lease_until) == lease_until,
        )
        .order_by(col(Message.id))
    )
    found = session.exec(rows).all()
    return [message for message, urgent in sorted(found, key=lambda each: not each[1])]


def regroup(session: Session, mail: list[int], apart: list[int]) -> None:
    """Some messages of a claimed mail go another way (by SMS, or not at all): the others are one mail still."""
    rest = [each for each in mail if each not in apart]
    for numbers, values in (
        (apart, {"mail_id": None, "mailed_on": None}),
        (rest, {"mail_id": min(rest, default=None)}),
    ):
        session.connection().execute(
            update(Message).where(col(Message.id).in_(numbers)).values(**values)
        )


def mark_sent(session: Session, mail: list[int], lease_until: datetime) -> bool:
    """Note that a mail has gone; False when the lease was lost to another sender meanwhile."""
    mark = (
        update(Message)
        .where(col(Message.id).in_(mail), col(Message.lease_until) == lease_until)
        .values(sent_at=now(), lease_until=None, error="")
    )
    return session.connection().execute(mark).rowcount == len(mail)


def mark_failed(
    session: Session,
    mail: list[int],
    reason: str,
    *,
    give_up: bool,
    again_at: datetime,
    may_have_gone: bool = False,
) -> None:
    """Note why a mail could not go: try again after `again_at` (UTC), or give it up for good.

    Unless it may have gone, its messages may leave in another mail, and the day's mail is still to come.
    """
    values: dict[str, object] = {"error": reason[:500]}
    values |= {"given_up_at": now(), "lease_until": None} if give_up else {"lease_until": again_at}
    if not may_have_gone:
        values |= {"mail_id": None, "mailed_on": None}
    session.connection().execute(update(Message).where(col(Message.id).in_(mail)).values(**values))
