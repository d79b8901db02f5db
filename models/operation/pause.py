"""Pause: the group takes a season off, or gives one task up; operations does it meanwhile.

The agreement promises it in plain words ("sig til, så tager vi over"), so nobody has to approve it. A
check that falls into the pause is operations' own: asked of them, done by them, booked to the pool.
"""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, exists, literal
from sqlmodel import Field, Session, SQLModel, col, select

from config.catalogue import Who, catalogue
from models.calendar import add_months
from models.case.agreement import CareTask, agreement_in_force, tasks_of
from models.case.facility import Facility
from models.danish import dato
from models.database import Numbered
from models.journal import write_journal
from models.operation.check import OPEN_STATES, Check, CheckState
from models.post.outbox import add_to_daily
from models.refusal import BadInput, Refusal
from models.role import Door, Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_PAUSE = (Role.VOLUNTEER, Role.COORDINATOR)
LONGEST_MONTHS = 12


class Pause(Numbered, SQLModel, table=True):
    """One pause, both days included. An empty `task_key` is all that volunteers do."""

    __tablename__ = "pause"

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    task_key: str = Field(default="", max_length=64)
    from_on: date
    until_on: date
    said_on: date


def notice_ends_on(on: date) -> date:
    """The day the agreement's notice runs out when it is given on `on`."""
    return add_months(on, catalogue().escalation.notice_months)


def pause_care(session: Session, facility: Facility, said: Said, *, from_on: date, until_on: date) -> Pause:
    """The group takes a pause from all its tasks; one that touches another is one with it.

    Raises:
        Refusal: the facility isn't in operation, or the role may not.
        BadInput: the days are in the past, the wrong way round, or more than a year.
    """
    if from_on < said.on:
        raise BadInput("from", "pausen kan begynde fra i dag. Skriv en dag, der ikke er gået.")
    if until_on < from_on:
        raise BadInput("until", "pausen slutter, før den begynder. Skriv en senere dag.")
    if from_on > add_months(said.on, LONGEST_MONTHS) or until_on > add_months(from_on, LONGEST_MONTHS):
        raise BadInput("until", "en pause kan vare højst et år. Skriv en tidligere dag.")
    what = f"Gruppen holder pause fra {dato(from_on)} til og med {dato(until_on)}. Driften tager over."
    return _pause(session, facility, "", from_on, until_on, what, said)


def stop_task(session: Session, facility: Facility, task_key: str, said: Said) -> Pause:
    """The group gives one task up; operations does it for the rest of the agreement.

    Raises:
        Refusal: the facility isn't in operation, or the role may not.
        BadInput: the volunteers have no such task.
    """
    agreement = agreement_in_force(session, facility)
    tasks = {task.key: task for task in their_tasks(session, facility)}
    if agreement is None or task_key not in tasks:
        raise BadInput("task", f"gruppen har ikke opgaven. Vælg en af: {', '.join(tasks)}.")
    what = f"Gruppen gør ikke “{tasks[task_key].name}” mere. Driften tager den."
    until_on = max(agreement.until_on, said.on)
    return _pause(session, facility, task_key, said.on, until_on, what, said)


def end_pause(session: Session, pause: Pause, said: Said) -> Pause:
    """The group is back: from today the tasks are theirs again. Checks operations was asked for stay there.

    Raises:
        Refusal: the role may not.
    """
    may_decide(said.by, MAY_PAUSE, "En pause")
    if pause.until_on < said.on:
        return pause
    facility = session.get_one(Facility, pause.facility_id)
    for other in pauses_of(session, facility, on=said.on):  # two that overlap were one to whoever took them
        overlaps = other.from_on <= pause.until_on and pause.from_on <= other.until_on
        if other.task_key == pause.task_key and other.id != pause.id and overlaps:
            other.until_on = min(said.on, other.from_on) - timedelta(days=1)
    pause.until_on = said.on - timedelta(days=1)
    _say(
        session, session.get_one(Facility, pause.facility_id), pause, "Gruppen er tilbage.", said.on, said.by, said.door
    )
    return pause


