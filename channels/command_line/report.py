"""`driftsklar report`: the annual report, and the paper with the places the committee must decide on."""

from datetime import date
from pathlib import Path

import click

from channels.command_line.door import json_option, looking, on_option
from channels.command_line.shown import kroner, short_day, show, table
from channels.command_line.typed import YEAR, OneOf
from channels.views.amounts import kroner as as_kroner
from channels.views.shapes.files import PlacesToDecideWritten, PlaceToDecide, ReportWritten
from config.file_modes import for_everybody
from models.refusal import BadInput
from models.stages.places_to_decide import places_to_decide as undecided

ANNUAL = "annual"
PAPERS = {ANNUAL: "årsberetningen", "places-to-decide": "steder at tage stilling til"}
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command("report")
@click.argument("what", required=False, default=ANNUAL, type=OneOf(PAPERS), metavar="[places-to-decide]")
@click.option("--year", type=YEAR, help="Året; skal med til årsberetningen.")
@click.option("--out", required=True, type=_FOLDER, metavar="MAPPE", help="Mappen, filerne lægges i.")
@on_option
@json_option
@click.pass_context
def report(context: click.Context, what: str, year: int | None, out: Path, on: date, as_json: bool) -> None:
    """Årsberetningen: PDF, HTML og CSV. Det samme år giver de samme filer.

    Med places-to-decide: de arvede steder, udvalget skal tage stilling til, med tre veje og deres pris (PDF).
    """
    if what == ANNUAL:
        if year is None:
            parameter = next(each for each in context.command.params if each.name == "year")
            raise click.MissingParameter(ctx=context, param=parameter)
        _annual(year, out, on, as_json)
        return
    if year is not None:
        raise BadInput("--year", "hører til årsberetningen. Skriv --on for en anden dag.")
    _places_to_decide(out, on, as_json)


def _annual(year: int, out: Path, on: date, as_json: bool) -> None:
    from channels.paper.annual_report import annual_report, write_report  # pictures and paper take a second

    if year > on.year:
        raise BadInput("--year", f"{year} er ikke begyndt.")
    with looking() as session:
        made = annual_report(session, year, on)
    with for_everybody():
        files = write_report(made, year, out)
    show(ReportWritten(year=year, files=[str(file) for file in files]), as_json, "\n".join(map(str, files)))


def _places_to_decide(out: Path, on: date, as_json: bool) -> None:
    from channels.paper.places_to_decide_paper import cared_for_by, places_to_decide_pdf, write_places_to_decide

    with looking() as session:
        found = undecided(session)
        pdf = places_to_decide_pdf(found, on)
        places = [
            PlaceToDecide(
                facility=each.facility.reference,
                name=each.facility.name,
                type=each.facility.type_key,
                decide_by=each.decide_by_on,
                late=each.decide_by_on < on,
                cared_for_by=cared_for_by(each),
                kr_per_year=as_kroner(each.now_ore),
                with_volunteers_kr=as_kroner(each.volunteers_ore),
                by_operations_kr=[as_kroner(ore) for ore in each.levels_ore],
                removal_kr=as_kroner(each.removal_ore),
            )
            for each in found
        ]
    with for_everybody():
        file = write_places_to_decide(pdf, on, out)
    rows = [
        dict(each) | {"day": short_day(each.decide_by), "cost": kroner(each.kr_per_year), "who": each.cared_for_by}
        for each in places
    ]
    columns = {"facility": "Reference", "day": "Senest", "cost": "Kr./år", "who": "Passes af", "name": "Navn"}
    text = table(rows, columns, fold="name", right=("cost",)) if rows else "Der er ingen steder at tage stilling til."
    show(PlacesToDecideWritten(files=[str(file)], places=places), as_json, f"{text}\n\n{file}")
