"""Planning: a check for each task that is due within the notice, and the task's next date.

A place has one check of a task at a time: while one is open the next waits, and a date that passes meanwhile is the
open one's. So nobody is asked twice for the same thing, and operations gets one work order for it.

The calendar is asked once for each rule and date, in Python and by the rules of `models.calendar`; how many tasks
have both is the database's affair.
"""

from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Insert,
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlmodel import Session

from config.catalogue import Who, catalogue
from models.calendar import due_day, next_nominal
from models.case.agreement import CareTask, season_days
from models.case.facility import Facility
from models.daily.due_work import DUE_TASK, TURN, TURN_DATE, Groups
from models.database import columns_of, dialect_of, putting_new
from models.operation.check import OPEN_STATES, Check, CheckState
from models.operation.pause import is_paused
from models.stage import Stage

CHECK, TASK, FACILITY = columns_of(Check), columns_of(CareTask), columns_of(Facility)


# as text, lest an index of the stage be used, which finds every place there is
IS_IN_OPERATION = cast(FACILITY.stage, String) == Stage.OPERATION.value


class Turn(NamedTuple):
    """A rule whose turn it is: the days to ask for, the next date, and how many dates nobody can look at any more."""

    due_on: list[date]
    next_on: date
    skipped: int


def turn_of(
    who: Who,
    every_days: int | None,
    every_months: int | None,
    season: str,
    nominal: date,
    *,
    on: date,
    held: bool = False,
) -> Turn:
    """What a task of this rule that is due on `nominal` asks for on `on`; nothing while it is `held` by an open check."""
    municipality = catalogue().municipality
    horizon = on + timedelta(days=catalogue().escalation.notice_days_before)
    skipped = 0
    if held:
        while nominal <= on:
            skipped += 1
            nominal = next_nominal(nominal, every_days, every_months, season_days(season))
        return Turn([], nominal, skipped)
    if nominal > horizon:
        return Turn([], nominal, 0)
    following = next_nominal(nominal, every_days, every_months, season_days(season))
    while following <= on:  # the run was down: the past can't be looked at any more
        skipped += 1
        nominal = following
        following = next_nominal(nominal, every_days, every_months, season_days(season))
    day = due_day(
        nominal,
        working_days_only=who in (Who.MUNICIPALITY, Who.EXTERNAL),
        weekend=municipality.volunteers_prefer_weekend,
        days_off=municipality.days_off,
    )
    return Turn([day], following, skipped)


# of one task at a time, by the index of its checks
IS_HELD = exists().where(CHECK.care_task_id == TASK.id, CHECK.state.in_(OPEN_STATES)).correlate(CareTask)


def _is_due(on: date) -> ColumnElement[bool]:
    """Whether a task's date is to be dealt with: asked for within the notice, or passed while a check was open."""
    horizon = on + timedelta(days=catalogue().escalation.notice_days_before)
    return and_(TASK.next_on <= horizon, or_(TASK.next_on <= on, ~IS_HELD))


def is_a_task_due(session: Session, on: date) -> bool:
    """Whether any task has a date within the notice."""
    return session.execute(select(TASK.id).where(_is_due(on)).limit(1)).first() is not None


