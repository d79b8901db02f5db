"""`driftsklar pause`: a group rests or is back, or hands one task to operations."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.shown import show_recorded
from channels.command_line.typed import DAY
from channels.views.cases import facility_line
from channels.views.shapes.facility import FacilityPauses, PauseLine
from models.case.facility import find
from models.operation.pause import end_pause, pause_care, pauses_of, stop_task
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said


@click.command()
@click.argument("reference")
@click.option("--from", "from_on", type=DAY, help="Pausens første dag.")
@click.option("--until", "until_on", type=DAY, help="Pausens sidste dag.")
@click.option("--task", help="Kun én opgave, som driften tager for resten af aftalen.")
@click.option("--end", is_flag=True, help="Gruppen er tilbage: slut de pauser, der er.")
@on_option
@by_option(Role.VOLUNTEER)
@json_option
def pause(
    reference: str,
    from_on: date | None,
    until_on: date | None,
    task: str | None,
    end: bool,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Gruppen holder pause, eller giver en opgave fra sig. Driften tager over."""
    said = Said(on, Role(by), Door.CLI)
    with recording() as session:
        facility = find(session, reference)
        if end:
            for each in pauses_of(session, facility, on=on):
                end_pause(session, each, said)
        elif task is not None:
            stop_task(session, facility, task, said)
        elif until_on is not None:
            pause_care(session, facility, said, from_on=from_on or on, until_on=until_on)
        else:
            raise BadInput("--until", "skriv pausens sidste dag, en opgave (--task) eller --end.")
        rows = [
            PauseLine(task=p.task_key, from_on=p.from_on, until_on=p.until_on)
            for p in pauses_of(session, facility, on=on)
        ]
        document = FacilityPauses(**dict(facility_line(session, facility)), pauses=rows)
        text = f"{facility.reference}: {len(rows)} pauser." if rows else f"{facility.reference}: ingen pause."
        show_recorded(session, document, as_json, text)
