"""`driftsklar report`: the annual report."""

from datetime import date
from pathlib import Path

import click

from channels.command_line.door import json_option, looking, on_option
from channels.command_line.shown import show
from channels.command_line.typed import YEAR
from channels.views.shapes.files import ReportWritten
from config.file_modes import for_everybody
from models.refusal import BadInput


@click.command("report")
@click.option("--year", required=True, type=YEAR, help="Året.")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="MAPPE",
    help="Mappen, filerne lægges i.",
)
@on_option
@json_option
def report(year: int, out: Path, on: date, as_json: bool) -> None:
    """Årsberetningen: PDF, HTML og CSV. Det samme år giver de samme filer."""
    from channels.paper.annual_report import annual_report, write_report  # pictures and paper take a second

    if year > on.year:
        raise BadInput("--year", f"{year} er ikke begyndt.")
    with looking() as session:
        made = annual_report(session, year, on)
    with for_everybody():
        files = write_report(made, year, out)
    show(ReportWritten(year=year, files=[str(file) for file in files]), as_json, "\n".join(map(str, files)))
