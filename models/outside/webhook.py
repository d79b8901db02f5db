"""Webhook: another system is called with each event, in order for each facility, until it has taken it.

The queue is of its own: no decision waits for anybody's server. One delivery at a time for a facility; what a receiver
refuses holds up that facility alone, a receiver that can't be reached holds up all of its own.
"""

import base64
import hmac
from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import UniqueConstraint, delete, func, literal, select
from sqlmodel import Field, Session, SQLModel, col

from models.database import Numbered, columns_of, put_new
from models.journal import write_journal
from models.outside.event import Event, first_event_on, gather_events, last_event
from models.post.link import secret_key
from models.refusal import BadInput, Remedy
from models.said import Said


class Webhook(Numbered, SQLModel, table=True):
    """One receiver. `queued_event_id` is the last event put into its queue; `failures` in a row of the receiver itself."""

    __tablename__ = "webhook"

    id: int | None = Field(default=None, primary_key=True)
    url: str = Field(max_length=500)
    salt: str = Field(max_length=64)
    made_on: date
    queued_event_id: int = Field(default=0)
    failures: int = 0
    trouble: str = Field(default="", max_length=300)
    next_at: datetime | None = None
    lease_until: datetime | None = None
    off_on: date | None = None
    removed_on: date | None = None


class WebhookDelivery(Numbered, SQLModel, table=True):
    """One event for one receiver: taken (`delivered_at`), given up, or on its way."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (UniqueConstraint("webhook_id", "event_id"),)

    id: int | None = Field(default=None, primary_key=True)
    webhook_id: int = Field(foreign_key="webhook.id", index=True)
    event_id: int = Field(foreign_key="event.id", index=True)
    facility_id: int | None = Field(default=None, foreign_key="facility.id", index=True)
    attempts: int = 0
    next_at: datetime | None = None
    delivered_at: datetime | None = None
    given_up_at: datetime | None = None
    trouble: str = Field(default="", max_length=300)


def secret_of(webhook: Webhook) -> str:
    """What the receiver checks signatures with: derived from the installation's key, so the database has none.

    Raises:
        Refusal: `link.key`, the installation's key is damaged.
    """
    digest = hmac.digest(secret_key(), f"webhook:{webhook.salt}".encode(), "sha256")
    return "whsec_" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def add_webhook(session: Session, url: str, salt: str, said: Said) -> Webhook:
    """A receiver of all that happens from now on; the same address again is the one that is there.

    Raises:
        Refusal: whoever sits here may not act in the role.
    """
    for there in webhooks(session):
        if there.url == url:
            return there
    gather_events(session)
    made = Webhook(url=url, salt=salt, made_on=said.on, queued_event_id=last_event(session))
    session.add(made)
    session.flush()
    write_journal(session, None, f"Webhook nr. {made.id} er sat op.", said)
    return made


def webhooks(session: Session) -> list[Webhook]:
    """Those that aren't removed, the oldest first."""
    rows = select(Webhook).where(col(Webhook.removed_on).is_(None)).order_by(col(Webhook.id))
    return list(session.execute(rows).scalars())


def find_webhook(session: Session, number: int) -> Webhook:
    """The webhook, locked until the transaction ends.

    Raises:
        BadInput: there is none with that number.
    """
    rows = select(Webhook).where(col(Webhook.id) == number, col(Webhook.removed_on).is_(None)).with_for_update()
    found: Webhook | None = session.execute(rows).scalars().first()
    if found is None:
        raise BadInput("NR", f"der er ingen webhook nr. {number}.", remedy=Remedy.LIST_WEBHOOKS)
    return found


def remove_webhook(session: Session, webhook: Webhook, said: Said) -> None:
    """It is called no more, and what waited for it is dropped."""
    webhook.removed_on = said.on
    of_it = columns_of(WebhookDelivery).webhook_id == webhook.id
    session.execute(delete(WebhookDelivery).where(of_it))
    write_journal(session, None, f"Webhook nr. {webhook.id} er fjernet.", said)
    session.flush()


def replay(session: Session, webhook: Webhook, from_on: date, said: Said) -> int:
    """Send everything from a day on once more, in order, also what was given up; switched off, it is on again.

    Returns how many events that is.
    """
    gather_events(session)
    first = first_event_on(session, from_on)
    delivery = columns_of(WebhookDelivery)
    session.execute(delete(WebhookDelivery).where(delivery.webhook_id == webhook.id, delivery.event_id >= first))
    # switched off, it missed what came before that day as well
    count = put_in_queue(session, webhook, min(first - 1, webhook.queued_event_id))
    webhook.queued_event_id = last_event(session)
    webhook.failures, webhook.next_at, webhook.off_on, webhook.trouble = 0, None, None, ""
    write_journal(session, None, f"Webhook nr. {webhook.id}: {count} hændelser fra {from_on} sendes igen.", said)
    session.flush()
    return count


def put_in_queue(session: Session, webhook: Webhook, after: int) -> int:
    """Queue the events after that number that aren't in its queue; returns how many those are."""
    event = columns_of(Event)
    rows = (
        select(literal(webhook.id), event.id, event.facility_id, literal(0), literal(""))
        .where(event.id > after)
        .order_by(event.id)
    )
    names = ["webhook_id", "event_id", "facility_id", "attempts", "trouble"]
    return put_new(session, WebhookDelivery, names, rows)


def waiting_for(session: Session, webhook: Webhook) -> tuple[int, int]:
    """How many events wait for it, and how many were given up."""
    of = columns_of(WebhookDelivery)
    mine = select(func.count()).where(of.webhook_id == webhook.id, of.delivered_at.is_(None))
    waiting = session.execute(mine.where(of.given_up_at.is_(None))).scalar_one()
    given_up = session.execute(mine.where(of.given_up_at.is_not(None))).scalar_one()
    return int(waiting), int(given_up)


def silent_webhooks(session: Session) -> Iterator[str]:
    """The receivers that are switched off, or that something was given up for, in Danish."""
    for webhook in webhooks(session):
        waiting, given_up = waiting_for(session, webhook)
        if webhook.off_on is not None:
            yield f"webhook nr. {webhook.id} er slået fra ({webhook.trouble}), {waiting} hændelser venter"
        elif given_up:
            yield f"webhook nr. {webhook.id}: {given_up} hændelser er opgivet"
