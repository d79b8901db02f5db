"""`driftsklar answer inspection`: how an inspection or a visit ended."""

from datetime import date

import click

from channels.command_line.answer_handover import parse_defect
from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.shown import show_recorded
from channels.command_line.typed import DAY, NUMBER, choice
from channels.views.parts import inspection_line
from models.case.inspection import InspectionResult, find_inspection
from models.danish import dato
from models.operation.inspection_answer import answer_inspection
from models.role import Door, Role
from models.said import Said


@click.command()
@click.argument("inspection_id", metavar="ID", type=NUMBER)
@click.option("--held-on", required=True, type=DAY, help="Dagen, det blev holdt.")
@click.option("--result", required=True, type=choice(InspectionResult), help="Hvordan det endte.")
@click.option("--defect", "defects", multiple=True, help="En mangel: TEKST;FRIST. Kan gentages.")
@click.option("--note", default="", help="Hvad der blev set og aftalt.")
@click.option("--learned", default="", help="Hvad det næste sted skal have anderledes.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def inspection(
    inspection_id: int,
    held_on: date,
    result: str,
    defects: tuple[str, ...],
    note: str,
    learned: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Et eftersyn eller besøg er holdt; mangler bliver til opgaver med frist."""
    new = [parse_defect(each) for each in defects]
    with recording() as session:
        found = find_inspection(session, inspection_id)
        said = Said(on, Role(by), Door.CLI)
        ended = InspectionResult(result)
        answer_inspection(session, found, ended, new, said, held_on=held_on, note=note, learned=learned)
        text = f"Eftersyn nr. {inspection_id} ({found.kind.danish}) er holdt {dato(held_on)}: {ended.danish}."
        show_recorded(session, inspection_line(found), as_json, text)
