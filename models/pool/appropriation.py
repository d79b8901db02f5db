"""Bevilling: money put into the pool by a decision, and moved between its years."""

from datetime import date
from functools import partial

from sqlmodel import Session, select

from models import text
from models.danish import kr
from models.journal import write_journal
from models.numbering import next_number
from models.operator import person_of
from models.pool.funding_need import MAY_FUND
from models.pool.ledger import Kind, LedgerEntry, book, year_of
from models.pool.offers import offer_next
from models.pool.right_to_decide import (
    Proposer,
    checked_case,
    proposal_words,
    require_a_name,
    require_two,
    where_decided,
)
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said

MOST_ORE = 1_000_000_000 * 100
"""No pool for the operation of benches is bigger; more is a slip of the hand."""


def appropriate(
    session: Session,
    year: int,
    amount_ore: int,
    said: Said,
    *,
    reason: str,
    key: str | None,
    decided_on: date | None = None,
    case_number: str = "",
    supplementary: bool = False,
    proposed_by: Role | None = None,
    proposed_by_person: str = "",
) -> LedgerEntry:
    """Put money into the pool for one year; with a `key` the same appropriation isn't made twice.

    `decided_on` and `case_number` say where it was decided; `supplementary` marks what comes on top of
    the year's budget (tillægsbevilling). Whoever waits on the priority list is offered the money.
    The budget itself is adopted by the council and only written down here; what comes on top of it is
    decided within the limits, by somebody else than `proposed_by`.

    Raises:
        Refusal: the role may not appropriate (that much, or what it proposed), the year is closed, the key was
            used for something else, or nobody is known by name where it came from.
        BadInput: no positive amount, a decision in the future, or nobody named who proposed it.
    """
    may_decide(said.by, (*MAY_FUND, Role.OPERATIONS_MANAGER), "En bevilling")
    reason = text.text(reason, "reason", required=False)
    case_number = _decision(decided_on, case_number, said.on)
    if not 0 < amount_ore <= MOST_ORE:
        raise BadInput("kr", f"skriv et beløb fra 1 øre til {kr(MOST_ORE)}")
    kind = Kind.SUPPLEMENTARY if supplementary else Kind.APPROPRIATION
    natural = f"appropriation:{text.name(key, 'key')}" if key else None
    if natural is not None:
        there = session.exec(select(LedgerEntry).where(LedgerEntry.key == natural)).first()
        if there is not None:
            return _same_appropriation(there, year, amount_ore, kind)
    if supplementary:
        require_two(
            "En tillægsbevilling",
            amount_ore,
            said,
            person=person_of(session, said),
            proposer=Proposer(proposed_by, proposed_by_person),
            decided_on=decided_on,
            case_number=case_number,
        )
    else:
        require_a_name(said, amount_ore)
    natural = natural or f"appropriation:number-{next_number(session, 'appropriation')}"
    what = f"{kind.danish.capitalize()} {year}" + (f": {reason}" if reason else "") + proposal_words(proposed_by)
    booking = partial(book, session, facility_id=None, what=what, decided_on=decided_on, case_number=case_number)
    new = booking(kind, year, amount_ore, said, key=natural)
    entry = session.exec(select(LedgerEntry).where(LedgerEntry.key == natural)).one()
    if not new:  # somebody else used the key at the same moment
        return _same_appropriation(entry, year, amount_ore, kind)
    write_journal(session, None, f"{what}, {kr(amount_ore)}{where_decided(decided_on, case_number)}", said)
    offer_next(session, said, because=f"der er kommet {kr(amount_ore)} i {year}")
    return entry


def _same_appropriation(there: LedgerEntry, year: int, amount_ore: int, kind: Kind) -> LedgerEntry:
    if (there.year, there.amount_ore, there.kind) == (year, amount_ore, kind):
        return there
    key = there.key.removeprefix("appropriation:")
    raise Refusal(
        "pool.key_used", f'Nøglen "{key}" er brugt til {kr(there.amount_ore)} i {there.year}. Vælg en anden nøgle.'
    )


def transfer(
    session: Session,
    from_year: int,
    to_year: int,
    amount_ore: int,
    said: Said,
    *,
    reason: str,
    key: str | None,
    decided_on: date | None,
    case_number: str,
    proposed_by: Role | None = None,
    proposed_by_person: str = "",
) -> int:
    """Move free money from one year's budget to another's; returns the øre moved.

    It is decided within the limits, by somebody else than `proposed_by`.

    Raises:
        Refusal: the role may not (that much, or what it proposed), a year is closed, there is too little
            free money, or the key was used for another transfer.
        BadInput: the same year twice, no positive amount, no reason, a decision in the future, or nobody
            named who proposed it.
    """
    may_decide(said.by, MAY_FUND, "En flytning mellem år")
    reason = text.text(reason, "reason")
    case_number = _decision(decided_on, case_number, said.on)
    if from_year == to_year:
        raise BadInput("to", "det er det samme år. Vælg to forskellige.")
    if not 0 < amount_ore <= MOST_ORE:
        raise BadInput("kr", f"skriv et beløb fra 1 øre til {kr(MOST_ORE)}")
    natural = f"transfer:{text.name(key, 'key')}" if key else None
    if natural is not None and _is_transferred(session, natural, from_year, to_year, amount_ore):
        return amount_ore
    require_two(
        "En flytning",
        amount_ore,
        said,
        person=person_of(session, said),
        proposer=Proposer(proposed_by, proposed_by_person),
        decided_on=decided_on,
        case_number=case_number,
    )
    natural = natural or f"transfer:number-{next_number(session, 'transfer')}"
    if amount_ore > (free := year_of(session, from_year).free_ore):
        raise Refusal("pool.too_little", f"Der er kun {kr(free)} fri i {from_year}.")
    what = f"Flyttet fra {from_year} til {to_year}: {reason}{proposal_words(proposed_by)}"
    booking = partial(
        book, session, Kind.TRANSFER, facility_id=None, what=what, decided_on=decided_on, case_number=case_number
    )
    booking(from_year, -amount_ore, said, key=f"{natural}:out")
    booking(to_year, amount_ore, said, key=f"{natural}:in")
    line = f"{what}, {kr(amount_ore)}{where_decided(decided_on, case_number)}"
    write_journal(session, None, line, said)
    offer_next(session, said, because=f"{kr(amount_ore)} er flyttet til {to_year}")
    return amount_ore


def _is_transferred(session: Session, natural: str, from_year: int, to_year: int, amount_ore: int) -> bool:
    """Whether the key has moved just this; one that was used for another transfer is refused."""
    there = session.exec(select(LedgerEntry).where(LedgerEntry.key == f"{natural}:in")).first()
    if there is None:
        return False
    out = session.exec(select(LedgerEntry).where(LedgerEntry.key == f"{natural}:out")).one()
    if (out.year, there.year, there.amount_ore) == (from_year, to_year, amount_ore):
        return True
    key = natural.removeprefix("transfer:")
    raise Refusal(
        "pool.key_used",
        f'Nøglen "{key}" er brugt til {kr(there.amount_ore)} fra {out.year} til {there.year}. Vælg en anden nøgle.',
    )


def _decision(decided_on: date | None, case_number: str, on: date) -> str:
    if decided_on is not None and decided_on > on:
        raise BadInput("decided_on", "beslutningen kan ikke ligge efter i dag.")
    return checked_case(case_number)