def find_due_tasks(session: Session, on: date) -> None:
    """Note which tasks are due within the notice, and whose turn it is with each."""
    rule = (
        TASK.who,
        func.coalesce(TASK.every_days, 0),
        func.coalesce(TASK.every_months, 0),
        TASK.season,
        case((IS_HELD, 1), else_=0),
        TASK.next_on,
    )
    due = (_is_due(on), IS_IN_OPERATION)
    rules = select(*rule).where(_is_due(on))
    turns, dates = [], []
    for number, (who, days, months, season, held, nominal) in enumerate(session.execute(rules.distinct())):
        turn = turn_of(who, days or None, months or None, season, nominal, on=on, held=bool(held))
        turns.append(
            {
                "id": number,
                "nominal": nominal,
                "who": who,
                "every_days": days,
                "every_months": months,
                "season": season,
                "held": held,
                "next_on": turn.next_on,
                "skipped": turn.skipped,
            }
        )
        dates += [{"turn_id": number, "due_on": day} for day in turn.due_on]
    if not turns:
        return
    connection = session.connection()
    connection.execute(insert(TURN), turns)
    if dates:
        connection.execute(insert(TURN_DATE), dates)
    theirs = (TURN.c.who, TURN.c.every_days, TURN.c.every_months, TURN.c.season, TURN.c.held, TURN.c.nominal)
    same = (mine == other for mine, other in zip(theirs, rule, strict=True))
    turn_id = select(TURN.c.id).where(*same).correlate(CareTask).scalar_subquery()
    tasks = (
        select(FACILITY.group_id, TASK.id, turn_id)
        .join(Facility, FACILITY.id == TASK.facility_id)
        .where(*due)
        .order_by(FACILITY.group_id, TASK.id)
    )
    connection.execute(insert(DUE_TASK).from_select(["group_id", "task_id", "turn_id"], tasks))


class Planned(NamedTuple):
    """What was planned in a range; `skipped` dates are counted, not asked for."""

    checks: int
    skipped: int


def plan_checks(session: Session, groups: Groups, on: date) -> Planned:
    """Make the checks of the range's due tasks, those within the notice as notified, and move the tasks on."""
    connection = session.connection()
    statements = _planning(dialect_of(session))
    horizon = on + timedelta(days=catalogue().escalation.notice_days_before)
    named = {"today": on, "horizon": horizon} | groups._asdict()
    planned = connection.execute(statements.checks, named).rowcount
    skipped = 0
    if connection.execute(statements.is_any_skipped).first() is not None:
        skipped = connection.execute(statements.skipped, named).scalar_one()
    connection.execute(statements.moving_on, named)
    return Planned(planned, skipped)


class _Planning(NamedTuple):
    checks: Insert
    is_any_skipped: Select[*tuple[Any, ...]]
    skipped: Select[*tuple[Any, ...]]
    moving_on: Update


@cache  # written once: every range has the same
def _planning(dialect_name: str) -> _Planning:
    today = bindparam("today", type_=Date)
    notified = TURN_DATE.c.due_on <= bindparam("horizon", type_=Date)
    still_due = (
        DUE_TASK.c.group_id.between(bindparam("first"), bindparam("last")),
        DUE_TASK.c.task_id == TASK.id,
        DUE_TASK.c.turn_id == TURN.c.id,
        TASK.next_on == TURN.c.nominal,
        TASK.facility_id == FACILITY.id,
        IS_IN_OPERATION,
    )
    paused = TASK.who.in_((Who.VOLUNTEERS, Who.BOTH)) & is_paused(TURN_DATE.c.due_on)
    state, word = CHECK.state.type, TASK.who.type
    checks = (
        select(
            TASK.facility_id,
            TASK.id,
            TURN_DATE.c.due_on,
            case((paused, literal(Who.MUNICIPALITY, word)), else_=TASK.who),
            case((notified, literal(CheckState.NOTIFIED, state)), else_=literal(CheckState.PLANNED, state)),
            today,
            case((notified, today)),
        )
        .select_from(DUE_TASK, CareTask, Facility, TURN)
        .join(TURN_DATE, TURN_DATE.c.turn_id == TURN.c.id)
        .where(*still_due)
        .order_by(TASK.id, TURN_DATE.c.due_on)
    )
    columns = ["facility_id", "care_task_id", "due_on", "who", "state", "planned_on", "noticed_on"]
    gone = select(func.coalesce(func.sum(TURN.c.skipped), 0))
    return _Planning(
        putting_new(dialect_name, Check, columns, checks),
        select(TURN.c.id).where(TURN.c.skipped > 0).limit(1),
        gone.select_from(DUE_TASK, CareTask, Facility, TURN).where(*still_due),
        update(CareTask).where(*still_due).values(next_on=TURN.c.next_on),
    )
