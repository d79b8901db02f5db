"""`driftsklar check list`: the checks of the facilities in operation."""

import click

from channels.command_line.door import find_if_said, json_option, looking
from channels.command_line.shown import short_day, show, table
from channels.views.cases import check_line
from models.operation.check import checks_of


@click.group()
def check() -> None:
    """Tjek: planlagte, besvarede og ubesvarede."""


@check.command("list")
@click.option("--facility", "reference", help="Kun dette anlæg.")
@click.option("--open", "only_open", is_flag=True, help="Kun dem, der ikke er lukket.")
@json_option
def list_checks(reference: str | None, only_open: bool, as_json: bool) -> None:
    """Tjek efter dato."""
    with looking() as session:
        facility = find_if_said(session, reference)
        lines = [check_line(session, each) for each in checks_of(session, facility, only_open=only_open)]
    rows = [
        dict(line) | {"danish": line.state.danish, "day": short_day(line.due_on), "by": line.who.danish}
        for line in lines
    ]
    columns = {
        "id": "Nr.",
        "facility": "Anlæg",
        "day": "Senest",
        "by": "Hvem",
        "danish": "Tilstand",
        "task_name": "Opgave",
    }
    show(lines, as_json, table(rows, columns, fold="task_name") if rows else "Der er ingen tjek.")
