"""Arbejde bestilt af et menneske: what a role may order, by when, and for how much."""

from datetime import date
from uuid import uuid4

from sqlmodel import Session, select

from models import text
from models.case.agreement_version import cost_of
from models.case.facility import Facility
from models.case.firm import find_firm, working_firm
from models.danish import dato
from models.operation.work import order_work
from models.operation.work_money import require_right_to_spend
from models.operation.work_order import WorkKind, WorkOrder
from models.post.outbox import add_to_daily
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_ORDER = (
    Role.OPERATIONS,
    Role.OPERATIONS_MANAGER,
    Role.COORDINATOR,
    Role.PROJECT_LEAD,
    Role.POOL_MANAGER,
    Role.LEADER,
)


def order_by_hand(
    session: Session,
    facility: Facility,
    what: str,
    due_on: date,
    said: Said,
    *,
    key: str | None = None,
    minutes: int = 0,
    ore: int | None = None,
    firm: str = "",
) -> WorkOrder:
    """Order something of operations or of a firm (`F-0001`). `ore` is all of it; None is the hours at the rate.

    Raises:
        Refusal: the role may not order, or not for that much; the place isn't in operation.
        BadInput: an absurd estimate, a deadline in the past, the key is used for another order, or the firm isn't known
            or has left.
    """
    may_decide(said.by, MAY_ORDER, "En bestilling")
    what = text.text(what, "what")
    estimate = cost_of(minutes) if ore is None else ore
    firm_id = find_firm(session, firm).number if firm else None
    name = f"order:{key}" if key else f"order:{uuid4()}"
    there = session.exec(select(WorkOrder).where(WorkOrder.key == name)).first()
    if there is not None:
        if _asked_of(there) != (facility.number, what, due_on, minutes, estimate, firm_id):
            raise BadInput("key", f'"{(key or "")[:40]}" er brugt til arbejde nr. {there.id}. Vælg en anden nøgle.')
        return there
    if facility.stage not in (Stage.OPERATION, Stage.WINDING_DOWN):
        raise Refusal(
            "work.not_in_operation",
            f"Der kan ikke bestilles arbejde på {facility.reference}: anlægget er ikke i drift "
            f"({facility.stage.danish}).",
        )
    if firm:
        working_firm(session, firm)  # only a new order: one that was given before the firm left is said again
    if due_on < said.on:
        raise BadInput("due", f"fristen {dato(due_on)} ligger før bestillingen {dato(said.on)}. Skriv en senere dag.")
    require_right_to_spend(estimate, said.by, promised_ore=cost_of(minutes), promised="timerne koster")
    work = order_work(
        session, facility, WorkKind.OTHER, what, due_on, said, key=name, minutes=minutes, ore=estimate, firm_id=firm_id
    )
    if firm_id is None and said.by is not Role.OPERATIONS:
        add_to_daily(
            session,
            contact_id=None,
            role=Role.OPERATIONS,
            kind="work_ordered",
            facility_id=facility.number,
            key=f"work-ordered:{work.id}",
            context={"work_id": work.id, "what": what, "due_on": due_on.isoformat()},
            on=said.on,
        )
    return work


def _asked_of(work: WorkOrder) -> tuple[object, ...]:
    """What whoever ordered it had said."""
    return (work.facility_id, work.what, work.due_on, work.minutes_estimated, work.ore_estimated, work.firm_id)
