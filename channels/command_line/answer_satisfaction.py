"""`driftsklar answer satisfaction`: how the two sides find working together."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.shown import show_recorded
from channels.command_line.typed import OneOf, Whole
from channels.views.shapes.operation import SatisfactionAnswer
from models.case.agreement import Side
from models.case.facility import find
from models.operation.satisfaction import answer_satisfaction
from models.role import Door, Role
from models.said import Said

_SPEAKS = {Side.VOLUNTEERS: Role.VOLUNTEER, Side.MUNICIPALITY: Role.OPERATIONS}


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--side", required=True, type=OneOf({s.value: s.danish for s in Side}), help="Hvem der svarer.")
@click.option("--score", required=True, type=Whole(1, 5, "point"), help="1 er dårligt, 5 er rigtig godt.")
@click.option("--note", default="", help="Et ord om hvorfor.")
@on_option
@by_option(None)
@json_option
def satisfaction(reference: str, side: str, score: int, note: str, on: date, by: str | None, as_json: bool) -> None:
    """Hvordan samarbejdet går; begge sider spørges en gang om året."""
    with recording() as session:
        facility = find(session, reference)
        role = Role(by) if by else _SPEAKS[Side(side)]
        answer_satisfaction(session, facility, Side(side), score, note, Said(on, role, Door.CLI))
        document = SatisfactionAnswer(facility=facility.reference, year=on.year, side=Side(side), score=score)
        text = f"{facility.reference}: {Side(side).danish} svarede {score} af 5 for {on.year}."
        show_recorded(session, document, as_json, text)
