"""Skabelon: an empty list with headings, choices, examples and a page that explains; what import reads."""

from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from channels.sheets.columns import Column
from channels.sheets.writing import fit, put

LAST_ROW = 100_000
_REQUIRED = PatternFill("solid", fgColor="DDEBF7")
_CHOICES = "Valg"
EXAMPLES, EXPLAINED = "Eksempler", "Sådan gør I"

HOW = (
    "Skriv én ting i hver række på det første ark. Overskrifterne må stå i en anden rækkefølge, og I må gerne "
    "have jeres egne kolonner ved siden af; dem læser vi ikke.",
    "Kolonner med blå overskrift skal udfyldes. Resten må være tomme.",
    "Tal skrives med komma (6098120,7), datoer som 03-05-2019. Flet ikke celler, og brug ikke formler.",
    "Prøv først: driftsklar import facilities FIL.xlsx (eller group import FIL.xlsx). Det ændrer intet, men viser, "
    "hvad der ville ske, og skriver FIL.errors.xlsx, hvor hver forkert celle er mærket.",
    "Er alt i orden, så sæt --apply på. Så kommer alle rækker ind, eller ingen. Den samme fil en gang til ændrer intet.",
)


def write_template(file: Path, title: str, columns: tuple[Column, ...], choices: dict[str, list[str]]) -> None:
    """Write the workbook. `choices` are the words a column's cells may have, by its key."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    examples = book.create_sheet(EXAMPLES)
    explained = book.create_sheet(EXPLAINED)
    chosen = book.create_sheet(_CHOICES)
    for at, column in enumerate(columns, start=1):
        letter = get_column_letter(at)
        for page in (sheet, examples):
            put(page.cell(1, at), column.heading).font = Font(bold=True)
            if column.is_required:
                page.cell(1, at).fill = _REQUIRED
        if column.explains:
            sheet.cell(1, at).comment = Comment(column.explains, "Driftsklar", width=260, height=80)
        for number, example in enumerate(column.examples, start=2):
            if example != "":
                put(examples.cell(number, at), example)
        if words := choices.get(column.key):
            for number, word in enumerate(words, start=1):
                put(chosen.cell(number, at), word)
            area = f"'{_CHOICES}'!${letter}$1:${letter}${len(words)}"
            rule = DataValidation(type="list", formula1=area, allow_blank=not column.is_required)
            rule.errorTitle, rule.error = column.heading, "Vælg en af dem på listen."
            rule.add(f"{letter}2:{letter}{LAST_ROW}")
            sheet.add_data_validation(rule)
    chosen.sheet_state = "hidden"
    sheet.freeze_panes = examples.freeze_panes = "A2"
    _explain(explained, columns, choices)
    for page in (sheet, examples):
        fit(page)
    book.save(file)


def _explain(page: object, columns: tuple[Column, ...], choices: dict[str, list[str]]) -> None:
    lines: list[tuple[str, str, str]] = [(EXPLAINED, "", ""), *((line, "", "") for line in HOW)]
    lines += [("", "", ""), ("Kolonne", "Hvad der skal stå", "Kan også hedde")]
    headings = (1, len(lines))
    for column in columns:
        says = column.explains + (" Skal udfyldes." if column.is_required else "")
        if words := choices.get(column.key):
            says += f" Vælg: {', '.join(words)}."
        lines.append((column.heading, says.strip(), ", ".join(column.also)))
    for number, line in enumerate(lines, start=1):
        for at, words_in_cell in enumerate(line, start=1):
            cell = put(page.cell(number, at), words_in_cell or None)  # type: ignore[attr-defined]
            cell.alignment = Alignment(wrap_text=number > len(HOW) + 1, vertical="top")
            if number in headings:
                cell.font = Font(bold=True)
    for letter, width in (("A", 24), ("B", 70), ("C", 60)):
        page.column_dimensions[letter].width = width  # type: ignore[attr-defined]
