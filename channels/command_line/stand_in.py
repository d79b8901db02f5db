"""`driftsklar stand-in …`: who has a role at the staff's desk while somebody is away."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import show, show_recorded, table
from channels.command_line.typed import DAY, OneOf
from channels.views.shapes.staff import StandInLine
from models.calendar import today
from models.persons import stand_in as rule
from models.role import PEOPLE, Door, Role
from models.said import Said

NUMBER = click.IntRange(1, 2_000_000_000)


@click.group("stand-in")
def stand_in() -> None:
    """Vikarer: hvem har en rolle, mens en anden er væk."""


@stand_in.command()
@click.argument("person", metavar="ID")
@click.option(
    "--role",
    required=True,
    type=OneOf({role.value: role.danish for role in PEOPLE}),
    metavar="ROLLE",
    help="Rollen, personen får.",
)
@click.option("--from", "from_on", type=DAY, required=True, help="Den første dag.")
@click.option("--until", "until_on", type=DAY, required=True, help="Den sidste dag.")
@on_option
@by_option(Role.LEADER)
@json_option
def add(person: str, role: str, from_on: date, until_on: date, on: date, by: str, as_json: bool) -> None:
    """Giv en person (ID fra roles.yaml) en rolle for en tid."""
    with recording() as session:
        said = Said(on, Role(by), Door.CLI)
        made = rule.stand_in(session, Role(role), person.strip(), from_on, until_on, said)
        text = f"Nr. {made.id}: {made.person} er vikar for {made.role.danish} {from_on} til {until_on}."
        show_recorded(session, _line(made), as_json, text)


@stand_in.command("list")
@json_option
def list_stand_ins(as_json: bool) -> None:
    """Dem, der gælder i dag eller senere."""
    with looking() as session:
        lines = [_line(each) for each in rule.stand_ins(session, on=today())]
    columns = {"id": "Nr.", "person": "Hvem", "role": "Rolle", "from_on": "Fra", "until_on": "Til og med"}
    rows = [dict(line) | {"role": line.role.danish} for line in lines]
    show(lines, as_json, table(rows, columns) if rows else "Der er ingen vikarer.")


@stand_in.command()
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@by_option(Role.LEADER)
@json_option
def end(number: int, on: date, by: str, as_json: bool) -> None:
    """Slut nu, før tiden."""
    with recording() as session:
        ended = rule.end_stand_in(session, number, Said(on, Role(by), Door.CLI))
        text = f"{ended.person} er ikke vikar for {ended.role.danish} mere."
        show_recorded(session, _line(ended), as_json, text)


def _line(each: rule.StandIn) -> StandInLine:
    return StandInLine(
        id=each.number,
        role=each.role,
        person=each.person,
        from_on=each.from_on,
        until_on=each.until_on,
        ended_on=each.ended_on,
    )
