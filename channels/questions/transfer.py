"""Flytning mellem år: free money of one year's budget is moved to another's, as one proposes and another decides."""

from pydantic import Field
from sqlmodel import Session

from channels.questions.facts import table
from channels.questions.fields import day_of, role_of
from channels.questions.money_proposal import Asked, MoneyForm, MoneyProposal, MoneyQuestion, amount, ore_of
from models.danish import kr
from models.pool.appropriation import transfer
from models.pool.ledger import year_of
from models.refusal import BadInput
from models.said import Said


class TransferProposal(MoneyProposal):
    """What is to be moved."""

    fra_aar: int = Field(title="Fra året", ge=2020, le=2100, description="Pengene tages herfra.")
    til_aar: int = Field(title="Til året", ge=2020, le=2100, description="Og flyttes hertil.")
    kroner: str = amount("Fx 6500 eller 1.250,50.")


def asks(session: Session, wish: TransferProposal) -> Asked:
    """What is free in both years, now and afterwards.

    Raises:
        BadInput: the amount isn't over 0, or both years are one.
    """
    ore, years = ore_of(wish.kroner), (wish.fra_aar, wish.til_aar)
    if ore <= 0:
        raise BadInput("kr", "skriv et beløb over 0.")
    if years[0] == years[1]:
        raise BadInput("year", "det er det samme år. Vælg to forskellige.")
    free = [year_of(session, year).free_ore for year in years]
    rows = [[str(years[0]), kr(free[0]), kr(free[0] - ore)], [str(years[1]), kr(free[1]), kr(free[1] + ore)]]
    asked = f"skal {kr(ore)} flyttes fra {years[0]} til {years[1]}?"
    return Asked(asked, (table("År|Frit nu:|Frit bagefter:", rows),), ore)


def book(session: Session, wish: TransferProposal, answer: MoneyForm, said: Said, key: str) -> str:
    """Move it.

    Raises:
        Refusal: see `models.pool.appropriation.transfer`.
    """
    moved = transfer(
        session,
        wish.fra_aar,
        wish.til_aar,
        ore_of(wish.kroner),
        said,
        reason=wish.begrundelse,
        key=key,
        decided_on=day_of(answer.besluttet, "Politisk besluttet den"),
        case_number=answer.sagsnummer,
        proposed_by=role_of(wish.foreslaaet_af),
        proposed_by_person=wish.person,
    )
    return f"{kr(moved)} er flyttet fra {wish.fra_aar} til {wish.til_aar}."


QUESTION = MoneyQuestion(asks, book)
