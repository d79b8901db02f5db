"""Forslag om puljens penge: what one proposes, another decides; the form and the facts of that decision.

What is proposed becomes an entry in the ledger when somebody with the right to it says yes, and leaves no trace
there when it is declined.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeVar

from pydantic import Field, PrivateAttr
from sqlmodel import Session

from channels.questions.facts import Block, Facts, Strong, says
from channels.questions.fields import LAST, LATE, Choice, Shown, day, long_text, role_of, roles, short_text
from channels.questions.question import Outcome
from models import text
from models.danish import kr
from models.pool.funding_need import MAY_FUND
from models.pool.right_to_decide import lowest_role
from models.refusal import BadInput
from models.role import PEOPLE
from models.said import Said
from models.text import TEXT_LENGTH

if TYPE_CHECKING:
    Proposer = Choice  # what is made of the roles is no type to a type checker
else:
    Proposer = roles(*PEOPLE)
ROLES = MAY_FUND
WHO = "Hvem beslutter?"

AMOUNT_PATTERN = r"^-?[0-9]{1,3}(\.?[0-9]{3}){0,3}(,[0-9]{1,2})?$"


class MoneyChoice(Choice):
    """What can be said to a proposal."""

    YES = "Godkend"
    NO = "Afvis"


class MoneyForm(Shown):
    """The decision. Nothing is chosen beforehand: it is about money."""

    svar: MoneyChoice = Field(title="Beslutning")
    grund: str = long_text("Begrundelse for et nej", "Skal med, når forslaget afvises.")
    besluttet: str = day("Politisk besluttet den", "Kun når udvalget beslutter.", position=LATE)
    sagsnummer: str = short_text("Sagsnummer", "Kun når udvalget beslutter.", position=LATE)


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
    _person: str = PrivateAttr(default="")

    def proposed_as(self, person: str) -> Self:
        """The same, with the short id of who proposes it: for doors that know them by name. It is in no form."""
        self._person = person
        return self

    @property
    def person(self) -> str:
        """The short id of who proposes it; empty where nobody is known."""
        return self._person


Wish = TypeVar("Wish", bound=MoneyProposal)


class Asked(NamedTuple):
    """What the decider sees: the question, the facts, and the øre that decide who may."""

    asks: str
    blocks: tuple[Block, ...]
    amount_ore: int


@dataclass(frozen=True)
class MoneyQuestion(Generic[Wish]):
    """One kind of proposal.

    `asks` refuses what can never be decided. `book` calls the rule in models/ with a key of the proposal, says
    what was booked, and is harmless when repeated.
    """

    asks: Callable[[Session, Wish], Asked]
    book: Callable[[Session, Wish, MoneyForm, Said, str], str]

    def checked(self, session: Session, wish: Wish) -> Wish:
        """What is proposed, if it can be decided at all.

        Raises:
            Refusal: it never can.
        """
        text.text(wish.begrundelse, "reason")
        self.asks(session, wish)
        return wish

    def facts(self, session: Session, wish: Wish) -> Facts:
        """The figures of the day, who proposes it and why, and the lowest who may decide."""
        asked, proposer = self.asks(session, wish), role_of(wish.foreslaaet_af)
        lowest = lowest_role("funding", asked.amount_ore, proposer)
        return Facts(
            f"{lowest.danish.capitalize()} bedes beslutte: {asked.asks}",
            (
                *asked.blocks,
                says(Strong("Begrundelse:"), f" {wish.begrundelse}"),
                says(
                    f"Foreslået af {proposer.danish}. {lowest.danish.capitalize()} er den laveste, der må beslutte "
                    f"{kr(asked.amount_ore)}"
                ),
            ),
        )

    def decide(self, session: Session, wish: Wish, answer: MoneyForm, said: Said, key: str) -> Outcome:
        """A yes is booked under the key; a no leaves nothing.

        Raises:
            Refusal: a no has no reason, or the rule behind the proposal says no.
        """
        if answer.svar is MoneyChoice.NO:
            return Outcome("Afvist", f"Afvist: {text.text(answer.grund, 'reason')}")
        return Outcome("Bogført", self.book(session, wish, answer, said, key))


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
