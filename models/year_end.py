"""Året: what is free at the end of a year may be moved to the next one, once, by a decision."""

from datetime import date

from sqlmodel import Session, select

from models.danish import kr
from models.journal import write_journal
from models.pool import Kind, LedgerEntry, book, year_of
from models.refusal import BadInput, Refusal
from models.role import Door, Role, may_decide

MAY_CARRY_OVER = (Role.POOL_MANAGER, Role.LEADER, Role.COMMITTEE)


def carried_over(session: Session, year: int) -> LedgerEntry | None:
    """The year's carry-over, if it is decided."""
    return session.exec(select(LedgerEntry).where(LedgerEntry.key == _key(year, "in"))).first()


def is_carried_over(session: Session, year: int) -> bool:
    """Whether the year's carry-over is decided."""
    return carried_over(session, year) is not None


def carry_over(
    session: Session, year: int, amount_ore: int, *, on: date, by: Role, door: Door
) -> int:
    """Move `amount_ore` of the free money of `year` to the next year; returns what was moved.

    Raises:
        Refusal: another amount was moved already, or the year has too little free money.
        BadInput: a negative amount, or the year isn't over.
    """
    may_decide(by, MAY_CARRY_OVER, "En overførsel")
    if amount_ore < 0:
        raise BadInput("kr", "beløbet kan ikke være negativt.")
    there = carried_over(session, year)
    if there is not None:
        if there.amount_ore == amount_ore:
            return amount_ore
        raise Refusal(
            "year_end.decided", f"Der er allerede overført {kr(there.amount_ore)} fra {year}."
        )
    if on.year <= year:
        raise BadInput("year", f"{year} er ikke slut. En overførsel besluttes i {year + 1}.")
    free = year_of(session, year).free_ore
    if amount_ore > free:
        raise Refusal("year_end.too_much", f"Der er kun {kr(free)} fri i {year}.")
    what = f"Overført fra {year} til {year + 1}"
    for where, which, amount in ((year, "out", -amount_ore), (year + 1, "in", amount_ore)):
        book(
            session, Kind.CARRY_OVER, where, amount, key=_key(year, which), facility_id=None, what=what,
            on=on, by=by, door=door,
        )  # fmt: skip
    write_journal(
        session, f"{what}: {kr(amount_ore)}", facility_id=None, stage="", on=on, by=by, door=door
    )
    return amount_ore


def _key(year: int, which: str) -> str:
    return f"carry-over:{year}:{which}"
