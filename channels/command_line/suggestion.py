"""`driftsklar suggestion …`: what passers-by reported from the sign, confirmed or dismissed."""

from datetime import date

import click
from sqlmodel import Session

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import show, show_recorded, table
from channels.views.shapes.operation import SuggestionLine
from models.case.facility import Facility
from models.operation.public_report import (
    PublicReport,
    confirm_report,
    dismiss_report,
    find_public_report,
    public_reports,
)
from models.role import Door, Role
from models.said import Said

NUMBER = click.IntRange(1, 2_000_000_000)


@click.group()
def suggestion() -> None:
    """Meldinger fra skiltet, som ingen har bekræftet."""


@suggestion.command("list")
@click.option("--all", "also_decided", is_flag=True, help="Også dem, der er afgjort.")
@json_option
def list_suggestions(also_decided: bool, as_json: bool) -> None:
    """Meldinger, der venter."""
    with looking() as session:
        reports = public_reports(session, only_open=not also_decided)
        lines = [_line(session, report) for report in reports]
    columns = {"id": "Nr.", "facility": "Anlæg", "danish": "Tilstand", "reported_on": "Meldt", "what": "Hvad"}
    rows = [dict(line) for line in lines]
    show(lines, as_json, table(rows, columns, fold="what") if rows else "Der er ingen meldinger.")


@suggestion.command()
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@by_option(Role.OPERATIONS)
@json_option
def confirm(number: int, on: date, by: str, as_json: bool) -> None:
    """Bekræft en melding: den bliver til en skade."""
    with recording() as session:
        report = find_public_report(session, number)
        confirm_report(session, report, Said(on, Role(by), Door.CLI))
        text = f"Melding nr. {number} er bekræftet: skade nr. {report.incident_id}."
        show_recorded(session, _line(session, report), as_json, text)


@suggestion.command()
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@by_option(Role.OPERATIONS)
@json_option
def dismiss(number: int, on: date, by: str, as_json: bool) -> None:
    """Afvis en melding: der er ikke noget."""
    with recording() as session:
        report = find_public_report(session, number)
        dismiss_report(session, report, Said(on, Role(by), Door.CLI))
        show_recorded(session, _line(session, report), as_json, f"Melding nr. {number} er afvist.")


def _line(session: Session, report: PublicReport) -> SuggestionLine:
    return SuggestionLine(
        id=report.number,
        facility=session.get_one(Facility, report.facility_id).reference,
        what=report.what,
        safe=report.safe,
        state=report.state,
        danish=report.state.danish + (", ligner en maskine" if report.looks_automatic else ""),
        looks_automatic=report.looks_automatic,
        reported_on=report.reported_on,
        incident=report.incident_id,
    )
