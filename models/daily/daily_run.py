"""The daily run: everything the calendar does, for the day it is told. Running it twice changes nothing.

It is many transactions, so that nobody else waits long. A run that is killed in between is carried on by the next run
of the day: what was done is known by its keys, what wasn't done is still due.

`models.daily.speed` holds what is there for the pace only. tests/models/plain_sweep.py does the same as `look_after`
one row at a time, and tests/models/test_fast_as_plain.py compares the two.
"""

from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from models.daily.check_ladder import SweepCounts, find_due_checks, take_steps
from models.daily.check_plan import find_due_tasks, is_a_task_due, plan_checks
from models.daily.check_steps import is_a_step_due
from models.daily.day_tables import DUE_CHECK, DUE_TASK, TURN, TURN_DATE, connected
from models.daily.deadlines import watch_consultations, watch_papers_and_defects, watch_signing, watch_the_pool
from models.daily.due_work import Groups, deciding, finding, last_check, ranges
from models.daily.firm_work import remind_firms
from models.daily.handover_silence import watch_silence
from models.daily.inspections import watch_inspections
from models.daily.own_tasks import order_own_tasks
from models.daily.protocol_signatures import watch_signatures
from models.daily.season import tell_of_long_tasks, write_letters_of_the_year
from models.daily.speed import count_rows, give_way
from models.daily.work_ladder import watch_work
from models.daily.worn_groups import watch_wear
from models.database import reading, transaction
from models.operation.satisfaction import ask_both_sides
from models.operation.weather_warning import end_what_is_over
from models.operation.who_is_asked import follow_moved_dates
from models.overview.daily_trace import leave_trace
from models.overview.what_waits import write_monday_mail
from models.pool.offers import offer_next
from models.post.outbox import Message
from models.role import Door, Role
from models.said import Said
from models.stages.enquiry import remind_of_enquiries
from models.stages.places_to_decide import watch_places_to_decide
from models.stages.renewal import watch_agreements


def sweep(engine: Engine, *, on: date) -> SweepCounts:
    """Plan, notify, remind, escalate and order for one day, for all facilities."""
    with reading(engine) as session:
        before = session.exec(select(func.max(col(Message.id)))).one() or 0
    with transaction(engine) as session:
        watch_consultations(session, on)
        watch_signing(session, on)
        watch_the_pool(session, on)
        # what came free by another way than an appropriation, a carry-over or a removal
        offer_next(session, Said(on, Role.CALENDAR, Door.CALENDAR), because="puljen har penge fri")
        watch_agreements(session, on)
        watch_places_to_decide(session, on)
        end_what_is_over(session, on)
    counts = look_after(engine, on=on)
    counts.own_tasks = order_own_tasks(engine, on)
    with transaction(engine) as session:
        watch_work(session, on)
        watch_papers_and_defects(session, on)
        watch_silence(session, on)
        watch_signatures(session, on)
        watch_inspections(session, on)
        remind_firms(session, on)
        ask_both_sides(session, on)
        remind_of_enquiries(session, on)
        write_letters_of_the_year(session, on)
        tell_of_long_tasks(session, on)
        watch_wear(session, on)
        write_monday_mail(session, on)
        leave_trace(session, on)
    with reading(engine) as session:
        new = select(func.count()).where(col(Message.id) > before)
        counts.messages = session.exec(new).one()
    return counts


def look_after(engine: Engine, *, on: date) -> SweepCounts:
    """Plan the checks that are due within the notice, and take the steps of those that nobody answered."""
    counts = SweepCounts()
    with reading(engine) as session:
        if not (is_a_task_due(session, on) or is_a_step_due(session, on)):
            return counts
    with connected(engine) as connection:
        with finding(connection) as session:
            find_due_tasks(session, on)
            find_due_checks(session, on)
            count_rows(session, TURN, TURN_DATE, DUE_TASK, DUE_CHECK)
            found = ranges(session)
        for number, groups in enumerate(found):
            if number:
                give_way(connection)
            with deciding(connection, is_last=groups is found[-1]) as session:
                counts.add(_look_after(session, groups, on))
    return counts


def _look_after(session: Session, groups: Groups, on: date) -> SweepCounts:
    last = last_check(session)
    planned = plan_checks(session, groups, on)
    follow_moved_dates(session, on=on)
    counts = take_steps(session, groups, on, planned_after=last)
    counts.planned, counts.skipped = planned
    return counts
