"""Reservation: what ordered work is expected to cost is held for it, until it is done or dropped.

It is an earmark inside what the place was promised for the year (`Kind.WORK_RESERVED` moves no pot); what the promise
doesn't hold is taken from the free money beside it, as a supplement. So nothing else at the place can use it, and
the year's end doesn't release it. Natural keys of a work order: `work:{id}:reserved`, `…:booked`, `…:released`.
"""

from typing import NamedTuple

from sqlmodel import Session, select

from models.pool.ledger import Kind, LedgerEntry, PoolYear, book, is_closed, left_of, sums_of
from models.pool.spending import spend
from models.said import Said


class Held(NamedTuple):
    """What is reserved for one work order: where it lies, how much (øre), and how much of it the place was given anew.

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
    free = session.exec(select(PoolYear.free_ore).where(PoolYear.year == year).with_for_update()).first() or 0
    missing = max(0, ore - left_of(sums_of(session, facility_id).get(year, {})))
    if missing > free:
        return False
    if missing:
        book(session, Kind.SUPPLEMENT, year, missing, said, key=f"{of}:supplement", facility_id=facility_id, what=what)
    book(session, Kind.WORK_RESERVED, year, ore, said, key=f"{of}:reserved", facility_id=facility_id, what=what)
    return True


def held(session: Session, year: int | None, of: str) -> Held | None:
    """What is reserved for the order; None where nothing is."""
    ore = _amount(session, f"{of}:reserved")
    if year is None or ore is None or _amount(session, f"{of}:released") is not None:
        return None
    was_carried = _amount(session, f"{of}:carried:{year}") is not None
    given = ore if was_carried else _amount(session, f"{of}:supplement") or 0
    return Held(year, ore, given)


def let_go(
    session: Session, facility_id: int, there: Held, said: Said, *, of: str, what: str, used_ore: int = 0
) -> None:
    """End a reservation, of which `used_ore` was spent; what the place was given only for it goes back to the pool."""
    book(
        session,
        Kind.WORK_RESERVED,
        there.year,
        -there.ore,
        said,
        key=f"{of}:released",
        facility_id=facility_id,
        what=what,
    )
    back = min(there.given_ore, max(0, there.ore - used_ore))
    if back:
        book(session, Kind.RELEASE, there.year, back, said, key=f"{of}:back", facility_id=facility_id, what=what)


def spend_held(session: Session, facility_id: int, there: Held, ore: int, said: Said, *, of: str, what: str) -> bool:
    """Pay what the work cost: from its reservation first. Returns whether the pool could; else all stays as it is."""
    if not spend(session, facility_id, there.year, ore, said, key=f"{of}:booked", what=what, held_ore=there.ore):
        return False
    let_go(session, facility_id, there, said, of=of, what=what, used_ore=ore)
    return True


def carry(session: Session, facility_id: int, there: Held, said: Said, *, of: str, what: str) -> Held:
    """Move a reservation to the next year, money and all: the order isn't done, and its year is over."""
    for year, ore in ((there.year, -there.ore), (there.year + 1, there.ore)):
        book(
            session,
            Kind.WORK_CARRIED,
            year,
            ore,
            said,
            key=f"{of}:carried:{there.year}:out" if ore < 0 else f"{of}:carried:{year}",
            facility_id=facility_id,
            what=what,
        )
    return Held(there.year + 1, there.ore, there.ore)


def _amount(session: Session, key: str) -> int | None:
    return session.exec(select(LedgerEntry.amount_ore).where(LedgerEntry.key == key)).first()
