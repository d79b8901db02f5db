"""Planning: a check for each task that is due within the notice, and the task's next date.

Tasks of one place that fall close together are put on the day of the first of them (config/mails.yaml), so that a group
goes there once; one that was held by its open check meanwhile joins the day that is asked for already. A place has one check of a task at a time: while one is open the next waits, and a date that passes meanwhile counts as
the open one's. So nobody is asked twice for the same thing, and operations gets one work order for it.

The calendar is asked once for each rule and date, in Python and by the rules of `models.calendar`; the database then
finds all tasks that have both. Oracle of every statement here: `plan_checks` in tests/models/plain_sweep.py.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Date,
    Insert,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    case,
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
from models.calendar import due_day, in_season, next_nominal
from models.case.agreement import CareTask, season_days
from models.case.facility import Facility
from models.daily.check_steps import VOLUNTEERS_TAKE_PART
from models.daily.day_tables import DUE_TASK, TURN, TURN_DATE
from models.daily.due_work import Groups
from models.daily.mail_week import days_of_the_week, horizon, may_be_asked, told_by_in_sql
from models.daily.speed import text_without_index, written_once
from models.database import columns_of, days_later, dialect_of, putting_new, table_of
from models.operation.check import OPEN_STATES, Check, CheckState
from models.operation.pause import is_paused
from models.stage import Stage

CHECK, TASK, FACILITY = columns_of(Check), columns_of(CareTask), columns_of(Facility)
TODAY, HORIZON = bindparam("today", type_=Date), bindparam("horizon", type_=Date)
"""The day, and the last day within the notice."""

IS_IN_OPERATION = text_without_index(FACILITY.stage) == Stage.OPERATION.value


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
    together_on: date | None = None,
) -> Turn:
    """What a task of this rule that is due on `nominal` asks for on `on`; nothing while it is `held` by an open check.

    `together_on` is the day of another task of the place that it is done with, where its own season allows that.
    """
    municipality = catalogue().municipality
    season_of_it = season_days(season)
    asked_for = nominal
    if together_on is not None and (season_of_it is None or in_season(together_on, season_of_it)):
        asked_for = together_on
    skipped = 0
    if held:
        while nominal <= on:
            skipped += 1
            nominal = next_nominal(nominal, every_days, every_months, season_days(season))
        return Turn([], nominal, skipped)
    if asked_for > horizon(on):
        return Turn([], nominal, 0)
    following = next_nominal(nominal, every_days, every_months, season_days(season))
    while following <= on:  # the run was down: the past can't be looked at any more
        skipped += 1
        nominal = asked_for = following
        following = next_nominal(nominal, every_days, every_months, season_days(season))
    day = due_day(
        asked_for,
        working_days_only=who in (Who.MUNICIPALITY, Who.EXTERNAL),
        weekend=municipality.volunteers_prefer_weekend,
        days_off=municipality.days_off,
        quiet=catalogue().mails.quiet_days,
    )
    return Turn([day], following, skipped)


IS_HELD = exists().where(CHECK.care_task_id == TASK.id, CHECK.state.in_(OPEN_STATES)).correlate(CareTask)
"""Whether a task has an open check; looked up for one task at a time, by the unique index of `check.care_task_id`."""

_OTHER, _HELD_BY = table_of(CareTask).alias("other_task"), table_of(Check).alias("other_check")
_BESIDE, _TOLD = table_of(CareTask).alias("task_beside"), table_of(Check).alias("check_beside")
_DAY_ASKED_FOR = case(
    (
        TASK.next_on <= HORIZON,
        select(func.min(_TOLD.c.due_on))
        .select_from(_BESIDE.join(_TOLD, _TOLD.c.care_task_id == _BESIDE.c.id))
        .where(
            _BESIDE.c.facility_id == TASK.facility_id,
            _BESIDE.c.id != TASK.id,
            _TOLD.c.state.in_(OPEN_STATES),
            _TOLD.c.who.in_(VOLUNTEERS_TAKE_PART),
            _TOLD.c.due_on >= TODAY,
            _TOLD.c.due_on.between(
                days_later(TASK.next_on, bindparam("earlier", type_=Integer)),
                days_later(TASK.next_on, bindparam("later", type_=Integer)),
            ),
        )
        .correlate(CareTask)
        .scalar_subquery(),
    )
)
"""The day for which the place has been asked for another task already, while this one was held by its own open check."""

_DAY_OF_ANOTHER = (
    select(func.min(_OTHER.c.next_on))
    .where(
        _OTHER.c.facility_id == TASK.facility_id,
        _OTHER.c.next_on.between(TODAY, HORIZON),
        _OTHER.c.next_on >= days_later(TASK.next_on, bindparam("earlier", type_=Integer)),
        _OTHER.c.next_on < TASK.next_on,
        _OTHER.c.who.in_(VOLUNTEERS_TAKE_PART),
        ~exists().where(_HELD_BY.c.care_task_id == _OTHER.c.id, _HELD_BY.c.state.in_(OPEN_STATES)),
    )
    .correlate(CareTask)
    .scalar_subquery()
)
TOGETHER_ON = case((TASK.who.in_(VOLUNTEERS_TAKE_PART), func.coalesce(_DAY_ASKED_FOR, _DAY_OF_ANOTHER)))
"""The day of another task of the place that this one can be done with, within the days of config/mails.yaml: one that
is told already, else the first that is due."""

IS_DUE = or_(
    and_(TASK.next_on <= HORIZON, or_(TASK.next_on <= TODAY, ~IS_HELD)),
    and_(TASK.next_on > HORIZON, TASK.next_on <= bindparam("last", type_=Date), TOGETHER_ON.is_not(None), ~IS_HELD),
)
"""Whether a task's date is to be dealt with: asked for by itself or with another, or passed while a check was open."""

