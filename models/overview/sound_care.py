"""Sound care: that checks, their answers, the next dates, the work ordered and the links are what the rules make."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, String, and_, cast, func, literal, or_, select
from sqlmodel import Session, col

from config.catalogue import catalogue
from models.case.agreement import CareTask
from models.database import dialect_of
from models.operation.check import OPEN_STATES, Check, CheckState, Report
from models.operation.incident import Incident
from models.operation.work_order import OPEN_WORK, WorkOrder, WorkState
from models.overview.sound_rows import MOST_ROWS, latest_day
from models.pool.ledger import Kind, LedgerEntry
from models.post.link import Link, Purpose
from models.post.outbox import MessageItem

A_SEASON = timedelta(days=366)
SLACK = timedelta(days=31)
"""A check may be planned some days before it is due, and a month has up to 31."""
_STEP = {
    CheckState.NOTIFIED: col(Check.noticed_on),
    CheckState.REMINDED: col(Check.reminded_on),
    CheckState.ESCALATED: col(Check.escalated_on),
}


def wrong_next_dates(session: Session) -> list[str]:
    """The tasks whose next date lies later than their interval, their season and the notice can explain."""
    rule = (col(CareTask.every_days), col(CareTask.every_months), col(CareTask.season))
    newest = select(*rule, func.max(col(CareTask.next_on))).group_by(*rule)
    latest = latest_day(session)
    found: list[str] = []
    for days, months, season, furthest in session.execute(newest):
        limit = _furthest(days, months, season, latest)
        if furthest is None or furthest <= limit:
            continue
        same = [column.is_not_distinct_from(value) for column, value in zip(rule, (days, months, season), strict=True)]
        rows = select(col(CareTask.id)).where(*same, col(CareTask.next_on) > limit)
        found += [f"opgave {number}" for number in session.execute(rows.limit(MOST_ROWS)).scalars()]
    return found


def _furthest(days: int | None, months: int | None, season: str, latest: date) -> date:
    notice = timedelta(days=catalogue().escalation.notice_days_before)
    interval = timedelta(days=days or 31 * (months or 1))
    return latest + notice + interval + SLACK + (A_SEASON if season else timedelta())


def wrong_checks(session: Session) -> list[str]:
    """The checks whose state isn't what their dates, their answer and what was told say."""
    answered = select(col(Report.id)).where(col(Report.check_id) == col(Check.id)).exists()
    key = literal("check:") + cast(col(Check.id), String) + literal(":escalated:")
    told = (
        select(col(MessageItem.id))
        .where(or_(*(col(MessageItem.key) == key + literal(role) for role in ("coordinator", "operations_manager"))))
        .exists()
    )
    state, is_open = col(Check.state), col(Check.state).in_(OPEN_STATES)
    wrong: list[ColumnElement[bool]] = [
        is_open != col(Check.closed_on).is_(None),
        and_(is_open, answered),
        and_(state.in_((CheckState.DONE, CheckState.DAMAGED)), ~answered),
        and_(col(Check.escalated_on).is_not(None), ~told),
        *(and_(state == each, col(day).is_(None)) for each, day in _STEP.items()),
    ]
    rows = select(col(Check.id)).where(or_(*wrong)).order_by(col(Check.id)).limit(MOST_ROWS)
    return [f"tjek {number}" for number in session.execute(rows).scalars()]


def wrong_work(session: Session) -> list[str]:
    """The work orders that aren't sound, in themselves or in the ledger; and what was paid for none.

    Each is done or dropped, never both; what is booked stands in the ledger, once, with its amount; what is
    reserved is held while it is unpaid, and let go when it has ended.
    """
    found = [f"arbejde nr. {number}" for number in session.execute(_wrong_orders()).scalars()]
    spent = col(LedgerEntry.kind) == Kind.SPENDING
    for prefix, table in (("work-order:", WorkOrder), ("incident:", Incident)):
        key = literal(prefix) + cast(col(table.id), String)
        there = select(col(table.id)).where(col(LedgerEntry.key) == key).exists()
        lost = select(col(LedgerEntry.key)).where(col(LedgerEntry.key).startswith(prefix), spent, ~there)
        found += session.execute(lost.limit(MOST_ROWS)).scalars()
    key = literal("work:") + cast(col(WorkOrder.id), String) + literal(":booked")
    there = select(col(WorkOrder.id)).where(col(LedgerEntry.key) == key).exists()
    lost = select(col(LedgerEntry.key)).where(col(LedgerEntry.key).startswith("work:"), spent, ~there)
    found += session.execute(lost.limit(MOST_ROWS)).scalars()
    return found


