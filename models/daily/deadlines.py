"""Frister: what the calendar watches besides the checks, each told once to the role that can act."""

from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import Date, String, bindparam, cast, literal
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import Select

from config.catalogue import catalogue
from models.calendar import add_working_days
from models.case.agreement import Agreement, AgreementStatus
from models.case.consultation import Condition, Consultation
from models.case.facility import Facility
from models.case.funding import PoolApplication
from models.case.handover import Defect, Handover
from models.daily.speed import written_once
from models.danish import dato
from models.operation.work_money import pay_what_waits
from models.pool.funding_need import needs_of
from models.post.calendar_word import is_told, note, tell_once
from models.post.outbox import Fact
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.funding import shortfalls, wait_in_line
from models.stages.handover import papers_due_on

Row = TypeVar("Row", bound=SQLModel)
OPERATING = (Stage.OPERATION, Stage.WINDING_DOWN)


def watch_consultations(session: Session, on: date) -> None:
    """Remind operations halfway, tell its manager once the deadline has passed, and the leader half a deadline later."""
    rows = (
        select(Consultation, Facility)
        .join(Facility, col(Facility.id) == Consultation.facility_id)
        .where(
            col(Consultation.answer).is_(None),
            # an inherited place is asked about in operation
            col(Facility.stage).in_((Stage.CONSULTATION, Stage.OPERATION)),
        )
        .order_by(col(Consultation.id))
    )
    for round_, facility in session.exec(rows).all():
        _watch_round(session, round_, facility, on)


def _watch_round(session: Session, round_: Consultation, facility: Facility, on: date) -> None:
    days = catalogue().escalation.consultation_deadline_working_days
    days_off = catalogue().municipality.days_off
    context: dict[str, Fact] = {"deadline_on": round_.deadline_on.isoformat(), "asked_on": round_.asked_on.isoformat()}
    steps = (
        (round_.halfway_on, Role.OPERATIONS, "consultation_halfway"),
        # the day after: nothing is late before its day has passed
        (round_.deadline_on + timedelta(days=1), Role.OPERATIONS_MANAGER, "consultation_overdue"),
        (add_working_days(round_.deadline_on, days // 2, days_off), Role.LEADER, "consultation_overdue"),
    )
    due = [(role, kind) for step_on, role, kind in steps if step_on <= on]
    if not due:
        return
    role, kind = due[-1]  # after downtime only the step that matters now
    key = f"{facility.reference}:consultation:{round_.round}:{kind}"
    is_new = tell_once(session, facility, role, kind, key, context, on)
    if is_new and kind == "consultation_overdue":
        deadline = dato(round_.deadline_on)
        note(
            session,
            facility,
            f"Fristen {deadline} for driftens svar er overskredet; {role.danish} har fået besked.",
            on,
        )


def watch_signing(session: Session, on: date) -> None:
    """Tell the coordinator of each agreement that has been out for signing too long."""
    limit = timedelta(days=catalogue().escalation.signing_days)
    rows = (
        select(Agreement, Facility)
        .join(Facility, col(Facility.id) == Agreement.facility_id)
        .where(Agreement.status == AgreementStatus.SIGNING)
        .order_by(col(Agreement.id))
    )
    for agreement, facility in session.exec(rows).all():
        if agreement.sent_on is not None and agreement.sent_on + limit <= on:
            tell_once(
                session,
                facility,
                Role.COORDINATOR,
                "signing_overdue",
                f"{facility.reference}:agreement:{agreement.version}:overdue",
                {"since_on": agreement.sent_on.isoformat()},
                on,
            )


def watch_the_pool(session: Session, on: date) -> None:
    """Give applications the pool can't carry their place in the line; try unbooked work orders again."""
    undecided = (
        select(PoolApplication, Facility, Agreement)
        .join(Facility, col(Facility.id) == PoolApplication.facility_id)
        .join(Agreement, col(Agreement.id) == PoolApplication.agreement_id)
        .where(col(PoolApplication.decision).is_(None), col(PoolApplication.waiting_since).is_(None))
        .order_by(col(PoolApplication.id))
    )
    for application, facility, agreement in session.exec(undecided).all():
        if application.applied_on < on and shortfalls(session, needs_of(session, agreement)):
            wait_in_line(session, facility, application, Said(on, Role.CALENDAR, Door.CALENDAR), reason="")
    for work in pay_what_waits(session, Said(on, Role.CALENDAR, Door.CALENDAR)):
        facility = session.get_one(Facility, work.facility_id)
        paid = "betalt af puljen" if work.booked_on is not None else "reserveret i puljen"
        note(session, facility, f"Arbejde nr. {work.id} er nu {paid}.", on)


def watch_papers_and_defects(session: Session, on: date) -> None:
    """Conditions, defects and missing papers whose day has come, each told once."""
    _watch_conditions(session, on)
    _watch_defects(session, on)
    _watch_papers(session, on)


def _watch_conditions(session: Session, on: date) -> None:
    for condition, facility in session.exec(_conditions_due(), params={"on": on}).all():
        if facility.stage.is_open and condition.deadline_on is not None:
            tell_once(
                session,
                facility,
                condition.owner,
                "condition_due",
                f"condition:{condition.id}",
                {"number": condition.number, "text": condition.text, "deadline_on": condition.deadline_on.isoformat()},
                on,
            )


def _watch_defects(session: Session, on: date) -> None:
    for defect, facility in session.exec(_defects_due(), params={"on": on}).all():
        if facility.stage.is_open:
            for role in (Role.PROJECT_LEAD, Role.OPERATIONS):
                tell_once(
                    session,
                    facility,
                    role,
                    "defect_due",
                    f"defect:{defect.id}",
                    {"number": defect.number, "text": defect.text, "deadline_on": defect.deadline_on.isoformat()},
                    on,
                )


def _watch_papers(session: Session, on: date) -> None:
    for handover, facility in session.exec(_papers_missing()).all():
        if handover.papers_missing and papers_due_on(handover) <= on:
            names = catalogue().paper_names(handover.papers_missing)
            tell_once(
                session, facility, Role.PROJECT_LEAD, "papers_due", f"papers:{handover.id}", {"papers": list(names)}, on
            )


@written_once
def _conditions_due() -> Select[Condition, Facility]:
    """Conditions that are not met, past their deadline, and not yet told to their owner."""
    return _with_their_places(Condition, col(Condition.facility_id)).where(
        col(Condition.met_on).is_(None),
        col(Condition.deadline_on) <= bindparam("on", type_=Date),
        ~is_told("condition:", col(Condition.id), col(Condition.owner)),
    )


@written_once
def _defects_due() -> Select[Defect, Facility]:
    """Defects that are not fixed, past their deadline, and not yet told to operations."""
    return _with_their_places(Defect, col(Defect.facility_id)).where(
        col(Defect.fixed_on).is_(None),
        col(Defect.deadline_on) <= bindparam("on", type_=Date),
        ~is_told("defect:", col(Defect.id), literal(Role.OPERATIONS.value)),
    )


@written_once
def _papers_missing() -> Select[Handover, Facility]:
    """Handovers in operation that lack papers, and of which the project lead has not been told."""
    return _with_their_places(Handover, col(Handover.facility_id)).where(
        col(Handover.decided_on).is_not(None),
        cast(Handover.papers_missing, String) != "[]",
        col(Facility.stage).in_(OPERATING),
        ~is_told("papers:", col(Handover.id), literal(Role.PROJECT_LEAD.value)),
    )


def _with_their_places(table: type[Row], place: Mapped[int]) -> Select[Row, Facility]:
    return select(table, Facility).join(Facility, col(Facility.id) == place)
