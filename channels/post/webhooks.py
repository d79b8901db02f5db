"""Webhooks: what happened is sent to each receiver, in order for each facility, one call at a time."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock, Thread
from time import monotonic
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session

from channels.post.inside_or_out import target_of
from channels.post.webhook_call import GONE, SECONDS, Called, call, signature
from channels.views.events import event_line
from channels.views.shapes.shape import plain
from models.calendar import COPENHAGEN
from models.database import now, reading, transaction
from models.outside.event import told_of
from models.outside.webhook import Webhook, WebhookDelivery, secret_of, webhooks
from models.outside.webhook_queue import (
    lease,
    let_go,
    mark_delivered,
    mark_refused,
    mark_unreachable,
    next_delivery,
    queue_events,
    switch_off,
)
from models.refusal import Refusal

log = logging.getLogger("driftsklar.webhooks")
_beside = Lock()

LEASE = timedelta(minutes=5)
"""Longer than a call can take; a process that was killed keeps a receiver for no longer."""
ROUND_SECONDS = 120.0
"""How long one receiver is served at a time, so that a slow one keeps nobody else waiting for ever."""


@dataclass
class Sent:
    """What came of it, counted."""

    delivered: int = 0
    refused: int = 0
    unreachable: int = 0


def deliver_webhooks(
    engine: Engine,
    *,
    clock: Callable[[], datetime] = now,
    seconds: float = SECONDS,
    round_seconds: float = ROUND_SECONDS,
) -> Sent:
    """Send every receiver what waits for it and may go now. A crash repeats at most one event, with the same id.

    `clock` tells the moment; a call takes `seconds` at most, a receiver `round_seconds`.

    Raises:
        Refusal: `link.key`, the installation's key is damaged, so nothing can be signed.
    """
    done = Sent()
    with reading(engine) as session:
        if not webhooks(session):
            return done  # who has none pays nothing
    with transaction(engine) as session:
        queue_events(session, clock())
        numbers = [each.number for each in webhooks(session) if each.off_on is None]
    for number in numbers:
        with transaction(engine) as session:
            is_ours = lease(session, number, clock(), clock() + LEASE)
        if not is_ours:
            continue
        try:
            _serve(engine, number, clock, seconds, round_seconds, done)
        finally:
            with transaction(engine) as session:
                let_go(session, number)
    return done


def deliver_beside(engine: Engine) -> None:
    """The same beside whatever else is done, where none is under way: a slow receiver keeps nobody waiting."""
    if not _beside.acquire(blocking=False):
        return

    def run() -> None:
        try:
            deliver_webhooks(engine)
        except Exception as trouble:
            log.warning("the webhooks wait: %s", type(trouble).__name__)
        finally:
            _beside.release()

    Thread(target=run, name="webhooks", daemon=True).start()


def _serve(
    engine: Engine, number: int, clock: Callable[[], datetime], seconds: float, round_seconds: float, done: Sent
) -> None:
    ends = monotonic() + round_seconds
    while monotonic() < ends:
        moment = clock()
        with transaction(engine) as session:
            if not _keep(session, number, moment):
                return
            delivery = next_delivery(session, number, moment)
            if delivery is None:
                return
            webhook = session.get_one(Webhook, number)
            line = event_line(told_of(session, delivery.event_id))
            body = json.dumps(plain(line), ensure_ascii=False).encode()
            url, secret, delivery_id = webhook.url, secret_of(webhook), delivery.number
        called = _call(url, secret, moment, body, line.id, seconds)
        if not _mark(engine, number, delivery_id, called, moment, done):
            return


def _keep(session: Session, number: int, moment: datetime) -> bool:
    """Keep the receiver for as long as another call takes; whether it is still to be called."""
    webhook = session.get_one(Webhook, number)
    webhook.lease_until = moment + LEASE
    session.flush()
    return webhook.off_on is None and webhook.removed_on is None


def _call(url: str, secret: str, moment: datetime, body: bytes, event: str, seconds: float) -> Called:
    headers = {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": "Driftsklar",
        "Driftsklar-Event": event,
        "Driftsklar-Signature": signature(secret, moment, body),
    }
    try:
        target = target_of(url)  # looked at anew each time: a name may stand for something else by now
    except Refusal as refused:
        return Called(None, refused.sentence)
    return call(target, body, headers, seconds=seconds)


def _mark(engine: Engine, number: int, delivery_id: int, called: Called, moment: datetime, done: Sent) -> bool:
    """Write down what came of it; whether the next may be sent at once."""
    on = moment.astimezone(ZoneInfo(COPENHAGEN)).date()
    with transaction(engine) as session:
        delivery = session.get(WebhookDelivery, delivery_id)
        webhook = session.get_one(Webhook, number)
        if delivery is None:  # replayed or removed meanwhile
            return True
        if called.is_taken:
            mark_delivered(session, delivery, moment)
            done.delivered += 1
            return True
        if called.status == GONE:
            switch_off(session, webhook, "modtageren vil ikke have flere (410)", on)
            done.refused += 1
            return False
        if called.is_unreachable:
            mark_unreachable(session, webhook, called.trouble, moment, on)
            done.unreachable += 1
            return False
        mark_refused(session, delivery, called.trouble, moment)
        done.refused += 1
        return True
