"""What an import says: the document for programs and the text for people, with all that was read and all that wasn't."""

from pathlib import Path

from channels.command_line.shown import table, whole
from channels.sheets.grid import Fault
from channels.sheets.outcome import Import
from channels.sheets.reading import Sheet
from channels.views.shapes.files import CellRemark, Imported, RowOutcome
from models.danish import ental_flertal, liste

_DONE = {"new": "ny", "placed": "får sit punkt", "numbered": "får sit nummer", "unchanged": "uændret"}
MOST_SHOWN = 200
"""How many lines of each table people are shown; programs get them all."""


def document_of(sheet: Sheet, done: Import, is_kept: bool, errors: Path | None) -> Imported:
    return Imported(
        applied=is_kept,
        rows=len(sheet.rows),
        new=done.count("new"),
        placed=done.count("placed"),
        numbered=done.count("numbered"),
        unchanged=done.count("unchanged"),
        changed=is_kept and any(outcome.what != "unchanged" for outcome in done.outcomes),
        outcomes=[
            # the number of a new one isn't known before it is kept
            RowOutcome(row=o.row, what=o.what, **o.line, reference=o.reference if is_kept or o.what != "new" else None)
            for o in done.outcomes
        ],
        faults=[_said(fault) for fault in done.faults],
        warnings=[_said(warning) for warning in done.warnings],
        errors_file=str(errors) if errors else None,
        sheet=sheet.title,
        heading_row=sheet.heading_row,
        columns=sheet.letters,
        unused_columns=sheet.unused,
        unread_sheets=list(sheet.unread_sheets),
        hidden_rows=list(sheet.hidden_rows),
        blank_rows=sheet.blank_rows,
    )


def _said(fault: Fault) -> CellRemark:
    return CellRemark(cell=fault.at, column=fault.column, kind=fault.kind, sentence=fault.sentence)


def text_of(sheet: Sheet, done: Import, is_applied: bool, is_kept: bool, errors: Path | None) -> str:
    parts = [_what_was_read(sheet)]
    if done.outcomes:
        rows = [
            dict(o.line)
            | {"row": o.row, "what": _DONE[o.what], "reference": o.reference if is_kept or o.what != "new" else ""}
            for o in done.outcomes[:MOST_SHOWN]
        ]
        columns = {
            "row": "Række",
            "what": "Hvad",
            "reference": "Reference",
            "number": "Nummer",
            "type": "Type",
            "where": "Sted",
            "name": "Navn",
        }
        parts.append(table(rows, columns, fold="name") + _and_more(len(done.outcomes)))
    for found, title in ((done.warnings, "Hvad I skal se efter"), (done.faults, "Hvad der er galt")):
        if found:
            lines = [{"at": f.at, "column": f.column, "sentence": f.sentence} for f in found[:MOST_SHOWN]]
            heads = {"at": "Celle", "column": "Kolonne", "sentence": title}
            parts.append(table(lines, heads, fold="sentence") + _and_more(len(found)))
    counts = liste(_counts(done))
    if errors is not None:
        cells = len({fault.at for fault in done.faults})
        parts.append(
            f"{ental_flertal(cells, 'celle er forkert', 'celler er forkerte')}. Intet er taget ind. Se dem i {errors}, "
            "ret jeres egen fil, og prøv igen."
        )
    elif is_kept:
        parts.append(f"Taget ind: {counts}.")
    else:
        parts.append(f"Prøve: {counts}. Intet er ændret. Tag dem ind med --apply.")
    return "\n\n".join(parts)


def _counts(done: Import) -> list[str]:
    """How many rows come to what, each with its noun."""
    always = (ental_flertal(done.count("new"), "ny", "nye"), f"{whole(done.count('unchanged'))} står der i forvejen")
    sometimes = (
        (ental_flertal(done.count("placed"), "får sit punkt", "får deres punkt"), done.count("placed")),
        (ental_flertal(done.count("numbered"), "får sit nummer", "får deres nummer"), done.count("numbered")),
    )
    return [*always, *(words for words, count in sometimes if count)]


def _what_was_read(sheet: Sheet) -> str:
    """The sheet, the row of the headings, the columns that are read, and all that isn't."""
    read = ", ".join(f"{heading} ({letter})" for heading, letter in sheet.read_as.items())
    lines = [f"Læst: {sheet.title}, overskrifter i række {sheet.heading_row}: {read}."]
    if sheet.unused:
        lines.append(f"Kolonner, vi ikke læser: {', '.join(sheet.unused)}.")
    if sheet.unread_sheets:
        lines.append(f"Ark, vi ikke læser: {', '.join(sheet.unread_sheets)}.")
    if hidden := len(sheet.hidden_rows):
        are = ental_flertal(hidden, "række er skjult eller filtreret fra", "rækker er skjult eller filtreret fra")
        lines.append(f"{are} i arket og er læst med. Slet dem, hvis de ikke skal med.")
    if sheet.blank_rows:
        lines.append(f"{ental_flertal(sheet.blank_rows, 'tom række', 'tomme rækker')} mellem dem er sprunget over.")
    return "\n".join(lines)


def _and_more(count: int) -> str:
    more = count - MOST_SHOWN
    return f"\n… og {ental_flertal(more, 'linje', 'linjer')} til. Se dem alle med --json." if more > 0 else ""
