"""Reservation: what ordered work is expected to cost is held for it, until it is done or dropped.

It is an earmark inside what the place was promised for the year (`Kind.WORK_RESERVED` moves no pot); what the promise
doesn't hold is taken from the free money beside it, as a supplement. So nothing else at the place can use it.

It stays committed in its year until the year's end is decided, and then moves on to the next with its money: work that
isn't done isn't lost, and a year can be closed. All goes by natural keys, `work:{id}:reserved`, `…:booked`, `…:released`.
"""

from typing import NamedTuple

from sqlmodel import Session, col, select

from models.pool.ledger import Kind, LedgerEntry, PoolYear, book, is_closed, left_of, sums_of
from models.pool.spending import spend
from models.said import Said


class Held(NamedTuple):
    """What is reserved for one work order: where it lies, how much (øre), and how much of it was given only for this.

    `given_ore` goes back to the pool where the work costs less; the rest stays the place's own.
    """

    year: int
    ore: int
    given_ore: int


def hold(session: Session, facility_id: int, year: int, ore: int, said: Said, *, of: str, what: str) -> bool:
    """Reserve øre of a year for the order `of` (`work:12`). Returns whether the year could carry it.

    Harmless when repeated.
    """
    if _amount(session, f"{of}:reserved") is not None:
        return True
    if is_closed(session, year):
        return False
    # the year's row is locked first, so that two orders can't hold the same last krone
    free = _locked(session, year)
    missing = max(0, ore - left_of(sums_of(session, facility_id).get(year, {})))
    if missing > free:
        return False
    if missing:
        book(session, Kind.SUPPLEMENT, year, missing, said, key=f"{of}:supplement", facility_id=facility_id, what=what)
    book(session, Kind.WORK_RESERVED, year, ore, said, key=f"{of}:reserved", facility_id=facility_id, what=what)
    return True


def held(session: Session, of: str) -> Held | None:
    """What is reserved for the order, its year locked until the transaction ends; None where nothing is."""
    there = _held(session, of)
    while there is not None:
        _locked(session, there.year)
        now = _held(session, of)  # the year's end may have moved it on before the lock was ours
        if now == there:
            return there
        there = now
    return None


def let_go(
    session: Session, facility_id: int, there: Held, said: Said, *, of: str, what: str, used_ore: int = 0
) -> None:
    """End a reservation, of which `used_ore` was spent; what the place was given only for it goes back to the pool."""
    key = f"{of}:released"
    book(session, Kind.WORK_RESERVED, there.year, -there.ore, said, key=key, facility_id=facility_id, what=what)
    back = min(there.given_ore, max(0, there.ore - used_ore))
    if back:
        book(session, Kind.RELEASE, there.year, back, said, key=f"{of}:back", facility_id=facility_id, what=what)


def spend_held(session: Session, facility_id: int, there: Held, ore: int, said: Said, *, of: str, what: str) -> bool:
    """Pay what the work cost: from its reservation first. Returns whether the pool could; else all stays as it is."""
    if not spend(session, facility_id, there.year, ore, said, key=f"{of}:booked", what=what, held_ore=there.ore):
        return False
    let_go(session, facility_id, there, said, of=of, what=what, used_ore=ore)
    return True


def carry_reservations(session: Session, year: int, said: Said) -> int:
    """Move all that is held for open work from a year that is over to the next, money and all; returns the øre.

    Harmless when repeated.
    """
    _locked(session, year)
    rows = (
        select(LedgerEntry)
        .where(
            LedgerEntry.year == year,
            col(LedgerEntry.kind).in_((Kind.WORK_RESERVED, Kind.WORK_CARRIED)),
            LedgerEntry.amount_ore > 0,
        )
        .order_by(col(LedgerEntry.id))
    )
    carried = 0
    for entry in session.exec(rows).all():
        of = ":".join(entry.key.split(":")[:2])
        there = _held(session, of)
        if there is None or there.year != year or entry.facility_id is None:
            continue
        what = f"Reservation fra {year} til {year + 1}"
        for where, ore, key in (
            (year, -there.ore, f"{of}:carried-from:{year}"),
            (year + 1, there.ore, f"{of}:carried-to:{year + 1}"),
        ):
            book(session, Kind.WORK_CARRIED, where, ore, said, key=key, facility_id=entry.facility_id, what=what)
        carried += there.ore
    return carried


def _held(session: Session, of: str) -> Held | None:
    first = session.exec(select(LedgerEntry).where(LedgerEntry.key == f"{of}:reserved")).first()
    if first is None or _amount(session, f"{of}:released") is not None:
        return None
    year = first.year
    while _amount(session, f"{of}:carried-to:{year + 1}") is not None:
        year += 1
    # a commitment is for its year: what was carried and isn't used goes back, too
    given = first.amount_ore if year != first.year else _amount(session, f"{of}:supplement") or 0
    return Held(year, first.amount_ore, given)


def _locked(session: Session, year: int) -> int:
    """Lock the year's balances until the transaction ends; returns its free øre."""
    return session.exec(select(PoolYear.free_ore).where(PoolYear.year == year).with_for_update()).first() or 0


def _amount(session: Session, key: str) -> int | None:
    return session.exec(select(LedgerEntry.amount_ore).where(LedgerEntry.key == key)).first()
