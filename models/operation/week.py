"""Ugen: all that is due or late at a group's places, what was answered, and what may be done early."""

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from config.catalogue import Who, catalogue
from models.calendar import due_day, next_nominal
from models.case.agreement import Agreement, CareTask
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup
from models.operation.check import OPEN_STATES, Check, CheckResult, CheckState, Report, find_check
from models.operation.check_answer import may_be_answered_late, report_check
from models.operation.pause import who_does
from models.operation.work_order import WorkOrder
from models.refusal import BadInput, Refusal
from models.said import Said
from models.stage import Stage

THEIRS = (Who.VOLUNTEERS, Who.BOTH)
EARLY_DAYS = 14
"""How long before its day a task may be answered; half its interval where that is shorter."""
LATE_DAYS = 90
"""How long after operations took over an answer is taken still."""
LOOK_BACK = timedelta(days=365)
MOST_LOOKED_BACK = 60


class Asked(NamedTuple):
    """A check on the week's page, with its answer and the work order that came of silence."""

    check: Check
    task: CareTask
    facility: Facility
    report: Report | None
    order: WorkOrder | None


class Coming(NamedTuple):
    """A task that may be done before its day."""

    task: CareTask
    facility: Facility
    due_on: date


class Week(NamedTuple):
    """What stands on the page: what is asked, what operations took over, what comes, and what was answered."""

    due: list[Asked]
    given_on: list[Asked]
    coming: list[Coming]
    answered: list[Asked]


def week_of(session: Session, group: VolunteerGroup, *, on: date) -> Week:
    """What is due, late, to come and answered at all the group's places."""
    rows = (
        rows_of(Check, CareTask, Facility, Report, WorkOrder)
        .join(CareTask, col(CareTask.id) == Check.care_task_id)
        .join(Agreement, col(Agreement.id) == CareTask.agreement_id)
        .join(Facility, col(Facility.id) == Check.facility_id)
        .outerjoin(Report, col(Report.check_id) == Check.id)
        .outerjoin(WorkOrder, col(WorkOrder.check_id) == Check.id)
        .where(
            col(Facility.group_id) == group.id,
            col(Agreement.group_id) == group.id,
            col(Check.due_on) >= on - LOOK_BACK,
            col(Check.who).in_(THEIRS),
        )
        .order_by(col(Check.due_on), col(Check.id))
    )
    asked = [Asked(*row) for row in session.execute(rows).all()]
    since = on - timedelta(days=LATE_DAYS)
    answered = [each for each in asked if each.report is not None]
    return Week(
        due=[each for each in asked if each.check.state in OPEN_STATES and each.facility.stage is Stage.OPERATION],
        given_on=[
            each
            for each in asked
            if may_be_answered_late(each.check, each.report)
            and each.check.due_on >= since
            and each.facility.stage is Stage.OPERATION
        ],
        coming=_coming(session, group, on),
        answered=answered[::-1][:MOST_LOOKED_BACK],
    )


def _coming(session: Session, group: VolunteerGroup, on: date) -> list[Coming]:
    """The tasks without an open check whose day isn't far."""
    is_open = select(Check.id).where(Check.care_task_id == CareTask.id, col(Check.state).in_(OPEN_STATES)).exists()
    rows = (
        select(CareTask, Facility)
        .join(Facility, col(Facility.id) == CareTask.facility_id)
        .where(
            Facility.group_id == group.id,
            Facility.stage == Stage.OPERATION,
            col(CareTask.next_on) <= on + timedelta(days=EARLY_DAYS),
            col(CareTask.who).in_(THEIRS),
            ~is_open,
        )
        .order_by(col(CareTask.next_on), col(CareTask.id))
    )
    found = [
        Coming(task, facility, _day_of(task, task.next_on))
        for task, facility in session.exec(rows).all()
        if task.next_on is not None and _is_near(task, task.next_on, on)
    ]
    return [each for each in found if who_does(session, each.task, each.due_on) in THEIRS]


