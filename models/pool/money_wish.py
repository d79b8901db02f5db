"""Forslag om penge: what one person proposes about the pool on the desk, until another has decided it.

The ledger hears of it with the yes; a no leaves nothing there. In Prefect a proposal lives in its run, here in a row.
"""

from datetime import date
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, col, select

from models import text
from models.database import Numbered, word_column
from models.journal import write_journal
from models.pool.right_to_decide import Money, Proposer, lowest_role, own_proposal
from models.post.outbox import tell
from models.refusal import BadInput, Refusal
from models.role import Role
from models.said import Said

MOST = 2**31


class MoneyWish(Numbered, SQLModel, table=True):
    """One proposal: its kind (`transfer`, `correction` …), what was typed, and who decided it how."""

    __tablename__ = "money_wish"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=128)
    kind: str = Field(max_length=32)
    wish: dict[str, Any] = Field(sa_type=JSON)
    proposed_by: Role = word_column(Role)
    proposed_by_person: str = Field(default="", max_length=12)
    proposed_on: date
    decided_on: date | None = None
    decided_by: Role | None = word_column(Role, default=None, nullable=True)
    decided_by_person: str = Field(default="", max_length=12)
    outcome: str = Field(default="", max_length=text.TEXT_LENGTH)


def propose_money(
    session: Session, kind: str, wish: dict[str, Any], asks: str, amount_ore: int, said: Said, *, key: str
) -> MoneyWish:
    """Put a proposal before whoever may decide it, who is told; the same key again is the same proposal.

    `asks` is the question in words, `amount_ore` what decides who may.

    Raises:
        Refusal: `money.already_sent`, the key is that of a proposal with other words, as after Back in a browser.
    """
    there = session.exec(select(MoneyWish).where(MoneyWish.key == key)).first()
    if there is not None:
        if (there.kind, there.wish) != (kind, wish):
            raise Refusal(
                "money.already_sent",
                f"Det blev sendt som forslag nr. {there.id}, og ændringen her er ikke med. Åbn siden igen, og foreslå det.",
            )
        return there
    made = MoneyWish(
        key=key, kind=kind, wish=wish, proposed_by=said.by, proposed_by_person=said.person, proposed_on=said.on
    )
    session.add(made)
    session.flush()
    write_journal(session, None, f"Forslag nr. {made.id} om penge: {asks}", said)
    role = lowest_role("funding", amount_ore, said.by)
    context = {"wish_id": made.number, "asks": asks, "by": said.by.danish}
    tell(session, None, role, "money_proposed", said.on, key=f"money:{made.id}", context=context)
    return made


def find_wish(session: Session, number: int) -> MoneyWish:
    """The proposal with this number, locked until the transaction ends.

    Raises:
        BadInput: there is none.
    """
    rows = select(MoneyWish).where(MoneyWish.id == number).with_for_update()
    wish = session.exec(rows).first() if 0 < number < MOST else None  # no database takes a number without end
    if wish is None:
        raise BadInput("wish", f"der er intet forslag nr. {number}.")
    return wish


def open_wishes(session: Session) -> list[MoneyWish]:
    """What nobody has decided yet, the oldest first."""
    return list(session.exec(select(MoneyWish).where(col(MoneyWish.decided_on).is_(None)).order_by(col(MoneyWish.id))))


def require_another(wish: MoneyWish, amount_ore: int, said: Said) -> None:
    """Refuse whoever proposed it, as a role or as a person in another role.

    Raises:
        Refusal: `money.four_eyes`; or `money.settled`, somebody was faster.
    """
    if wish.decided_on is not None:
        raise Refusal("money.settled", f"Forslag nr. {wish.id} er afgjort: {wish.outcome}")
    proposer = Proposer(wish.proposed_by, wish.proposed_by_person)
    stopped = own_proposal("funding", Money.once(amount_ore), said.by, proposer, person=said.person)
    if stopped is not None:
        who = (
            f"{wish.proposed_by.danish} ({wish.proposed_by_person})"
            if wish.proposed_by_person
            else wish.proposed_by.danish
        )
        raise Refusal(
            "money.four_eyes", f"Forslaget er stillet af {who}. Der skal to personer til: en anden skal beslutte det."
        )


def settle_wish(session: Session, wish: MoneyWish, outcome: str, said: Said) -> None:
    """Note who decided it, and how; the proposer's role is told."""
    wish.decided_on, wish.decided_by, wish.decided_by_person = said.on, said.by, said.person
    wish.outcome = outcome
    session.add(wish)
    write_journal(session, None, f"Forslag nr. {wish.id} om penge er afgjort: {outcome}", said)
    context = {"wish_id": wish.number, "outcome": outcome, "by": said.by.danish}
    tell(session, None, wish.proposed_by, "money_settled", said.on, key=f"money:{wish.id}:settled", context=context)
