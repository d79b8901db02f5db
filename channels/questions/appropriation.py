"""Bevilling: money is put into the pool for a year, as one proposes and another decides."""

from pydantic import Field
from sqlmodel import Session

from channels.questions.facts import table
from channels.questions.fields import day_of, role_of
from channels.questions.money_proposal import Asked, MoneyForm, MoneyProposal, MoneyQuestion, amount, ore_of
from models.danish import kr
from models.pool.appropriation import appropriate
from models.pool.ledger import year_of
from models.refusal import BadInput
from models.said import Said


class AppropriationProposal(MoneyProposal):
    """How much a year gets."""

    aar: int = Field(title="Året", ge=2020, le=2100, description="Det budgetår, pengene er til.")
    kroner: str = amount("Fx 60.000.")
    tillaeg: bool = Field(
        default=False, title="Det er en tillægsbevilling", description="Penge oven i det, budgettet gav."
    )


def asks(session: Session, wish: AppropriationProposal) -> Asked:
    """The year now and afterwards.

    Raises:
        BadInput: the amount isn't over 0.
    """
    ore = ore_of(wish.kroner)
    if ore <= 0:
        raise BadInput("kr", "skriv et beløb over 0.")
    year = year_of(session, wish.aar)
    rows = [
        ["Bevilget og overført", kr(year.put_in_ore), kr(year.put_in_ore + ore)],
        ["Frit", kr(year.free_ore), kr(year.free_ore + ore)],
    ]
    word = "en tillægsbevilling" if wish.tillaeg else "bevillingen"
    return Asked(
        f"skal puljen i {wish.aar} have {word} på {kr(ore)}?", (table(f"{wish.aar}|Nu:|Bagefter:", rows),), ore
    )


def book(session: Session, wish: AppropriationProposal, answer: MoneyForm, said: Said, key: str) -> str:
    """Put it in.

    Raises:
        Refusal: see `models.pool.appropriation.appropriate`.
    """
    appropriate(
        session,
        wish.aar,
        ore_of(wish.kroner),
        said,
        reason=wish.begrundelse,
        key=key,
        decided_on=day_of(answer.besluttet, "Politisk besluttet den"),
        case_number=answer.sagsnummer,
        supplementary=wish.tillaeg,
        proposed_by=role_of(wish.foreslaaet_af),
        proposed_by_person=wish.person,
    )
    return f"{kr(ore_of(wish.kroner))} er bevilget til {wish.aar}."


QUESTION = MoneyQuestion(asks, book)
