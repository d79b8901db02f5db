"""Projektmappe: the sheets of an .xlsx file, with what is merged, hidden or filtered away in them."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from channels.sheets.grid import Cell, Grid, Merged, Value
from channels.sheets.template import EXAMPLES, EXPLAINED
from models.refusal import BadInput

MAX_UNPACKED_BYTES = 500 * 1024 * 1024
MAX_LINES = 300_000
MAX_COLUMNS = 200


def workbook_grids(file: Path) -> Iterator[Grid]:
    """Every sheet, also the hidden ones.

    Raises:
        BadInput: the file can't be read as a workbook, or a sheet is too large.
    """
    broken = BadInput(
        "FIL",
        "filen kan ikke læses som regneark. Er den låst med adgangskode, så fjern den, og gem som .xlsx.",
    )
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED_BYTES:
                raise BadInput("FIL", "filen fylder for meget, når den pakkes ud. Del den op.")
        book = load_workbook(file, data_only=False)
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
    ) as wrong:
        raise broken from wrong
    is_our_template = EXPLAINED in book.sheetnames
    for sheet in book.worksheets:
        yield _worksheet(sheet)._replace(is_example=is_our_template and sheet.title == EXAMPLES)


def _worksheet(sheet: Worksheet) -> Grid:
    if sheet.max_row > MAX_LINES:
        # a format on all rows of Excel makes a sheet of a million of them
        raise BadInput(
            "FIL",
            f"arket {sheet.title} er {sheet.max_row} rækker langt. Slet de tomme rækker under listen.",
        )
    if sheet.max_column > MAX_COLUMNS:
        raise BadInput(
            "FIL",
            f"arket {sheet.title} har {sheet.max_column} kolonner. Slet dem, der ikke bruges, til højre for listen.",
        )
    lines = [
        [
            Cell(cell.coordinate, _plain(cell.value), cell.data_type == "f", cell.data_type == "e")
            for cell in line
        ]
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
