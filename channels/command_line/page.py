"""`driftsklar page`, `sign`, `link`, `contact`, `pause` and `suggestion`: the volunteers' page, from the desk."""

from datetime import date
from pathlib import Path

import click
from sqlmodel import Session

from channels.addresses import address
from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import show, show_recorded, table
from channels.command_line.typed import DAY, choice
from channels.paper.agreement_paper import write_once
from channels.paper.sign import sign_pdf
from channels.views.cases import facility_line, group_line
from channels.views.shapes.facility import FacilityPauses, PauseLine
from channels.views.shapes.files import SignWritten
from channels.views.shapes.group import LinkMade, LinksRevoked
from channels.views.shapes.operation import SuggestionLine
from config.file_modes import for_everybody
from config.settings import settings
from models.case.agreement import last_agreement
from models.case.facility import Facility, find
from models.case.volunteer_group import Contact, Reach, VolunteerGroup, contacts_of, find_group, parse_contact
from models.database import now
from models.operation.check import find_check
from models.operation.pause import end_pause, pause_care, pauses_of, stop_task
from models.operation.public_report import (
    PublicReport,
    confirm_report,
    dismiss_report,
    find_public_report,
    public_reports,
)
from models.persons.contacts import add_contact, change_contact, leave_group
from models.post.link import Purpose, hash_of_address, make_link, revoke_links
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said

NUMBER = click.IntRange(1, 2_000_000_000)
CONTACT = click.option(
    "--contact",
    "number",
    type=click.IntRange(1, 10),
    default=1,
    show_default=True,
    help="Hvem i gruppen: 1 er kontaktpersonen, 2 stedfortræderen.",
)


@click.command()
@click.option("--port", type=click.IntRange(1024, 65535), help="Sidens port.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Adressen, der lyttes på.")
def page(port: int | None, host: str) -> None:
    """Vis de frivilliges side alene, bag en webserver. Ctrl-C standser den."""
    from channels.page.__main__ import serve  # uvicorn and FastAPI are slow to load

    serve(port or settings().page_port, host)


@click.command()
@click.argument("reference")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Filen, der skrives.")
@on_option
@json_option
def sign(reference: str, out: Path, on: date, as_json: bool) -> None:
    """Lav skiltet til et anlæg: A5 med en kode, hvor alle kan melde en skade."""
    with looking() as session:
        facility = find(session, reference)
        pdf = sign_pdf(facility, session.get_one(VolunteerGroup, facility.group_id), on=on)
    try:
        with for_everybody():
            write_once(out, pdf, 0o666)
    except OSError as broken:
        raise BadInput("--out", f"filen kan ikke skrives: {broken.strerror}.") from broken
    show(SignWritten(reference=facility.reference, out=str(out)), as_json, f"Skiltet ligger i {out}.")


@click.group()
def link() -> None:
    """Links til de frivilliges side."""


@link.command()
@click.argument("purpose", type=choice(Purpose))
@click.argument("subject")
@CONTACT
@json_option
def make(purpose: str, subject: str, number: int, as_json: bool) -> None:
    """Lav et link. SUBJECT er tjekkets nr., meldingens nr., anlægget (VK-…) eller gruppen (G-…)."""
    said = Purpose(purpose)
    with recording() as session:
        subject_id, group = _subject(session, said, subject)
        contact = _contact(session, group, number)
        whose = None if said is Purpose.FEED else contact.id
        token = make_link(session, said, subject_id, contact_id=whose, role=None, moment=now())
        document = LinkMade(purpose=said, address=address(said, token))
        session.info["answer"] = (document, as_json, document.address)


@link.command()
@click.option("--address", "url", help="Linket, der skal holde op med at virke.")
@click.option("--group", "reference", help="Alle links for en i gruppen (G-0001), se --contact.")
@CONTACT
@on_option
@by_option(Role.COORDINATOR)
@json_option
def revoke(url: str | None, reference: str | None, number: int, on: date, by: str, as_json: bool) -> None:
    """Træk links tilbage: et enkelt, eller alle for en kontakt."""
    if (url is None) == (reference is None):
        raise BadInput("--address", "skriv enten et link (--address) eller en gruppe (--group).")
    said = Said(on, Role(by), Door.CLI)
    with recording() as session:
        if url is not None:
            count = revoke_links(session, said, sha256=hash_of_address(url))
        else:
            contact = _contact(session, find_group(session, reference or ""), number)
            count = revoke_links(session, said, contact_id=contact.id)
        show_recorded(session, LinksRevoked(revoked=count), as_json, f"{count} links er trukket tilbage.")


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
        gone = leave_group(session, _contact(session, group, number), Said(on, Role(by), Door.CLI))
        text = f"{gone.name} er gået ud af {group.reference}."
        show_recorded(session, group_line(session, group), as_json, text)


