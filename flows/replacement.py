"""Udskiftning: a facility that has had its lifetime is paid for anew, as one proposes and another decides."""

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field
from sqlmodel import Session

from channels.questions.fields import day_of, on_of, role_of
from flows.asking.markdown import table
from flows.asking.money_proposal import MoneyForm, MoneyProposal, Question, amount, ore_of, settle_proposal
from flows.asking.next_runs import follow_up
from flows.asking.question import about
from models.calendar import today
from models.case.facility import find
from models.danish import kr
from models.figures.replacement import pay_replacement, worn_out_in
from models.pool.ledger import saved, sums_of, year_of
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said


class ReplacementProposal(MoneyProposal):
    """What is built anew, and what it costs."""

    reference: str = Field(title="Anlæg", description="Fx VK-2026-0007.", max_length=24)
    kroner: str = amount("Hvad udskiftningen koster, fx 60.000.")


@flow(name="Udskiftning", flow_run_name="Udskiftning · {udskiftning.reference}")
def replace_facility(udskiftning: ReplacementProposal) -> State:
    """Foreslå at bygge et udtjent anlæg nyt for puljens penge, først af opsparingen. En anden beslutter."""

    def question(session: Session, wish: ReplacementProposal) -> Question:
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
        life = f"Levetiden løber ud i {ends}." if ends else "Anlægget er ikke i drift."
        facts = [about(facility), table("Penge|Beløb:", rows), life]
        return Question(f"skal {facility.reference} udskiftes for {kr(ore)}?", facts, missing)

    def decide(session: Session, wish: ReplacementProposal, said: MoneyForm, by: Role) -> str:
        entry = pay_replacement(
            session,
            find(session, wish.reference),
            ore_of(wish.kroner),
            Said(on_of(said.dato), by, Door.PREFECT),
            reason=wish.begrundelse,
            proposed_by=role_of(wish.foreslaaet_af),
            decided_on=day_of(said.besluttet, "Politisk besluttet den"),
            case_number=said.sagsnummer,
        )
        return f"{entry.what}: {kr(entry.amount_ore)}"

    key = f"replacement-{udskiftning.reference}"
    ended, wish = settle_proposal(key, udskiftning, question, decide)
    if ended.name == "Bogført":
        follow_up(wish.reference.strip().upper())
    return ended
