"""Læsning: a workbook or a CSV file as rows of cells, each known by where people see it ("C17").

Nothing is guessed at in silence: what can't be read is refused with what to do about it.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from channels.sheets.columns import Column, recognise
from models.danish import liste
from models.refusal import BadInput

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_ROWS = 5_000
MAX_CELLS = 2_000_000
"""A single cell far out makes all the empty ones before it."""
_CHUNK = 64 * 1024
HEADINGS_WITHIN = 20
"""The headings stand in one of the first rows; above them there may be a title."""
_NAMED = 5

Value = str | int | float | bool | date | None


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


class Row(NamedTuple):
    """One line of the list: its number, and its cells by the column's key."""

    number: int
    cells: dict[str, Cell]


class Sheet(NamedTuple):
    """The list in a file: where its columns are, its rows, and the headings nobody knows."""

    title: str
    heading_row: int
    letters: dict[str, str]
    rows: list[Row]
    unused: list[str]


class _Grid(NamedTuple):
    title: str
    lines: list[list[Cell]]
    merged: tuple[tuple[int, str], ...] = ()
    """The last row of each merged range, and the range."""


def read_sheet(file: Path, columns: tuple[Column, ...]) -> Sheet:
    """The list in the first sheet that has its headings; blank lines are left out.

    Raises:
        BadInput: the file can't be read, has merged cells or two columns of a kind, or lacks its headings.
    """
    if not file.is_file():
        raise BadInput("FIL", f"{file.name} findes ikke. Se efter, om navnet er rigtigt.")
    if file.stat().st_size > MAX_BYTES:
        raise BadInput("FIL", "filen er over 10 MB. Slet billeder i den, eller del den op.")
    grids = list(_workbook(file) if _is_workbook(file) else _csv(file, columns))
    best = max(grids, key=lambda grid: _headings(grid, columns)[1], default=None)
    if best is None or _headings(best, columns)[1] == 0:
        wanted = liste([column.heading for column in columns if column.is_required])
        raise BadInput(
            "FIL",
            f"vi fandt ingen overskrifter, vi kender. Skriv mindst {wanted} i den øverste række, "
            "eller begynd med: driftsklar import template --out FIL.xlsx",
        )
    return _sheet(best, columns)


def _sheet(grid: _Grid, columns: tuple[Column, ...]) -> Sheet:
    index, _ = _headings(grid, columns)
    if merged := [area for last_row, area in grid.merged if last_row > index]:
        raise BadInput(
            "FIL",
            f"cellerne {liste(merged[:_NAMED])} er flettet sammen, så vi ikke kan se, hvad der hører "
            "til hvilken række. Ophæv fletningen (Hjem → Flet og centrer), og skriv værdien i hver celle.",
        )
    found: dict[str, int] = {}
    unused: list[str] = []
    for number, cell in enumerate(grid.lines[index]):
        if cell.is_blank:
            continue
        column = recognise(str(cell.value), columns)
        if column is None:
            unused.append(str(cell.value).strip()[:40])
        elif column.key in found:
            first = grid.lines[index][found[column.key]].at
            raise BadInput(
                "FIL",
                f"overskriften {column.heading} står både i {first} og {cell.at}. Slet den ene.",
            )
        else:
            found[column.key] = number
    if lacking := [c.heading for c in columns if c.is_required and c.key not in found]:
        raise BadInput(
            "FIL", f"kolonnen {liste(lacking)} mangler. Skriv overskriften, og udfyld den."
        )
    rows = [
        Row(number, {key: line[at] for key, at in found.items() if at < len(line)})
        for number, line in enumerate(grid.lines[index + 1 :], start=index + 2)
        if not all(cell.is_blank for cell in line)
    ]
    if len(rows) > MAX_ROWS:
        raise BadInput("FIL", f"der er {len(rows)} rækker. Del filen, så der er højst {MAX_ROWS}.")
    letters = {key: get_column_letter(at + 1) for key, at in found.items()}
    return Sheet(grid.title, index + 1, letters, rows, unused)


