"""`driftsklar wind-down`: a facility's care comes to its end."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import show_decided
from models.case.facility import find
from models.operation.winding_down import begin_winding_down
from models.role import Door, Role
from models.said import Said


@click.command("wind-down")
@click.argument("reference", metavar="REF")
@click.option("--reason", required=True, help="Hvorfor.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def wind_down(reference: str, reason: str, on: date, by: str, as_json: bool) -> None:
    """Begynd et ophør: gruppen kan ikke mere, eller stedet er udtjent."""
    with recording() as session:
        facility = find(session, reference)
        begin_winding_down(session, facility, reason, Said(on, Role(by), Door.CLI))
        show_decided(session, facility, as_json, "ophør er begyndt.")
