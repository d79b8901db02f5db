"""The care of one day, plain and slow: a row at a time, by the rules as one would say them. The yardstick of
`models.daily.daily_run.look_after`, which does the same for thousands at once."""

from datetime import date, timedelta
from functools import partial

from sqlmodel import Session, col, select

from config.catalogue import Escalation, Who, catalogue
from models.calendar import due_day, in_season, next_nominal
from models.case.agreement import Agreement, CareTask
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup
from models.daily.check_ladder import SweepCounts
from models.daily.mail_week import VOLUNTEERS_TAKE_PART as VOLUNTEERS
from models.daily.mail_week import horizon, is_quiet, told_by
from models.danish import dato
from models.operation.check import OPEN_STATES, Check, CheckState, Report
from models.operation.check_work import order_missed
from models.operation.pause import who_does
from models.operation.who_is_asked import follow_moved_dates, line_for
from models.post.calendar_word import note
from models.post.outbox import Fact, add_to_daily
from models.role import Role
from models.stage import Stage


def look_after_plainly(session: Session, on: date) -> SweepCounts:
    """Plan and take steps, for all facilities."""
    counts = SweepCounts()
    plan_checks(session, on, counts)
    follow_moved_dates(session, on=on)
    take_steps(session, on, counts)
    session.flush()
    return counts


def plan_checks(session: Session, on: date, counts: SweepCounts) -> None:
    """Make a check of every task that is due within the notice; skipped dates are counted, not asked for."""
    municipality, mails = catalogue().municipality, catalogue().mails
    last = horizon(on)
    due = (
        select(CareTask, Facility)
        .join(Facility, col(Facility.id) == CareTask.facility_id)
        .where(col(CareTask.next_on) <= last + timedelta(days=mails.together_days), Facility.stage == Stage.OPERATION)
        .order_by(col(CareTask.id))
    )
    found = [(task, facility, _together_on(session, task, on)) for task, facility in session.exec(due).all()]
    for task, facility, together_on in found:
        open_one = select(Check.id).where(Check.care_task_id == task.id, col(Check.state).in_(OPEN_STATES))
        if session.exec(open_one).first() is not None:  # one at a time: what passes meanwhile is its
            while task.next_on is not None and task.next_on <= on:
                counts.skipped += 1
                task.next_on = _following(task, task.next_on)
        elif task.next_on is not None:
            asked_for, following = together_on or task.next_on, _following(task, task.next_on)
            if asked_for > last:
                continue
            while following <= on:  # the run was down: the past can't be looked at any more
                counts.skipped += 1
                asked_for, following = following, _following(task, following)
            due_on = due_day(
                asked_for,
                working_days_only=task.who in (Who.MUNICIPALITY, Who.EXTERNAL),
                weekend=municipality.volunteers_prefer_weekend,
                days_off=municipality.days_off,
                quiet=mails.quiet_days,
            )
            task.next_on = following
            there = select(Check.id).where(Check.care_task_id == task.id, Check.due_on == due_on)
            if session.exec(there).first() is None:
                session.add(
                    Check(
                        facility_id=facility.number,
                        care_task_id=task.number,
                        due_on=due_on,
                        who=who_does(session, task, due_on),
                        state=CheckState.PLANNED,
                        planned_on=on,
                    )
                )
                counts.planned += 1
    session.flush()


def _following(task: CareTask, nominal: date) -> date:
    return next_nominal(nominal, task.every_days, task.every_months, task.season_days)


def take_steps(session: Session, on: date, counts: SweepCounts) -> None:
    """Take for each open check the one step that is due, if one is."""
    steps = catalogue().escalation
    session.flush()
    rows = (
        select(Check, CareTask, Facility)
        .join(CareTask, col(CareTask.id) == Check.care_task_id)
        .join(Facility, col(Facility.id) == Check.facility_id)
        .where(col(Check.state).in_(OPEN_STATES))
        .order_by(col(Check.due_on), col(Check.id))
    )
    for check, task, facility in session.exec(rows).all():
        if not _is_a_step_due(session, check, facility, steps, on):
            continue
        if check.noticed_on is not None and check.who not in (Who.VOLUNTEERS, Who.BOTH):
            continue  # operations' own task is work from its day on (`models.daily.own_tasks`)
        if check.noticed_on is None:
            check.noticed_on, check.state = on, CheckState.NOTIFIED
            counts.notices += _ask(session, facility, check, task, "check_notice", on)
        elif check.reminded_on is None:
            check.reminded_on, check.state = on, CheckState.REMINDED
            counts.reminders += _ask(session, facility, check, task, "check_reminder", on)
        elif check.second_reminded_on is None:
            check.second_reminded_on = on
            counts.second_reminders += _ask(session, facility, check, task, "check_second_reminder", on)
        elif check.escalated_on is None:
            check.escalated_on, check.state = on, CheckState.ESCALATED
            _escalate(session, facility, check, task, on)
            counts.escalations += 1
        else:
            _close_unanswered(session, facility, check, task, on, counts)


