"""`driftsklar pool show`: what a year has, what is promised and what is free."""

import click

from channels.command_line.door import json_option, looking
from channels.command_line.shown import kroner, show, table
from channels.command_line.typed import YEAR
from channels.views.cases import pool_line
from models.calendar import today
from models.pool.ledger import year_of, years


@click.command("show")
@click.option("--year", type=YEAR, help="Kun dette år.")
@json_option
def show_pool(year: int | None, as_json: bool) -> None:
    """Årets penge: bevilget = tilsagn tilbage + forbrug + fri.

    Uden --year vises alle år. --json giver et objekt med --year, ellers en liste.
    """
    with looking() as session:
        wanted = [year] if year else (years(session) or [today().year])
        lines = [pool_line(year_of(session, each)) for each in wanted]
    columns = {
        "year": "År",
        "appropriated_kr": "Bevilget",
        "committed_kr": "Tilsagn tilbage",
        "spent_kr": "Forbrug",
        "free_kr": "Fri",
    }
    rows = [{key: kroner(value) if key.endswith("_kr") else value for key, value in line} for line in lines]
    amounts = tuple(key for key in columns if key.endswith("_kr"))
    show(lines[0] if year else lines, as_json, table(rows, columns, right=amounts))
