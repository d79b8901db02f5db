"""Flytning mellem år: free money of one year's budget is moved to another's, as one proposes and another decides."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from pydantic import Field
from sqlmodel import Session

from channels.questions.fields import day_of, on_of, role_of
from flows.asking.markdown import table
from flows.asking.money_proposal import MoneyForm, MoneyProposal, Question, amount, ore_of, settle_proposal
from models.danish import kr
from models.pool.appropriation import transfer
from models.pool.ledger import year_of
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said


class TransferProposal(MoneyProposal):
    """What is to be moved."""

    fra_aar: int = Field(title="Fra året", ge=2020, le=2100, description="Pengene tages herfra.")
    til_aar: int = Field(title="Til året", ge=2020, le=2100, description="Og flyttes hertil.")
    kroner: str = amount("Fx 6500 eller 1.250,50.")


@flow(name="Flytning mellem år", flow_run_name="Flytning mellem år · {flytning.fra_aar} til {flytning.til_aar}")
def transfer_between_years(flytning: TransferProposal) -> State:
    """Foreslå at flytte frie penge fra et år til et andet. En anden beslutter."""

    def question(session: Session, wish: TransferProposal) -> Question:
        ore, years = ore_of(wish.kroner), (wish.fra_aar, wish.til_aar)
        if ore <= 0:
            raise BadInput("kr", "skriv et beløb over 0.")
        if years[0] == years[1]:
            raise BadInput("year", "det er det samme år. Vælg to forskellige.")
        free = [year_of(session, year).free_ore for year in years]
        rows = [[str(years[0]), kr(free[0]), kr(free[0] - ore)], [str(years[1]), kr(free[1]), kr(free[1] + ore)]]
        asks = f"skal {kr(ore)} flyttes fra {years[0]} til {years[1]}?"
        return Question(asks, [table("År|Frit nu:|Frit bagefter:", rows)], ore)

    def decide(session: Session, wish: TransferProposal, said: MoneyForm, by: Role) -> str:
        moved = transfer(
            session,
            wish.fra_aar,
            wish.til_aar,
            ore_of(wish.kroner),
            Said(on_of(said.dato), by, Door.PREFECT),
            reason=wish.begrundelse,
            key=f"prefect:{flow_run.id}",
            decided_on=day_of(said.besluttet, "Politisk besluttet den"),
            case_number=said.sagsnummer,
            proposed_by=role_of(wish.foreslaaet_af),
        )
        return f"{kr(moved)} er flyttet fra {wish.fra_aar} til {wish.til_aar}."

    key = f"transfer-{flytning.fra_aar}-{flytning.til_aar}"
    ended, _ = settle_proposal(key, flytning, question, decide)
    return ended
