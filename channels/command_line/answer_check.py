"""`driftsklar answer check`: what a check found."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.shown import show_recorded
from channels.command_line.typed import NUMBER, Whole, choice
from channels.views.cases import check_line
from channels.views.shapes.operation import CheckWithDamage
from models.operation.check import CheckResult, find_check
from models.operation.check_answer import MAX_MINUTES, report_check
from models.role import Door, Role
from models.said import Said


@click.command()
@click.argument("check_id", metavar="ID", type=NUMBER)
@click.option("--result", required=True, type=choice(CheckResult), help="Hvordan det gik.")
@click.option("--minutes", type=Whole(0, MAX_MINUTES, "minutter"), help="Tiden, det tog.")
@click.option("--note", default="", help="En bemærkning.")
@on_option
@by_option(Role.VOLUNTEER)
@json_option
def check(check_id: int, result: str, minutes: int | None, note: str, on: date, by: str, as_json: bool) -> None:
    """Svar på et tjek."""
    with recording() as session:
        found = find_check(session, check_id)
        said = CheckResult(result)
        incident = report_check(session, found, said, Said(on, Role(by), Door.CLI), minutes=minutes, note=note)
        session.flush()
        line = check_line(session, found)
        text = f"Tjek nr. {check_id} ({line.task_name}): {said.danish}. Tak."
        if incident is not None:
            line = CheckWithDamage(**dict(line), incident=incident.number)
            text += f"\nSkade nr. {incident.id} er meldt."
        if said is not CheckResult.OK:
            text += f"\nSe sagen: driftsklar facility show {line.facility}"
        show_recorded(session, line, as_json, text)
