"""Ubesvaret: what becomes of a check that nobody answered, and of a group that answers none."""

from datetime import date

from sqlalchemy import Select
from sqlmodel import Session, col, select

from config.catalogue import catalogue
from models.case.agreement import Agreement, CareTask
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup
from models.daily.check_steps import VOLUNTEERS_TAKE_PART
from models.operation.check import Check, CheckState, Report
from models.operation.check_answer import order_missed
from models.post.calendar_word import note
from models.post.outbox import add_to_daily
from models.role import Role


def close_unanswered(session: Session, numbers: Select[tuple[int]], on: date) -> int:
    """Give these checks to operations. One by one, since the pool holds money for each or not; returns how many."""
    rows = (
        select(Check, CareTask, Facility)
        .join(CareTask, col(CareTask.id) == Check.care_task_id)
        .join(Facility, col(Facility.id) == Check.facility_id)
        .where(col(Check.id).in_(numbers))
        .order_by(col(Check.due_on), col(Check.id))
    )
    found = session.exec(rows).all()
    for check, task, facility in found:
        check.state, check.closed_on = CheckState.MISSED, on
        session.flush()
        order_missed(session, facility, check, task, on=on)
        _notice_sleeping_group(session, facility, on)
    return len(found)


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
            col(Check.who).in_(VOLUNTEERS_TAKE_PART),
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
