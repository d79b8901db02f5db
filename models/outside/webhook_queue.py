"""A webhook's queue: what may go next, and what becomes of it when it was taken, refused, or nobody answered.

One delivery at a time for a facility; a receiver is served by one process at a time, which holds a lease on it.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session

from models.database import columns_of
from models.outside.event import gather_events, last_event
from models.outside.webhook import Webhook, WebhookDelivery, put_in_queue, webhooks

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 720, 720, 1440))
"""How long until it is tried again, after each failure; all together three and a half days [assume]."""
KEPT = timedelta(days=30)
"""How long it is kept that something was delivered."""


def queue_events(session: Session, moment: datetime) -> None:
    """Put what happened since into the queue of each receiver that is on; forget what was taken long ago."""
    there = [each for each in webhooks(session) if each.off_on is None]
    if not there:
        return
    gather_events(session)
    newest = last_event(session)
    for webhook in there:
        put_in_queue(session, webhook, webhook.queued_event_id)
        webhook.queued_event_id = newest
    session.flush()
    old = columns_of(WebhookDelivery).delivered_at < moment - KEPT
    session.execute(delete(WebhookDelivery).where(old))


def lease(session: Session, number: int, moment: datetime, until: datetime) -> bool:
    """Take a receiver for oneself, where it is on, its pause is over and nobody else is at it."""
    of = columns_of(Webhook)
    step = (
        update(Webhook)
        .where(of.id == number, of.removed_on.is_(None), of.off_on.is_(None))
        .where(or_(of.lease_until.is_(None), of.lease_until < moment))
        .where(or_(of.next_at.is_(None), of.next_at <= moment))
        .values(lease_until=until)
    )
    return session.connection().execute(step).rowcount == 1


def let_go(session: Session, number: int) -> None:
    """Somebody else may have it."""
    session.connection().execute(update(Webhook).where(columns_of(Webhook).id == number).values(lease_until=None))


def next_delivery(session: Session, number: int, moment: datetime) -> WebhookDelivery | None:
    """The oldest event that may go now: none of the same facility waits before it."""
    mine, earlier = columns_of(WebhookDelivery), aliased(columns_of(WebhookDelivery).id.table)
    lane = func.coalesce(mine.facility_id, 0)
    waits_before = (
        select(earlier.c.id)
        .where(
            earlier.c.webhook_id == mine.webhook_id,
            func.coalesce(earlier.c.facility_id, 0) == lane,
            earlier.c.event_id < mine.event_id,
            earlier.c.delivered_at.is_(None),
            earlier.c.given_up_at.is_(None),
        )
        .exists()
    )
    rows = (
        select(WebhookDelivery)
        .where(mine.webhook_id == number, mine.delivered_at.is_(None), mine.given_up_at.is_(None))
        .where(or_(mine.next_at.is_(None), mine.next_at <= moment), ~waits_before)
        .order_by(mine.event_id)
        .limit(1)
    )
    return session.execute(rows).scalars().first()


def mark_delivered(session: Session, delivery: WebhookDelivery, moment: datetime) -> None:
    """It was taken, and the receiver is well."""
    delivery.delivered_at, delivery.trouble = moment, ""
    webhook = session.get_one(Webhook, delivery.webhook_id)
    webhook.failures, webhook.next_at, webhook.trouble = 0, None, ""
    session.flush()


def mark_refused(session: Session, delivery: WebhookDelivery, trouble: str, moment: datetime) -> None:
    """The receiver didn't want this one: again after a pause, and given up after the last."""
    delivery.trouble = trouble[:300]
    if delivery.attempts >= len(PAUSES):
        delivery.given_up_at = moment
    else:
        delivery.next_at = moment + PAUSES[delivery.attempts]
        delivery.attempts += 1
    session.flush()


def mark_unreachable(session: Session, webhook: Webhook, trouble: str, moment: datetime, on: date) -> None:
    """Nothing gets through: all wait, and after the last pause it is switched off; nothing is lost by that."""
    webhook.trouble = trouble[:300]
    if webhook.failures >= len(PAUSES):
        webhook.off_on = on
    else:
        webhook.next_at = moment + PAUSES[webhook.failures]
        webhook.failures += 1
    session.flush()


def switch_off(session: Session, webhook: Webhook, trouble: str, on: date) -> None:
    """The receiver wants no more calls (410)."""
    webhook.off_on, webhook.trouble = on, trouble[:300]
    session.flush()