def _wrong_orders() -> Select[tuple[int | None]]:
    state, number = col(WorkOrder.state), cast(col(WorkOrder.id), String)
    is_open, is_done = state.in_(OPEN_WORK), state == WorkState.DONE
    # what was ordered before it was followed to its end is booked by its estimate
    is_of_before = col(WorkOrder.key).startswith("work-order:")
    before, now = literal("work-order:") + number, literal("work:") + number + literal(":booked")
    booked = and_(
        col(LedgerEntry.kind) == Kind.SPENDING,
        col(LedgerEntry.facility_id) == col(WorkOrder.facility_id),
        or_(
            and_(col(LedgerEntry.key) == before, col(LedgerEntry.amount_ore) == col(WorkOrder.ore_estimated)),
            and_(col(LedgerEntry.key) == now, col(LedgerEntry.amount_ore) == col(WorkOrder.ore)),
        ),
    )
    any_booked = col(LedgerEntry.key).in_((before, now))
    costs = or_(col(WorkOrder.ore) > 0, and_(is_of_before, col(WorkOrder.ore_estimated) > 0))
    was_held = _entry(literal("work:") + number + literal(":reserved"), col(WorkOrder.ore_estimated))
    was_let_go = _entry(literal("work:") + number + literal(":released"), -col(WorkOrder.ore_estimated))
    is_reserved, is_booked = col(WorkOrder.reserved_year).is_not(None), col(WorkOrder.booked_on).is_not(None)
    wrong: list[ColumnElement[bool]] = [
        and_(is_open, or_(col(WorkOrder.done_on).is_not(None), col(WorkOrder.dropped_on).is_not(None))),
        is_done != col(WorkOrder.done_on).is_not(None),
        (state == WorkState.DROPPED) != col(WorkOrder.dropped_on).is_not(None),
        is_done != and_(col(WorkOrder.minutes).is_not(None), col(WorkOrder.ore).is_not(None)),
        and_(state == WorkState.DROPPED, col(WorkOrder.dropped_because) == ""),
        and_(state == WorkState.TAKEN, col(WorkOrder.taken_by).is_(None)),
        and_(is_booked, costs, ~select(col(LedgerEntry.id)).where(booked).exists()),
        and_(~is_booked, select(col(LedgerEntry.id)).where(any_booked).exists()),
        and_(is_booked, ~is_of_before, ~is_done),
        is_reserved != was_held,
        was_let_go != and_(is_reserved, or_(is_booked, state == WorkState.DROPPED)),
    ]
    return select(col(WorkOrder.id)).where(or_(*wrong)).order_by(col(WorkOrder.id)).limit(MOST_ROWS)


def _entry(key: ColumnElement[str], ore: ColumnElement[int]) -> ColumnElement[bool]:
    return select(col(LedgerEntry.id)).where(col(LedgerEntry.key) == key, col(LedgerEntry.amount_ore) == ore).exists()


def wrong_links(session: Session) -> list[str]:
    """The links that work longer or shorter than what they are for allows, or are nobody's or two people's."""
    lives = _days_between(col(Link.made_at), col(Link.expires_at), dialect_of(session))
    wrong: list[Any] = [col(Link.contact_id).is_(None) == col(Link.role).is_(None)]
    for purpose in Purpose:
        days = purpose.lifetime.days
        wrong.append(and_(col(Link.purpose) == purpose, ~lives.between(days - 0.1, days + 0.1)))
    rows = select(col(Link.id)).where(or_(*wrong)).order_by(col(Link.id)).limit(MOST_ROWS)
    return [f"link {number}" for number in session.execute(rows).scalars()]


def _days_between(first: Any, last: Any, dialect_name: str) -> ColumnElement[Any]:
    if dialect_name == "sqlite":
        return func.julianday(last) - func.julianday(first)
    seconds = func.extract("epoch", cast(last, DateTime)) - func.extract("epoch", cast(first, DateTime))
    return seconds / 86_400.0
