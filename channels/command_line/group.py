"""`driftsklar group …`: the volunteer groups and their contacts."""

from datetime import date

import click
from sqlmodel import col, select

from channels.addresses import address
from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import show, show_recorded, table
from channels.command_line.typed import KEY, OneOf
from channels.views.cases import group_line
from channels.views.shapes.group import InvitationMade, MessageWritten
from config.catalogue import catalogue
from models.case.volunteer_group import Pace, VolunteerGroup, add_group, find_group, missing_readiness
from models.database import now
from models.persons.contacts import choose_pace
from models.persons.group_correction import correct_group
from models.persons.group_message import groups_to_write_to, write_to_groups
from models.persons.invitation import AT_MOST, invite
from models.post.link import Purpose
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said


class _Groups(click.Group):
    """`import` is loaded only when it is asked for: it brings the spreadsheets' library with it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), "import"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name != "import":
            return super().get_command(ctx, cmd_name)
        from channels.command_line.import_ import bring_groups

        return bring_groups


@click.group(cls=_Groups)
def group() -> None:
    """Frivilliggrupper."""


@group.command()
@click.option("--name", required=True, help="Gruppens navn.")
@click.option(
    "--contact", "contacts", required=True, multiple=True, help="NAVN;MAIL;TELEFON. Den anden er stedfortræder."
)
@click.option("--cvr", default="", help="CVR-nummer, hvis gruppen har et.")
@click.option("--key", type=KEY, help="Jeres egen nøgle: samme nøgle giver samme gruppe.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def add(name: str, contacts: tuple[str, ...], cvr: str, key: str | None, on: date, by: str, as_json: bool) -> None:
    """Opret en frivilliggruppe."""
    with recording() as session:
        made = add_group(session, name, list(contacts), Said(on, Role(by), Door.CLI), cvr=cvr, key=key)
        lacks = missing_readiness(session, made)
        text = "\n".join([f"{made.reference} · {made.name} er oprettet.", *lacks])
        show_recorded(session, group_line(session, made), as_json, text)


@group.command("correct")
@click.argument("reference", metavar="GRUPPE")
@click.option("--name", help="Gruppens rigtige navn.")
@click.option("--cvr", help="Det rigtige CVR-nummer; tomt, hvis gruppen ikke har et.")
@click.option("--reason", required=True, help="Hvorfor det rettes; skriv ingen personnavne.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def correct(reference: str, name: str | None, cvr: str | None, reason: str, on: date, by: str, as_json: bool) -> None:
    """Ret gruppens navn eller CVR-nummer. Det, der er underskrevet, beholder sin tekst."""
    with recording() as session:
        said = Said(on, Role(by), Door.CLI)
        found = correct_group(session, find_group(session, reference), said, name=name, cvr=cvr, reason=reason)
        show_recorded(session, group_line(session, found), as_json, f"{found.reference} · {found.name} er rettet.")


@group.command("mails")
@click.argument("reference", metavar="GRUPPE")
@click.option(
    "--pace",
    required=True,
    type=OneOf({each.value: each.danish for each in Pace}),
    help="En gang om ugen, hver gang eller kun SMS.",
)
@on_option
@by_option(Role.COORDINATOR)
@json_option
def choose(reference: str, pace: str, on: date, by: str, as_json: bool) -> None:
    """Vælg, hvor ofte gruppen får besked om sine tjek."""
    with recording() as session:
        found = choose_pace(session, find_group(session, reference), Pace(pace), Said(on, Role(by), Door.CLI))
        show_recorded(session, group_line(session, found), as_json, f"{found.reference} får {found.pace.danish}.")


@group.command("invite")
@click.argument("reference", metavar="GRUPPE")
@click.option("--most", type=click.IntRange(1, AT_MOST), default=1, show_default=True, help="Hvor mange den er til.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def invite_members(reference: str, most: int, on: date, by: str, as_json: bool) -> None:
    """Lav en invitation til nye medlemmer, og vis linket, der skal sendes."""
    with recording() as session:
        found = find_group(session, reference)
        token = invite(session, found, Said(on, Role(by), Door.CLI), by_contact=None, most=most, moment=now())
        url = address(Purpose.INVITATION, token)
        made = InvitationMade(group=found.reference, address=url, most=most)
        session.info["answer"] = (made, as_json, url)


@group.command("message")
@click.option(
    "--group", "references", multiple=True, metavar="GRUPPE", help="Til denne gruppe; kan skrives flere gange."
)
@click.option("--type", "types", multiple=True, help="Til grupper med steder af denne type, fx badebro.")
@click.option("--all", "everybody", is_flag=True, help="Til alle grupper med et sted i drift.")
@click.option("--subject", required=True, help="Emnet, på en linje.")
@click.option("--text", "words", required=True, help="Beskeden.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def write_message(
    references: tuple[str, ...],
    types: tuple[str, ...],
    everybody: bool,
    subject: str,
    words: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Skriv til en gruppe, til nogle eller til alle. Det kommer med i deres næste mail."""
    if sum((bool(references), bool(types), everybody)) != 1:
        raise BadInput("--group", "vælg en af de tre: --group, --type eller --all.")
    for key in types:
        if key not in catalogue().types:
            raise BadInput("--type", f'"{key[:40]}" kender vi ikke. Vælg en af: {", ".join(catalogue().types)}.')
    with recording() as session:
        named = [find_group(session, each) for each in references]
        groups = named or groups_to_write_to(session, types)
        persons = write_to_groups(session, groups, subject, words, Said(on, Role(by), Door.CLI))
        document = MessageWritten(groups=[each.reference for each in groups], persons=persons)
        show_recorded(session, document, as_json, f"Beskeden er på vej til {persons} i {len(groups)} grupper.")


@group.command("list")
@json_option
def list_groups(as_json: bool) -> None:
    """Alle grupper."""
    with looking() as session:
        groups = session.exec(select(VolunteerGroup).order_by(col(VolunteerGroup.reference))).all()
        lines = [group_line(session, each) for each in groups if not each.is_nobody]
    rows = [dict(line) | {"who": ", ".join(c.name for c in line.contacts)} for line in lines]
    text = (
        table(rows, {"reference": "Gruppe", "name": "Navn", "who": "Kontakter"}, fold="who")
        if rows
        else "Der er ingen grupper endnu. Opret en med: driftsklar group add"
    )
    show(lines, as_json, text)
