"""Forslag om puljens penge: what one proposes in the form that starts a run, another decides in the run's own form.

So there are two, also in Prefect. What is proposed lives in the run only; it becomes an entry in the ledger when
somebody with the right to it says yes, and leaves no trace there when it is declined.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field
from sqlmodel import Session

from channels.questions.fields import LAST, Answered, Choice, Shown, day, long_text, on_of, role_of, roles, short_text
from flows.asking.discretion import discreet
from flows.asking.form import form
from flows.asking.markdown import cell
from flows.asking.question import ask_person, heading, start_with
from flows.engine.domain import looking, recording
from models import text
from models.danish import kr
from models.pool.funding_need import MAY_FUND
from models.pool.right_to_decide import lowest_role
from models.refusal import BadInput
from models.role import PEOPLE, Role
from models.text import TEXT_LENGTH

if TYPE_CHECKING:
    Proposer = Choice  # what is made of the roles is no type to a type checker
else:
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


class MoneyProposal(Shown):
    """What all proposals say."""

    begrundelse: str = Field(
        title="Begrundelse",
        min_length=3,
        max_length=TEXT_LENGTH,
        description="Den står ved posten. Ingen personnavne.",
        json_schema_extra={"position": LAST},
    )
    foreslaaet_af: Proposer = Field(title="Hvem foreslår det?", json_schema_extra={"position": LAST})


Wish = TypeVar("Wish", bound=MoneyProposal)


class Question(NamedTuple):
    """What the decider sees: the question, the facts, and the øre that decide who may."""

    asks: str
    facts: list[str]
    amount_ore: int


def amount(description: str) -> Any:
    """An amount in kroner with øre, as people write it; read it with `ore_of`."""
    return Field(title="Kroner", description=description, max_length=20, json_schema_extra={"pattern": AMOUNT_PATTERN})


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
    given: Wish,
    question: Callable[[Session, Wish], Question],
    decide: Callable[[Session, Wish, MoneyForm, Role], str],
) -> tuple[State, Wish]:
    """Ask who may decide, and record a yes by `decide`, which says what was done; also what was proposed in the end.

    `question` is asked anew for each form, so its figures are those of the day; what can never be decided it
    refuses, and the run asks for another proposal. `decide` must be harmless when repeated.
    """

    def possible(wish: Wish) -> Wish:
        text.text(wish.begrundelse, "reason")
        with looking() as session:
            question(session, wish)
        return wish

    wish = start_with(given, possible, f"{key}-proposal")
    proposer = role_of(wish.foreslaaet_af)

    def the_form(told: str) -> type[MoneyForm]:
        with looking() as session:
            asked = question(session, wish)
        lowest = lowest_role("funding", asked.amount_ore, proposer)
        facts = [
            *asked.facts,
            f"**Begrundelse:** {cell(wish.begrundelse)}",
            f"Foreslået af {proposer.danish}. {lowest.danish.capitalize()} er den laveste, der må beslutte "
            f"{kr(asked.amount_ore)}",
        ]
        title = f"{lowest.danish.capitalize()} bedes beslutte: {asked.asks}"
        return form(MoneyForm, heading(told, title, facts))

    def record(said: MoneyForm) -> tuple[str, str]:
        if said.svar is MoneyChoice.NO:
            on_of(said.dato)
            return "Afvist", f"Afvist: {text.text(said.grund, 'reason')}"
        with recording() as session:
            return "Bogført", decide(session, wish, said, role_of(said.hvem))

    # an answer counts for just this proposal, should the run have asked for another one
    this_wish = sha256(wish.model_dump_json().encode()).hexdigest()[:12]
    name, message = ask_person(f"{key}-{this_wish}", the_form, record)
    return Completed(name=name, message=discreet(message)), wish
