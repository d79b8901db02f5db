"""Året: what is left of a year's money moves on by a rule and a decision; then the year is closed.

In order, each once: commitments nobody used are released (a commitment for 2026 is for 2026), savings for
replacements move with their facilities, what is reserved for open work moves with its order, what is free moves on within the rule of `config/pool.yaml`, and
the closing is booked. What is free and doesn't move on, lapses.
"""

from datetime import date

from sqlmodel import Session, col, func, select

from config.catalogue import catalogue
from models.danish import kr
from models.journal import write_journal
from models.operator import person_of
from models.pool.ledger import Kind, LedgerEntry, book, is_closed, left_of, saved, sums_of, year_is_closed, year_of
from models.pool.offers import offer_next
from models.pool.reservation import carry_reservations
from models.pool.right_to_decide import Proposer, checked_case, require_right, where_decided
from models.refusal import BadInput, Refusal, Remedy
from models.role import Role, may_decide
from models.said import Said

MAY_CARRY_OVER = (Role.POOL_MANAGER, Role.LEADER, Role.COMMITTEE)


def carried_over(session: Session, year: int) -> LedgerEntry | None:
    """The year's carry-over, if it is decided."""
    return session.exec(select(LedgerEntry).where(LedgerEntry.key == _key(year, "in"))).first()


def is_carried_over(session: Session, year: int) -> bool:
    """Whether the year's carry-over is decided."""
    return carried_over(session, year) is not None


def unused_commitments(session: Session, year: int) -> int:
    """What facilities were promised for the year and didn't use, in øre; savings aren't in it."""
    return sum(ore for _, ore, _ in _left(session, year))


def savings(session: Session, year: int) -> int:
    """What lies in the year for replacements, in øre."""
    return sum(ore for _, _, ore in _left(session, year))


def may_carry_over(session: Session, year: int) -> int:
    """How much the rule lets move on once the unused commitments are released, in øre."""
    free = year_of(session, year).free_ore + unused_commitments(session, year)
    return catalogue().pool.carry_over.allowed_ore(free)


def release_unused(session: Session, year: int, said: Said) -> int:
    """Give the unused commitments of a year that is over back to the pool, and move the savings on.

    Returns the øre released; what is saved for replacements isn't in it. Harmless when repeated.

    Raises:
        Refusal: the role may not, or the year is closed.
        BadInput: the year isn't over.
    """
    may_decide(said.by, MAY_CARRY_OVER, "Et årsskifte")
    _require_over(year, said.on)
    if is_closed(session, year):
        raise year_is_closed(year_of(session, year))
    released = 0
    carry_reservations(session, year, said)
    for facility_id, left, kept in _left(session, year):
        if left > 0:
            what = f"Ikke brugt i {year}"
            # a bill that came after the first release may have left something once more
            key = f"unused:{year}:{facility_id}:{_releases(session, year, facility_id)}"
            book(session, Kind.RELEASE, year, left, said, key=key, facility_id=facility_id, what=what)
            released += left
        if kept > 0:
            what = f"Opsparing fra {year} til {year + 1}"
            key = f"saved:{year}:{facility_id}"
            for where, which, ore in ((year, "out", -kept), (year + 1, "in", kept)):
                book(
                    session,
                    Kind.RESERVE_CARRIED,
                    where,
                    ore,
                    said,
                    key=f"{key}:{which}",
                    facility_id=facility_id,
                    what=what,
                )
    if released:
        write_journal(session, None, f"Ikke brugte tilsagn i {year} er frigivet: {kr(released)}", said)
    return released


def carry_over(
    session: Session, year: int, amount_ore: int, said: Said, *, decided_on: date | None = None, case_number: str = ""
) -> int:
    """Move `amount_ore` of the free money of `year` to the next year; returns what was moved.

    The rule of `config/pool.yaml` proposes it, so one role within its limit is enough.

    Raises:
        Refusal: another amount was moved already, the year has too little free money, the rule doesn't
            allow that much, the role may not decide on that much, or one of the years is closed.
        BadInput: a negative amount, the year isn't over, or the committee's decision lacks date or case.
    """
    may_decide(said.by, MAY_CARRY_OVER, "En overførsel")
    if amount_ore < 0:
        raise BadInput("kr", "beløbet kan ikke være negativt.")
    if is_carried_over(session, year):
        return _same_again(session, year, amount_ore)
    _require_over(year, said.on)
    free = year_of(session, year).free_ore
    rule = catalogue().pool.carry_over
    if amount_ore > rule.allowed_ore(free) and is_carried_over(session, year):
        return _same_again(session, year, amount_ore)  # somebody else decided it between the two looks
    _require_within_rule(year, amount_ore, free)
    case_number = checked_case(case_number)
    require_right(
        "funding",
        "En overførsel",
        amount_ore,
        said,
        person=person_of(session, said),
        proposer=Proposer(None),
        decided_on=decided_on,
        case_number=case_number,
    )
    what = f"Overført fra {year} til {year + 1}"
    for where, which, amount in ((year, "out", -amount_ore), (year + 1, "in", amount_ore)):
        new = book(
            session,
            Kind.CARRY_OVER,
            where,
            amount,
            said,
            key=_key(year, which),
            facility_id=None,
            what=what,
            decided_on=decided_on,
            case_number=case_number,
        )
        if not new:  # somebody else decided it at the same moment
            return _same_again(session, year, amount_ore)
    line = f"{what}: {kr(amount_ore)}{where_decided(decided_on, case_number)}"
    write_journal(session, None, line, said)
    if amount_ore:
        because = f"{kr(amount_ore)} er overført til {year + 1}"
        offer_next(session, said, because=because)
    return amount_ore


