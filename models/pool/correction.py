"""Rettelse: a wrong entry is never edited; another one says the difference and why. Also in a closed year."""

from datetime import date
from functools import partial

from sqlmodel import Session, select

from models import text
from models.case.facility import Facility
from models.danish import kr
from models.journal import write_journal
from models.numbering import next_number
from models.operator import person_of
from models.pool.appropriation import MOST_ORE
from models.pool.funding_need import MAY_FUND
from models.pool.ledger import Kind, LedgerEntry, book
from models.pool.right_to_decide import Proposer, checked_case, proposal_words, require_two, where_decided
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said


def correct(
    session: Session,
    kind: Kind,
    year: int,
    amount_ore: int,
    said: Said,
    *,
    facility: Facility | None,
    reason: str,
    key: str | None,
    proposed_by: Role | None = None,
    proposed_by_person: str = "",
    decided_on: date | None = None,
    case_number: str = "",
) -> LedgerEntry:
    """Correct what a year has spent or was given, by a plus or a minus.

    More spending takes from the year's free money, less gives it back; a corrected appropriation changes
    the free money alone. So a closed year can't be overspent either. It is decided within the limits, by
    somebody else than `proposed_by`.

    Raises:
        Refusal: the role may not (that much, or what it proposed), the year doesn't hold the amount, or
            the key was used otherwise.
        BadInput: no reason, no amount, an absurd one, or nobody named who proposed it.
    """
    may_decide(said.by, MAY_FUND, "En rettelse")
    if kind not in (Kind.CORRECTION, Kind.CORRECTION_PUT_IN):
        raise AssertionError(f"{kind} is no correction")
    reason = text.text(reason, "reason")
    if amount_ore == 0 or abs(amount_ore) > MOST_ORE:
        raise BadInput("kr", "skriv forskellen i kroner, fx 500 eller -500.")
    facility_id = facility.id if facility is not None else None
    natural = f"correction:{text.name(key, 'key')}" if key else None
    if natural is not None:
        there = session.exec(select(LedgerEntry).where(LedgerEntry.key == natural)).first()
        if there is not None:
            _refuse_used_key(there, kind, year, amount_ore, facility_id)
            return there
    case_number = checked_case(case_number)
    require_two(
        "En rettelse",
        abs(amount_ore),
        said,
        person=person_of(session, said),
        proposer=Proposer(proposed_by, proposed_by_person),
        decided_on=decided_on,
        case_number=case_number,
    )
    natural = natural or f"correction:number-{next_number(session, 'correction')}"
    what = f"{kind.danish.capitalize()} {year}: {reason}{proposal_words(proposed_by)}"
    booking = partial(book, session, what=what, decided_on=decided_on, case_number=case_number)
    booking(kind, year, amount_ore, said, key=natural, facility_id=facility_id)
    write_journal(session, facility, f"{what} ({kr(amount_ore)}){where_decided(decided_on, case_number)}", said)
    return session.exec(select(LedgerEntry).where(LedgerEntry.key == natural)).one()


def _refuse_used_key(there: LedgerEntry, kind: Kind, year: int, amount_ore: int, facility_id: int | None) -> None:
    """Stop a key that was used for another correction."""
    if (there.kind, there.year, there.amount_ore, there.facility_id) != (kind, year, amount_ore, facility_id):
        key = there.key.removeprefix("correction:")
        raise Refusal(
            "pool.key_used", f'Nøglen "{key}" er brugt til {kr(there.amount_ore)} i {there.year}. Vælg en anden nøgle.'
        )
