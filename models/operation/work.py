"""Arbejde: a thing operations or a firm must do, from the order until it is done or dropped.

One shape for what volunteers didn't do, operations' own tasks, repairs, defects, inspections and visits.
The money is reserved when it is ordered, booked as it cost when it is done, and the rest is released
(`models.operation.work_money`). An order ends once: done or dropped, never both.
"""

from datetime import date

from sqlmodel import Session, select

from models import text
from models.case.agreement_version import cost_of
from models.case.facility import Facility
from models.case.funding import has_grant
from models.case.inheritance import is_inherited
from models.danish import dato, kr, punktum
from models.database import insert_new
from models.journal import write_journal
from models.operation.work_certificate import require_certificate
from models.operation.work_money import pay, release, require_right_to_spend, reserve
from models.operation.work_order import OPEN_WORK, WorkKind, WorkOrder, WorkState, find_work, open_work, work_of
from models.post.outbox import Fact, tell_firm
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said

__all__ = [
    "OPEN_WORK",
    "WorkKind",
    "WorkOrder",
    "WorkState",
    "drop_work",
    "find_work",
    "finish_work",
    "open_work",
    "order_work",
    "take_work",
    "work_of",
]

MAY_WORK = (Role.OPERATIONS, Role.OPERATIONS_MANAGER)
"""Who takes an order, reports it done or says that it can't be."""
MAY_FINISH = (*MAY_WORK, Role.POOL_MANAGER, Role.LEADER)
"""The pool manager and the leader too: they may report what cost more than operations may spend."""
MAY_DROP = (*MAY_FINISH, Role.COORDINATOR, Role.PROJECT_LEAD, Role.COMMITTEE, Role.VOLUNTEER, Role.CALENDAR)
"""Volunteers by their answer to the check that was ordered, the others also when the place is taken down."""
MAX_MINUTES = 100_000
MAX_KR = 100_000_000


def order_work(
    session: Session,
    facility: Facility,
    kind: WorkKind,
    what: str,
    due_on: date,
    said: Said,
    *,
    key: str,
    minutes: int = 0,
    ore: int = 0,
    firm_id: int | None = None,
    check_id: int | None = None,
    incident_id: int | None = None,
    defect_id: int | None = None,
) -> WorkOrder:
    """Order work, and reserve what it is expected to cost (øre, the hours included). The same key is the same order.

    What the pool can't carry now is ordered all the same (`reserved_year` stays None) and tried again by the
    daily run. Whether the role may spend as much is asked where somebody decides it (`order_by_hand`, an incident).

    Raises:
        BadInput: an absurd estimate, or the key is used for something else.
    """
    what = text.text(what, "what")
    _require_bounds(minutes, ore)
    row = {
        "key": key,
        "facility_id": facility.number,
        "kind": kind,
        "what": what,
        "state": WorkState.ORDERED,
        "ordered_on": said.on,
        "ordered_by": said.by,
        "due_on": due_on,
        "minutes_estimated": minutes,
        "ore_estimated": ore,
        "note": "",
        "invoice": "",
        "firm_id": firm_id,
        "taken_by_person": "",
        "dropped_because": "",
        "check_id": check_id,
        "incident_id": incident_id,
        "defect_id": defect_id,
        "is_billed": _is_billed(session, facility, kind),
    }
    is_new = insert_new(session, WorkOrder, [row]) == 1
    work = session.exec(select(WorkOrder).where(WorkOrder.key == key)).one()
    if not is_new:
        if (work.facility_id, work.kind, work.what) != (facility.number, kind, what):
            raise BadInput("key", f'"{key[:40]}" er brugt til arbejde nr. {work.id}. Vælg en anden nøgle.')
        return work
    reserve(session, work, said)
    write_journal(session, facility, f"Arbejde nr. {work.id} bestilt: {what.rstrip('.')}, senest {dato(due_on)}.", said)
    if work.firm_id is not None:
        told: dict[str, Fact] = {"work_id": work.id, "what": what, "due_on": due_on.isoformat(), "late": False}
        tell_firm(session, facility, work.firm_id, "work_for_firm", said.on, key=f"work:{work.id}", context=told)
    return work


def _is_billed(session: Session, facility: Facility, kind: WorkKind) -> bool:
    return kind is not WorkKind.OWN_TASK or has_grant(session, facility) or not is_inherited(session, facility)


def take_work(session: Session, work: WorkOrder, said: Said) -> WorkOrder:
    """Say that one does it. Whoever takes what another took has it from then on.

    Raises:
        Refusal: the role may not, or it is done or dropped.
        BadInput: the day lies before the order.
    """
    may_decide(said.by, _with_its_firm(work, MAY_WORK), "Et arbejde")
    if not work.is_open:
        raise _is_over(work)
    _require_after_the_order(work, said.on)
    if (work.state, work.taken_by, work.taken_by_person) == (WorkState.TAKEN, said.by, said.person):
        return work
    work.state, work.taken_by, work.taken_by_person, work.taken_on = WorkState.TAKEN, said.by, said.person, said.on
    session.flush()
    write_journal(session, _facility(session, work), f"Arbejde nr. {work.id} er taget: {punktum(work.what)}", said)
    return work


