"""Udskiftning: a facility that has had its lifetime is paid for anew, as one proposes and another decides."""

from pydantic import Field
from sqlmodel import Session

from channels.questions.facts import Link, says, table
from channels.questions.fields import day_of, role_of
from channels.questions.money_proposal import Asked, MoneyForm, MoneyProposal, MoneyQuestion, amount, ore_of
from models.calendar import today
from models.case.facility import find
from models.danish import kr
from models.figures.replacement import pay_replacement, worn_out_in
from models.pool.ledger import saved, sums_of, year_of
from models.refusal import BadInput
from models.said import Said


class ReplacementProposal(MoneyProposal):
    """What is built anew, and what it costs."""

    reference: str = Field(title="Anlæg", description="Fx VK-2026-0007.", max_length=24)
    kroner: str = amount("Hvad udskiftningen koster, fx 60.000.")


def asks(session: Session, wish: ReplacementProposal) -> Asked:
    """What it costs, what is saved for it, and what the pool must add; only that decides who may.

    Raises:
        BadInput: the amount isn't over 0, or there is no such facility.
    """
    facility, ore = find(session, wish.reference), ore_of(wish.kroner)
    if ore <= 0:
        raise BadInput("kr", "skriv et beløb over 0.")
    year, ends = today().year, worn_out_in(session, facility, today())
    in_savings = saved(sums_of(session, facility.number).get(year, {}))
    missing = max(0, ore - in_savings)
    rows = [
        ["Udskiftningen", kr(ore)],
        ["Overslaget for den", kr(facility.replacement_ore)],
        [f"Opsparing i {year}", kr(in_savings)],
        ["Mangler", kr(missing)],
        [f"Frit i {year}", kr(year_of(session, year).free_ore)],
    ]
    life = says(f"Levetiden løber ud i {ends}." if ends else "Anlægget er ikke i drift.")
    blocks = (Link(facility.reference, facility.name), table("Penge|Beløb:", rows), life)
    return Asked(f"skal {facility.reference} udskiftes for {kr(ore)}?", blocks, missing)


def book(session: Session, wish: ReplacementProposal, answer: MoneyForm, said: Said, _key: str) -> str:
    """Pay for it, first from what is saved; a replacement has a key of its own.

    Raises:
        Refusal: see `models.figures.replacement.pay_replacement`.
    """
    entry = pay_replacement(
        session,
        find(session, wish.reference),
        ore_of(wish.kroner),
        said,
        reason=wish.begrundelse,
        proposed_by=role_of(wish.foreslaaet_af),
        proposed_by_person=wish.person,
        decided_on=day_of(answer.besluttet, "Politisk besluttet den"),
        case_number=answer.sagsnummer,
    )
    return f"{entry.what}: {kr(entry.amount_ore)}"


QUESTION = MoneyQuestion(asks, book)
