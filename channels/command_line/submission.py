"""`driftsklar submission …`: proposals that were sent by a form, looked at: taken over or declined."""

from datetime import date

import click
from sqlmodel import Session

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import labelled, short_day, show, show_recorded, table
from channels.command_line.typed import DAY, DEGREES, NUMBER, choice
from channels.views.shapes.outside import SubmissionFile, SubmissionLine, SubmissionShown
from models.case.facility import Facility, LandOwner
from models.outside.form_submission import FormSubmission, files_of, find_submission, submissions
from models.role import Door, Role
from models.said import Said
from models.stages.form_submission import PutRight, decline, take_over


@click.group()
def submission() -> None:
    """Forslag, der er sendt ind med en formular, og som nogen skal se på."""


def _line(session: Session, each: FormSubmission) -> SubmissionLine:
    facility = session.get(Facility, each.facility_id) if each.facility_id is not None else None
    return SubmissionLine(
        id=each.number,
        source=each.source,
        uuid=each.uuid,
        serial=each.serial,
        sent_at=each.sent_at,
        fetched=each.fetched_on,
        state=each.state,
        trouble=each.trouble,
        type=each.type_key,
        name=each.name,
        lat=each.lat,
        lon=each.lon,
        land_owner=each.land_owner,
        years=each.years,
        group=each.group_name,
        facility=facility.reference if facility is not None else None,
    )


@submission.command("list")
@click.option("--all", "also_decided", is_flag=True, help="Også dem, der er afgjort.")
@json_option
def list_submissions(also_decided: bool, as_json: bool) -> None:
    """Indsendelser, der venter, og hvorfor nogle ikke kan læses."""
    with looking() as session:
        lines = [_line(session, each) for each in submissions(session, only_open=not also_decided)]
    columns = {"id": "Nr.", "state": "Tilstand", "on": "Hentet", "type": "Type", "name": "Navn", "trouble": "Fejl"}
    rows = [dict(each) | {"state": each.state.danish, "on": short_day(each.fetched)} for each in lines]
    show(lines, as_json, table(rows, columns, fold="trouble") if rows else "Der er ingen indsendelser.")


@submission.command("show")
@click.argument("number", metavar="NR", type=NUMBER)
@json_option
def show_submission(number: int, as_json: bool) -> None:
    """Alt, hvad der er sendt ind, også svar, vi ikke bruger."""
    with looking() as session:
        found = find_submission(session, number)
        document = SubmissionShown(
            **dict(_line(session, found)),
            what=found.what,
            sender_name=found.sender_name,
            sender_mail=found.sender_mail,
            sender_phone=found.sender_phone,
            answers=found.answers,
            files=[SubmissionFile(name=f.name, path=f.path, trouble=f.trouble) for f in files_of(session, found)],
            reason=found.reason,
        )
    said = {
        "Tilstand": document.state.danish,
        "Fejl": document.trouble,
        "Type": document.type,
        "Navn": document.name,
        "Sted": f"{document.lat}, {document.lon}" if document.lat is not None else "",
        "Ejer": document.land_owner.danish if document.land_owner is not None else "",
        "Gruppe": document.group,
        "Ønske": " ".join(document.what.split()),
        "Afsender": ", ".join(filter(None, (document.sender_name, document.sender_mail, document.sender_phone))),
        "Anlæg": document.facility or "",
    }
    lines = [labelled(label, text) for label, text in said.items() if text]
    lines += [labelled("Svar", f"{name}: {value}") for name, value in document.answers.items()]
    lines += [labelled("Fil", f"{each.name}: {each.trouble or each.path}") for each in document.files]
    show(document, as_json, "\n".join(lines))


@submission.command("take")
@click.argument("number", metavar="NR", type=NUMBER)
@click.option("--group", help="Gruppen, fx G-0001.")
@click.option("--new-group", metavar="NAVN", help="Opret en gruppe med afsenderen som kontakt.")
@click.option("--type", "type_key", help="Anlægstypen, hvis den er en anden.")
@click.option("--name", help="Navnet, hvis det skal være et andet.")
@click.option("--lat", type=DEGREES, help="Breddegrad, hvis stedet er et andet.")
@click.option("--lon", type=DEGREES, help="Længdegrad, hvis stedet er et andet.")
@click.option("--land-owner", type=choice(LandOwner), help="Hvem der ejer jorden.")
@click.option("--years", type=click.IntRange(1, 10), help="Hvor mange år gruppen vil passe stedet.")
@click.option("--start", type=DAY, help="Dagen, driften begynder.")
@click.option("--anyway", is_flag=True, help="Det er et andet sted end det, der ligner i nærheden.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def take(
    number: int,
    group: str | None,
    new_group: str | None,
    type_key: str | None,
    name: str | None,
    lat: float | None,
    lon: float | None,
    land_owner: str | None,
    years: int | None,
    start: date | None,
    anyway: bool,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Tag en indsendelse over: den bliver et forslag, og driften bliver spurgt."""
    owner = LandOwner(land_owner) if land_owner else None
    put_right = PutRight(type_key, name, lat, lon, owner, years, group, new_group, start, anyway)
    with recording() as session:
        found = find_submission(session, number)
        facility = take_over(session, found, put_right, Said(on, Role(by), Door.CLI))
        show_recorded(
            session, _line(session, found), as_json, f"Indsendelse nr. {number} er nu forslag {facility.reference}."
        )


@submission.command("decline")
@click.argument("number", metavar="NR", type=NUMBER)
@click.option("--reason", required=True, help="Hvorfor, så det kan siges til afsenderen.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def decline_submission(number: int, reason: str, on: date, by: str, as_json: bool) -> None:
    """Sig nej til en indsendelse. Afsenderen får ikke besked herfra: adressen står i submission show."""
    with recording() as session:
        found = find_submission(session, number)
        decline(session, found, reason, Said(on, Role(by), Door.CLI))
        show_recorded(session, _line(session, found), as_json, f"Indsendelse nr. {number} er afvist.")
