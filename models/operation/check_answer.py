"""Pasning: what is answered to a check, by whoever did it or couldn't."""

from datetime import date
from functools import cache
from hashlib import sha256

from sqlalchemy import Update, bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session

from config.catalogue import Who
from models import text
from models.case.agreement import CareTask
from models.case.facility import Facility
from models.danish import dato
from models.database import columns_of, insert_one
from models.journal import write_journal
from models.operation.check import OPEN_STATES, Check, CheckResult, CheckState, Report, report_of
from models.operation.check_work import OPERATIONS, end_order, order_missed
from models.operation.incident import Incident, incident_of_check, open_incident
from models.operation.who_is_asked import REMINDED, line_for
from models.operation.work_certificate import require_certified
from models.operation.work_order import WorkKind, WorkOrder, WorkState, work_of_check
from models.post.outbox import add_to_daily
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_REPORT = (Role.VOLUNTEER, Role.COORDINATOR, Role.OPERATIONS, Role.OPERATIONS_MANAGER)
MAX_MINUTES = 2_880


def report_check(
    session: Session,
    check: Check,
    result: CheckResult,
    said: Said,
    *,
    minutes: int | None,
    note: str,
    safe: bool = True,
    contact_id: int | None = None,
) -> Incident | None:
    """Record the answer to a check. Damage opens an incident, "we couldn't" becomes a work order.

    Damage is never refused: where the check is closed already it is an incident of its own. Returns the incident.

    `minutes` is the time it took, None when nobody counted (then the planned minutes stand). Operations'
    own time is booked to the pool. `safe` counts only for damage: whether the place can still be used. `contact_id` is
    whose link it was answered by; where the deputy was reminded, too, the other one hears that it is answered.

    Raises:
        Refusal: the check is closed with another answer, or its facility isn't in operation, and it isn't damage;
            or the task needs a report that isn't here (`models.operation.work_certificate`).
        BadInput: minutes out of bounds.
    """
    may_decide(said.by, MAY_REPORT, "Et tjek")
    note = text.text(note, "note", required=False)
    if minutes is not None and not 0 <= minutes <= MAX_MINUTES:
        raise BadInput("minutes", f"skriv hele minutter fra 0 til {MAX_MINUTES}.")
    task = session.get_one(CareTask, check.care_task_id)
    facility = session.get_one(Facility, check.facility_id)
    spent = minutes if minutes is not None else (0 if result is CheckResult.NOT_DONE else task.minutes)
    in_operation = facility.stage in (Stage.OPERATION, Stage.WINDING_DOWN)
    order = work_of_check(session, check.number)
    is_open = _still_counts(session, check, order, result, said.by)
    if result is CheckResult.DAMAGED and not (is_open and in_operation):
        return _damage_besides(session, check, task, facility, note, safe, said, contact_id)
    if not is_open:
        _refuse_another_answer(session, check, result, spent, note)
        return None
    if not in_operation:
        raise Refusal("check.not_in_operation", f"{facility.reference} er ikke i drift.")
    if said.on < check.planned_on:
        raise BadInput("on", f"tjekket er først planlagt {dato(check.planned_on)}.")
    if result is CheckResult.OK:
        require_certified(session, check, order)
    is_planned = minutes is None and bool(spent)
    record_answer(session, check, result, spent, is_planned, note, said, contact_id)
    if contact_id is not None and check.reminded_on is not None:
        _tell_the_other(session, check, task, facility, contact_id, said.on)
    _is_awake(session, facility)
    write_journal(session, facility, f"Tjek “{task.name}”: {result.danish}.", said)
    end_order(session, facility, check, task, order, result, spent, said)
    if result is CheckResult.DAMAGED:
        what, key = _what_is_wrong(note, task), f"check:{check.id}"
        return open_incident(session, facility, what, said, safe=safe, key=key, contact_id=contact_id)
    if result is CheckResult.NOT_DONE and check.who in (Who.VOLUNTEERS, Who.BOTH) and order is None:
        order_missed(session, facility, check, task, on=said.on)
    return None


def may_be_answered_late(check: Check, report: Report | None) -> bool:
    """Whether nobody answered it until operations took it, so that an answer is still news."""
    return check.state is CheckState.MISSED and report is None


