"""The account string of each booking; the municipality's own."""

from typing import Annotated, Literal

from pydantic import Field

from config.entry import Entry

#: The kinds of entries in the ledger (`models.pool.ledger.Kind`).
BookedKind = Literal[
    "appropriation",
    "supplementary",
    "transfer",
    "carry_over",
    "commitment",
    "supplement",
    "indexation",
    "release",
    "reserve",
    "reserve_carried",
    "replacement",
    "work_reserved",
    "work_carried",
    "spending",
    "correction",
    "correction_put_in",
    "closing",
]
KindOfWork = Literal["missed_check", "own_task", "repair", "defect", "inspection", "visit", "other"]
_Account = Annotated[
    str, Field(max_length=60, description='Skriv kontostrengen i anførselstegn, højst 60 tegn, eller "" for ingen.')
]


class Accounts(Entry):
    """Accounts by kind of entry and by kind of work; an empty one is none."""

    ledger: dict[BookedKind, _Account] = Field(
        default_factory=dict, description="Skriv en konto for en art af postering, fx spending."
    )
    work: dict[KindOfWork, _Account] = Field(
        default_factory=dict, description="Skriv en konto for en slags arbejde, fx repair."
    )

    def account_of(self, kind: str, work: str = "") -> str:
        """The account of an entry of that kind, which is for that kind of work; "" for none."""
        by_work: dict[str, str] = dict(self.work)
        by_kind: dict[str, str] = dict(self.ledger)
        return (by_work.get(work) if kind == "spending" else "") or by_kind.get(kind, "")