def _require_within_rule(year: int, amount_ore: int, free_ore: int) -> None:
    if amount_ore > free_ore:
        raise Refusal("year_end.too_much", f"Der er kun {kr(free_ore)} fri i {year}.")
    rule = catalogue().pool.carry_over
    if amount_ore > (allowed := rule.allowed_ore(free_ore)):
        raise Refusal(
            "year_end.above_rule",
            f"Reglen i config/pool.yaml siger, at {rule.danish.rstrip('.')}. Af {kr(free_ore)} er det højst "
            f"{kr(allowed)}",
        )


def close_year(session: Session, year: int, said: Said) -> LedgerEntry:
    """Close a year that is over: from now on it takes nothing but corrections. What is free lapses.

    Raises:
        Refusal: the role may not, the carry-over isn't decided, or commitments are unused still.
        BadInput: the year isn't over.
    """
    may_decide(said.by, MAY_CARRY_OVER, "Årets lukning")
    key = f"closing:{year}"
    there = session.exec(select(LedgerEntry).where(LedgerEntry.key == key)).first()
    if there is not None:
        return there
    _require_over(year, said.on)
    if not is_carried_over(session, year):
        raise Refusal(
            "year_end.not_carried_over",
            f"Overførslen fra {year} er ikke besluttet. Gør det først.",
            remedy=Remedy.CARRY_OVER,
        )
    carry_reservations(session, year, said)  # what was ordered since the carry-over, for a day of the year
    if left := unused_commitments(session, year) + savings(session, year):
        raise Refusal(
            "year_end.unused",
            f"Der står stadig {kr(left)} som tilsagn i {year}. Frigiv dem først.",
            remedy=Remedy.CARRY_OVER,
        )
    pots = year_of(session, year)
    what = f"{year} er lukket: brugt {kr(pots.spent_ore)}, bortfaldet {kr(pots.free_ore)}"
    book(session, Kind.CLOSING, year, pots.free_ore, said, key=key, facility_id=None, what=what)
    write_journal(session, None, what, said)
    return session.exec(select(LedgerEntry).where(LedgerEntry.key == key)).one()


def _left(session: Session, year: int) -> list[tuple[int, int, int]]:
    """Facility, unused commitment and savings (øre) of each facility that has either in the year."""
    rows = session.exec(
        select(LedgerEntry.facility_id)
        .where(LedgerEntry.year == year, col(LedgerEntry.facility_id).is_not(None))
        .distinct()
        .order_by(col(LedgerEntry.facility_id))
    )
    found = []
    for facility_id in [each for each in rows if each is not None]:
        sums = sums_of(session, facility_id).get(year, {})
        if left_of(sums) or saved(sums):
            found.append((facility_id, left_of(sums), saved(sums)))
    return found


def _releases(session: Session, year: int, facility_id: int) -> int:
    rows = select(func.count(col(LedgerEntry.id))).where(
        LedgerEntry.year == year, LedgerEntry.facility_id == facility_id, LedgerEntry.kind == Kind.RELEASE
    )
    return session.exec(rows).one()


def _require_over(year: int, on: date) -> None:
    if on.year <= year:
        raise BadInput("year", f"{year} er ikke slut. En overførsel besluttes i {year + 1}.")


def _same_again(session: Session, year: int, amount_ore: int) -> int:
    there = carried_over(session, year)
    if there is None or there.amount_ore != amount_ore:
        moved = kr(there.amount_ore) if there is not None else "et andet beløb"
        raise Refusal("year_end.decided", f"Der er allerede overført {moved} fra {year}.")
    return amount_ore


def _key(year: int, which: str) -> str:
    return f"carry-over:{year}:{which}"
