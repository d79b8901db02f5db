"""The daily run: everything the calendar does, for the day it is told. Running it twice changes nothing.

A step is taken from the step before it, never from the due date alone: after ten days of downtime a group
gets its notice first, and is reminded as many days later as it would have been. So nobody is escalated
for a message that never went out, and nobody gets ten mails at once.
"""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import partial

from sqlmodel import Session, col, select

from config.catalogue import Escalation, Who, catalogue
from models.agreement import (
    Agreement,
    AgreementStatus,
    CareTask,
    agreement_in_force,
    agreements_of,
    tasks_of,
)
from models.application import FundingDecision, PoolApplication
from models.calendar import add_working_days, due_day, next_nominal
from models.care_agreement import draft_renewal, last_day, replace_agreement
from models.caretaking import book_work, order_work
from models.check import OPEN_STATES, Check, CheckState, Report, WorkOrder
from models.consultation import Condition, Consultation
from models.danish import dato
from models.facility import Facility, move
from models.handover import papers_due_on
from models.journal import write_journal
from models.message import Fact, Message, add_to_daily
from models.pool_funding import amounts_of, shortfalls, wait_in_line
from models.protocol import Defect, Handover, Inspection
from models.role import Door, Role
from models.stage import Stage
from models.volunteer_group import VolunteerGroup, contacts_of
from models.winding_down import Outcome, begin_winding_down, winding_downs_of


@dataclass
class SweepCounts:
    """What one day's run did; all zero when it had been run before."""

    planned: int = 0
    skipped: int = 0
    notices: int = 0
    reminders: int = 0
    second_reminders: int = 0
    escalations: int = 0
    work_orders: int = 0
    messages: int = 0

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


def sweep(session: Session, *, on: date) -> SweepCounts:
    """Plan, notify, remind, escalate and order for one day, for all facilities."""
    counts = SweepCounts()
    before = len(session.exec(select(Message.id)).all())
    _watch_consultations(session, on)
    _watch_signing(session, on)
    _watch_the_pool(session, on)
    _watch_agreements(session, on)
    _plan_checks(session, on, counts)
    _take_steps(session, on, counts)
    _watch_papers_and_deadlines(session, on)
    session.flush()
    counts.messages = len(session.exec(select(Message.id)).all()) - before
    return counts


def _plan_checks(session: Session, on: date, counts: SweepCounts) -> None:
    """Make a check of every task that is due within the notice; skipped dates are counted, not asked for."""
    steps, municipality = catalogue().escalation, catalogue().municipality
    horizon = on + timedelta(days=steps.notice_days_before)
    due = (
        select(CareTask, Facility)
        .join(Facility, col(Facility.id) == CareTask.facility_id)
        .where(col(CareTask.next_on) <= horizon, Facility.stage == Stage.OPERATION)
        .order_by(col(CareTask.id))
    )
    for task, facility in session.exec(due).all():
        nominal = task.next_on
        if nominal is None:
            continue
        following = next_nominal(nominal, task.every_days, task.every_months, task.season_days)
        while following <= on:  # the run was down: the past can't be looked at any more
            counts.skipped += 1
            nominal, following = (
                following,
                next_nominal(following, task.every_days, task.every_months, task.season_days),
            )
        due_on = due_day(
            nominal,
            working_days_only=task.who in (Who.MUNICIPALITY, Who.EXTERNAL),
            weekend=municipality.volunteers_prefer_weekend,
            days_off=municipality.days_off,
        )
        task.next_on = following
        there = select(Check.id).where(Check.care_task_id == task.id, Check.due_on == due_on)
        if session.exec(there).first() is None:
            session.add(
                Check(
                    facility_id=facility.id or 0,
                    care_task_id=task.id or 0,
                    due_on=due_on,
                    who=task.who,
                    state=CheckState.PLANNED,
                    planned_on=on,
                )
            )
            counts.planned += 1
    session.flush()


def _take_steps(session: Session, on: date, counts: SweepCounts) -> None:
    """Take for each open check the one step that is due, if one is."""
    steps = catalogue().escalation
    rows = (
        select(Check, CareTask, Facility)
        .join(CareTask, col(CareTask.id) == Check.care_task_id)
        .join(Facility, col(Facility.id) == Check.facility_id)
        .where(col(Check.state).in_(OPEN_STATES))
        .order_by(col(Check.due_on), col(Check.id))
    )
    for check, task, facility in session.exec(rows).all():
        if on < next_step_on(check, steps):
            continue
        if check.noticed_on is None:
            check.noticed_on, check.state = on, CheckState.NOTIFIED
            counts.notices += _ask(session, facility, check, task, "check_notice", on)
        elif check.reminded_on is None:
            check.reminded_on, check.state = on, CheckState.REMINDED
            counts.reminders += _ask(session, facility, check, task, "check_reminder", on)
        elif check.second_reminded_on is None:
            check.second_reminded_on = on
            counts.second_reminders += _ask(
                session, facility, check, task, "check_second_reminder", on
            )
        elif check.escalated_on is None:
            check.escalated_on, check.state = on, CheckState.ESCALATED
            _escalate(session, facility, check, task, on)
            counts.escalations += 1
        else:
            _close_unanswered(session, facility, check, task, on, counts)


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
    return max(by_due_date, last + timedelta(days=days[number] - days[number - 1]))


