"""Udfald: what an import did with each row, or would do."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from channels.sheets.grid import Fault

TELL_EVERY = 1_000


class Outcome(NamedTuple):
    """What happens with one row; `what` is `new`, `placed`, `numbered` or `unchanged`."""

    row: int
    what: str
    reference: str
    line: Mapping[str, str]


class Import(NamedTuple):
    """What an import did, or would do: the rows that can be used, every wrong cell, and what should be looked at."""

    outcomes: list[Outcome]
    faults: list[Fault]
    warnings: list[Fault]

    def count(self, what: str) -> int:
        """How many rows have that outcome."""
        return sum(outcome.what == what for outcome in self.outcomes)


Tell = Callable[[str, int], None]
"""A sign of life: what is being done, and with how many rows it is done."""


def quietly(what: str, rows: int) -> None:
    """Say nothing."""