@contact.command("change")
@click.argument("reference")
@CONTACT
@click.option("--mail", help="Ny mailadresse.")
@click.option("--phone", help="Nyt telefonnummer.")
@click.option("--prefers", type=choice(Reach), help="Mail eller SMS.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def change(
    reference: str,
    number: int,
    mail: str | None,
    phone: str | None,
    prefers: str | None,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Ret en kontakts mail, telefon, eller om det hellere skal være SMS."""
    with recording() as session:
        group = find_group(session, reference)
        there = _contact(session, group, number)
        change_contact(
            session,
            there,
            there.mail if mail is None else mail,
            there.phone if phone is None else phone,
            there.prefers if prefers is None else Reach(prefers),
            Said(on, Role(by), Door.CLI),
        )
        show_recorded(session, group_line(session, group), as_json, f"{group.reference} er rettet.")


@click.command()
@click.argument("reference")
@click.option("--from", "from_on", type=DAY, help="Pausens første dag.")
@click.option("--until", "until_on", type=DAY, help="Pausens sidste dag.")
@click.option("--task", help="Kun én opgave, som driften tager for resten af aftalen.")
@click.option("--end", is_flag=True, help="Gruppen er tilbage: slut de pauser, der er.")
@on_option
@by_option(Role.VOLUNTEER)
@json_option
def pause(
    reference: str,
    from_on: date | None,
    until_on: date | None,
    task: str | None,
    end: bool,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Gruppen holder pause, eller giver en opgave fra sig. Driften tager over."""
    said = Said(on, Role(by), Door.CLI)
    with recording() as session:
        facility = find(session, reference)
        if end:
            for each in pauses_of(session, facility, on=on):
                end_pause(session, each, said)
        elif task is not None:
            stop_task(session, facility, task, said)
        elif until_on is not None:
            pause_care(session, facility, said, from_on=from_on or on, until_on=until_on)
        else:
            raise BadInput("--until", "skriv pausens sidste dag, en opgave (--task) eller --end.")
        rows = [
            PauseLine(task=p.task_key, from_on=p.from_on, until_on=p.until_on)
            for p in pauses_of(session, facility, on=on)
        ]
        document = FacilityPauses(**dict(facility_line(session, facility)), pauses=rows)
        text = f"{facility.reference}: {len(rows)} pauser." if rows else f"{facility.reference}: ingen pause."
        show_recorded(session, document, as_json, text)


@click.group()
def suggestion() -> None:
    """Meldinger fra skiltet, som ingen har bekræftet."""


@suggestion.command("list")
@click.option("--all", "also_decided", is_flag=True, help="Også dem, der er afgjort.")
@json_option
def list_suggestions(also_decided: bool, as_json: bool) -> None:
    """Meldinger, der venter."""
    with looking() as session:
        reports = public_reports(session, only_open=not also_decided)
        lines = [_line(session, report) for report in reports]
    columns = {"id": "Nr.", "facility": "Anlæg", "danish": "Tilstand", "reported_on": "Meldt", "what": "Hvad"}
    show(
        lines,
        as_json,
        table([dict(line) for line in lines], columns, fold="what") if lines else "Der er ingen meldinger.",
    )


@suggestion.command()
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@by_option(Role.OPERATIONS)
@json_option
def confirm(number: int, on: date, by: str, as_json: bool) -> None:
    """Bekræft en melding: den bliver til en skade."""
    with recording() as session:
        report = find_public_report(session, number)
        confirm_report(session, report, Said(on, Role(by), Door.CLI))
        text = f"Melding nr. {number} er bekræftet: skade nr. {report.incident_id}."
        show_recorded(session, _line(session, report), as_json, text)


@suggestion.command()
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@by_option(Role.OPERATIONS)
@json_option
def dismiss(number: int, on: date, by: str, as_json: bool) -> None:
    """Afvis en melding: der er ikke noget."""
    with recording() as session:
        report = find_public_report(session, number)
        dismiss_report(session, report, Said(on, Role(by), Door.CLI))
        show_recorded(session, _line(session, report), as_json, f"Melding nr. {number} er afvist.")


def _line(session: Session, report: PublicReport) -> SuggestionLine:
    return SuggestionLine(
        id=report.number,
        facility=session.get_one(Facility, report.facility_id).reference,
        what=report.what,
        safe=report.safe,
        state=report.state,
        danish=report.state.danish + (", ligner en maskine" if report.looks_automatic else ""),
        looks_automatic=report.looks_automatic,
        reported_on=report.reported_on,
        incident=report.incident_id,
    )


def _subject(session: Session, purpose: Purpose, subject: str) -> tuple[int, VolunteerGroup]:
    """What the link is about, and the group that gets it."""
    if purpose in (Purpose.GROUP, Purpose.CONTACTS, Purpose.FEED):
        group = find_group(session, subject)
        return group.number, group
    if purpose in (Purpose.ANSWER, Purpose.SUGGESTION):
        if not (subject.isascii() and subject.isdigit() and len(subject) < 10):
            raise BadInput("subject", "skriv nummeret, fx 12.")
        number = int(subject)
        of = find_check(session, number) if purpose is Purpose.ANSWER else find_public_report(session, number)
        facility = session.get_one(Facility, of.facility_id)
        return of.number, session.get_one(VolunteerGroup, facility.group_id)
    facility = find(session, subject)
    group = session.get_one(VolunteerGroup, facility.group_id)
    if purpose is Purpose.STOP:
        return facility.number, group
    agreement = last_agreement(session, facility)
    if agreement is None:
        raise BadInput("subject", f"{facility.reference} har ingen aftale endnu.")
    return agreement.number, group


def _contact(session: Session, group: VolunteerGroup, number: int) -> Contact:
    there = contacts_of(session, group)
    if number > len(there):
        raise BadInput("--contact", f"{group.reference} har {len(there)} kontakter.")
    return there[number - 1]
