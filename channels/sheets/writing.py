"""Skrivning: rows as a workbook or as CSV that a Danish Excel opens, where no text can become a formula."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from channels.sheets.grid import column_letter

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | float | bool | date | None
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
WIDEST = 60


def harmless(value: str) -> str:
    """A text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it."""
    # spreadsheets skip blanks and line feeds before they look
    first = value.lstrip(" \n\xa0")
    return f"'{value}" if first.startswith(_STARTS_A_FORMULA) else value


def write_list(file: Path, title: str, columns: Mapping[str, str], rows: Iterable[Mapping[str, Value]]) -> int:
    """The rows with Danish headings, as .xlsx or .csv by the file's name; how many there were.

    A CSV is written row by row and may be of any length; a workbook is made in the memory.
    """
    if file.suffix.lower() == ".csv":
        return _write_csv(file, columns, rows)
    from openpyxl import Workbook  # numpy comes along with it; only where a workbook is made
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = title
    for at, heading in enumerate(columns.values(), start=1):
        put(sheet.cell(1, at), heading).font = Font(bold=True)
    number = 1
    for number, row in enumerate(rows, start=2):
        for at, key in enumerate(columns, start=1):
            put(sheet.cell(number, at), row.get(key))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    fit(sheet)
    book.save(file)
    return number - 1


def put(cell: "Cell", value: Value) -> "Cell":
    """Write a value so that it stays what it is: text is text, also when it begins with an equals sign."""
    if isinstance(value, str):
        cell.value = _writable(harmless(value))
        cell.data_type = "s"
    else:
        cell.value = value
    if isinstance(value, date):
        cell.number_format = "dd-mm-yyyy"
    return cell


def fit(sheet: "Worksheet") -> None:
    """Make each column as wide as what is in it, within reason."""
    for at, column in enumerate(sheet.iter_cols(), start=1):
        longest = max((len(str(cell.value or "")) for cell in column), default=0)
        sheet.column_dimensions[column_letter(at)].width = min(longest + 3, WIDEST)


def _writable(value: str) -> str:
    # XML has no control signs; what can't be kept is shown as a question mark
    return "".join("?" if sign < " " and sign not in "\t\n\r" else sign for sign in value)


def _write_csv(file: Path, columns: Mapping[str, str], rows: Iterable[Mapping[str, Value]]) -> int:
    """UTF-8 with a mark, semicolons and decimal commas: what a Danish Excel opens by a double click."""
    count = 0
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
        sheet.writerow(columns.values())
        for count, row in enumerate(rows, start=1):  # noqa: B007
            sheet.writerow([_in_danish(row.get(key)) for key in columns])
    return count


def _in_danish(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, date):
        return f"{value:%d-%m-%Y}"
    if isinstance(value, int | float):
        return str(value).replace(".", ",")
    return harmless(value)