def _is_near(task: CareTask, nominal: date, on: date) -> bool:
    days = min(EARLY_DAYS, (task.every_days or 31 * (task.every_months or 1)) // 2)
    return nominal - on <= timedelta(days=days)


def _day_of(task: CareTask, nominal: date) -> date:
    municipality = catalogue().municipality
    return due_day(
        nominal,
        working_days_only=False,
        weekend=municipality.volunteers_prefer_weekend,
        days_off=municipality.days_off,
        quiet=catalogue().mails.quiet_days,
    )


def answer_check(
    session: Session,
    group: VolunteerGroup,
    check_id: int,
    result: CheckResult,
    said: Said,
    *,
    minutes: int | None,
    note: str,
    contact_id: int | None,
) -> Check:
    """Answer one check of the group, also where operations has taken it over.

    Raises:
        BadInput: the group has no such check, or the minutes are out of bounds.
        Refusal: it was answered otherwise, fell away, or its place isn't in operation.
    """
    check = their_check(session, group, check_id)
    report_check(session, check, result, said, minutes=minutes, note=note, contact_id=contact_id)
    return check


def all_is_well(
    session: Session, group: VolunteerGroup, check_ids: list[int], said: Said, *, contact_id: int | None
) -> int:
    """Answer these checks with "all is well", those that are open; returns how many. Again, there is none left.

    Only what stood on the page is answered: what came meanwhile nobody has looked at.

    Raises:
        BadInput: one isn't the group's.
    """
    count = 0
    for check_id in sorted(set(check_ids)):
        check = their_check(session, group, check_id)
        if check.state in OPEN_STATES:
            report_check(session, check, CheckResult.OK, said, minutes=None, note="", contact_id=contact_id)
            count += 1
    return count


def done_early(
    session: Session, group: VolunteerGroup, task_id: int, due_on: date, said: Said, *, contact_id: int | None
) -> Check:
    """A task was done before its day: its check is made and answered, and the task goes on to its next date.

    Raises:
        BadInput: the group has no such task, or it isn't near enough.
    """
    task = session.exec(select(CareTask).where(CareTask.id == task_id).with_for_update()).first()
    facility = session.get(Facility, task.facility_id) if task is not None else None
    if task is None or facility is None or facility.group_id != group.id or task.who not in THEIRS:
        raise _not_theirs()
    there = select(Check).where(Check.care_task_id == task.id, Check.due_on == due_on)
    check = session.exec(there).first()
    if check is None:
        is_asked_for = task.next_on is not None and _day_of(task, task.next_on) == due_on
        if task.next_on is None or not is_asked_for or not _is_near(task, task.next_on, said.on):
            raise BadInput("answer", "den opgave er ikke lige nu. Åbn siden igen, og se, hvad der står.")
        check = Check(
            facility_id=facility.number,
            care_task_id=task.number,
            due_on=due_on,
            who=who_does(session, task, due_on),
            state=CheckState.PLANNED,
            planned_on=said.on,
        )
        session.add(check)
        task.next_on = next_nominal(task.next_on, task.every_days, task.every_months, task.season_days)
        session.flush()
    report_check(session, check, CheckResult.OK, said, minutes=None, note="", contact_id=contact_id)
    return check


def their_check(session: Session, group: VolunteerGroup, check_id: int) -> Check:
    """The check, locked, when it is of a place of the group and theirs to do.

    Raises:
        BadInput: it isn't.
    """
    try:
        check = find_check(session, check_id)
    except (BadInput, Refusal):
        raise _not_theirs() from None
    facility = session.get_one(Facility, check.facility_id)
    task = session.get_one(CareTask, check.care_task_id)
    agreement = session.get_one(Agreement, task.agreement_id)
    if {facility.group_id, agreement.group_id} != {group.id} or check.who not in THEIRS:
        raise _not_theirs()
    return check


def _not_theirs() -> BadInput:
    return BadInput("answer", "det er ikke et af jeres tjek. Åbn siden igen fra mailen.")
