"""`driftsklar check list`, `incident report` and `wind-down`: what happens while a facility is in operation."""

from datetime import date

import click

from channels.command_line.door import by_option, find_if_said, json_option, looking, on_option, recording
from channels.command_line.next_step import next_steps, show_decided
from channels.command_line.shown import short_day, show, show_recorded, table
from channels.command_line.typed import KEY, OneOf
from channels.views.cases import check_line, facility_case
from channels.views.shapes.operation import IncidentReported
from models.case.facility import find
from models.operation.check import checks_of
from models.operation.incident import open_incident
from models.operation.winding_down import begin_winding_down
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
