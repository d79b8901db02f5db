"""Rettelse: what a year has spent or was given is put right by another entry, as one proposes and another decides."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from pydantic import Field
from sqlmodel import Session

from flows.fields import Choice, Shown, day_of, on_of, role_of, short_text
from flows.markdown import table
from flows.money_proposal import MoneyForm, Proposer, Question, amount, ore_of, settle_proposal, why
from flows.question import about
from models.correction import correct
from models.danish import kr
from models.facility import find
from models.pool import Kind, is_closed, year_of
from models.refusal import BadInput
from models.role import Door, Role


class WhatChoice(Choice):
    """What is put right."""

    SPENDING = "Forbruget"
    APPROPRIATION = "Bevillingen"


class CorrectionProposal(Shown):
    """What is wrong, and by how much."""

    aar: int = Field(title="Året", ge=2020, le=2100, description="Det år, posten hører til.")
    hvad: WhatChoice = Field(title="Hvad rettes?")
    kroner: str = amount("Forskellen: 500 er mere, -500 er mindre.")
    reference: str = short_text("Anlæg", "Fx VK-2026-0007, når udgiften hører til et anlæg.")
    begrundelse: str = why()
    foreslaaet_af: Proposer = Field(title="Hvem foreslår det?")  # type: ignore[valid-type]


@flow(name="Rettelse", flow_run_name="Rettelse · {rettelse.aar}")
def correct_entry(rettelse: CorrectionProposal) -> State:
    """Foreslå at rette et års forbrug eller bevilling, også i et lukket år. En anden beslutter."""
    kind = Kind.CORRECTION if rettelse.hvad is WhatChoice.SPENDING else Kind.CORRECTION_PUT_IN

    def question(session: Session) -> Question:
        ore = ore_of(rettelse.kroner)
        if ore == 0:
            raise BadInput("kr", "skriv forskellen i kroner, fx 500 eller -500.")
        year = year_of(session, rettelse.aar)
        spends = kind is Kind.CORRECTION
        rows = [
            ["Bevilget og overført", kr(year.put_in_ore), kr(year.put_in_ore + (0 if spends else ore))],
            ["Forbrug", kr(year.spent_ore), kr(year.spent_ore + (ore if spends else 0))],
            ["Frit", kr(year.free_ore), kr(year.free_ore + (-ore if spends else ore))],
        ]  # fmt: skip
        facts = [table(f"{rettelse.aar}|Nu:|Bagefter:", rows)]
        if rettelse.reference.strip():
            facts.insert(0, about(find(session, rettelse.reference)))
        if is_closed(session, rettelse.aar):
            facts.append(f"{rettelse.aar} er lukket; en rettelse er det eneste, året tager imod.")
        asks = f"skal {rettelse.hvad.lower()} i {rettelse.aar} rettes med {kr(ore)}?"
        return Question(asks, facts, abs(ore))

    def decide(session: Session, said: MoneyForm, by: Role) -> str:
        facility = find(session, rettelse.reference) if rettelse.reference.strip() else None
        entry = correct(
            session, kind, rettelse.aar, ore_of(rettelse.kroner), facility=facility, reason=rettelse.begrundelse,
            key=f"prefect:{flow_run.id}", on=on_of(said.dato), by=by, door=Door.PREFECT,
            proposed_by=role_of(rettelse.foreslaaet_af), case_number=said.sagsnummer,
            decided_on=day_of(said.besluttet, "Politisk besluttet den"),
        )  # fmt: skip
        return f"{entry.kind.danish.capitalize()} {entry.year}: {kr(entry.amount_ore)}"

    return settle_proposal(
        f"correction-{rettelse.aar}",
        rettelse.begrundelse,
        role_of(rettelse.foreslaaet_af),
        question,
        decide,
    )
