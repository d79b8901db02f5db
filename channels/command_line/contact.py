"""`driftsklar contact …`: who is in a group, and how to reach them."""

from datetime import date

import click
from sqlmodel import Session

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.shown import show_recorded
from channels.command_line.typed import choice
from channels.post.languages import language_meant
from channels.views.cases import group_line
from models.case.volunteer_group import Contact, Reach, VolunteerGroup, contacts_of, find_group, parse_contact
from models.persons.contacts import add_contact, change_contact, choose_language, leave_group
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said

CONTACT = click.option(
    "--contact",
    "number",
    type=click.IntRange(1, 10),
    default=1,
    show_default=True,
    help="Hvem i gruppen: 1 er kontaktpersonen, 2 stedfortræderen.",
)


@click.group()
def contact() -> None:
    """En gruppes kontakter."""


@contact.command("add")
@click.argument("reference")
@click.option("--contact", "value", required=True, help="NAVN;MAIL;TELEFON.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def add_to_group(reference: str, value: str, on: date, by: str, as_json: bool) -> None:
    """Skriv en ny kontakt på en gruppe (G-0001)."""
    name, mail, phone = parse_contact(value)
    with recording() as session:
        group = find_group(session, reference)
        made = add_contact(session, group, name, mail, phone, Said(on, Role(by), Door.CLI))
        text = f"{made.name} er {made.role_danish} i {group.reference}."
        show_recorded(session, group_line(session, group), as_json, text)


@contact.command("leave")
@click.argument("reference")
@CONTACT
@on_option
@by_option(Role.COORDINATOR)
@json_option
def leave(reference: str, number: int, on: date, by: str, as_json: bool) -> None:
    """Lad en kontakt gå ud af gruppen."""
    with recording() as session:
        group = find_group(session, reference)
        gone = leave_group(session, nth_contact(session, group, number), Said(on, Role(by), Door.CLI))
        text = f"{gone.name} er gået ud af {group.reference}."
        show_recorded(session, group_line(session, group), as_json, text)


@contact.command("change")
@click.argument("reference")
@CONTACT
@click.option("--name", help="Det rigtige navn, hvis det er stavet forkert.")
@click.option("--mail", help="Ny mailadresse.")
@click.option("--phone", help="Nyt telefonnummer.")
@click.option("--prefers", type=choice(Reach), help="Mail eller SMS.")
@click.option("--language", metavar="SPROG", help="Sproget for brevene, hvor kommunen har skrevet dem: de, en …; da.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def change(
    reference: str,
    number: int,
    name: str | None,
    mail: str | None,
    phone: str | None,
    prefers: str | None,
    language: str | None,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Ret en kontakts navn, mail, telefon, sprog, eller om det hellere skal være SMS."""
    with recording() as session:
        group = find_group(session, reference)
        there, said = nth_contact(session, group, number), Said(on, Role(by), Door.CLI)
        change_contact(
            session,
            there,
            there.mail if mail is None else mail,
            there.phone if phone is None else phone,
            there.prefers if prefers is None else Reach(prefers),
            said,
            name=name,
        )
        if language is not None:
            choose_language(session, there, language_meant(language), said)
        show_recorded(session, group_line(session, group), as_json, f"{group.reference} er rettet.")


def nth_contact(session: Session, group: VolunteerGroup, number: int) -> Contact:
    """Whom `--contact` means, counted from 1.

    Raises:
        BadInput: the group has fewer contacts.
    """
    there = contacts_of(session, group)
    if number > len(there):
        raise BadInput("--contact", f"{group.reference} har {len(there)} kontakter.")
    return there[number - 1]
