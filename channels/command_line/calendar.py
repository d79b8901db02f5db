"""`driftsklar calendar …`: the secret address of a calendar for a role, where nobody is known as a person who has it."""

from datetime import date

import click

from channels.addresses import calendar_address
from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import show, show_recorded, table
from channels.command_line.typed import NUMBER, OneOf
from channels.views.shapes.staff import CalendarLine
from models.outside.calendar_feed import NOBODY, CalendarFeed, feed_numbered, feeds_of, make_feed, revoke_feed
from models.role import PEOPLE, Door, Role
from models.said import Said


@click.group()
def calendar() -> None:
    """Kalendere for en rolle, som man abonnerer på: make, list, revoke."""


@calendar.command()
@click.option(
    "--role",
    required=True,
    type=OneOf({role.value: role.danish for role in PEOPLE}),
    metavar="ROLLE",
    help="Rollen, kalenderen er for.",
)
@on_option
@by_option(Role.LEADER)
@json_option
def make(role: str, on: date, by: str, as_json: bool) -> None:
    """Lav adressen for en rolle, fx til driftens fælles postkasse; igen giver den samme."""
    with recording() as session:
        made = make_feed(session, [Role(role)], Said(on, Role(by), Door.CLI), whose=NOBODY)
        text = f"{calendar_address(made.token)}\nEnhver med adressen kan læse kalenderen: giv den kun til dem, der har rollen."
        show_recorded(session, _line(made), as_json, text)


@calendar.command("list")
@json_option
def list_calendars(as_json: bool) -> None:
    """Rollernes kalendere, der virker. Personers egne står hos dem selv under Opgaver."""
    with looking() as session:
        lines = [_line(each) for each in feeds_of(session, NOBODY)]
    rows = [{"id": line.id, "role": Role(line.role).danish, "made_on": line.made_on, "url": line.url} for line in lines]
    columns = {"id": "Nr.", "role": "Rolle", "made_on": "Lavet", "url": "Adresse"}
    show(lines, as_json, table(rows, columns) if rows else "Der er ingen kalendere for roller.")


@calendar.command()
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@by_option(Role.LEADER)
@json_option
def revoke(number: int, on: date, by: str, as_json: bool) -> None:
    """Slå en kalender fra, også en persons: adressen viser intet mere."""
    with recording() as session:
        found: CalendarFeed = feed_numbered(session, number)
        revoke_feed(session, found, Said(on, Role(by), Door.CLI))
        show_recorded(session, _line(found), as_json, f"Kalender nr. {number} er slået fra.")


def _line(feed: CalendarFeed) -> CalendarLine:
    address = calendar_address(feed.token) if feed.revoked_on is None and feed.person == NOBODY else ""
    return CalendarLine(
        id=feed.number, role=Role(feed.roles[0]), url=address, made_on=feed.made_on, revoked_on=feed.revoked_on
    )
