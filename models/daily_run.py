"""The daily run: everything the calendar does, for the day it is told. Running it twice changes nothing."""

from datetime import date

from sqlmodel import Session, select

from models.check_ladder import SweepCounts, plan_checks, take_steps
from models.deadlines import (
    watch_consultations,
    watch_papers_and_defects,
    watch_signing,
    watch_the_pool,
)
from models.message import Message
from models.renewal import watch_agreements


def sweep(session: Session, *, on: date) -> SweepCounts:
    """Plan, notify, remind, escalate and order for one day, for all facilities."""
    counts = SweepCounts()
    before = len(session.exec(select(Message.id)).all())
    watch_consultations(session, on)
    watch_signing(session, on)
    watch_the_pool(session, on)
    watch_agreements(session, on)
    plan_checks(session, on, counts)
    take_steps(session, on, counts)
    watch_papers_and_defects(session, on)
    session.flush()
    counts.messages = len(session.exec(select(Message.id)).all()) - before
    return counts
