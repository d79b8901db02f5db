"""`driftsklar answer incident`: what is done about damage."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.shown import show_recorded
from channels.command_line.typed import DAY, NUMBER, Whole, choice
from channels.views.shapes.operation import IncidentAnswer
from models.operation.incident import IncidentDecision, find_incident
from models.operation.incident_decision import MAX_KR, decide_incident
from models.role import Door, Role
from models.said import Said


@click.command()
@click.argument("incident_id", metavar="ID", type=NUMBER)
@click.option("--decision", required=True, type=choice(IncidentDecision), help="Hvad der skal ske.")
@click.option("--kr", required=True, type=Whole(0, MAX_KR, "kroner"), help="Hvad det koster.")
@click.option("--reason", required=True, help="Begrundelse.")
@click.option("--decided-on", type=DAY, help="Dagen for udvalgets beslutning.")
@click.option("--case-number", default="", help="Sagsnummeret.")
@on_option
@by_option(Role.OPERATIONS_MANAGER)
@json_option
def incident(
    incident_id: int,
    decision: str,
    kr: int,
    reason: str,
    decided_on: date | None,
    case_number: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Afgørelse om en skade."""
    with recording() as session:
        found = find_incident(session, incident_id)
        said = IncidentDecision(decision)
        decide_incident(
            session,
            found,
            said,
            kr,
            reason,
            Said(on, Role(by), Door.CLI),
            decided_on=decided_on,
            case_number=case_number,
        )
        document = IncidentAnswer(id=found.number, decision=said, kr=kr, reason=found.reason)
        show_recorded(session, document, as_json, f"Skade nr. {incident_id}: stedet {said.danish}.")
