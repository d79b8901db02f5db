"""`driftsklar person export` and `erase`: what the municipality owes a person who asks."""

from datetime import date
from pathlib import Path

import click

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import show, show_recorded
from channels.records.personal_data import BACKUPS, all_about, erase, erase_enquiries, write_out
from channels.views.shapes.person import PersonErased, PersonExportWritten
from models import text
from models.operation.followed import forget_address
from models.persons.known import contacts_with
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said

NOBODY = "Vi har intet om {}. Er adressen stavet rigtigt?"


@click.group()
def person() -> None:
    """Persondata: udlevér det, vi har om en person, eller slet det."""


@person.command("export")
@click.argument("address", metavar="MAIL")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Mappen, det hele lægges i: JSON, PDF, og kopier af aftaler, billeder og mails.",
)
@on_option
@json_option
def export(address: str, out: Path | None, on: date, as_json: bool) -> None:
    """Alt om en kontakt, fundet ved mailadresse eller telefonnummer."""
    address = _an_address(address)
    with looking() as session:
        found = all_about(session, address)
    lines = [
        f"{contact.role.capitalize()} i {contact.group.reference}: {contact.name}, "
        f"{len(contact.signatures)} underskrifter, {len(contact.messages)} beskeder, "
        f"{len(contact.links)} links, {len(contact.photos)} billeder."
        for contact in found.contacts
    ]
    lines += [f"Melding nr. {each.number} fra skiltet på {each.facility} venter på svar." for each in found.reports]
    lines += [f"Henvendelse nr. {each.number}: {each.state.danish}." for each in found.enquiries]
    lines = lines or [NOBODY.format(address)]
    if out is not None:
        try:
            written = write_out(found, out, on=on)
        except OSError as broken:
            raise BadInput("--out", f"mappen kan ikke skrives: {broken.strerror}.") from broken
        found = PersonExportWritten(**dict(found), files=[path.name for path in written])
        lines.append(f"{len(written)} filer ligger i {out}.")
    elif found.contacts or found.reports or found.enquiries:
        lines.append("Skriv --out MAPPE for at få det hele til udlevering, eller --json.")
    show(found, as_json, "\n".join(lines))


@person.command("erase")
@click.argument("address", metavar="MAIL")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def erase_one(address: str, on: date, by: str, as_json: bool) -> None:
    """Slet en kontakt. Det, som penge og aftaler skal kunne vise, står tilbage uden navn."""
    address = _an_address(address)
    done = {"contacts": 0, "reports": 0, "enquiries": 0, "messages": 0, "links": 0, "photos": 0, "texts": 0, "mails": 0}
    agreements: list[str] = []
    kept: list[str] = []
    papers: list[str] = []
    with recording() as session:
        for contact in contacts_with(session, address):
            erased, mails = erase(session, contact, Said(on, Role(by), Door.CLI))
            done["contacts"] += 1
            done["mails"] += mails
            for name in ("messages", "links", "photos", "texts"):
                done[name] += getattr(erased, name)
            agreements += erased.agreements
            kept += erased.kept
            papers += erased.papers
        done["reports"] = forget_address(session, address)
        done["enquiries"] = erase_enquiries(session, address, on=on)
        document = PersonErased(**done, agreements=agreements, papers=papers, kept=kept, backups=BACKUPS)
        told = (
            f"{done['contacts']} kontakt{'er' if done['contacts'] > 1 else ''} er slettet, og med dem "
            f"{done['messages']} beskeder, {done['links']} links, {done['photos']} billeder og {done['mails']} mails. "
            f"{len(agreements)} aftaler er skrevet ud uden navnet.\n{BACKUPS}"
            if done["contacts"]
            else ""
        )
        if done["reports"]:
            told = f"{told}\nAdressen er slettet fra {done['reports']} meldinger fra skiltet.".strip()
        if done["enquiries"]:
            told = f"{told}\n{done['enquiries']} henvendelser er tømt.".strip()
        told = told or NOBODY.format(address)
        if papers:
            told += f"\nSe selv efter, om personen står i filerne: {', '.join(papers)}. Tag ud med: driftsklar paper remove."
        if kept:
            told += f"\nKan ikke slettes, fordi det aldrig ændres: {', '.join(kept)}."
        show_recorded(session, document, as_json, told)


def _an_address(value: str) -> str:
    if "@" in value:
        return text.mail_address(value, "MAIL")
    if not value.strip():
        raise BadInput("MAIL", "skriv en mailadresse som navn@sted.dk eller et telefonnummer.")
    return text.phone_number(value, "MAIL")
