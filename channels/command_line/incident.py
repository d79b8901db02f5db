"""`driftsklar incident report`: damage at a facility."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import next_steps
from channels.command_line.shown import show_recorded
from channels.command_line.typed import KEY, OneOf
from channels.views.cases import facility_case
from channels.views.shapes.operation import IncidentReported
from models.case.facility import find
from models.operation.incident import open_incident
from models.role import Door, Role
from models.said import Said


@click.group()
def incident() -> None:
    """Skader."""


@incident.command()
@click.argument("reference", metavar="REF")
@click.option("--what", required=True, help="Hvad der er sket.")
@click.option("--safe", required=True, type=OneOf({"yes": "ja", "no": "nej"}), help="Om stedet kan bruges sikkert.")
@click.option("--key", type=KEY, help="Jeres egen nøgle: samme nøgle giver samme skade.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def report(reference: str, what: str, safe: str, key: str | None, on: date, by: str, as_json: bool) -> None:
    """Meld en skade."""
    with recording() as session:
        facility = find(session, reference)
        made = open_incident(session, facility, what, Said(on, Role(by), Door.CLI), safe=safe == "yes", key=key)
        document = IncidentReported(id=made.number, facility=facility.reference, what=made.what, safe=made.safe)
        session.flush()
        steps = next_steps(facility_case(session, facility))
        text = "\n".join([f"Skade nr. {made.id} er meldt på {facility.reference}.", *steps])
        show_recorded(session, document, as_json, text)