def _together_on(session: Session, task: CareTask, on: date) -> date | None:
    """The day, within those that are put together, of another task that the group does at the place: one that is asked
    for already, else the first that is due."""
    if task.who not in VOLUNTEERS or task.next_on is None:
        return None
    asked_for = [
        check.due_on
        for check in session.exec(select(Check).where(Check.facility_id == task.facility_id, Check.due_on >= on)).all()
        if check.care_task_id != task.id
        and check.state in OPEN_STATES
        and check.who in VOLUNTEERS
        and abs((check.due_on - task.next_on).days) <= catalogue().mails.together_days
    ]
    earliest = max(on, task.next_on - timedelta(days=catalogue().mails.together_days))
    others = select(CareTask).where(CareTask.facility_id == task.facility_id, col(CareTask.next_on) >= earliest)
    days = [
        other.next_on
        for other in session.exec(others).all()
        if other.next_on is not None
        and other.next_on < task.next_on
        and other.next_on <= horizon(on)
        and other.who in VOLUNTEERS
        and session.exec(
            select(Check.id).where(Check.care_task_id == other.id, col(Check.state).in_(OPEN_STATES))
        ).first()
        is None
    ]
    day = min(asked_for if asked_for and task.next_on <= horizon(on) else days, default=None)
    return day if day is not None and (task.season_days is None or in_season(day, task.season_days)) else None


def _is_a_step_due(session: Session, check: Check, facility: Facility, steps: Escalation, on: date) -> bool:
    """Whether the check's next step is to be taken: volunteers aren't asked in the quiet time, and by the week."""
    if is_quiet(on) and check.who in VOLUNTEERS:
        return False
    if check.noticed_on is None:
        return check.due_on <= told_by(check.who, session.get_one(VolunteerGroup, facility.group_id).pace, on)
    return on >= next_step_on(check, steps)


def next_step_on(check: Check, steps: Escalation) -> date:
    """The day the check's next step is due: by its due date, and never sooner after the last step than planned."""
    days = (
        -steps.notice_days_before,
        steps.reminder_days_after,
        steps.second_reminder_days_after,
        steps.escalation_days_after,
        steps.work_order_days_after,
    )
    taken = (check.noticed_on, check.reminded_on, check.second_reminded_on, check.escalated_on)
    number = next((i for i, step_on in enumerate(taken) if step_on is None), len(taken))
    by_due_date = check.due_on + timedelta(days=days[number])
    last = taken[number - 1] if number else None
    if last is None:
        return by_due_date
    # a notice that came late because the check was planned late still leaves its days to act
    since = 0 if number == 1 else days[number - 1]
    return max(by_due_date, last + timedelta(days=days[number] - since))


def _ask(session: Session, facility: Facility, check: Check, task: CareTask, kind: str, on: date) -> int:
    """Ask those who do the task; volunteers by their contacts, operations by its mailbox."""
    context: dict[str, Fact] = {
        "task_name": task.name,
        "minutes": task.minutes,
        "due_on": check.due_on.isoformat(),
        "check_id": check.id,
        "fine_when": task.fine_when,
    }
    tell = partial(
        add_to_daily,
        session,
        kind=kind,
        facility_id=facility.number,
        key=f"check:{check.id}:{kind}",
        context=context,
        on=on,
    )
    if check.who in (Who.VOLUNTEERS, Who.BOTH):
        told = 1 if kind == "check_notice" else 2
        for contact in line_for(session, facility, check)[:told]:
            tell(contact_id=contact.id, role=None)
    if check.who is not Who.VOLUNTEERS:
        tell(contact_id=None, role=Role.OPERATIONS)
    return 1


def _escalate(session: Session, facility: Facility, check: Check, task: CareTask, on: date) -> None:
    group = session.get_one(VolunteerGroup, facility.group_id)
    theirs = check.who in (Who.VOLUNTEERS, Who.BOTH)
    add_to_daily(
        session,
        contact_id=None,
        role=Role.COORDINATOR if theirs else Role.OPERATIONS_MANAGER,
        kind="check_escalated",
        facility_id=facility.number,
        key=f"check:{check.id}:escalated",
        on=on,
        context={
            "task_name": task.name,
            "due_on": check.due_on.isoformat(),
            "group_name": group.name if theirs else "driften",
        },
    )
    note(session, facility, f"Tjek “{task.name}” ({dato(check.due_on)}) er ikke besvaret; givet videre.", on)


def _close_unanswered(
    session: Session, facility: Facility, check: Check, task: CareTask, on: date, counts: SweepCounts
) -> None:
    check.state, check.closed_on = CheckState.MISSED, on
    session.flush()
    order_missed(session, facility, check, task, on=on)
    counts.work_orders += 1
    _notice_sleeping_group(session, facility, on)


def _notice_sleeping_group(session: Session, facility: Facility, on: date) -> None:
    """Three checks in a row that nobody answered: the coordinator rings the group."""
    limit = catalogue().escalation.missed_in_a_row_is_sleeping
    closed = (
        select(Check)
        .join(CareTask, col(CareTask.id) == Check.care_task_id)
        .join(Agreement, col(Agreement.id) == CareTask.agreement_id)
        .where(
            Check.facility_id == facility.id,
            Agreement.group_id == facility.group_id,
            col(Check.closed_on).is_not(None),
            col(Check.who).in_((Who.VOLUNTEERS, Who.BOTH)),
            Check.state != CheckState.CANCELLED,
        )
        .order_by(col(Check.due_on).desc(), col(Check.id).desc())
        .limit(limit)
    )
    last = session.exec(closed).all()
    unanswered = [c for c in last if session.exec(select(Report.id).where(Report.check_id == c.id)).first() is None]
    if len(unanswered) < limit or facility.sleeping_since is not None:
        return
    facility.sleeping_since = on
    group = session.get_one(VolunteerGroup, facility.group_id)
    add_to_daily(
        session,
        contact_id=None,
        role=Role.COORDINATOR,
        kind="sleeping_group",
        facility_id=facility.number,
        key=f"{facility.reference}:sleeping:{on}",
        context={"group_name": group.name, "missed": limit},
        on=on,
    )
    note(session, facility, f"{limit} tjek i træk uden svar. Koordinatoren ringer til {group.reference}.", on)
