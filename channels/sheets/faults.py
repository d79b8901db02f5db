"""Fejl: the list once more with each wrong cell marked and explained, in the same places as in the file.

Only the rows with a fault are in it. Columns we don't know, and persons' cells that aren't wrong, are left
out: whoever is asked to put a date right needn't see a telephone number.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from channels.sheets.columns import Column
from channels.sheets.grid import Fault
from channels.sheets.reading import Sheet
from channels.sheets.writing import fit, put
from config.file_modes import make_private

if TYPE_CHECKING:
    from openpyxl.comments import Comment

_PINK = "FFC7CE"
_LEFT_OUT = "(ikke vist)"


def errors_file(file: Path) -> Path:
    """Where the marked copy of a file lies: beside it."""
    return file.with_name(f"{file.stem}.errors.xlsx")


def write_errors(file: Path, sheet: Sheet, columns: tuple[Column, ...], faults: list[Fault]) -> Path:
    """Write the marked copy beside the file; it is written anew each time. The file itself is left alone."""
    from openpyxl import Workbook  # only where something is wrong
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils.cell import coordinate_from_string

    book = Workbook()
    marked = book.active
    marked.title = "Fejl i listen"
    known = {column.key: column for column in columns}
    for key, letter in sheet.letters.items():
        put(marked[f"{letter}{sheet.heading_row}"], known[key].heading).font = Font(bold=True)
    wrong = {fault.at for fault in faults}
    rows = {coordinate_from_string(at)[1] for at in wrong}
    for row in sheet.rows:
        if row.number not in rows:
            continue
        for key, letter in sheet.letters.items():
            cell = row.cells.get(key)
            at = f"{letter}{row.number}"
            if cell is None or cell.is_blank:
                continue
            hidden = known[key].is_personal and at not in wrong
            put(marked[at], _LEFT_OUT if hidden else cell.value)
    said: dict[str, list[str]] = {}
    for fault in faults:
        said.setdefault(fault.at, []).append(fault.sentence)
    for place in sorted(said):
        marked[place].fill = PatternFill("solid", fgColor=_PINK)
        marked[place].comment = _comment(said[place])
    marked.freeze_panes = f"A{sheet.heading_row + 1}"
    fit(marked)
    explained = book.create_sheet("Forklaring")
    for number, heading in enumerate(("Celle", "Kolonne", "Hvad der er galt, og hvad I skriver"), 1):
        put(explained.cell(1, number), heading).font = Font(bold=True)
    for number, fault in enumerate(faults, start=2):
        for column, words in enumerate((fault.at, fault.column, fault.sentence), 1):
            put(explained.cell(number, column), words).alignment = Alignment(wrap_text=True)
    fit(explained)
    explained.column_dimensions["C"].width = 90
    out = errors_file(file)
    make_private(out)  # a wrong cell may be a person's
    book.save(out)
    return out


def forget_errors(file: Path) -> None:
    """Take an earlier marked copy away, when there is nothing wrong any more."""
    errors_file(file).unlink(missing_ok=True)


def _comment(sentences: list[str]) -> "Comment":
    from openpyxl.comments import Comment

    words = " ".join(dict.fromkeys(sentences))
    return Comment(words, "Driftsklar", width=320, height=40 + 18 * (len(words) // 45 + 1))
