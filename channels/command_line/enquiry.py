"""`driftsklar enquiry …`: what the public sent, from the pages or by a form: taken over, declined or set aside."""

from datetime import date
from typing import Any

import click

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import labelled, show, show_recorded, table
from channels.command_line.typed import DAY, NUMBER, choice
from channels.staff.place_text import place_in
from channels.views.enquiries import enquiry_line, enquiry_shown
from channels.views.shapes.outside import EnquiryShown
from models.case.enquiry import enquiries, find_enquiry
from models.case.facility import LandOwner
from models.role import Door, Role
from models.said import Said
from models.stages.enquiry import decline_enquiry, mark_as_spam, settle_offer, take_as_sent, withdraw_enquiry
from models.stages.enquiry_proposal import PutRight
from models.stages.proposal import MAX_YEARS


@click.group()
def enquiry() -> None:
    """Henvendelser fra hjemmesiden og formularer: forslag, og folk, der vil være med."""


@enquiry.command("list")
@click.option("--all", "also_answered", is_flag=True, help="Også dem, der er besvaret.")
@json_option
def list_enquiries(also_answered: bool, as_json: bool) -> None:
    """Henvendelser, der venter på svar."""
    with looking() as session:
        lines = [enquiry_line(session, each) for each in enquiries(session, only_open=not also_answered)]
    columns = {"id": "Nr.", "danish": "Hvad", "state_danish": "Tilstand", "received_on": "Sendt", "what": "Hvorfor"}
    rows = [dict(line) for line in lines]
    show(lines, as_json, table(rows, columns, fold="what") if rows else "Der er ingen henvendelser.")


@enquiry.command("show")
@click.argument("number", metavar="NR", type=NUMBER)
@json_option
def show_enquiry(number: int, as_json: bool) -> None:
    """Alt, hvad der er sendt, hvem der skrev, og hvad en formular svarede, som vi ikke bruger."""
    with looking() as session:
        document = enquiry_shown(session, find_enquiry(session, number))
    show(document, as_json, _in_words(document))


def _in_words(shown: EnquiryShown) -> str:
    where = f"{shown.lat}, {shown.lon}" if shown.lat is not None else shown.place_said
    said = {
        "Hvad": shown.danish,
        "Tilstand": shown.state_danish,
        "Fejl": shown.trouble,
        "Type": shown.type,
        "Navn": shown.name,
        "Sted": where,
        "Ejer": shown.land_owner.danish if shown.land_owner is not None else "",
        "Gruppe": shown.group,
        "Hvorfor": " ".join(shown.what.split()),
        "Hvem de er": " ".join(shown.who.split()),
        "Fra": ", ".join(filter(None, (shown.sender_name, shown.sender_mail, shown.sender_phone))),
        "Anlæg": shown.facility,
        "Svar": shown.answer,
    }
    lines = [labelled(label, text) for label, text in said.items() if text]
    lines += [labelled("Skrevet", f"{name}: {value}") for name, value in shown.answers.items()]
    lines += [labelled("Fil", f"{each.name}: {each.trouble or each.path}") for each in shown.files]
    return "\n".join(lines)


@enquiry.command()
@click.argument("number", metavar="NR", type=NUMBER)
@click.option("--type", "type_key", help="Anlægstypen, fx shelter. Uden: som der står.")
@click.option("--name", help="Stedets navn. Uden: som der står.")
@click.option("--place", default="", help="Hvor: kortlink eller grader. Uden: som der står i henvendelsen.")
@click.option("--group", default=None, help="En gruppe, der findes (G-0001). Uden: den, der hedder, som der står.")
@click.option("--new-group", default=None, help="Navnet på en ny gruppe med den, der skrev, som kontakt.")
@click.option("--land-owner", type=choice(LandOwner), help="Hvem ejer jorden. Uden: som der står.")
@click.option("--years", type=click.IntRange(1, MAX_YEARS), help="Aftalens længde i år. Uden: som der står, ellers 5.")
@click.option("--start", type=DAY, help="Dagen, driften begynder.")
@click.option("--anyway", is_flag=True, help="Det er et andet sted end det, der ligner i nærheden.")
@on_option
@by_option(Role.PROJECT_LEAD)
@json_option
def take(number: int, on: date, by: str, as_json: bool, **wish: Any) -> None:
    """Tag et forslag over: driften bliver spurgt med det samme, og den, der skrev, får besked."""
    with recording() as session:
        found = find_enquiry(session, number)
        where = wish["place"] or (found.place_said if found.lat is None else "")
        put_right = PutRight(
            type_key=wish["type_key"],
            name=wish["name"],
            point=place_in(where) if where else None,
            land_owner=LandOwner(wish["land_owner"]) if wish["land_owner"] else None,
            years=wish["years"],
            group=wish["group"],
            new_group=wish["new_group"],
            start_on=wish["start"],
            anyway=wish["anyway"],
        )
        facility = take_as_sent(session, found, put_right, Said(on, Role(by), Door.CLI))
        text = f"Henvendelse nr. {number} er nu {facility.reference}. Driften er spurgt."
        show_recorded(session, enquiry_line(session, found), as_json, text)


@enquiry.command()
@click.argument("number", metavar="NR", type=NUMBER)
@click.option("--reason", required=True, help="Hvorfor ikke. Den, der skrev, får det at vide.")
@on_option
@by_option(Role.PROJECT_LEAD)
@json_option
def decline(number: int, reason: str, on: date, by: str, as_json: bool) -> None:
    """Sig nej tak, fordi …"""
    with recording() as session:
        found = decline_enquiry(session, find_enquiry(session, number), reason, Said(on, Role(by), Door.CLI))
        show_recorded(
            session, enquiry_line(session, found), as_json, f"Henvendelse nr. {number} er besvaret med nej tak."
        )


@enquiry.command()
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@by_option(Role.COORDINATOR)
@json_option
def settle(number: int, on: date, by: str, as_json: bool) -> None:
    """Notér, at I har talt med den, der vil være med."""
    with recording() as session:
        found = settle_offer(session, find_enquiry(session, number), Said(on, Role(by), Door.CLI))
        show_recorded(session, enquiry_line(session, found), as_json, f"Henvendelse nr. {number} er besvaret.")


@enquiry.command()
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@by_option(Role.COORDINATOR)
@json_option
def spam(number: int, on: date, by: str, as_json: bool) -> None:
    """Sæt en henvendelse til side, som intet menneske har skrevet."""
    with recording() as session:
        found = mark_as_spam(session, find_enquiry(session, number), Said(on, Role(by), Door.CLI))
        show_recorded(session, enquiry_line(session, found), as_json, f"Henvendelse nr. {number} er sat til side.")


@enquiry.command()
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@json_option
def erase(number: int, on: date, as_json: bool) -> None:
    """Slet, hvem der skrev og hvad, fordi de beder om det."""
    with recording() as session:
        found = withdraw_enquiry(session, find_enquiry(session, number), on=on, door=Door.CLI)
        show_recorded(session, enquiry_line(session, found), as_json, f"Henvendelse nr. {number} er tømt.")
