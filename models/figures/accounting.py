"""Konto og faktura: how the economy system knows what is booked here, and whether it has paid the same."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Session, col, select

from config.catalogue import catalogue
from models.alike import folded
from models.operation.work_order import WorkOrder
from models.pool.ledger import LedgerEntry


class Marks(NamedTuple):
    """What an entry bears for the economy system; either may be empty."""

    account: str
    invoice: str


class Side(StrEnum):
    """Where an invoice is known."""

    BOTH = "both"
    ONLY_BOOKED = "only_booked"
    ONLY_PAID = "only_paid"

    @property
    def danish(self) -> str:
        """Where as people say it."""
        return {"both": "begge steder", "only_booked": "kun bogført her", "only_paid": "kun betalt"}[self.value]


class Payment(NamedTuple):
    """One line of the economy system's list, in øre."""

    invoice: str
    ore: int
    on: date | None


class Compared(NamedTuple):
    """One invoice: what is booked here, what was paid there, in øre; and the orders it is for."""

    invoice: str
    side: Side
    booked_ore: int
    paid_ore: int
    paid_on: date | None
    work: tuple[int, ...]

    @property
    def difference_ore(self) -> int:
        """What was paid more than is booked."""
        return self.paid_ore - self.booked_ore


def marks_of(session: Session, entries: Iterable[LedgerEntry]) -> dict[str, Marks]:
    """Account and invoice of each entry, by its key."""
    accounts, entries = catalogue().accounts, list(entries)
    numbers = {_work_of(entry.key) for entry in entries} - {0}
    rows = select(WorkOrder).where(col(WorkOrder.id).in_(numbers)) if len(numbers) < 500 else select(WorkOrder)
    orders = {order.number: order for order in session.exec(rows)} if numbers else {}
    found = {}
    for entry in entries:
        order = orders.get(_work_of(entry.key))
        account = accounts.account_of(entry.kind, order.kind if order else "")
        found[entry.key] = Marks(account, order.invoice if order and entry.key.endswith(":booked") else "")
    return found


def compare(session: Session, payments: Iterable[Payment]) -> list[Compared]:
    """Hold what was paid against what is booked, by the invoice's reference; capitals, spaces and signs don't count.

    Work without an invoice is operations' own hours, which nobody is paid for, and isn't in it.
    """
    orders = session.exec(
        select(WorkOrder)
        .where(WorkOrder.invoice != "", col(WorkOrder.done_on).is_not(None))
        .order_by(col(WorkOrder.id))
    )
    names: dict[str, str] = {}
    booked: dict[str, list[WorkOrder]] = {}
    paid: dict[str, list[Payment]] = {}
    for order in orders:
        names.setdefault(folded(order.invoice), order.invoice)
        booked.setdefault(folded(order.invoice), []).append(order)
    for payment in payments:
        names.setdefault(folded(payment.invoice), payment.invoice)
        paid.setdefault(folded(payment.invoice), []).append(payment)
    return [_compared(name, booked.get(key, []), paid.get(key, [])) for key, name in names.items()]


def _compared(name: str, orders: list[WorkOrder], payments: list[Payment]) -> Compared:
    side = Side.BOTH if orders and payments else Side.ONLY_BOOKED if orders else Side.ONLY_PAID
    days = [payment.on for payment in payments if payment.on is not None]
    return Compared(
        name,
        side,
        sum(order.ore or 0 for order in orders if order.booked_on is not None),
        sum(payment.ore for payment in payments),
        max(days, default=None),
        tuple(order.number for order in orders),
    )


def _work_of(key: str) -> int:
    """The work order whose entry this is, 0 for none: "work:12:booked" is 12."""
    parts = key.split(":")
    is_works = parts[0] in ("work", "work-order") and len(parts) > 1 and parts[1].isdigit()
    return int(parts[1]) if is_works else 0
