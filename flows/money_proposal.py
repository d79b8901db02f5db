"""Forslag om puljens penge: what one proposes in the form that starts a run, another decides in the run's own form.

So there are two, also in Prefect. What is proposed lives in the run only; it becomes an entry in the ledger when
somebody with the right to it says yes, and leaves no trace there when it is declined.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field
from sqlmodel import Session

from flows.discretion import discreet
from flows.domain import looking, recording
from flows.fields import (
    Answered,
    Choice,
    day,
    in_form_words,
    long_text,
    on_of,
    role_of,
    roles,
    short_text,
)
from flows.form import ask, form
from flows.markdown import cell
from flows.question import heading, in_words
from models import text
from models.danish import kr
from models.funding_need import MAY_FUND
from models.refusal import BadInput, Refusal
from models.right_to_decide import lowest_role
from models.role import PEOPLE, Role
from models.text import TEXT_LENGTH

Proposer = roles(*PEOPLE)
Decider = roles(*MAY_FUND)

AMOUNT_PATTERN = r"^-?[0-9]{1,3}(\.?[0-9]{3}){0,3}(,[0-9]{1,2})?$"


class MoneyChoice(Choice):
    """What can be said to a proposal."""

    YES = "Godkend"
    NO = "Afvis"


class MoneyForm(Answered):
    """The decision. Nothing is chosen beforehand: it is about money."""

    svar: MoneyChoice = Field(title="Beslutning")
    grund: str = long_text("Begrundelse for et nej", "Skal med, når forslaget afvises.")
    hvem: Decider = Field(title="Hvem beslutter?")  # type: ignore[valid-type]
    besluttet: str = day("Politisk besluttet den", "Kun når udvalget beslutter.")
    sagsnummer: str = short_text("Sagsnummer", "Kun når udvalget beslutter.")


class Question(NamedTuple):
    """What the decider sees: the question, the facts, and the øre that decide who may."""

    asks: str
    facts: list[str]
    amount_ore: int


def why() -> Any:
    """The reason of a proposal, as it will stand with the entry."""
    return Field(
        title="Begrundelse", min_length=3, max_length=TEXT_LENGTH,
        description="Den står ved posten. Ingen personnavne.",
    )  # fmt: skip


def amount(description: str) -> Any:
    """An amount in kroner with øre, as people write it; read it with `ore_of`."""
    return Field(
        title="Kroner", description=description, max_length=20, json_schema_extra={"pattern": AMOUNT_PATTERN}
    )  # fmt: skip


def ore_of(said: str) -> int:
    """The øre of "6500", "6.500" or "-1.250,50".

    Raises:
        BadInput: it isn't an amount.
    """
    if not re.fullmatch(AMOUNT_PATTERN, said.strip()):
        raise BadInput("kr", "beløbet kan ikke læses. Skriv fx 6500 eller 1.250,50.")
    return int(Decimal(said.strip().replace(".", "").replace(",", ".")) * 100)


def settle_proposal(
    key: str,
    reason: str,
    proposer: Role,
    question: Callable[[Session], Question],
    decide: Callable[[Session, MoneyForm, Role], str],
) -> State:
    """Ask who may decide, and record a yes by `decide`, which says what was done.

    `question` is asked anew for each form, so its figures are those of the day; what can never be decided it
    refuses, and the run ends with the reason. `decide` must be harmless when repeated. Both get a session.
    """

    def the_form(told: str) -> type[MoneyForm]:
        with looking() as session:
            asked = question(session)
        lowest = lowest_role("funding", asked.amount_ore, proposer)
        facts = [
            *asked.facts,
            f"**Begrundelse:** {cell(reason)}",
            f"Foreslået af {proposer.danish}. {lowest.danish.capitalize()} er den laveste, der må beslutte "
            f"{kr(asked.amount_ore)}",
        ]
        title = f"{lowest.danish.capitalize()} bedes beslutte: {asked.asks}"
        return form(MoneyForm, heading(told, title, facts), hvem=Decider[lowest.name])

    def record(said: MoneyForm) -> tuple[str, str]:
        if said.svar is MoneyChoice.NO:
            on_of(said.dato)
            return "Afvist", f"Afvist: {text.text(said.grund, 'reason')}"
        with recording() as session:
            return "Bogført", decide(session, said, role_of(said.hvem))

    try:
        text.text(reason, "reason")
        with looking() as session:
            question(session)
    except Refusal as refusal:
        return Completed(name="Afvist", message=in_form_words(refusal))
    name, message = ask(key, the_form, in_words(record), refused=Refusal)
    return Completed(name=name, message=discreet(message))
