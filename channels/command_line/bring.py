"""`driftsklar import …` and `group import`: what the municipality has in spreadsheets, tried first and then taken in."""

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
)
from channels.command_line.shown import show, table, whole
from channels.command_line.typed import OneOf
from channels.sheets.columns import Column
from channels.sheets.facilities import COLUMNS as FACILITY_COLUMNS
from channels.sheets.facilities import OWNERS, Import, import_facilities
from channels.sheets.faults import forget_errors, write_errors
from channels.sheets.groups import COLUMNS as GROUP_COLUMNS
from channels.sheets.groups import import_groups
from channels.sheets.reading import Sheet, read_sheet
from channels.sheets.template import write_template
from config.catalogue import catalogue
from config.file_modes import for_everybody
from models.refusal import BadInput
from models.role import Role

FILE = click.Path(path_type=Path)
_DONE = {"new": "ny", "placed": "får sit punkt", "unchanged": "står der"}
_APPLY = "Tag alle rækker ind, eller ingen. Uden --apply ændres intet."

apply_option = click.option("--apply", "is_applied", is_flag=True, help=_APPLY)


@click.group("import")
def bring() -> None:
    """Tag det ind, som kommunen har i regneark."""


@bring.command("facilities")
@click.argument("file", metavar="FIL", type=FILE)
@apply_option
@on_option
@by_option(Role.OPERATIONS_MANAGER)
@json_option
def bring_facilities(file: Path, is_applied: bool, on: date, by: str, as_json: bool) -> int:
    """Anlæg, der findes i forvejen. De står i drift, og driften passer dem."""
    return _bring(
        file, FACILITY_COLUMNS, import_facilities, is_applied, on=on, by=Role(by), as_json=as_json
    )


@click.command("import")
@click.argument("file", metavar="FIL", type=FILE)
@apply_option
@on_option
@by_option(Role.COORDINATOR)
@json_option
def bring_groups(file: Path, is_applied: bool, on: date, by: str, as_json: bool) -> int:
    """Grupper med kontakter fra et regneark. Først en prøve, så --apply."""
    return _bring(
        file, GROUP_COLUMNS, import_groups, is_applied, on=on, by=Role(by), as_json=as_json
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
    with for_everybody():
        if what == "groups":
            write_template(out, "Grupper", GROUP_COLUMNS, {})
        else:
            types = [kind.name for kind in catalogue().types.values()]
            owners = [words[0] for words in OWNERS.values()]
            write_template(out, "Anlæg", FACILITY_COLUMNS, {"type": types, "land_owner": owners})
    show({"file": str(out)}, as_json, f"{out} er skrevet. Begynd på det første ark.")


Importer = Callable[..., Import]


def _bring(
    file: Path,
    columns: tuple[Column, ...],
    importer: Importer,
    is_applied: bool,
    *,
    on: date,
    by: Role,
    as_json: bool,
) -> int:
    """Try it whole in one transaction, which is kept only when it was asked for and nothing is wrong."""
    sheet = read_sheet(file, columns)
    if not sheet.rows:
        raise BadInput("FIL", "der er ingen rækker under overskrifterne. Skriv dem ind først.")
    with recording() as session:
        done = importer(session, sheet, on=on, by=by)
        is_kept = is_applied and not done.faults
        if not is_kept:
            session.rollback()
    errors = write_errors(file, sheet, columns, done.faults) if done.faults else None
    if errors is None:
        forget_errors(file)
    document = _document(sheet, done, is_kept, errors)
    show(document, as_json, _text(sheet, done, is_applied, is_kept, errors))
    return WRONG_INPUT if done.faults else 0


def _document(sheet: Sheet, done: Import, is_kept: bool, errors: Path | None) -> dict[str, Any]:
    return {
        "applied": is_kept,
        "rows": len(sheet.rows),
        "new": done.count("new"),
        "placed": done.count("placed"),
        "unchanged": done.count("unchanged"),
        "changed": is_kept and done.count("new") + done.count("placed") > 0,
        "outcomes": [
            # the number of a new one isn't known before it is kept
            {"row": o.row, "what": o.what, **o.line}
            | {"reference": o.reference if is_kept or o.what != "new" else None}
            for o in done.outcomes
        ],
        "faults": [
            {"cell": f.at, "column": f.column, "kind": f.kind, "sentence": f.sentence}
            for f in done.faults
        ],
        "errors_file": str(errors) if errors else None,
        "unused_columns": sheet.unused,
    }


def _text(sheet: Sheet, done: Import, is_applied: bool, is_kept: bool, errors: Path | None) -> str:
    parts = []
    if done.outcomes:
        rows = [
            dict(o.line)
            | {
                "row": o.row,
                "what": _DONE[o.what],
                "reference": o.reference if is_kept or o.what != "new" else "",
            }
            for o in done.outcomes
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
        parts.append(table(rows, columns, fold="name"))
    if done.faults:
        faults = [{"at": f.at, "column": f.column, "sentence": f.sentence} for f in done.faults]
        heads = {"at": "Celle", "column": "Kolonne", "sentence": "Hvad der er galt"}
        parts.append(table(faults, heads, fold="sentence"))
    if sheet.unused:
        parts.append(f"Kolonner, vi ikke læser: {', '.join(sheet.unused)}.")
    counts = (
        f"{whole(done.count('new'))} nye, {whole(done.count('unchanged'))} står der i forvejen"
        + (f", {whole(done.count('placed'))} får deres punkt" if done.count("placed") else "")
    )
    if errors is not None:
        parts.append(
            f"{whole(len(done.faults))} celler er forkerte. Intet er taget ind. Se dem i {errors}, ret jeres "
            "egen fil, og prøv igen."
        )
    elif is_kept:
        parts.append(f"Taget ind: {counts}.")
    else:
        parts.append(f"Prøve: {counts}. Intet er ændret. Tag dem ind med --apply.")
    return "\n\n".join(parts)