def _ask(
    session: Session, facility: Facility, check: Check, task: CareTask, kind: str, on: date
) -> int:
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
        facility_id=facility.id or 0,
        key=f"check:{check.id}:{kind}",
        context=context,
        on=on,
    )
    if check.who in (Who.VOLUNTEERS, Who.BOTH):
        for contact in contacts_of(session, session.get_one(VolunteerGroup, facility.group_id)):
            tell(contact_id=contact.id, role=None)
    if check.who is not Who.VOLUNTEERS:
        tell(contact_id=None, role=Role.OPERATIONS)
    return 1


def _escalate(session: Session, facility: Facility, check: Check, task: CareTask, on: date) -> None:
    group = session.get_one(VolunteerGroup, facility.group_id)
    theirs = check.who in (Who.VOLUNTEERS, Who.BOTH)
    to = (Role.COORDINATOR, Role.OPERATIONS) if theirs else (Role.OPERATIONS_MANAGER,)
    for role in to:
        add_to_daily(
            session,
            contact_id=None,
            role=role,
            kind="check_escalated",
            facility_id=facility.id or 0,
            key=f"check:{check.id}:escalated",
            on=on,
            context={
                "task_name": task.name,
                "due_on": check.due_on.isoformat(),
                "group_name": group.name if theirs else "driften",
            },
        )
    _note(
        session,
        facility,
        f"Tjek “{task.name}” ({dato(check.due_on)}) er ikke besvaret; givet videre.",
        on,
    )


def _close_unanswered(
    session: Session,
    facility: Facility,
    check: Check,
    task: CareTask,
    on: date,
    counts: SweepCounts,
) -> None:
    check.state, check.closed_on = CheckState.MISSED, on
    session.flush()
    if check.who in (Who.VOLUNTEERS, Who.BOTH):
        order_work(session, facility, check, task, on=on)
        counts.work_orders += 1
        _notice_sleeping_group(session, facility, on)
    else:
        _note(session, facility, f"Tjek “{task.name}” ({dato(check.due_on)}) blev ikke udført.", on)


def _notice_sleeping_group(session: Session, facility: Facility, on: date) -> None:
    """Three checks in a row that nobody answered: the coordinator rings the group."""
    limit = catalogue().escalation.missed_in_a_row_is_sleeping
    closed = (
        select(Check)
        .where(
            Check.facility_id == facility.id,
            col(Check.closed_on).is_not(None),
            col(Check.who).in_((Who.VOLUNTEERS, Who.BOTH)),
            Check.state != CheckState.CANCELLED,
        )
        .order_by(col(Check.due_on).desc(), col(Check.id).desc())
        .limit(limit)
    )
    last = session.exec(closed).all()
    unanswered = [
        c
        for c in last
        if session.exec(select(Report.id).where(Report.check_id == c.id)).first() is None
    ]
    if len(unanswered) < limit or facility.sleeping_since is not None:
        return
    facility.sleeping_since = on
    group = session.get_one(VolunteerGroup, facility.group_id)
    add_to_daily(
        session,
        contact_id=None,
        role=Role.COORDINATOR,
        kind="sleeping_group",
        facility_id=facility.id or 0,
        key=f"{facility.reference}:sleeping:{on}",
        context={"group_name": group.name, "missed": limit},
        on=on,
    )
    _note(
        session,
        facility,
        f"{limit} tjek i træk uden svar. Koordinatoren ringer til {group.reference}.",
        on,
    )


