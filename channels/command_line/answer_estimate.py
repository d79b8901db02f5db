"""`driftsklar answer estimate`: what a facility type really costs."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.shown import show_recorded
from channels.command_line.typed import YEAR
from channels.views.shapes.operation import EstimateAnswer
from config.catalogue import catalogue
from models.danish import kr
from models.figures.estimates import decide_estimate
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said


@click.command()
@click.argument("type_key", metavar="TYPE")
@click.option("--year", required=True, type=YEAR, help="Året, forslaget er fra.")
@click.option("--take/--leave", required=True, default=None, help="Brug det nye overslag, eller behold det gamle.")
@click.option("--reason", default="", help="Begrundelse; skal med ved --leave.")
@on_option
@by_option(Role.OPERATIONS_MANAGER)
@json_option
def estimate(type_key: str, year: int, take: bool | None, reason: str, on: date, by: str, as_json: bool) -> None:
    """Svar på et foreslået overslag fra årsberetningen."""
    if take is None:
        raise BadInput("--take/--leave", "skriv en af dem.")
    with recording() as session:
        done = decide_estimate(session, type_key, year, Said(on, Role(by), Door.CLI), take=take, reason=reason)
        name = catalogue().type(type_key).name
        document = EstimateAnswer(
            type=type_key, year=year, taken=done.taken, kr_per_year=done.new_kr if take else done.old_kr
        )
        text = (
            f"Nyt overslag for {name}: {kr(done.new_kr * 100)} om året, for nye forslag fra nu af. "
            f"Skriv også kr_per_year: {done.new_kr} under {type_key} i config/facility_types.yaml."
            if take
            else f"Overslaget for {name} beholdes."
        )
        show_recorded(session, document, as_json, text)