def _headings(grid: _Grid, columns: tuple[Column, ...]) -> tuple[int, int]:
    """Which of the first lines holds the headings, and how many of them it has."""
    known = [
        len({c.key for cell in line if (c := recognise(str(cell.value or ""), columns))})
        for line in grid.lines[:HEADINGS_WITHIN]
    ]
    most = max(known, default=0)
    return (known.index(most), most) if most else (0, 0)


def _is_workbook(file: Path) -> bool:
    suffix = file.suffix.lower()
    if suffix in (".xlsx", ".xlsm"):
        return True
    if suffix in (".csv", ".txt"):
        return False
    raise BadInput("FIL", f"{suffix or 'filen'} kan ikke læses. Gem den som .xlsx eller .csv.")


def _workbook(file: Path) -> Iterator[_Grid]:
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED_BYTES:
                raise BadInput("FIL", "filen fylder for meget, når den pakkes ud. Del den op.")
            for part in packed.infolist():
                if part.filename.lower().endswith((".xml", ".rels")):
                    _refuse_doctype(packed, part)
        book = load_workbook(file, data_only=False)
    except BadInput:
        raise
    except Exception as wrong:  # a reader may raise anything at all on bytes made to harm it
        raise BadInput(
            "FIL",
            "filen kan ikke læses som regneark. Er den låst med adgangskode, så fjern den; ellers åbn den, "
            "og gem den på ny som .xlsx.",
        ) from wrong
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            yield _worksheet(sheet)


class _RootReached(Exception):
    """The document's own content begins; a document type would have stood before it."""


def _refuse_doctype(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No spreadsheet program writes a document type; with one, a few bytes can ask for gigabytes, or for other files."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise BadInput(
            "FIL",
            "filen har en DOCTYPE, som regneark ikke har, og læses ikke. Åbn den, og gem den på ny som .xlsx.",
        )

    def stop(*_: object) -> None:
        raise _RootReached

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        with packed.open(part) as content:
            while chunk := content.read(_CHUNK):
                parser.Parse(chunk)
    except _RootReached:
        return


def _worksheet(sheet: Worksheet) -> _Grid:
    if (
        sheet.max_row > 20 * MAX_ROWS
        or sheet.max_column > 200
        or sheet.max_row * sheet.max_column > MAX_CELLS
    ):
        # a format on all rows of Excel makes a sheet of a million of them
        raise BadInput(
            "FIL",
            f"arket {sheet.title} er {sheet.max_row} rækker langt og {sheet.max_column} kolonner bredt. Slet de "
            "tomme rækker og kolonner omkring listen.",
        )
    lines = [
        [
            Cell(
                cell.coordinate,
                _plain(cell.value),
                is_formula=cell.data_type == "f",
                is_error=cell.data_type == "e",
            )
            for cell in line
        ]
        for line in sheet.iter_rows()
    ]
    merged = tuple((area.max_row - 1, area.coord) for area in sheet.merged_cells.ranges)
    return _Grid(sheet.title, lines, merged)


def _plain(value: object) -> Value:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, str | int | float | date):
        return value
    return str(getattr(value, "text", value))


def _csv(file: Path, columns: tuple[Column, ...]) -> Iterator[_Grid]:
    """The file by each separator it may have; the one that gives the most headings is chosen."""
    text = _decoded(file.read_bytes())
    for separator in (";", ",", "\t"):
        try:
            read = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        except csv.Error as wrong:
            raise BadInput("FIL", "filen kan ikke læses som CSV. Gem den som .xlsx.") from wrong
        if len(read) > 20 * MAX_ROWS:
            raise BadInput("FIL", f"filen er {len(read)} linjer lang. Del den op.")
        lines = [
            [
                Cell(f"{get_column_letter(at)}{number}", value or None)
                for at, value in enumerate(line[:200], start=1)
            ]
            for number, line in enumerate(read, start=1)
        ]
        yield _Grid("CSV", lines)


def _decoded(raw: bytes) -> str:
    """UTF-8 if it is that, and otherwise Windows-1252, as Excel writes CSV in Denmark."""
    codecs = ["utf-16"] if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for codec in codecs:
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise BadInput("FIL", "filen er ikke tekst. Gem den som .xlsx, eller som CSV (UTF-8).")