def pauses_of(session: Session, facility: Facility, *, on: date) -> list[Pause]:
    """The pauses that run on a day or are still to come."""
    rows = (
        select(Pause)
        .where(Pause.facility_id == facility.id, col(Pause.until_on) >= on, col(Pause.until_on) >= col(Pause.from_on))
        .order_by(col(Pause.from_on), col(Pause.id))
    )
    return list(session.exec(rows))


def their_tasks(session: Session, facility: Facility) -> list[CareTask]:
    """What the volunteers do by the agreement in force."""
    agreement = agreement_in_force(session, facility)
    tasks = tasks_of(session, agreement) if agreement is not None else []
    return [task for task in tasks if task.who in (Who.VOLUNTEERS, Who.BOTH)]


def who_does(session: Session, task: CareTask, due_on: date) -> Who:
    """Who is asked for a task that is due on a day: operations, where the group has a pause."""
    if task.who not in (Who.VOLUNTEERS, Who.BOTH):
        return task.who
    rows = select(CareTask.id).where(CareTask.id == task.id, is_paused(literal(due_on)))
    return Who.MUNICIPALITY if session.exec(rows).first() is not None else task.who


def is_paused(due_on: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a pause of the group covers that day of a `CareTask`, to be asked of many at once."""
    return exists().where(
        col(Pause.facility_id) == CareTask.facility_id,
        col(Pause.task_key).in_(("", CareTask.key)),
        col(Pause.from_on) <= due_on,
        col(Pause.until_on) >= due_on,
    )


def _pause(
    session: Session, facility: Facility, task_key: str, from_on: date, until_on: date, what: str, said: Said
) -> Pause:
    may_decide(said.by, MAY_PAUSE, "En pause")
    if facility.stage is not Stage.OPERATION:
        raise Refusal(
            "pause.not_in_operation", f"{facility.reference} er ikke i drift, så der er ikke noget at holde pause fra."
        )
    day = timedelta(days=1)
    touching = [
        there
        for there in pauses_of(session, facility, on=said.on)
        if there.task_key == task_key
        and (task_key or (there.from_on <= until_on + day and from_on <= there.until_on + day))
    ]
    if touching:
        first, *rest = touching
        if task_key or (first.from_on <= from_on and until_on <= first.until_on):
            return first
        first.from_on = min(from_on, *(there.from_on for there in touching))
        first.until_on = max(until_on, *(there.until_on for there in touching))
        for there in rest:  # taken up in the first one
            there.until_on = there.from_on - day
        session.flush()
        what = f"Gruppen holder pause fra {dato(first.from_on)} til og med {dato(first.until_on)}. Driften tager over."
        _say(session, facility, first, what, said.on, said.by, said.door)
        _give_open_checks_to_operations(session, facility)
        return first
    pause = Pause(facility_id=facility.number, task_key=task_key, from_on=from_on, until_on=until_on, said_on=said.on)
    session.add(pause)
    session.flush()
    _say(session, facility, pause, what, said.on, said.by, said.door)
    _give_open_checks_to_operations(session, facility)
    return pause


def _give_open_checks_to_operations(session: Session, facility: Facility) -> None:
    """Checks that were asked of the group start anew with operations, which gets its own notice."""
    rows = (
        select(Check, CareTask)
        .join(CareTask, col(CareTask.id) == Check.care_task_id)
        .where(Check.facility_id == facility.id, col(Check.state).in_(OPEN_STATES))
    )
    for check, task in session.exec(rows).all():
        who = who_does(session, task, check.due_on)
        if check.who is not who:
            check.who, check.state = who, CheckState.PLANNED
            check.noticed_on = check.reminded_on = None
            check.second_reminded_on = check.escalated_on = None
    session.flush()


def _say(session: Session, facility: Facility, pause: Pause, what: str, on: date, by: Role, door: Door) -> None:
    write_journal(session, facility, what, Said(on, by, door))
    for role in (Role.COORDINATOR, Role.OPERATIONS):
        add_to_daily(
            session,
            contact_id=None,
            role=role,
            kind="group_news",
            facility_id=facility.number,
            key=f"pause:{pause.id}:{pause.from_on}:{pause.until_on}",
            context={"what": what},
            on=on,
        )
