"""`driftsklar answer permit` and `building`: the papers, and what is being built."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import show_decided
from channels.command_line.typed import OneOf
from config.catalogue import catalogue
from models.case.facility import find
from models.case.permit import PermitResult
from models.role import Door, Role
from models.said import Said
from models.stages.building import BuildingEvent, answer_permit, report_building

PERMIT_RESULT = OneOf({"granted": "givet", "not_needed": "kræves ikke", "refused": "afslået"})


EVENT = OneOf({"started": "gået i gang", "finished": "færdigt"})


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--permit", required=True, help="Tilladelsen, fx zone_permit.")
@click.option("--result", required=True, type=PERMIT_RESULT, help="Hvad der blev svaret.")
@click.option("--case-number", default="", help="Myndighedens sagsnummer.")
@on_option
@by_option(Role.PROJECT_LEAD)
@json_option
def permit(reference: str, permit: str, result: str, case_number: str, on: date, by: str, as_json: bool) -> None:
    """Svar på en tilladelse."""
    with recording() as session:
        facility = find(session, reference)
        said = PermitResult(result)
        answer_permit(session, facility, permit, said, Said(on, Role(by), Door.CLI), case_number=case_number)
        about = f"{catalogue().permits[permit].name} {_PERMIT_DANISH[said]}."
        show_decided(session, facility, as_json, about)


_PERMIT_DANISH = {
    PermitResult.GRANTED: "er givet",
    PermitResult.NOT_NEEDED: "kræves ikke",
    PermitResult.REFUSED: "er afslået",
}


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--event", required=True, type=EVENT, help="Byggeriet er gået i gang eller er færdigt.")
@on_option
@by_option(Role.PROJECT_LEAD)
@json_option
def building(reference: str, event: str, on: date, by: str, as_json: bool) -> None:
    """Byggeriet er gået i gang eller er færdigt."""
    with recording() as session:
        facility = find(session, reference)
        report_building(session, facility, BuildingEvent(event), Said(on, Role(by), Door.CLI))
        show_decided(
            session, facility, as_json, "byggeriet er i gang." if event == "started" else "byggeriet er færdigt."
        )
