"""`driftsklar answer winding-down`: how a facility's care ends."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import show_decided
from channels.command_line.typed import DAY, choice
from models.case.facility import find
from models.operation.winding_down import Outcome, answer_winding_down
from models.role import Door, Role
from models.said import Said


@click.command("winding-down")
@click.argument("reference", metavar="REF")
@click.option("--outcome", required=True, type=choice(Outcome, without=(Outcome.RENEWED,)), help="Hvad der skal ske.")
@click.option("--group", help="Den nye gruppe, fx G-0002.")
@click.option("--decided-on", type=DAY, help="Dagen, udvalget besluttede det.")
@click.option("--case-number", default="", help="Sagsnummeret for udvalgets beslutning.")
@click.option("--level", type=click.IntRange(1, 100), help="Driftens niveau i procent af plejen i dag, fx 60.")
@click.option("--words", default="", help="Hvad der blev besluttet, med beslutningens egne ord. Ingen personnavne.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def winding_down(
    reference: str,
    outcome: str,
    group: str | None,
    decided_on: date | None,
    case_number: str,
    level: int | None,
    words: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Hvad der skal ske med stedet, når gruppen slipper."""
    with recording() as session:
        facility = find(session, reference)
        said = Outcome(outcome)
        answer_winding_down(
            session,
            facility,
            said,
            Said(on, Role(by), Door.CLI),
            group=group,
            decided_on=decided_on,
            case_number=case_number,
            level_percent=level,
            words=words,
        )
        show_decided(session, facility, as_json, f"ophør: {said.danish}.")
