"""`driftsklar incident …`: damage at a facility."""

from datetime import date

import click
from sqlmodel import col, select

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.next_step import next_steps
from channels.command_line.shown import short_day, show, show_recorded, table
from channels.command_line.typed import KEY, NUMBER, OneOf
from channels.views.cases import facility_case
from channels.views.parts import incident_of_place
from channels.views.shapes.operation import IncidentReported
from models.case.facility import find
from models.operation.incident import Incident, find_incident, open_incident
from models.operation.incident_end import make_safe
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


@incident.command("made-safe")
@click.argument("incident_id", metavar="ID", type=NUMBER)
@click.option("--how", required=True, help="Hvordan: fx spærret af.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def made_safe(incident_id: int, how: str, on: date, by: str, as_json: bool) -> None:
    """Stedet er spærret af, så ingen kommer til skade. Det må først bruges efter: answer usable."""
    with recording() as session:
        found = make_safe(session, find_incident(session, incident_id), how, Said(on, Role(by), Door.CLI))
        text = f"Skade nr. {incident_id}: stedet er sikret."
        show_recorded(session, incident_of_place(session, found), as_json, text)


@incident.command("list")
@click.option("--facility", "reference", help="Kun et anlæg.")
@click.option("--open", "only_open", is_flag=True, help="Kun dem, der ikke er lavet eller afgjort.")
@json_option
def list_incidents(reference: str | None, only_open: bool, as_json: bool) -> None:
    """Skader, og hvor langt de er."""
    with looking() as session:
        rows = select(Incident).order_by(col(Incident.id))
        if reference is not None:
            rows = rows.where(Incident.facility_id == find(session, reference).id)
        found = [each for each in session.exec(rows) if not only_open or each.is_open or each.is_unsafe]
        lines = [incident_of_place(session, each) for each in found]
    columns = {"id": "Nr.", "facility": "Anlæg", "reported_on": "Meldt", "state": "Tilstand", "what": "Hvad"}
    shown = [dict(line) | {"reported_on": short_day(line.reported_on)} for line in lines]
    show(lines, as_json, table(shown, columns, fold="what") if lines else "Der er ingen skader.")
