"""`driftsklar sign`: the sign for a facility, with a code by which everybody can report damage."""

from datetime import date
from pathlib import Path

import click

from channels.command_line.door import json_option, looking, on_option
from channels.command_line.shown import show
from channels.paper.agreement_paper import write_once
from channels.paper.sign import sign_pdf
from channels.views.shapes.files import SignWritten
from config.file_modes import for_everybody
from models.case.facility import find
from models.case.volunteer_group import VolunteerGroup
from models.refusal import BadInput


@click.command()
@click.argument("reference")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Filen, der skrives.")
@on_option
@json_option
def sign(reference: str, out: Path, on: date, as_json: bool) -> None:
    """Lav skiltet til et anlæg: A5 med en kode, hvor alle kan melde en skade."""
    with looking() as session:
        facility = find(session, reference)
        pdf = sign_pdf(facility, session.get_one(VolunteerGroup, facility.group_id), on=on)
    try:
        with for_everybody():
            write_once(out, pdf, 0o666)
    except OSError as broken:
        raise BadInput("--out", f"filen kan ikke skrives: {broken.strerror}.") from broken
    show(SignWritten(reference=facility.reference, out=str(out)), as_json, f"Skiltet ligger i {out}.")
