"""`driftsklar case`: one facility's whole case for the archive."""

from pathlib import Path

import click

from channels.command_line.door import json_option, looking
from channels.command_line.shown import show
from channels.records.case_archive import INDEX, write_case
from channels.views.shapes.files import CaseWritten
from models import text
from models.case.facility import find
from models.refusal import BadInput


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Mappen, sagen lægges i.")
@click.option("--case-number", default="", help="Sagsnummeret i jeres ESDH-system.")
@json_option
def case(reference: str, out: Path, case_number: str, as_json: bool) -> None:
    """Læg hele sagen i en mappe som PDF/A med en indholdsfortegnelse, klar til journalisering."""
    number = text.name(case_number, "--case-number") if case_number else ""
    with looking() as session:
        found = find(session, reference)
        try:
            index = write_case(session, found, out, case_number=number)
        except OSError as broken:
            raise BadInput("--out", f"mappen kan ikke skrives: {broken.strerror}.") from broken
    told = [f"{found.reference}: {len(index.files)} dokumenter og {INDEX} ligger i {out}."]
    if not index.case.kle:
        told.append(f"KLE-nummeret mangler: skriv det i facility_types.yaml under {found.type_key}.")
    if not index.case.case_number:
        told.append("Sagsnummeret mangler: skriv det med --case-number.")
    show(CaseWritten(**dict(index), out=str(out)), as_json, "\n".join(told))
