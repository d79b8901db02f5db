"""`driftsklar check …`: the checks of the facilities in operation."""

from datetime import date

import click

from channels.command_line.door import by_option, find_if_said, json_option, looking, on_option, recording
from channels.command_line.shown import short_day, show, show_recorded, table
from channels.command_line.typed import NUMBER, Whole
from channels.views.cases import check_line
from models.operation.check import checks_of, find_check
from models.operation.check_answer import MAX_MINUTES
from models.operation.minutes_correction import correct_check_minutes
from models.role import Door, Role
from models.said import Said


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


@check.command("correct")
@click.argument("check_id", metavar="ID", type=NUMBER)
@click.option("--minutes", required=True, type=Whole(0, MAX_MINUTES, "minutter"), help="De rigtige minutter.")
@click.option("--reason", required=True, help="Hvorfor det rettes.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def correct(check_id: int, minutes: int, reason: str, on: date, by: str, as_json: bool) -> None:
    """Ret, hvor længe et besvaret tjek tog. Det, der stod, bliver i sagen."""
    with recording() as session:
        said = Said(on, Role(by), Door.CLI)
        found = correct_check_minutes(session, find_check(session, check_id), minutes, said, reason=reason)
        show_recorded(session, check_line(session, found), as_json, f"Tjek nr. {check_id} tog {minutes} minutter.")