RULE = (
    TASK.who,
    func.coalesce(TASK.every_days, 0),
    func.coalesce(TASK.every_months, 0),
    TASK.season,
    case((IS_HELD, 1), else_=0),
    TASK.next_on,
    func.coalesce(TOGETHER_ON, TASK.next_on),
)
"""What decides whose turn it is with a task: tasks that agree in all of it have the same `Turn`."""


def _days(on: date) -> dict[str, Any]:
    days = catalogue().mails.together_days
    last = horizon(on)
    return {
        "today": on,
        "horizon": last,
        "last": last + timedelta(days=days),
        "earlier": -days,
        "later": days,
    } | days_of_the_week(on)


def is_a_task_due(session: Session, on: date) -> bool:
    """Whether any task has a date within the notice."""
    return session.execute(_any_due_task(), _days(on)).first() is not None


@written_once
def _any_due_task() -> Select[tuple[int]]:
    """Any one task that is due, in operation or not."""
    return select(TASK.id).where(IS_DUE).limit(1)


def find_due_tasks(session: Session, on: date) -> None:
    """Note which tasks are due within the notice, and whose turn it is with each."""
    connection = session.connection()
    rules = connection.execute(_due_rules(), _days(on)).all()
    if not rules:
        return
    turns, dates = _turns_of(rules, on)
    connection.execute(insert(TURN), turns)
    if dates:
        connection.execute(insert(TURN_DATE), dates)
    connection.execute(_note_due_tasks(), _days(on))


