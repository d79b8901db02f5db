"""Arbejdets penge: reserved when it is ordered, booked as it cost when it is done, the rest released."""

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from config.catalogue import catalogue
from models.danish import kr
from models.operation.work_order import OPEN_WORK, WorkOrder, WorkState
from models.pool.reservation import held, hold, let_go, spend_held
from models.pool.right_to_decide import lowest_role
from models.pool.spending import spend
from models.post.outbox import add_to_daily
from models.refusal import Refusal
from models.role import Role
from models.said import Said


def name_in_ledger(work: WorkOrder) -> str:
    """What all of an order's entries in the ledger begin with."""
    return f"work:{work.id}"


def reserve(session: Session, work: WorkOrder, said: Said) -> bool:
    """Reserve the estimate of an open order if the pool can carry it; tells the pool manager once where it can't.

    It belongs to the year it was ordered in; where that year can't carry it, the present one may.
    """
    if work.reserved_year is not None or not work.is_billed or not work.ore_estimated:
        return True
    for year in dict.fromkeys((work.ordered_on.year, said.on.year)):
        if hold(
            session,
            work.facility_id,
            year,
            work.ore_estimated,
            said,
            of=name_in_ledger(work),
            what=f"Reserveret: {work.what}",
        ):
            work.reserved_year = year
            session.flush()
            return True
    _tell_unfunded(session, work, work.ore_estimated, said)
    return False


def pay(session: Session, work: WorkOrder, said: Said) -> bool:
    """Book what a done order cost, and release the rest; what can't be paid now keeps its reservation."""
    if work.booked_on is not None or work.ore is None:
        return True
    if not work.is_billed:
        return True
    of, what = name_in_ledger(work), f"Arbejde: {work.what}"
    there = held(session, of)
    if there is not None:
        is_paid = spend_held(session, work.facility_id, there, work.ore, said, of=of, what=what)
    else:
        year = (work.done_on or said.on).year
        is_paid = any(
            spend(session, work.facility_id, each, work.ore, said, key=f"{of}:booked", what=what)
            for each in dict.fromkeys((year, said.on.year))
        )
    if is_paid:
        work.booked_on = said.on
        session.flush()
    else:
        _tell_unfunded(session, work, work.ore, said)
    return is_paid


def release(session: Session, work: WorkOrder, said: Said) -> None:
    """Give back what was reserved for an order that is dropped."""
    of = name_in_ledger(work)
    there = held(session, of)
    if there is not None:
        let_go(session, work.facility_id, there, said, of=of, what=f"Frigivet: {work.what}")


def unpaid_work(session: Session) -> list[WorkOrder]:
    """Orders that the pool pays and couldn't carry yet: open without a reservation, or done and not booked."""
    waits = and_(
        col(WorkOrder.state).in_(OPEN_WORK), col(WorkOrder.ore_estimated) > 0, col(WorkOrder.reserved_year).is_(None)
    )
    owed = and_(col(WorkOrder.state) == WorkState.DONE, col(WorkOrder.ore) > 0)
    rows = (
        select(WorkOrder)
        .where(col(WorkOrder.booked_on).is_(None), col(WorkOrder.is_billed), or_(waits, owed))
        .order_by(col(WorkOrder.id))
    )
    return list(session.exec(rows))


def pay_what_waits(session: Session, said: Said) -> list[WorkOrder]:
    """Try again to carry what the pool couldn't; returns the orders that it now holds or has paid."""
    return [work for work in unpaid_work(session) if (reserve if work.is_open else pay)(session, work, said)]


def require_right_to_spend(ore: int, by: Role, *, promised_ore: int, promised: str) -> None:
    """Refuse an amount above what was promised, if it is more than the role may spend (`config/delegation.yaml`).

    What is promised is what was reserved, or operations' own hours at the municipality's rate: time that was
    worked isn't a purchase. `promised` says in Danish which of them it is. Above that the whole amount counts, so that none is cut in two.

    Raises:
        Refusal: `money.above_limit`, naming who may.
    """
    if ore <= promised_ore or catalogue().delegation.may("incident", by, ore, ore):
        return
    lowest = lowest_role("incident", ore)
    raise Refusal(
        "money.above_limit",
        f"{kr(ore)} er mere end {promised}, {kr(promised_ore).rstrip('.')}, og over, hvad {by.danish} må beslutte. "
        f"Det kan {lowest.danish}.",
    )


def _tell_unfunded(session: Session, work: WorkOrder, ore: int, said: Said) -> None:
    add_to_daily(
        session,
        contact_id=None,
        role=Role.POOL_MANAGER,
        kind="work_order_unfunded",
        facility_id=work.facility_id,
        key=f"work-order:{work.id}:unfunded",
        context={
            "work_id": work.id,
            "task_name": work.what,
            "due_on": work.due_on.isoformat(),
            "minutes": work.minutes_estimated if work.minutes is None else work.minutes,
            "kr_ore": ore,
            "booked": False,
        },
        on=said.on,
    )
