"""The daily run: everything the calendar does, for the day it is told. Running it twice changes nothing."""

from datetime import date

from sqlmodel import Session, select

from models.check_ladder import SweepCounts, plan_checks, take_steps
from models.daily_trace import leave_trace
from models.deadlines import (
    watch_consultations,
    watch_papers_and_defects,
    watch_signing,
    watch_the_pool,
)
from models.message import Message
from models.offers import offer_next
from models.overview import write_monday_mail
from models.renewal import watch_agreements
from models.role import Door, Role
from models.satisfaction import ask_both_sides


def sweep(session: Session, *, on: date) -> SweepCounts:
    """Plan, notify, remind, escalate and order for one day, for all facilities."""
    counts = SweepCounts()
    before = len(session.exec(select(Message.id)).all())
    watch_consultations(session, on)
    watch_signing(session, on)
    watch_the_pool(session, on)
    # what came free by another way than an appropriation, a carry-over or a removal
    offer_next(session, because="puljen har penge fri", on=on, by=Role.CALENDAR, door=Door.CALENDAR)
    watch_agreements(session, on)
    plan_checks(session, on, counts)
    take_steps(session, on, counts)
    watch_papers_and_defects(session, on)
    ask_both_sides(session, on)
    write_monday_mail(session, on)
    leave_trace(session, on)
    session.flush()
    counts.messages = len(session.exec(select(Message.id)).all()) - before
    return counts
