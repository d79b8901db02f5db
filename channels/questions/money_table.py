"""Every kind of proposal about the pool's money, by its key: what it is called, its form, and its question."""

from typing import Any, NamedTuple

from channels.questions import appropriation, correction, replacement, transfer
from channels.questions.money_proposal import MoneyProposal, MoneyQuestion


class MoneyKind(NamedTuple):
    """One kind of proposal."""

    word: str
    """What people call it."""
    does: str
    """What its button says."""
    form: type[MoneyProposal]
    question: MoneyQuestion[Any]


MONEY_KINDS: dict[str, MoneyKind] = {
    "appropriation": MoneyKind(
        "Bevilling", "Giv puljen penge", appropriation.AppropriationProposal, appropriation.QUESTION
    ),
    "transfer": MoneyKind("Flytning", "Flyt penge mellem år", transfer.TransferProposal, transfer.QUESTION),
    "correction": MoneyKind("Rettelse", "Ret en post", correction.CorrectionProposal, correction.QUESTION),
    "replacement": MoneyKind(
        "Udskiftning", "Betal en udskiftning", replacement.ReplacementProposal, replacement.QUESTION
    ),
}
