"""`driftsklar consult-again`: operations is asked once more."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.shown import show_recorded
from channels.views.cases import facility_line
from models.case.facility import find
from models.role import Door, Role
from models.said import Said
from models.stages.consultation import ask_again


@click.command("consult-again")
@click.argument("reference", metavar="REF")
@click.option(
    "--change", required=True, help="Hvad der er ændret siden driftens nej; ved et arvet anlæg hvorfor der spørges nu."
)
@on_option
@by_option(Role.PROJECT_LEAD)
@json_option
def consult_again(reference: str, change: str, on: date, by: str, as_json: bool) -> None:
    """Bed driften om et nyt svar, fordi noget er ændret."""
    with recording() as session:
        found = find(session, reference)
        round_ = ask_again(session, found, change, Said(on, Role(by), Door.CLI))
        again = " igen" if round_.round > 1 else ""
        text = f"{found.reference}: driften er spurgt{again} (runde {round_.round})."
        show_recorded(session, facility_line(session, found), as_json, text)