def _turns_of(rules: Sequence[Any], on: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of `TURN` and of `TURN_DATE` for these rules."""
    turns, dates = [], []
    for number, (who, days, months, season, held, nominal, together_on) in enumerate(rules):
        turn = turn_of(
            who, days or None, months or None, season, nominal, on=on, held=bool(held), together_on=together_on
        )
        turns.append(
            {
                "id": number,
                "nominal": nominal,
                "together_on": together_on,
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
    return turns, dates


@written_once
def _due_rules() -> Select[*tuple[Any, ...]]:
    """Each rule and date that some due task has, once."""
    return select(*RULE).where(IS_DUE).distinct()


@written_once
def _note_due_tasks() -> Insert:
    """Note each due task in operation with its group and its turn, in the order of the groups."""
    turn = (
        TURN.c.who,
        TURN.c.every_days,
        TURN.c.every_months,
        TURN.c.season,
        TURN.c.held,
        TURN.c.nominal,
        TURN.c.together_on,
    )
    same = (of_turn == of_task for of_turn, of_task in zip(turn, RULE, strict=True))
    turn_id = select(TURN.c.id).where(*same).correlate(CareTask).scalar_subquery()
    tasks = (
        select(FACILITY.group_id, TASK.id, turn_id)
        .join(Facility, FACILITY.id == TASK.facility_id)
        .where(IS_DUE, IS_IN_OPERATION)
        .order_by(FACILITY.group_id, TASK.id)
    )
    return insert(DUE_TASK).from_select(["group_id", "task_id", "turn_id"], tasks)


class Planned(NamedTuple):
    """What was planned in a range; `skipped` dates are counted, not asked for."""

    checks: int
    skipped: int


def plan_checks(session: Session, groups: Groups, on: date) -> Planned:
    """Make the checks of the range's due tasks, those within the notice as notified, and move the tasks on."""
    connection = session.connection()
    named = _days(on) | groups._asdict()
    planned = connection.execute(_add_checks(dialect_of(session)), named).rowcount
    skipped = 0
    if connection.execute(_any_skipped()).first() is not None:
        skipped = connection.execute(_count_skipped(), named).scalar_one()
    connection.execute(_move_tasks_on(), named)
    return Planned(planned, skipped)


STILL_DUE = (
    DUE_TASK.c.group_id.between(bindparam("first"), bindparam("last")),
    DUE_TASK.c.task_id == TASK.id,
    DUE_TASK.c.turn_id == TURN.c.id,
    TASK.next_on == TURN.c.nominal,
    TASK.facility_id == FACILITY.id,
    IS_IN_OPERATION,
)
"""The range's due tasks, but for those that were moved on or ended since they were found."""


@written_once
def _add_checks(dialect_name: str) -> Insert:
    """Add a check for each day of a due task's turn, unless the task has one that day; operations' own while the group
    has a pause, and notified at once within the notice."""
    is_given_over = TASK.who.in_(VOLUNTEERS_TAKE_PART) & is_paused(TURN_DATE.c.due_on)
    state, who = CHECK.state.type, TASK.who.type
    who_does_it = case((is_given_over, literal(Who.MUNICIPALITY, who)), else_=TASK.who)
    is_notified = and_(TURN_DATE.c.due_on <= told_by_in_sql(who_does_it, FACILITY.id), may_be_asked(who_does_it))
    checks = (
        select(
            TASK.facility_id,
            TASK.id,
            TURN_DATE.c.due_on,
            who_does_it,
            case((is_notified, literal(CheckState.NOTIFIED, state)), else_=literal(CheckState.PLANNED, state)),
            TODAY,
            case((is_notified, TODAY)),
        )
        .select_from(DUE_TASK, CareTask, Facility, TURN)
        .join(TURN_DATE, TURN_DATE.c.turn_id == TURN.c.id)
        .where(*STILL_DUE)
        .order_by(TASK.id, TURN_DATE.c.due_on)
    )
    columns = ["facility_id", "care_task_id", "due_on", "who", "state", "planned_on", "noticed_on"]
    return putting_new(dialect_name, Check, columns, checks)


@written_once
def _any_skipped() -> Select[tuple[int]]:
    """Any one turn of the day that skips dates; on most days there is none, and nothing to count."""
    return select(TURN.c.id).where(TURN.c.skipped > 0).limit(1)


@written_once
def _count_skipped() -> Select[int]:
    """How many dates the range's due tasks skip."""
    skipped = select(func.coalesce(func.sum(TURN.c.skipped), 0))
    return skipped.select_from(DUE_TASK, CareTask, Facility, TURN).where(*STILL_DUE)


@written_once
def _move_tasks_on() -> Update:
    """Give each due task of the range the next date of its turn."""
    return update(CareTask).where(*STILL_DUE).values(next_on=TURN.c.next_on)
