"""Udskiftning: a facility that has had its lifetime is built anew, from what was saved up for it.

The savings pay first; what is missing comes from the year's free money, and is a decision like any other on
money. The savings themselves were decided with the grant. What isn't used stays for the next lifetime.
"""

from datetime import date
from functools import partial

from sqlmodel import Session, select

from models import text
from models.case.facility import Facility
from models.danish import kr
from models.figures.operating import spans_on
from models.journal import write_journal
from models.operator import person_of
from models.pool.funding_need import MAY_FUND
from models.pool.ledger import Kind, LedgerEntry, book, saved, sums_of, year_of
from models.pool.right_to_decide import Proposer, checked_case, proposal_words, require_two, where_decided
from models.refusal import BadInput, Refusal, Remedy
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MOST_ORE = 100_000_000 * 100


def worn_out_in(session: Session, facility: Facility, on: date) -> int | None:
    """The first year in which a lifetime ends in our time; None when it was never taken over or taken in."""
    return next((s.ends_in for s in spans_on(session, on) if s.facility.id == facility.id), None)


def pay_replacement(
    session: Session,
    facility: Facility,
    amount_ore: int,
    said: Said,
    *,
    reason: str,
    proposed_by: Role | None,
    proposed_by_person: str = "",
    decided_on: date | None,
    case_number: str,
) -> LedgerEntry:
    """Pay for a facility that is built anew at the end of its lifetime, once for each lifetime.

    Raises:
        Refusal: the role may not, the place isn't in operation or not worn out, it is paid for already, the
            savings lie in a year that isn't ended, or the pool can't pay what is missing.
        BadInput: no reason, or an absurd amount.
    """
    may_decide(said.by, MAY_FUND, "En udskiftning")
    reason, case_number = text.text(reason, "reason"), checked_case(case_number)
    if not 0 < amount_ore <= MOST_ORE:
        raise BadInput("kr", f"skriv et beløb fra 1 øre til {kr(MOST_ORE)}")
    ends = _end_of_lifetime(session, facility, said.on)
    lifetime = (said.on.year - ends) // facility.life_years + 1
    key = f"{facility.reference}:replacement:{lifetime}"
    there = session.exec(select(LedgerEntry).where(LedgerEntry.key == key)).first()
    if there is not None:
        if there.amount_ore == amount_ore:
            return there
        raise Refusal(
            "replacement.paid", f"Udskiftningen af {facility.reference} er allerede betalt med {kr(there.amount_ore)}"
        )
    in_savings = _savings(session, facility, said.on.year)
    missing = max(0, amount_ore - in_savings)
    if missing:
        require_two(
            "En udskiftning ud over opsparingen",
            missing,
            said,
            person=person_of(session, said),
            proposer=Proposer(proposed_by, proposed_by_person),
            decided_on=decided_on,
            case_number=case_number,
        )
        _refuse_too_little(session, missing, in_savings, said.on.year)
    what = f"Udskiftning af {facility.reference}: {reason}{proposal_words(proposed_by)}"
    booking = partial(book, session, facility_id=facility.id, what=what, decided_on=decided_on, case_number=case_number)
    if missing:
        booking(Kind.RESERVE, said.on.year, missing, said, key=f"{key}:missing")
    booking(Kind.REPLACEMENT, said.on.year, amount_ore, said, key=key)
    write_journal(
        session,
        facility,
        f"{what}, {kr(amount_ore)}, heraf {kr(min(in_savings, amount_ore))} fra opsparingen."
        f"{where_decided(decided_on, case_number)}",
        said,
    )
    return session.exec(select(LedgerEntry).where(LedgerEntry.key == key)).one()


def _end_of_lifetime(session: Session, facility: Facility, on: date) -> int:
    """The year in which the lifetime ended; a place that isn't in operation or not worn out is refused."""
    ends = worn_out_in(session, facility, on)
    if facility.stage is not Stage.OPERATION or ends is None:
        raise Refusal(
            "replacement.not_in_operation",
            f"{facility.reference} er ikke i drift ({facility.stage.danish}) og kan ikke udskiftes.",
        )
    if on.year < ends:
        raise Refusal(
            "replacement.too_early",
            f"{facility.reference} har sin levetid ud i {ends}. Er det gået i stykker før, så meld en skade.",
        )
    return ends


def _savings(session: Session, facility: Facility, year: int) -> int:
    """What is saved up in the year, in øre; savings that lie in an earlier one must be carried over first."""
    sums = sums_of(session, facility.number)
    for earlier in sorted(sums):
        if earlier < year and saved(sums[earlier]) > 0:
            raise Refusal(
                "replacement.savings_not_moved",
                f"Opsparingen i {earlier} er ikke flyttet med endnu. Gør det først.",
                remedy=Remedy.CARRY_OVER,
            )
    return saved(sums.get(year, {}))


def _refuse_too_little(session: Session, missing_ore: int, in_savings_ore: int, year: int) -> None:
    """Stop a replacement that savings and free money together can't pay."""
    if missing_ore > (free := year_of(session, year).free_ore):
        raise Refusal(
            "replacement.too_little", f"Opsparingen er {kr(in_savings_ore)}, og puljen har kun {kr(free)} fri i {year}."
        )
