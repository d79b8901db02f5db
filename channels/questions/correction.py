"""Rettelse: what a year has spent or was given is put right by another entry, as one proposes and another decides."""

from pydantic import Field
from sqlmodel import Session

from channels.questions.facts import Block, Link, says, table
from channels.questions.fields import Choice, day_of, role_of, short_text
from channels.questions.money_proposal import Asked, MoneyForm, MoneyProposal, MoneyQuestion, amount, ore_of
from models.case.facility import find
from models.danish import kr
from models.pool.correction import correct
from models.pool.ledger import Kind, is_closed, year_of
from models.refusal import BadInput
from models.said import Said


class WhatChoice(Choice):
    """What is put right."""

    SPENDING = "Forbruget"
    APPROPRIATION = "Bevillingen"


class CorrectionProposal(MoneyProposal):
    """What is wrong, and by how much."""

    aar: int = Field(title="Året", ge=2020, le=2100, description="Det år, posten hører til.")
    hvad: WhatChoice = Field(title="Hvad rettes?")
    kroner: str = amount("Forskellen: 500 er mere, -500 er mindre.")
    reference: str = short_text("Anlæg", "Fx VK-2026-0007, når udgiften hører til et anlæg.")


def asks(session: Session, wish: CorrectionProposal) -> Asked:
    """The year now and afterwards.

    Raises:
        BadInput: the difference is 0, or there is no such facility.
    """
    ore = ore_of(wish.kroner)
    if ore == 0:
        raise BadInput("kr", "skriv forskellen i kroner, fx 500 eller -500.")
    year = year_of(session, wish.aar)
    spends = wish.hvad is WhatChoice.SPENDING
    rows = [
        ["Bevilget og overført", kr(year.put_in_ore), kr(year.put_in_ore + (0 if spends else ore))],
        ["Forbrug", kr(year.spent_ore), kr(year.spent_ore + (ore if spends else 0))],
        ["Frit", kr(year.free_ore), kr(year.free_ore + (-ore if spends else ore))],
    ]
    blocks: list[Block] = [table(f"{wish.aar}|Nu:|Bagefter:", rows)]
    if wish.reference.strip():
        facility = find(session, wish.reference)
        blocks.insert(0, Link(facility.reference, facility.name))
    if is_closed(session, wish.aar):
        blocks.append(says(f"{wish.aar} er lukket; en rettelse er det eneste, året tager imod."))
    return Asked(f"skal {wish.hvad.lower()} i {wish.aar} rettes med {kr(ore)}?", tuple(blocks), abs(ore))


def book(session: Session, wish: CorrectionProposal, answer: MoneyForm, said: Said, key: str) -> str:
    """Put it right by another entry.

    Raises:
        Refusal: see `models.pool.correction.correct`.
    """
    entry = correct(
        session,
        Kind.CORRECTION if wish.hvad is WhatChoice.SPENDING else Kind.CORRECTION_PUT_IN,
        wish.aar,
        ore_of(wish.kroner),
        said,
        facility=find(session, wish.reference) if wish.reference.strip() else None,
        reason=wish.begrundelse,
        key=key,
        proposed_by=role_of(wish.foreslaaet_af),
        proposed_by_person=wish.person,
        case_number=answer.sagsnummer,
        decided_on=day_of(answer.besluttet, "Politisk besluttet den"),
    )
    return f"{entry.kind.danish.capitalize()} {entry.year}: {kr(entry.amount_ore)}"


QUESTION = MoneyQuestion(asks, book)
