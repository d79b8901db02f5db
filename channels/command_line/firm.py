"""`driftsklar firm …`: the companies that build and repair."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import show, show_recorded, table
from channels.views.shapes.firm import FirmLine
from models.case.firm import Firm, add_firm, correct_firm, find_firm, firms, leave_firm, take_firm_again
from models.role import Door, Role
from models.said import Said


@click.group()
def firm() -> None:
    """Firmaer, der bygger og reparerer."""


@firm.command()
@click.option("--name", required=True, help="Firmaets navn.")
@click.option("--cvr", required=True, help="CVR-nummeret, 8 cifre.")
@click.option("--mail", required=True, help="Firmaets mailadresse; opgaver sendes hertil.")
@click.option("--phone", default="", help="Firmaets telefon.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def add(name: str, cvr: str, mail: str, phone: str, on: date, by: str, as_json: bool) -> None:
    """Opret et firma. Det samme CVR-nummer igen giver det samme firma."""
    with recording() as session:
        made = add_firm(session, name, Said(on, Role(by), Door.CLI), cvr=cvr, mail=mail, phone=phone)
        show_recorded(session, firm_line(made), as_json, f"{made.reference} · {made.name} er oprettet.")


@firm.command()
@click.argument("reference", metavar="FIRMA")
@click.option("--name", help="Firmaets navn.")
@click.option("--mail", help="Firmaets mailadresse.")
@click.option("--phone", help="Firmaets telefon.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def correct(
    reference: str, name: str | None, mail: str | None, phone: str | None, on: date, by: str, as_json: bool
) -> None:
    """Ret navn, mail eller telefon."""
    with recording() as session:
        found = find_firm(session, reference)
        correct_firm(session, found, Said(on, Role(by), Door.CLI), name=name, mail=mail, phone=phone)
        show_recorded(session, firm_line(found), as_json, f"{found.reference} · {found.name} er rettet.")


@firm.command()
@click.argument("reference", metavar="FIRMA")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def leave(reference: str, on: date, by: str, as_json: bool) -> None:
    """Firmaet arbejder ikke mere for kommunen; dets links virker ikke mere."""
    with recording() as session:
        found = find_firm(session, reference)
        leave_firm(session, found, Said(on, Role(by), Door.CLI))
        show_recorded(session, firm_line(found), as_json, f"{found.reference} · {found.name} får ikke flere opgaver.")


@firm.command("take-again")
@click.argument("reference", metavar="FIRMA")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def take_again(reference: str, on: date, by: str, as_json: bool) -> None:
    """Firmaet arbejder for kommunen igen; dets links virker igen."""
    with recording() as session:
        found = find_firm(session, reference)
        take_firm_again(session, found, Said(on, Role(by), Door.CLI))
        show_recorded(session, firm_line(found), as_json, f"{found.reference} · {found.name} kan få opgaver igen.")


@firm.command("list")
@json_option
def list_firms(as_json: bool) -> None:
    """Alle firmaer."""
    with looking() as session:
        lines = [firm_line(each) for each in firms(session)]
    columns = {"reference": "Firma", "cvr": "CVR", "mail": "Mail", "phone": "Telefon", "name": "Navn"}
    text = (
        table([dict(line) for line in lines], columns, fold="name")
        if lines
        else "Der er ingen firmaer endnu. Opret et med: driftsklar firm add"
    )
    show(lines, as_json, text)


def firm_line(found: Firm) -> FirmLine:
    """A firm as programs read it."""
    return FirmLine(
        reference=found.reference,
        name=found.name,
        cvr=found.cvr,
        mail=found.mail,
        phone=found.phone,
        left_on=found.left_on,
    )
