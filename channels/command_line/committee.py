"""`driftsklar committee`: the paper that the committee decides by."""

from datetime import date
from pathlib import Path

import click

from channels.command_line.door import json_option, looking, on_option
from channels.command_line.shown import show
from channels.command_line.typed import choice
from channels.paper.committee_paper import PLACES, Format, committee_paper, committee_places
from channels.views.shapes.files import FileWritten
from config.file_modes import for_everybody
from models.case.facility import find
from models.refusal import BadInput
from models.stages.committee_case import About


@click.group()
def committee() -> None:
    """Sager til udvalget."""


@committee.command()
@click.argument("what", metavar=f"REF|{PLACES}")
@click.option("--format", "format_", type=choice(Format), default=Format.DOCX.value, show_default=True, help="Filen.")
@click.option("--about", type=choice(About), help="Hvad udvalget spørges om, når der er to spørgsmål om stedet.")
@click.option(
    "--out",
    default=Path(),
    type=click.Path(file_okay=False, path_type=Path),
    metavar="MAPPE",
    help="Mappen, filen lægges i; ellers den, man står i.",
)
@on_option
@json_option
def paper(what: str, format_: str, about: str | None, out: Path, on: date, as_json: bool) -> None:
    """Lav sagen til udvalget: indstilling, økonomi år for år, alternativer og deres pris.

    Om et tilsagn, om at tage et sted ned, eller (places-to-decide) om de arvede steder. Udvalgets svar skrives ind med
    answer funding eller answer winding-down, med --by committee, --decided-on og --case-number.
    """
    if what == PLACES and about is not None:
        raise BadInput("--about", f"hører til ét anlæg og ikke til {PLACES}.")
    kind = Format(format_)
    with looking() as session:
        if what == PLACES:
            made = committee_places(session, on)
        else:
            made = committee_paper(session, find(session, what), on, about=About(about) if about else None)
    with for_everybody():
        out.mkdir(parents=True, exist_ok=True)
        file = out / f"{made.file}.{kind}"
        file.write_bytes(made.printed(kind))
    show(FileWritten(file=str(file)), as_json, str(file))
