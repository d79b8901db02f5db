"""Rettelse: what a year has spent or was given is put right by another entry, as one proposes and another decides."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from pydantic import Field
from sqlmodel import Session

from channels.questions.fields import Choice, day_of, on_of, role_of, short_text
from flows.asking.markdown import table
from flows.asking.money_proposal import MoneyForm, MoneyProposal, Question, amount, ore_of, settle_proposal
from flows.asking.question import about
from models.case.facility import find
from models.danish import kr
from models.pool.correction import correct
from models.pool.ledger import Kind, is_closed, year_of
from models.refusal import BadInput
from models.role import Door, Role
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


@flow(name="Rettelse", flow_run_name="Rettelse · {rettelse.aar}")
def correct_entry(rettelse: CorrectionProposal) -> State:
    """Foreslå at rette et års forbrug eller bevilling, også i et lukket år. En anden beslutter."""

    def question(session: Session, wish: CorrectionProposal) -> Question:
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
        facts = [table(f"{wish.aar}|Nu:|Bagefter:", rows)]
        if wish.reference.strip():
            facts.insert(0, about(find(session, wish.reference)))
        if is_closed(session, wish.aar):
            facts.append(f"{wish.aar} er lukket; en rettelse er det eneste, året tager imod.")
        asks = f"skal {wish.hvad.lower()} i {wish.aar} rettes med {kr(ore)}?"
        return Question(asks, facts, abs(ore))

    def decide(session: Session, wish: CorrectionProposal, said: MoneyForm, by: Role) -> str:
        facility = find(session, wish.reference) if wish.reference.strip() else None
        kind = Kind.CORRECTION if wish.hvad is WhatChoice.SPENDING else Kind.CORRECTION_PUT_IN
        entry = correct(
            session,
            kind,
            wish.aar,
            ore_of(wish.kroner),
            Said(on_of(said.dato), by, Door.PREFECT),
            facility=facility,
            reason=wish.begrundelse,
            key=f"prefect:{flow_run.id}",
            proposed_by=role_of(wish.foreslaaet_af),
            case_number=said.sagsnummer,
            decided_on=day_of(said.besluttet, "Politisk besluttet den"),
        )
        return f"{entry.kind.danish.capitalize()} {entry.year}: {kr(entry.amount_ore)}"

    ended, _ = settle_proposal(f"correction-{rettelse.aar}", rettelse, question, decide)
    return ended
