"""`driftsklar answer check|incident|winding-down`: what is decided once a place is in operation."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import show_decided
from channels.command_line.shown import show_recorded
from channels.command_line.typed import DAY, NUMBER, Whole, choice
from channels.views.cases import check_line
from channels.views.shapes.operation import CheckWithDamage, IncidentAnswer
from models.case.facility import find
from models.operation.check import CheckResult, find_check
from models.operation.check_answer import MAX_MINUTES, report_check
from models.operation.incident import IncidentDecision, find_incident
from models.operation.incident_decision import MAX_KR, decide_incident
from models.operation.winding_down import Outcome, answer_winding_down
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


@click.command("winding-down")
@click.argument("reference", metavar="REF")
@click.option("--outcome", required=True, type=choice(Outcome, without=(Outcome.RENEWED,)), help="Hvad der skal ske.")
@click.option("--group", help="Den nye gruppe, fx G-0002.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def winding_down(reference: str, outcome: str, group: str | None, on: date, by: str, as_json: bool) -> None:
    """Hvad der skal ske med stedet, når gruppen slipper."""
    with recording() as session:
        facility = find(session, reference)
        said = Outcome(outcome)
        answer_winding_down(session, facility, said, Said(on, Role(by), Door.CLI), group=group)
        show_decided(session, facility, as_json, f"ophør: {said.danish}.")
