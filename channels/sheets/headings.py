"""Overskrifter: which line names the columns, also when they are named on two lines, and which column is which."""

from typing import NamedTuple

from channels.sheets.columns import Column, recognise
from channels.sheets.grid import Cell, Grid, column_letter
from models.refusal import BadInput

HEADINGS_WITHIN = 20
"""The headings stand in one of the first rows; above them there may be a title."""


class Headings(NamedTuple):
    """The columns of a grid: the line of the headings, the last one of them, where each known column is, the rest.

    `twice` are two cells that mean the same column.
    """

    line: int
    last_line: int
    found: dict[str, int]
    unread: list[str]
    twice: tuple[Column, str, str] | None

    def lacking(self, columns: tuple[Column, ...]) -> list[Column]:
        """The required columns that aren't there. Who says the reference needn't say more."""
        if "reference" in self.found:
            return []
        return [column for column in columns if column.is_required and column.key not in self.found]


def known_in(words: list[str], columns: tuple[Column, ...]) -> int:
    """How many different columns these headings name."""
    return len({column.key for each in words if (column := recognise(each, columns))})


def headings_of(grid: Grid, columns: tuple[Column, ...]) -> Headings:
    """The columns of the line that names most of them; none found when no line does."""
    counts = [known_in([cell.words for cell in line], columns) for line in grid.lines[:HEADINGS_WITHIN]]
    most = max(counts, default=0)
    if not most:
        return Headings(0, 0, {}, [], None)
    at = counts.index(most)
    below = at + 1 if _goes_on_below(grid, at, columns) else at
    found: dict[str, int] = {}
    twice = None
    left: list[int] = []
    width = max(map(len, grid.lines), default=0)
    for number in range(width):
        column = _named(grid, at, below, number, columns)
        if column is None:
            left.append(number)
        elif column.key in found:
            twice = twice or (column, _where(found[column.key], at), _where(number, at))
        else:
            found[column.key] = number
    unread = []
    for number in left:
        words = _words(grid, at, number) or _words(grid, below, number)
        above = _above(grid, at, number)
        meant = recognise(above, columns) if not words else _otherwise(words, columns)
        if meant is not None and meant.key not in found:
            found[meant.key] = number
        elif words or (above and any(_cell(line, number) for line in grid.lines[below + 1 :])):
            unread.append((words or above)[:40])
        elif any(_cell(line, number) for line in grid.lines[below + 1 :]):
            unread.append(f"kolonne {column_letter(number + 1)} (uden overskrift)")
    return Headings(at, below, found, unread, twice)


def refuse_twice(headings: Headings) -> None:
    """Two columns that mean the same can't both be read.

    Raises:
        BadInput: naming both cells.
    """
    if headings.twice is not None:
        column, first, second = headings.twice
        raise BadInput("FIL", f"overskriften {column.heading} står både i {first} og {second}. Slet den ene.")


def _named(grid: Grid, at: int, below: int, number: int, columns: tuple[Column, ...]) -> Column | None:
    """The column by its own heading, or together with the one that stands over several of them."""
    words, above = _words(grid, at, number), _above(grid, at, number)
    if below > at and (under := _words(grid, below, number)):
        words, above = under, words or _over(grid, at, number)
    if not words:
        return None
    both = recognise(f"{above} {words}", columns) if above else None
    return both or recognise(words, columns)


def _otherwise(words: str, columns: tuple[Column, ...]) -> Column | None:
    return next((column for column in columns if recognise(words, (column._replace(also=column.otherwise),))), None)


def _goes_on_below(grid: Grid, at: int, columns: tuple[Column, ...]) -> bool:
    """Whether the next line isn't a row yet but names the columns under a heading that spans several."""
    if at + 1 >= len(grid.lines):
        return False
    under = [number for number, cell in enumerate(grid.lines[at + 1]) if not cell.is_blank]
    return bool(under) and all(
        recognise(_words(grid, at + 1, number), columns) and not recognise(_words(grid, at, number), columns)
        for number in under
    )


def _above(grid: Grid, at: int, number: int) -> str:
    return _over(grid, at - 1, number) if at else ""


def _over(grid: Grid, at: int, number: int) -> str:
    """What stands in a line over a column, also where it stands in the first of merged cells."""
    for area in grid.merged:
        if area.first_line <= at <= area.last_line and area.first_column <= number <= area.last_column:
            return _words(grid, area.first_line, area.first_column)
    return _words(grid, at, number)


def _words(grid: Grid, at: int, number: int) -> str:
    cell = _cell(grid.lines[at], number)
    return cell.words if cell is not None else ""


def _cell(line: list[Cell], number: int) -> Cell | None:
    """The cell, when something stands in it."""
    return line[number] if number < len(line) and not line[number].is_blank else None


def _where(number: int, at: int) -> str:
    return f"{column_letter(number + 1)}{at + 1}"
