"""Læsning: a workbook, a CSV file or a map layer as rows of cells, each known by where people see it ("C17").

Nothing is guessed at in silence: what can't be read is refused with what to do about it, and what isn't read is
named (`Sheet.unused`, `Sheet.unread_sheets`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from channels.sheets.columns import Column
from channels.sheets.grid import NO_HEADING, Cell, Fault, Grid, column_letter
from channels.sheets.headings import Headings, headings_of, known_in, refuse_twice
from models.alike import folded
from models.danish import ental_flertal, liste
from models.refusal import BadInput

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 100_000
_NAMED = 5
_MOST_TITLE = 31


class Row(NamedTuple):
    """One line of the list: its number, its cells by the column's key, and what is wrong with the line as a whole."""

    number: int
    cells: dict[str, Cell]
    faults: tuple[Fault, ...] = ()


class Sheet(NamedTuple):
    """The list in a file: where its columns are, its rows, and all that isn't read."""

    title: str
    heading_row: int
    letters: dict[str, str]
    rows: list[Row]
    unused: list[str]
    unread_sheets: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    blank_rows: int = 0
    read_as: Mapping[str, str] = {}
    """The headings of the columns that are read, as we call them, with their letters."""


def read_sheet(file: Path, columns: tuple[Column, ...], name: str | None = None) -> Sheet:
    """The list in the one sheet that has its headings, or in the sheet with that name; blank lines are left out.

    Raises:
        BadInput: the file can't be read, several sheets fit, cells that are read are merged, or headings lack.
    """
    if not file.is_file():
        raise BadInput("FIL", f"{file.name} findes ikke. Se efter, om navnet er rigtigt.")
    if file.stat().st_size > MAX_BYTES:
        raise BadInput("FIL", "filen er over 50 MB. Slet billeder i den, eller del den op.")
    grids = [(grid, headings_of(grid, columns)) for grid in _grids(file, columns)]
    grid, headings = _named(grids, name) if name is not None else _fitting(grids, columns)
    if not headings.found:
        wanted = liste([column.heading for column in columns if column.is_required])
        raise BadInput(
            "FIL",
            f"vi fandt ingen overskrifter, vi kender. Skriv mindst {wanted} i den øverste række, "
            "eller begynd med: driftsklar import template --out FIL.xlsx",
        )
    others = tuple(f"{each.title}{' (skjult)' if each.is_hidden else ''}" for each, _ in grids if each is not grid)
    return _sheet(grid, headings, columns)._replace(unread_sheets=others)


def _grids(file: Path, columns: tuple[Column, ...]) -> Iterator[Grid]:
    # each is imported when it is needed: a map brings GDAL with it
    match file.suffix.lower():
        case ".xlsx" | ".xlsm":
            from channels.sheets.workbook import workbook_grids

            yield from workbook_grids(file)
        case ".csv" | ".txt" | ".tsv":
            from channels.sheets.separated import separated_grid

            yield separated_grid(file, lambda words: known_in(words, columns))
        case ".geojson" | ".json":
            from channels.sheets.layers import geojson_grids

            yield from geojson_grids(file)
        case ".gpkg":
            from channels.sheets.layers import geopackage_grids

            yield from geopackage_grids(file)
        case other:
            raise BadInput("FIL", f"{other or 'filen'} kan ikke læses. Gem den som .xlsx eller .csv.")


Found = tuple[Grid, Headings]


def _named(grids: list[Found], name: str) -> Found:
    for same in (lambda title: title == name, lambda title: folded(title) == folded(name)):
        there = [found for found in grids if same(found[0].title)]
        if len(there) == 1:
            return there[0]
    titles = liste([grid.title for grid, _ in grids])
    raise BadInput("--sheet", f'der er ikke ét ark, der hedder "{name[:_MOST_TITLE]}". Filen har {titles}.')


def _fitting(grids: list[Found], columns: tuple[Column, ...]) -> Found:
    """The one sheet that is the list; where two could be, people are asked."""
    nothing = Grid("", []), Headings(0, 0, {}, [], None)
    shown = [found for found in grids if not (found[0].is_hidden or found[0].is_example)]
    fit = [found for found in shown if found[1].found and not found[1].lacking(columns)]
    filled = [found for found in fit if _count(found)]
    if len(filled) > 1:
        named = liste([f"{found[0].title} ({ental_flertal(_count(found), 'række', 'rækker')})" for found in filled])
        raise BadInput(
            "--sheet",
            f"flere ark ligner listen: {named}. Skriv, hvilket der skal læses, fx --sheet "
            f'"{filled[0][0].title}". Tag dem ind et ad gangen.',
        )
    return next(iter(filled or fit), None) or max(shown, key=lambda found: len(found[1].found), default=nothing)


