"""`driftsklar answer usable`: a place that wasn't safe may be used again."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.shown import show_recorded
from channels.command_line.typed import NUMBER
from channels.views.parts import incident_of_place
from models.operation.incident import find_incident
from models.operation.incident_end import may_be_used_again
from models.role import Door, Role
from models.said import Said


@click.command()
@click.argument("incident_id", metavar="ID", type=NUMBER)
@on_option
@by_option(Role.OPERATIONS)
@json_option
def usable(incident_id: int, on: date, by: str, as_json: bool) -> None:
    """Stedet må bruges igen efter en skade; indtil da siger dets side, at det ikke må."""
    with recording() as session:
        found = may_be_used_again(session, find_incident(session, incident_id), Said(on, Role(by), Door.CLI))
        document = incident_of_place(session, found)
        show_recorded(session, document, as_json, f"Skade nr. {incident_id}: {document.facility} må bruges igen.")