def _refuse_another_answer(session: Session, check: Check, result: CheckResult, minutes: int, note: str) -> None:
    """Stop an answer to a check that is closed, if it isn't the first one said again."""
    there = report_of(session, check)
    if there is None:
        raise Refusal(
            "check.closed",
            f"Tjek nr. {check.id} er bortfaldet."
            if check.state is CheckState.CANCELLED
            else f"Tjek nr. {check.id} er lukket ({check.state.danish}). Driften har taget over.",
        )
    if (there.result, there.minutes, there.note) != (result, minutes, note):
        raise Refusal("check.answered", f"Tjek nr. {check.id} er allerede besvaret: {there.result.danish}.")


def _still_counts(session: Session, check: Check, order: WorkOrder | None, result: CheckResult, by: Role) -> bool:
    """Whether an answer comes in time, or late to a check that operations was given and nobody has answered.

    Late it counts as long as operations hasn't done it; that all is well, from others than operations, even then.
    """
    if check.state in OPEN_STATES:
        return True
    if not may_be_answered_late(check, report_of(session, check)):
        return False
    return (order is not None and order.is_open) or (result is CheckResult.OK and by not in OPERATIONS)


def _what_is_wrong(note: str, task: CareTask) -> str:
    return note or f"Noget er galt: {task.name}"


def _damage_besides(
    session: Session,
    check: Check,
    task: CareTask,
    facility: Facility,
    note: str,
    safe: bool,
    said: Said,
    contact_id: int | None,
) -> Incident:
    """Damage on a check that is closed, or whose place is: an incident of its own; the same again is the same."""
    what = _what_is_wrong(note, task)
    there = incident_of_check(session, check)
    if there is not None and (there.what, there.safe) == (what, safe):
        return there
    if said.by is Role.VOLUNTEER:
        _is_awake(session, facility)
    content = sha256(f"{safe}\0{what}".encode()).hexdigest()[:32]
    key = f"check:{check.id}:{content}"
    return open_incident(session, facility, what, said, safe=safe, key=key, contact_id=contact_id)


def _tell_the_other(
    session: Session, check: Check, task: CareTask, facility: Facility, contact_id: int, on: date
) -> None:
    """Whoever was reminded, too, hears that it is answered; the name is read when the mail is worded."""
    for other in line_for(session, facility, check)[:REMINDED]:
        if other.id != contact_id:
            add_to_daily(
                session,
                contact_id=other.id,
                role=None,
                kind="check_answered",
                facility_id=facility.number,
                key=f"check:{check.id}:answered",
                context={"task_name": task.name, "due_on": check.due_on.isoformat(), "by_contact": contact_id},
                on=on,
            )


def _is_awake(session: Session, facility: Facility) -> None:
    """The group has been heard of."""
    if facility.sleeping_since is not None:
        facility.sleeping_since = None
        session.flush()


def record_answer(
    session: Session,
    check: Check,
    result: CheckResult,
    minutes: int,
    is_planned: bool,
    note: str,
    said: Said,
    contact_id: int | None,
) -> None:
    """Write the answer and close the check with it, past the session's list of changes: somebody waits at a phone."""
    row = {
        "check_id": check.id,
        "result": result,
        "minutes": minutes,
        "minutes_are_planned": is_planned,
        "note": note,
        "on": said.on,
        "by": said.by,
        "door": said.door,
        "contact_id": contact_id,
    }
    insert_one(session, Report, row)
    state = {
        CheckResult.OK: CheckState.DONE,
        CheckResult.DAMAGED: CheckState.DAMAGED,
        CheckResult.NOT_DONE: CheckState.MISSED,
    }[result]
    session.connection().execute(_closing(), {"number": check.id, "now": state, "day": said.on})
    set_committed_value(check, "state", state)
    set_committed_value(check, "closed_on", said.on)


@cache
def _closing() -> Update:
    columns = columns_of(Check)
    closed = update(Check).where(columns.id == bindparam("number"))
    return closed.values(state=bindparam("now"), closed_on=bindparam("day"))


def close_own_check(session: Session, work: WorkOrder, said: Said) -> None:
    """When operations' own task is done or dropped, so is its check; the task's next day is planned from there."""
    check = session.get_one(Check, work.check_id) if work.kind is WorkKind.OWN_TASK and work.check_id else None
    if check is None or check.state not in OPEN_STATES:
        return
    result = CheckResult.OK if work.state is WorkState.DONE else CheckResult.NOT_DONE
    record_answer(
        session, check, result, work.minutes or 0, False, work.note or work.dropped_because, said, contact_id=None
    )
    task = session.get_one(CareTask, check.care_task_id)
    write_journal(session, session.get_one(Facility, work.facility_id), f"Tjek “{task.name}”: {result.danish}.", said)
