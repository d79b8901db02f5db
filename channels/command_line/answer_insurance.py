"""`driftsklar answer insurance`: who insures the volunteers of a place."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import show_decided
from channels.command_line.typed import DAY, OneOf
from models.case.facility import find
from models.case.insurance import COVERS, Cover
from models.role import Door, Role
from models.said import Said
from models.stages.insurance import answer_insurance

COVER = OneOf({cover.value: cover.danish for cover in COVERS})


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--cover", required=True, type=COVER, help="Hvem der forsikrer de frivillige.")
@click.option("--reference", "policy", default="", help="Policens eller beslutningens nummer.")
@click.option("--from", "from_on", type=DAY, help="Dagen, forsikringen gælder fra. Uden: i dag.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def insurance(reference: str, cover: str, policy: str, from_on: date | None, on: date, by: str, as_json: bool) -> None:
    """Hvem der forsikrer de frivillige; uden et svar kommer stedet ikke i drift."""
    with recording() as session:
        facility = find(session, reference)
        said = Said(on, Role(by), Door.CLI)
        answer_insurance(session, facility, Cover(cover), said, reference=policy, from_on=from_on)
        show_decided(session, facility, as_json, f"{Cover(cover).danish}.")
