"""Forbrug: what a place costs is paid from its commitment; what it doesn't need goes back to the pool."""

from datetime import date
from functools import partial

from sqlmodel import Session, select

from models.pool.ledger import (
    Kind,
    LedgerEntry,
    PoolYear,
    book,
    is_closed,
    left_of,
    saved,
    sums_of,
    year_is_closed,
    year_of,
)
from models.role import Role
from models.said import Said


def spend(
    session: Session,
    facility_id: int,
    year: int,
    amount_ore: int,
    said: Said,
    *,
    key: str,
    what: str,
    held_ore: int = 0,
) -> bool:
    """Book what something cost: from the facility's commitment, and what is missing from the free money.

    `held_ore` of the commitment is reserved for just this (`models.pool.reservation`), and used first.
    A bill that comes after its year was closed is paid by the year it comes in.
    Returns whether the pool could carry it; if not, nothing is booked and the bill stays open.

    Raises:
        Refusal: `pool.closed`: the day it counts for lies in a closed year.
    """
    if session.exec(select(LedgerEntry.id).where(LedgerEntry.key == key)).first() is not None:
        return True
    if is_closed(session, year):
        year = said.on.year
        if is_closed(session, year):
            if said.by is Role.CALENDAR:  # a day run again; the bill waits for one that can be paid
                return False
            raise year_is_closed(year_of(session, year))
    # the year's row is locked first, so that two bills can't share the same last krone
    free = session.exec(select(PoolYear.free_ore).where(PoolYear.year == year).with_for_update()).first() or 0
    left = left_of(sums_of(session, facility_id).get(year, {})) + held_ore
    missing = max(0, amount_ore - left)
    if missing > free:
        return False
    booking = partial(book, session, facility_id=facility_id, what=what)
    if missing:
        booking(Kind.SUPPLEMENT, year, missing, said, key=f"{key}:supplement")
    if amount_ore:
        booking(Kind.SPENDING, year, amount_ore, said, key=key)
    return True


def release_from(session: Session, facility_id: int, first_day: date, said: Said, *, key: str, what: str) -> int:
    """Give the unused commitments from `first_day`'s year on back to the pool; returns the øre released."""
    released = 0
    for year, sums in sorted(sums_of(session, facility_id).items()):
        left = left_of(sums)
        if year >= first_day.year and left > 0:
            book(session, Kind.RELEASE, year, left, said, key=f"{key}:{year}", facility_id=facility_id, what=what)
            released += left
        if year >= first_day.year and (back := saved(sums)) > 0:
            book(
                session,
                Kind.RESERVE,
                year,
                -back,
                said,
                key=f"{key}:{year}:reserve",
                facility_id=facility_id,
                what=what,
            )
            released += back
    return released
