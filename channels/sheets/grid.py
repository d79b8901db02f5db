"""Gitter: what a file holds before anybody knows what its columns mean, each cell by where people see it ("C17")."""

from datetime import date
from typing import NamedTuple

Value = str | int | float | bool | date | None
NO_HEADING = "(uden overskrift)"


class Cell(NamedTuple):
    """What stands in a cell. A formula is kept as it is written, and so is an error as #REF!."""

    at: str
    value: Value
    is_formula: bool = False
    is_error: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it, or only spaces."""
        return self.value is None or (isinstance(self.value, str) and not self.value.strip())

    @property
    def words(self) -> str:
        """What stands there, on one line."""
        return "" if self.is_blank else " ".join(str(self.value).split())


class Fault(NamedTuple):
    """One wrong cell: where it is, what kind of fault (stable, for programs), and what to do (Danish)."""

    at: str
    column: str
    kind: str
    sentence: str


class Merged(NamedTuple):
    """Cells that are one: the first and last line (from 0) and column (from 0), and the range as people see it."""

    first_line: int
    last_line: int
    first_column: int
    last_column: int
    area: str


class Grid(NamedTuple):
    """One sheet, one layer of a map, or a whole CSV file. Lines and rows are counted from the first."""

    title: str
    lines: list[list[Cell]]
    merged: tuple[Merged, ...] = ()
    hidden_lines: frozenset[int] = frozenset()
    is_hidden: bool = False
    #: the lines of a text file have as many fields as separators say, so one too many is a mistake
    counts_fields: bool = False
    is_example: bool = False


def line_of(values: list[Value], number: int) -> list[Cell]:
    """A line of cells; `number` is its row as people count."""
    return [Cell(f"{column_letter(at)}{number}", value) for at, value in enumerate(values, start=1)]


def column_letter(number: int) -> str:
    """What people call a column, counted from 1: A to Z, then AA."""
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