def _count(found: Found) -> int:
    grid, headings = found
    return sum(not all(cell.is_blank for cell in line) for line in grid.lines[headings.last_line + 1 :])


def _sheet(grid: Grid, headings: Headings, columns: tuple[Column, ...]) -> Sheet:
    refuse_twice(headings)
    if lacking := headings.lacking(columns):
        words = liste([column.heading for column in lacking])
        raise BadInput("FIL", f"kolonnen {words} mangler. Skriv overskriften, og udfyld den.")
    _refuse_merged(grid, headings)
    found, first = headings.found, headings.last_line + 1
    width = max((at + 1 for at, cell in enumerate(grid.lines[headings.line]) if not cell.is_blank), default=0)
    filled = [at for at in range(first, len(grid.lines)) if not all(cell.is_blank for cell in grid.lines[at])]
    if len(filled) > MAX_ROWS:
        most = f"{MAX_ROWS:,}".replace(",", ".")
        raise BadInput("FIL", f"der er {len(filled)} rækker. Del filen, så der er højst {most}.")
    faults = _faults_of_lines(grid, filled, width) if grid.counts_fields else {}
    rows = [
        Row(
            at + 1,
            {key: grid.lines[at][number] for key, number in found.items() if number < len(grid.lines[at])},
            faults.get(at, ()),
        )
        for at in filled
    ]
    return Sheet(
        grid.title,
        headings.last_line + 1,
        {key: column_letter(number + 1) for key, number in found.items()},
        rows,
        headings.unread,
        hidden_rows=tuple(at + 1 for at in filled if at in grid.hidden_lines),
        blank_rows=filled[-1] - first + 1 - len(filled) if filled else 0,
        read_as={column.heading: column_letter(found[column.key] + 1) for column in columns if column.key in found},
    )


def _refuse_merged(grid: Grid, headings: Headings) -> None:
    read = headings.found.values()
    merged = [
        area.area
        for area in grid.merged
        if area.last_line > headings.last_line
        and any(area.first_column <= number <= area.last_column for number in read)
    ]
    if merged:
        raise BadInput(
            "FIL",
            f"cellerne {liste(sorted(merged)[:_NAMED])} er flettet sammen, så vi ikke kan se, hvad der hører "
            "til hvilken række. Ophæv fletningen (Hjem → Flet og centrer), og skriv værdien i hver celle.",
        )


def _faults_of_lines(grid: Grid, filled: list[int], width: int) -> dict[int, tuple[Fault, ...]]:
    """Lines with more fields than there are headings, and lines that were broken in two."""
    faults: dict[int, tuple[Fault, ...]] = {}
    lengths = {at: _length(grid.lines[at]) for at in filled}
    are_whole = sum(len(grid.lines[at]) >= width for at in filled) * 2 > len(filled)
    for at, after in zip(filled, [*filled, -1][1:], strict=True):
        if lengths[at] > width:
            sentence = (
                f"Række {at + 1} har {lengths[at]} felter, men der er {width} overskrifter. Står skilletegnet i en celle, "
                'så sæt cellen i anførselstegn ("…"), eller gem listen som .xlsx.'
            )
            faults[at] = (Fault(f"{column_letter(width + 1)}{at + 1}", NO_HEADING, "too_many", sentence),)
        elif (
            are_whole
            and after == at + 1
            and max(len(grid.lines[at]), len(grid.lines[after])) < width
            and len(grid.lines[at]) + len(grid.lines[after]) == width + 1
        ):
            sentence = (
                f"Række {at + 1} og {after + 1} ligner én række, der er delt af et linjeskift. Slet linjeskiftet, eller "
                'sæt cellen i anførselstegn ("…").'
            )
            for each in (at, after):
                faults[each] = (Fault(grid.lines[each][0].at, NO_HEADING, "broken_line", sentence),)
    return faults


def _length(line: list[Cell]) -> int:
    """How many fields a line has, empty ones at its end not counted."""
    return max((at + 1 for at, cell in enumerate(line) if not cell.is_blank), default=0)
