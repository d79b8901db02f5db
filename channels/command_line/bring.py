"""`driftsklar import …` and `group import`: what the municipality has in spreadsheets, tried first and then taken in."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from channels.command_line.door import (
    WRONG_INPUT,
    by_option,
    json_option,
    on_option,
    recording,
    trying,
)
from channels.command_line.shown import show, table, whole
from channels.command_line.typed import OneOf
from channels.sheets.columns import Column
from channels.sheets.facilities import COLUMNS as FACILITY_COLUMNS
from channels.sheets.facilities import Import, import_facilities
from channels.sheets.faults import forget_errors, write_errors
from channels.sheets.grid import Fault
from channels.sheets.groups import COLUMNS as GROUP_COLUMNS
from channels.sheets.groups import import_groups
from channels.sheets.owners import SHOWN as OWNERS
from channels.sheets.reading import Sheet, read_sheet
from channels.sheets.template import write_template
from config.catalogue import catalogue
from models.danish import ental_flertal, liste
from models.operator import require_operator
from models.refusal import BadInput
from models.role import Role

FILE = click.Path(path_type=Path)
_DONE = {
    "new": "ny",
    "placed": "får sit punkt",
    "numbered": "får sit nummer",
    "unchanged": "uændret",
}
MOST_SHOWN = 200
"""How many lines of each table people are shown; programs get them all."""
_APPLY = "Tag alle rækker ind, eller ingen. Uden --apply ændres intet."

apply_option = click.option("--apply", "is_applied", is_flag=True, help=_APPLY)

sheet_option = click.option(
    "--sheet",
    metavar="ARK",
    help="Arket i projektmappen (eller laget i kortet), når flere ligner listen.",
)


@click.group("import")
def bring() -> None:
    """Tag det ind, som kommunen har i regneark."""


@bring.command("facilities")
@click.argument("file", metavar="FIL", type=FILE)
@sheet_option
@apply_option
@on_option
@by_option(Role.OPERATIONS_MANAGER)
@json_option
def bring_facilities(
    file: Path, sheet: str | None, is_applied: bool, on: date, by: str, as_json: bool
) -> int:
    """Anlæg, der findes i forvejen. De står i drift, og driften passer dem."""
    return _bring(
        file,
        FACILITY_COLUMNS,
        import_facilities,
        sheet,
        is_applied,
        only_looks=True,
        on=on,
        by=Role(by),
        as_json=as_json,
    )


@click.command("import")
@click.argument("file", metavar="FIL", type=FILE)
@sheet_option
@apply_option
@on_option
@by_option(Role.COORDINATOR)
@json_option
def bring_groups(
    file: Path, sheet: str | None, is_applied: bool, on: date, by: str, as_json: bool
) -> int:
    """Grupper med kontakter fra et regneark. Først en prøve, så --apply."""
    return _bring(
        file,
        GROUP_COLUMNS,
        import_groups,
        sheet,
        is_applied,
        only_looks=False,
        on=on,
        by=Role(by),
        as_json=as_json,
    )


@bring.command("template")
@click.option("--out", required=True, type=FILE, metavar="FIL", help="Filen, fx anlaeg.xlsx.")
@click.option(
    "--for",
    "what",
    type=OneOf({"facilities": "anlæg", "groups": "grupper"}),
    default="facilities",
    show_default=True,
    help="Hvad listen er over.",
)
@json_option
def bring_template(out: Path, what: str, as_json: bool) -> None:
    """En tom liste med overskrifter, valg, eksempler og en forklaring."""
    if out.suffix.lower() != ".xlsx":
        raise BadInput("--out", "skabelonen er et regneark. Skriv et navn, der ender på .xlsx.")
    if out.exists():
        raise BadInput("--out", f"{out.name} findes allerede. Vælg et andet navn.")
    if what == "groups":
        write_template(out, "Grupper", _without_reference(GROUP_COLUMNS), {})
    else:
        types = [kind.name for kind in catalogue().types.values()]
        choices = {"type": types, "land_owner": list(OWNERS.values())}
        write_template(out, "Anlæg", _without_reference(FACILITY_COLUMNS), choices)
    show({"file": str(out)}, as_json, f"{out} er skrevet. Begynd på det første ark.")


def _without_reference(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """What one fills in by hand: our own reference is only in lists that were taken out."""
    return tuple(column for column in columns if column.key != "reference")


Importer = Callable[..., Import]


def _bring(
    file: Path,
    columns: tuple[Column, ...],
    importer: Importer,
    sheet_name: str | None,
    is_applied: bool,
    *,
    only_looks: bool,
    on: date,
    by: Role,
    as_json: bool,
) -> int:
    """Try it whole in one transaction, which is kept only when it was asked for and nothing is wrong.

    A trial that `only_looks` leaves the database to others meanwhile.
    """
    sheet = read_sheet(file, columns, sheet_name)
    if not sheet.rows:
        raise BadInput("FIL", "der er ingen rækker under overskrifterne. Skriv dem ind først.")
    with trying() if only_looks and not is_applied else recording() as session:
        require_operator(session, by)
        tell = _sign_of_life(len(sheet.rows), as_json)
        done = importer(session, sheet, on=on, by=by, is_kept=is_applied, tell=tell)
        is_kept = is_applied and not done.faults
        if not is_kept:
            session.rollback()
    errors = write_errors(file, sheet, columns, done.faults) if done.faults else None
    if errors is None:
        forget_errors(file)
    document = _document(sheet, done, is_kept, errors)
    show(document, as_json, _text(sheet, done, is_applied, is_kept, errors))
    return WRONG_INPUT if done.faults else 0


def _sign_of_life(rows: int, as_json: bool) -> Callable[[str, int], None]:
    """How far a long list has come, on stderr: one line that changes on a terminal, else a line now and then."""

    def tell(what: str, count: int) -> None:
        if not as_json:
            end = "\r" if sys.stderr.isatty() and count < rows else "\n"
            print(
                f"{whole(count)} af {whole(rows)} rækker {what} …",
                file=sys.stderr,
                end=end,
                flush=True,
            )

    return tell


def _document(sheet: Sheet, done: Import, is_kept: bool, errors: Path | None) -> dict[str, Any]:
    return {
        "applied": is_kept,
        "rows": len(sheet.rows),
        "new": done.count("new"),
        "placed": done.count("placed"),
        "numbered": done.count("numbered"),
        "unchanged": done.count("unchanged"),
        "changed": is_kept and any(outcome.what != "unchanged" for outcome in done.outcomes),
        "outcomes": [
            # the number of a new one isn't known before it is kept
            {"row": o.row, "what": o.what, **o.line}
            | {"reference": o.reference if is_kept or o.what != "new" else None}
            for o in done.outcomes
        ],
        "faults": [_said(fault) for fault in done.faults],
        "warnings": [_said(warning) for warning in done.warnings],
        "errors_file": str(errors) if errors else None,
        "sheet": sheet.title,
        "heading_row": sheet.heading_row,
        "columns": sheet.letters,
        "unused_columns": sheet.unused,
        "unread_sheets": sheet.unread_sheets,
        "hidden_rows": sheet.hidden_rows,
        "blank_rows": sheet.blank_rows,
    }


def _said(fault: Fault) -> dict[str, str]:
    return {
        "cell": fault.at,
        "column": fault.column,
        "kind": fault.kind,
        "sentence": fault.sentence,
    }


def _text(sheet: Sheet, done: Import, is_applied: bool, is_kept: bool, errors: Path | None) -> str:
    parts = [_what_was_read(sheet)]
    if done.outcomes:
        rows = [
            dict(o.line)
            | {
                "row": o.row,
                "what": _DONE[o.what],
                "reference": o.reference if is_kept or o.what != "new" else "",
            }
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
    for found, title in (
        (done.warnings, "Hvad I skal se efter"),
        (done.faults, "Hvad der er galt"),
    ):
        if found:
            lines = [
                {"at": f.at, "column": f.column, "sentence": f.sentence} for f in found[:MOST_SHOWN]
            ]
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
    always = (
        ental_flertal(done.count("new"), "ny", "nye"),
        f"{whole(done.count('unchanged'))} står der i forvejen",
    )
    sometimes = (
        (
            ental_flertal(done.count("placed"), "får sit punkt", "får deres punkt"),
            done.count("placed"),
        ),
        (
            ental_flertal(done.count("numbered"), "får sit nummer", "får deres nummer"),
            done.count("numbered"),
        ),
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
        are = ental_flertal(
            hidden, "række er skjult eller filtreret fra", "rækker er skjult eller filtreret fra"
        )
        lines.append(f"{are} i arket og er læst med. Slet dem, hvis de ikke skal med.")
    if sheet.blank_rows:
        lines.append(
            f"{ental_flertal(sheet.blank_rows, 'tom række', 'tomme rækker')} mellem dem er sprunget over."
        )
    return "\n".join(lines)


def _and_more(count: int) -> str:
    more = count - MOST_SHOWN
    return (
        f"\n… og {ental_flertal(more, 'linje', 'linjer')} til. Se dem alle med --json."
        if more > 0
        else ""
    )