def finish_work(
    session: Session, work: WorkOrder, said: Said, *, minutes: int, ore: int, note: str = "", invoice: str = ""
) -> WorkOrder:
    """Say that it is done, and what it really took: `ore` is all it cost, the hours included.

    What it cost is booked, the rest of what was reserved is released. What the pool can't carry now is told to
    the pool manager and tried again by the daily run: the work is done whether it is paid or not.

    Raises:
        Refusal: the role may not, it is done with other words or dropped, or it cost more than was reserved
            and the role may not spend that much.
        BadInput: absurd minutes or kroner, the day lies before the order, or the job needs a report that isn't here.
    """
    may_decide(said.by, _with_its_firm(work, MAY_FINISH), "Et arbejde")
    note = text.text(note, "note", required=False)
    invoice = text.name(invoice, "invoice") if invoice.strip() else ""
    _require_bounds(minutes, ore)
    if work.state is WorkState.DONE:
        if (work.minutes, work.ore, work.note, work.invoice) == (minutes, ore, note, invoice):
            return work
        raise _is_over(work)
    if not work.is_open:
        raise _is_over(work)
    _require_after_the_order(work, said.on)
    require_certificate(session, work)
    # a firm's own minutes are no hours of operations: only what was agreed is promised to it
    own_hours_ore = 0 if said.by is Role.FIRM else cost_of(minutes)
    promised_ore = max(work.ore_estimated, own_hours_ore)
    require_right_to_spend(ore, said.by, promised_ore=promised_ore, promised="der er sat af til arbejdet")
    work.state, work.done_on = WorkState.DONE, said.on
    work.minutes, work.ore, work.note, work.invoice = minutes, ore, note, invoice
    if work.taken_by is None:
        work.taken_by, work.taken_by_person, work.taken_on = said.by, said.person, said.on
    session.flush()
    line = f"Arbejde nr. {work.id} er gjort: {punktum(work.what)} {minutes} minutter, {kr(ore)}"
    write_journal(session, _facility(session, work), line, said)
    pay(session, work, said)
    follow(session, work, said)
    return work


def drop_work(session: Session, work: WorkOrder, said: Said, *, reason: str) -> WorkOrder:
    """Say that it isn't done after all, and why; what was reserved is released.

    Raises:
        Refusal: the role may not, it is done, or dropped for another reason.
        BadInput: no reason, or the day lies before the order.
    """
    may_decide(said.by, MAY_DROP, "Et arbejde")
    reason = text.text(reason, "reason")
    if work.state is WorkState.DROPPED and work.dropped_because == reason:
        return work
    if not work.is_open:
        raise _is_over(work)
    _require_after_the_order(work, said.on)
    work.state, work.dropped_on, work.dropped_because = WorkState.DROPPED, said.on, reason
    session.flush()
    release(session, work, said)
    line = f"Arbejde nr. {work.id} er droppet: {punktum(work.what)} {reason}"
    write_journal(session, _facility(session, work), line, said)
    follow(session, work, said)
    return work


def follow(session: Session, work: WorkOrder, said: Said) -> None:
    """Let what the work was for follow: its kind says who does that (`models.operation.work_done`)."""
    from models.operation.work_done import WHEN_IT_ENDS  # it imports those that order work here

    for rule in WHEN_IT_ENDS.get(work.kind, ()):
        rule(session, work, said)


def _with_its_firm(work: WorkOrder, roles: tuple[Role, ...]) -> tuple[Role, ...]:
    """A firm may take and finish what was ordered from one; which firm it is, its link says."""
    return roles if work.firm_id is None else (*roles, Role.FIRM)


def _facility(session: Session, work: WorkOrder) -> Facility:
    return session.get_one(Facility, work.facility_id)


def _is_over(work: WorkOrder) -> Refusal:
    """Why nothing more is said about an order that has ended."""
    if work.state is WorkState.DONE and work.done_on is not None:
        return Refusal("work.done", f"Arbejde nr. {work.id} er allerede gjort {dato(work.done_on)}.")
    return Refusal("work.dropped", f"Arbejde nr. {work.id} er droppet: {work.dropped_because}")


def _require_after_the_order(work: WorkOrder, on: date) -> None:
    if on < work.ordered_on:
        raise BadInput("on", f"arbejde nr. {work.id} er først bestilt {dato(work.ordered_on)}.")


def _require_bounds(minutes: int, ore: int) -> None:
    if not 0 <= minutes <= MAX_MINUTES:
        raise BadInput("minutes", "skriv hele minutter fra 0 til 100.000.")
    if not 0 <= ore <= MAX_KR * 100:
        raise BadInput("kr", "skriv hele kroner fra 0 til 100.000.000.")
