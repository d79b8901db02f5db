"""Projektmappe: the sheets of an .xlsx file, with what is merged, hidden or filtered away in them."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from channels.sheets.grid import Cell, Grid, Merged, Value
from channels.sheets.template import EXAMPLES, EXPLAINED
from models.refusal import BadInput

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_LINES = 300_000
MAX_COLUMNS = 200
MAX_CELLS = 6_000_000
"""A single cell far out makes all the empty ones before it."""
_CHUNK = 64 * 1024


def workbook_grids(file: Path) -> Iterator[Grid]:
    """Every sheet, also the hidden ones.

    Raises:
        BadInput: the file can't be read as a workbook, or a sheet is too large.
    """
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
    is_our_template = EXPLAINED in book.sheetnames
    for sheet in book.worksheets:
        yield _worksheet(sheet)._replace(is_example=is_our_template and sheet.title == EXAMPLES)


class _RootReached(Exception):
    """The document's own content begins; a document type would have stood before it."""


def _refuse_doctype(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No spreadsheet program writes a document type; with one, a few bytes can ask for gigabytes, or for other files."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise BadInput(
            "FIL", "filen har en DOCTYPE, som regneark ikke har, og læses ikke. Åbn den, og gem den på ny som .xlsx."
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


def _worksheet(sheet: Worksheet) -> Grid:
    if sheet.max_row > MAX_LINES:
        # a format on all rows of Excel makes a sheet of a million of them
        raise BadInput(
            "FIL", f"arket {sheet.title} er {sheet.max_row} rækker langt. Slet de tomme rækker under listen."
        )
    if sheet.max_column > MAX_COLUMNS:
        raise BadInput(
            "FIL",
            f"arket {sheet.title} har {sheet.max_column} kolonner. Slet dem, der ikke bruges, til højre for listen.",
        )
    if sheet.max_row * sheet.max_column > MAX_CELLS:
        raise BadInput(
            "FIL",
            f"arket {sheet.title} er {sheet.max_row} rækker langt og {sheet.max_column} kolonner bredt. Slet de "
            "tomme rækker og kolonner omkring listen.",
        )
    lines = [
        [Cell(cell.coordinate, _plain(cell.value), cell.data_type == "f", cell.data_type == "e") for cell in line]
        for line in sheet.iter_rows()
    ]
    merged = tuple(
        Merged(area.min_row - 1, area.max_row - 1, area.min_col - 1, area.max_col - 1, area.coord)
        for area in sheet.merged_cells.ranges
    )
    hidden = frozenset(number - 1 for number, row in sheet.row_dimensions.items() if row.hidden)
    return Grid(sheet.title, lines, merged, hidden, sheet.sheet_state != "visible")


def _plain(value: object) -> Value:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, str | int | float | date):
        return value
    return str(getattr(value, "text", value))