def _watch_consultations(session: Session, on: date) -> None:
    """Remind operations halfway, tell its manager at the deadline, and the leader half a deadline later."""
    days = catalogue().escalation.consultation_deadline_working_days
    days_off = catalogue().municipality.days_off
    rows = (
        select(Consultation, Facility)
        .join(Facility, col(Facility.id) == Consultation.facility_id)
        .where(col(Consultation.answer).is_(None), Facility.stage == Stage.CONSULTATION)
        .order_by(col(Consultation.id))
    )
    for round_, facility in session.exec(rows).all():
        context: dict[str, Fact] = {
            "deadline_on": round_.deadline_on.isoformat(),
            "asked_on": round_.asked_on.isoformat(),
        }
        steps = (
            (round_.halfway_on, Role.OPERATIONS, "consultation_halfway"),
            (round_.deadline_on, Role.OPERATIONS_MANAGER, "consultation_overdue"),
            (
                add_working_days(round_.deadline_on, days // 2, days_off),
                Role.LEADER,
                "consultation_overdue",
            ),
        )
        due = [step for step in steps if step[0] <= on]
        for _, role, kind in due[-1:]:  # after downtime only the step that matters now
            new = _tell(
                session,
                facility,
                role,
                kind,
                f"{facility.reference}:consultation:{round_.round}:{kind}",
                context,
                on,
            )
            if new and kind == "consultation_overdue":
                _note(
                    session,
                    facility,
                    f"Fristen {dato(round_.deadline_on)} for driftens svar er overskredet; {role.danish} har fået besked.",
                    on,
                )


def _watch_signing(session: Session, on: date) -> None:
    limit = timedelta(days=catalogue().escalation.signing_days)
    rows = (
        select(Agreement, Facility)
        .join(Facility, col(Facility.id) == Agreement.facility_id)
        .where(Agreement.status == AgreementStatus.SIGNING)
        .order_by(col(Agreement.id))
    )
    for agreement, facility in session.exec(rows).all():
        if agreement.sent_on is not None and agreement.sent_on + limit <= on:
            _tell(
                session,
                facility,
                Role.COORDINATOR,
                "signing_overdue",
                f"{facility.reference}:agreement:{agreement.version}:overdue",
                {"since_on": agreement.sent_on.isoformat()},
                on,
            )


def _watch_the_pool(session: Session, on: date) -> None:
    """Give applications the pool can't carry their place in the line; try unbooked work orders again."""
    open_ = (
        select(PoolApplication, Facility, Agreement)
        .join(Facility, col(Facility.id) == PoolApplication.facility_id)
        .join(Agreement, col(Agreement.id) == PoolApplication.agreement_id)
        .where(
            col(PoolApplication.decision).is_(None), col(PoolApplication.waiting_since).is_(None)
        )
        .order_by(col(PoolApplication.id))
    )
    for application, facility, agreement in session.exec(open_).all():
        if application.applied_on < on and shortfalls(session, amounts_of(agreement)):
            wait_in_line(
                session,
                facility,
                application,
                reason="",
                on=on,
                by=Role.CALENDAR,
                door=Door.CALENDAR,
            )
    unbooked = (
        select(WorkOrder, Facility)
        .join(Facility, col(Facility.id) == WorkOrder.facility_id)
        .where(col(WorkOrder.booked_on).is_(None))
        .order_by(col(WorkOrder.id))
    )
    for order, facility in session.exec(unbooked).all():
        if book_work(session, facility, order, on=on):
            _note(session, facility, f"Arbejdsordre nr. {order.id} er nu betalt af puljen.", on)


def _watch_agreements(session: Session, on: date) -> None:
    """Ask for the renewal in time, start the next agreement, and begin the ending where there is none."""
    days = timedelta(days=catalogue().escalation.renewal_days_before_end)
    rows = (
        select(Facility)
        .where(col(Facility.stage).in_((Stage.OPERATION, Stage.WINDING_DOWN)))
        .order_by(col(Facility.id))
    )
    for facility in session.exec(rows).all():
        versions = agreements_of(session, facility)
        in_force = agreement_in_force(session, facility)
        following = versions[-1] if versions and versions[-1].renews else None
        if following is not None and _is_granted(session, following) and following.from_on <= on:
            if following.status is AgreementStatus.SIGNED:
                _start_following(session, facility, following, on)
            continue
        if in_force is None or facility.stage is not Stage.OPERATION:
            continue
        if not any(task.who in (Who.VOLUNTEERS, Who.BOTH) for task in tasks_of(session, in_force)):
            continue  # operations alone: there is nobody to renew with
        open_following = following is not None and following.id != in_force.id
        if in_force.until_on - days <= on <= in_force.until_on and not open_following:
            begin = in_force.until_on + timedelta(days=1)
            draft_renewal(
                session,
                facility,
                in_force,
                from_on=begin,
                until_on=last_day(begin, facility.years),
                on=on,
            )
            _note(
                session,
                facility,
                f"Aftalen løber til {dato(in_force.until_on)}. Fornyelse er til gennemsyn.",
                on,
            )
            _tell(
                session,
                facility,
                Role.COORDINATOR,
                "renewal_asked",
                f"{facility.reference}:agreement:{in_force.version}:renewal",
                {"until_on": in_force.until_on.isoformat()},
                on,
            )
        elif in_force.until_on < on:
            _tell(
                session,
                facility,
                Role.COORDINATOR,
                "agreement_ended",
                f"{facility.reference}:agreement:{in_force.version}:ended",
                {"until_on": in_force.until_on.isoformat()},
                on,
            )
            begin_winding_down(
                session,
                facility,
                f"Aftalen løb ud {dato(in_force.until_on)} uden at blive fornyet.",
                on=on,
                by=Role.CALENDAR,
                door=Door.CALENDAR,
            )


def _is_granted(session: Session, agreement: Agreement) -> bool:
    rows = select(PoolApplication.id).where(
        PoolApplication.agreement_id == agreement.id,
        PoolApplication.decision == FundingDecision.GRANT,
    )
    return session.exec(rows).first() is not None


def _start_following(session: Session, facility: Facility, following: Agreement, on: date) -> None:
    replace_agreement(session, facility, following, on=on)
    if facility.stage is Stage.WINDING_DOWN:
        ending = winding_downs_of(session, facility)[-1]
        ending.outcome, ending.decided_on = Outcome.RENEWED, on
        move(facility, Stage.OPERATION, on=on)
    _note(
        session,
        facility,
        f"Den fornyede aftale gælder fra {dato(following.from_on)} til {dato(following.until_on)}.",
        on,
    )


def _watch_papers_and_deadlines(session: Session, on: date) -> None:
    """Conditions, defects, missing papers and inspections whose day has come, each told once."""
    conditions = (
        select(Condition, Facility)
        .join(Facility, col(Facility.id) == Condition.facility_id)
        .where(col(Condition.met_on).is_(None), col(Condition.deadline_on) <= on)
    )
    for condition, facility in session.exec(conditions).all():
        if facility.stage.is_open and condition.deadline_on is not None:
            _tell(
                session,
                facility,
                condition.owner,
                "condition_due",
                f"condition:{condition.id}",
                {
                    "number": condition.number,
                    "text": condition.text,
                    "deadline_on": condition.deadline_on.isoformat(),
                },
                on,
            )
    defects = (
        select(Defect, Facility)
        .join(Facility, col(Facility.id) == Defect.facility_id)
        .where(col(Defect.fixed_on).is_(None), col(Defect.deadline_on) <= on)
    )
    for defect, facility in session.exec(defects).all():
        if facility.stage.is_open:
            for role in (Role.PROJECT_LEAD, Role.OPERATIONS):
                _tell(
                    session,
                    facility,
                    role,
                    "defect_due",
                    f"defect:{defect.id}",
                    {
                        "number": defect.number,
                        "text": defect.text,
                        "deadline_on": defect.deadline_on.isoformat(),
                    },
                    on,
                )
    operating = (Stage.OPERATION, Stage.WINDING_DOWN)
    for handover, facility in session.exec(
        select(Handover, Facility)
        .join(Facility, col(Facility.id) == Handover.facility_id)
        .where(col(Handover.decided_on).is_not(None), col(Facility.stage).in_(operating))
    ).all():
        if handover.papers_missing and papers_due_on(handover) <= on:
            names = [catalogue().papers[key].name for key in handover.papers_missing]
            _tell(
                session,
                facility,
                Role.PROJECT_LEAD,
                "papers_due",
                f"papers:{handover.id}",
                {"papers": list(names)},
                on,
            )
    horizon = on + timedelta(days=catalogue().escalation.inspection_notice_days)
    for inspection, facility in session.exec(
        select(Inspection, Facility)
        .join(Facility, col(Facility.id) == Inspection.facility_id)
        .where(col(Inspection.inspection_on) <= horizon, col(Facility.stage).in_(operating))
    ).all():
        _tell(
            session,
            facility,
            Role.OPERATIONS,
            "inspection_due",
            f"inspection:{inspection.id}",
            {
                "inspection_on": inspection.inspection_on.isoformat(),
                "years": inspection.months // 12,
            },
            on,
        )


def _tell(
    session: Session,
    facility: Facility,
    role: Role,
    kind: str,
    key: str,
    context: dict[str, Fact],
    on: date,
) -> bool:
    return add_to_daily(
        session,
        contact_id=None,
        role=role,
        kind=kind,
        facility_id=facility.id or 0,
        key=key,
        context=context,
        on=on,
    )


def _note(session: Session, facility: Facility, what: str, on: date) -> None:
    write_journal(
        session,
        what,
        facility_id=facility.id,
        stage=facility.stage,
        on=on,
        by=Role.CALENDAR,
        door=Door.CALENDAR,
    )
