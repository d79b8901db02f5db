"""`driftsklar import …` and `group import`: what the municipality has in spreadsheets, tried first and then taken in."""

import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import click

from channels.command_line.door import WRONG_INPUT, by_option, json_option, on_option, recording, trying
from channels.command_line.import_geofa import bring_geofa
from channels.command_line.import_text import document_of, text_of
from channels.command_line.shown import show, whole
from channels.command_line.typed import OneOf
from channels.sheets.columns import Column
from channels.sheets.facilities import import_facilities
from channels.sheets.facility_columns import COLUMNS as FACILITY_COLUMNS
from channels.sheets.faults import forget_errors, write_errors
from channels.sheets.groups import COLUMNS as GROUP_COLUMNS
from channels.sheets.groups import import_groups
from channels.sheets.outcome import Import
from channels.sheets.owners import SHOWN as OWNERS
from channels.sheets.reading import read_sheet
from channels.sheets.template import write_template
from channels.views.shapes.files import FileWritten
from config.catalogue import catalogue
from config.file_modes import for_everybody
from models.operator import require_operator
from models.refusal import BadInput
from models.role import Door, Role

FILE = click.Path(path_type=Path)
_APPLY = "Tag alle rækker ind, eller ingen. Uden --apply ændres intet."

apply_option = click.option("--apply", "is_applied", is_flag=True, help=_APPLY)

sheet_option = click.option(
    "--sheet", metavar="ARK", help="Arket i projektmappen (eller laget i kortet), når flere ligner listen."
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
def bring_facilities(file: Path, sheet: str | None, is_applied: bool, on: date, by: str, as_json: bool) -> int:
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
def bring_groups(file: Path, sheet: str | None, is_applied: bool, on: date, by: str, as_json: bool) -> int:
    """Grupper med kontakter fra et regneark. Først en prøve, så --apply."""
    return _bring(
        file,
        GROUP_COLUMNS,
        partial(import_groups, door=Door.CLI),
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
    with for_everybody():
        if what == "groups":
            write_template(out, "Grupper", _without_reference(GROUP_COLUMNS), {})
        else:
            types = [kind.name for kind in catalogue().types.values()]
            choices = {"type": types, "land_owner": list(OWNERS.values())}
            write_template(out, "Anlæg", _without_reference(FACILITY_COLUMNS), choices)
    show(FileWritten(file=str(out)), as_json, f"{out} er skrevet. Begynd på det første ark.")


def _without_reference(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """What one fills in by hand: our own reference is only in lists that were taken out."""
    return tuple(column for column in columns if column.key != "reference")


bring.add_command(bring_geofa)

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
    document = document_of(sheet, done, is_kept, errors)
    show(document, as_json, text_of(sheet, done, is_applied, is_kept, errors))
    return WRONG_INPUT if done.faults else 0


def _sign_of_life(rows: int, as_json: bool) -> Callable[[str, int], None]:
    """How far a long list has come, on stderr: one line that changes on a terminal, else a line now and then."""

    def tell(what: str, count: int) -> None:
        if not as_json:
            end = "\r" if sys.stderr.isatty() and count < rows else "\n"
            print(f"{whole(count)} af {whole(rows)} rækker {what} …", file=sys.stderr, end=end, flush=True)

    return tell
