"""Pasning: what is answered to a check, by whoever did it or couldn't."""

from datetime import date, timedelta
from functools import cache
from hashlib import sha256

from sqlalchemy import Update, bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session

from config.catalogue import Who, catalogue
from models import text
from models.case.agreement import CareTask
from models.case.agreement_version import cost_of
from models.case.facility import Facility
from models.danish import dato
from models.database import columns_of, insert_one
from models.journal import write_journal
from models.operation.check import OPEN_STATES, Check, CheckResult, CheckState, Report, report_of
from models.operation.incident import Incident, incident_of_check, open_incident
from models.operation.work import WorkKind, WorkOrder, WorkState, drop_work, finish_work, order_work
from models.operation.work_order import work_of_check
from models.post.outbox import add_to_daily
from models.refusal import BadInput, Refusal
from models.role import Door, Role, may_decide
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
) -> Incident | None:
    """Record the answer to a check. Damage opens an incident, "we couldn't" becomes a work order.

    Damage is never refused: where the check is closed already it is an incident of its own. Returns the incident.

    `minutes` is the time it took, None when nobody counted (then the planned minutes stand). Operations'
    own time is booked to the pool. `safe` counts only for damage: whether the place can still be used.

    Raises:
        Refusal: the check is closed with another answer, or its facility isn't in operation, and it isn't damage.
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
    is_open = check.state in OPEN_STATES or _comes_late(session, check, order)
    if result is CheckResult.DAMAGED and not (is_open and in_operation):
        return _damage_besides(session, check, task, facility, note, safe, said)
    if not is_open:
        _refuse_another_answer(session, check, result, spent, note)
        return None
    if not in_operation:
        raise Refusal("check.not_in_operation", f"{facility.reference} er ikke i drift.")
    if said.on < check.planned_on:
        raise BadInput("on", f"tjekket er først planlagt {dato(check.planned_on)}.")
    is_planned = minutes is None and bool(spent)
    _close(session, check, result, spent, is_planned, note, said)
    _is_awake(session, facility)
    write_journal(session, facility, f"Tjek “{task.name}”: {result.danish}.", said)
    _end_order(session, facility, check, task, order, result, spent, said)
    if result is CheckResult.DAMAGED:
        return open_incident(session, facility, _what_is_wrong(note, task), said, safe=safe, key=f"check:{check.id}")
    if result is CheckResult.NOT_DONE and check.who in (Who.VOLUNTEERS, Who.BOTH) and order is None:
        order_missed(session, facility, check, task, on=said.on)
    return None


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


def _comes_late(session: Session, check: Check, order: WorkOrder | None) -> bool:
    """Whether nobody has answered a check that was given to operations, which hasn't done it either."""
    given_on = check.state is CheckState.MISSED and order is not None and order.is_open
    return given_on and report_of(session, check) is None


def _end_order(
    session: Session,
    facility: Facility,
    check: Check,
    task: CareTask,
    order: WorkOrder | None,
    result: CheckResult,
    minutes: int,
    said: Said,
) -> None:
    """Let a check's order follow its answer: done by operations with its minutes, dropped where others did it.

    Operations' own time without an order yet is one that is done at once, so that all hours that were worked
    stand in one place.
    """
    if said.by not in (Role.OPERATIONS, Role.OPERATIONS_MANAGER):
        # who couldn't leaves what was ordered to operations
        if order is not None and order.is_open and result is not CheckResult.NOT_DONE:
            drop_work(session, order, said, reason=f"Tjekket er besvaret af {said.by.danish}: {result.danish}.")
        return
    if result is CheckResult.NOT_DONE:
        if order is not None and order.is_open:
            drop_work(session, order, said, reason="Driften nåede det ikke.")
        return
    if order is None and minutes and check.who is not Who.VOLUNTEERS:
        order = order_own(session, facility, check, task, said, minutes=minutes)
    if order is not None and order.is_open:
        finish_work(session, order, said, minutes=minutes, ore=cost_of(minutes))


def _what_is_wrong(note: str, task: CareTask) -> str:
    return note or f"Noget er galt: {task.name}"


def _damage_besides(
    session: Session, check: Check, task: CareTask, facility: Facility, note: str, safe: bool, said: Said
) -> Incident:
    """Damage on a check that is closed, or whose place is: an incident of its own; the same again is the same."""
    what = _what_is_wrong(note, task)
    there = incident_of_check(session, check)
    if there is not None and (there.what, there.safe) == (what, safe):
        return there
    if said.by is Role.VOLUNTEER:
        _is_awake(session, facility)
    content = sha256(f"{safe}\0{what}".encode()).hexdigest()[:32]
    return open_incident(
        session, facility, what, said, safe=safe, key=f"check:{check.id}:{content}", even_if_closed=True
    )


def _is_awake(session: Session, facility: Facility) -> None:
    """The group has been heard of."""
    if facility.sleeping_since is not None:
        facility.sleeping_since = None
        session.flush()


def _close(
    session: Session, check: Check, result: CheckResult, minutes: int, is_planned: bool, note: str, said: Said
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


def order_missed(session: Session, facility: Facility, check: Check, task: CareTask, *, on: date) -> WorkOrder:
    """Give a check that volunteers didn't do to operations, and reserve its hours in the pool."""
    work = order_work(
        session,
        facility,
        WorkKind.MISSED_CHECK,
        task.name,
        on + timedelta(days=catalogue().escalation.work_days),
        Said(on, Role.CALENDAR, Door.CALENDAR),
        key=f"check:{check.id}",
        minutes=task.minutes,
        ore=cost_of(task.minutes),
        check_id=check.number,
    )
    add_to_daily(
        session,
        contact_id=None,
        role=Role.OPERATIONS,
        kind="work_order",
        facility_id=facility.number,
        key=f"work-order:{work.id}",
        context={
            "task_name": work.what,
            "due_on": work.due_on.isoformat(),
            "minutes": work.minutes_estimated,
            "kr_ore": work.ore_estimated,
            "booked": work.reserved_year is not None,
        },
        on=on,
    )
    return work


def order_own(
    session: Session, facility: Facility, check: Check, task: CareTask, said: Said, *, minutes: int
) -> WorkOrder:
    """Operations' own task as work, with the check's day as its deadline: one for each task and day."""
    return order_work(
        session,
        facility,
        WorkKind.OWN_TASK,
        task.name,
        check.due_on,
        said,
        key=f"check:{check.id}",
        minutes=minutes,
        ore=cost_of(minutes),
        check_id=check.number,
    )


def close_own_check(session: Session, work: WorkOrder, said: Said) -> None:
    """When operations' own task is done or dropped, so is its check; the task's next day is planned from there."""
    check = session.get_one(Check, work.check_id) if work.kind is WorkKind.OWN_TASK and work.check_id else None
    if check is None or check.state not in OPEN_STATES:
        return
    result = CheckResult.OK if work.state is WorkState.DONE else CheckResult.NOT_DONE
    _close(session, check, result, work.minutes or 0, False, work.note or work.dropped_because, said)
    task = session.get_one(CareTask, check.care_task_id)
    write_journal(session, session.get_one(Facility, work.facility_id), f"Tjek “{task.name}”: {result.danish}.", said)
