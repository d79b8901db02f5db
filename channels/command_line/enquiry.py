"""`driftsklar enquiry …`: what the public sent from the pages, taken over, declined or set aside."""

from datetime import date
from typing import Any

import click
from sqlmodel import Session

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import show, show_recorded, table
from channels.staff.place_text import place_in
from channels.views.shapes.outside import EnquiryLine
from config.catalogue import catalogue
from models.case.enquiry import Enquiry, enquiries, find_enquiry
from models.case.facility import Facility, LandOwner
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said
from models.stages.enquiry import decline_enquiry, mark_as_spam, settle_offer, take_over, withdraw_enquiry
from models.stages.proposal import Proposal

NUMBER = click.IntRange(1, 2_000_000_000)


@click.group()
def enquiry() -> None:
    """Henvendelser fra hjemmesiden: forslag, og folk, der vil være med."""


@enquiry.command("list")
@click.option("--all", "also_answered", is_flag=True, help="Også dem, der er besvaret.")
@json_option
def list_enquiries(also_answered: bool, as_json: bool) -> None:
    """Henvendelser, der venter på svar."""
    with looking() as session:
        lines = [_line(session, each) for each in enquiries(session, only_open=not also_answered)]
    columns = {"id": "Nr.", "danish": "Hvad", "state_danish": "Tilstand", "received_on": "Sendt", "what": "Hvorfor"}
    rows = [dict(line) for line in lines]
    show(lines, as_json, table(rows, columns, fold="what") if rows else "Der er ingen henvendelser.")


@enquiry.command()
@click.argument("number", metavar="NR", type=NUMBER)
@click.option("--type", "type_key", required=True, help="Anlægstypen, fx shelter.")
@click.option("--name", required=True, help="Stedets navn.")
@click.option("--place", default="", help="Hvor: kortlink eller grader. Uden: som der står i henvendelsen.")
@click.option("--group", default=None, help="En gruppe, der findes (G-0001).")
@click.option("--new-group", default=None, help="Navnet på en ny gruppe med den, der skrev, som kontakt.")
@click.option("--land-owner", type=click.Choice([o.value for o in LandOwner]), required=True, help="Hvem ejer jorden.")
@click.option("--years", type=int, default=5, show_default=True, help="Aftalens længde i år.")
@on_option
@by_option(Role.PROJECT_LEAD)
@json_option
def take(number: int, on: date, by: str, as_json: bool, **wish: Any) -> None:
    """Tag et forslag over: driften bliver spurgt med det samme."""
    if (wish["group"] is None) == (wish["new_group"] is None):
        raise BadInput("group", "skriv enten --group eller --new-group.")
    with recording() as session:
        found = find_enquiry(session, number)
        where = (found.lat, found.lon) if found.lat is not None and found.lon is not None else None
        if wish["place"] or where is None:
            where = place_in(wish["place"] or found.place_said)
        proposal = Proposal(
            type_key=wish["type_key"],
            name=wish["name"],
            group=wish["group"] or "",
            lat=where[0],
            lon=where[1],
            land_owner=LandOwner(wish["land_owner"]),
            years=wish["years"],
        )
        facility = take_over(session, found, proposal, Said(on, Role(by), Door.CLI), new_group=wish["new_group"])
        text = f"Henvendelse nr. {number} er nu {facility.reference}. Driften er spurgt."
        show_recorded(session, _line(session, found), as_json, text)


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
        show_recorded(session, _line(session, found), as_json, f"Henvendelse nr. {number} er besvaret med nej tak.")


@enquiry.command()
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@by_option(Role.COORDINATOR)
@json_option
def settle(number: int, on: date, by: str, as_json: bool) -> None:
    """Notér, at I har talt med den, der vil være med."""
    with recording() as session:
        found = settle_offer(session, find_enquiry(session, number), Said(on, Role(by), Door.CLI))
        show_recorded(session, _line(session, found), as_json, f"Henvendelse nr. {number} er besvaret.")


@enquiry.command()
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@by_option(Role.COORDINATOR)
@json_option
def spam(number: int, on: date, by: str, as_json: bool) -> None:
    """Sæt en henvendelse til side, som intet menneske har skrevet."""
    with recording() as session:
        found = mark_as_spam(session, find_enquiry(session, number), Said(on, Role(by), Door.CLI))
        show_recorded(session, _line(session, found), as_json, f"Henvendelse nr. {number} er sat til side.")


@enquiry.command()
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@json_option
def erase(number: int, on: date, as_json: bool) -> None:
    """Slet, hvem der skrev og hvad, fordi de beder om det."""
    with recording() as session:
        found = withdraw_enquiry(session, find_enquiry(session, number), on=on, door=Door.CLI)
        show_recorded(session, _line(session, found), as_json, f"Henvendelse nr. {number} er tømt.")


def _line(session: Session, found: Enquiry) -> EnquiryLine:
    place = session.get(Facility, found.facility_id) if found.facility_id is not None else None
    kinds = catalogue().types
    return EnquiryLine(
        id=found.number,
        kind=found.kind,
        danish=found.kind.danish + (", ligner en maskine" if found.looks_automatic else ""),
        state=found.state,
        state_danish=found.state.danish,
        facility=place.reference if place is not None else "",
        type=found.type_key if found.type_key in kinds else "",
        what=found.what,
        looks_automatic=found.looks_automatic,
        received_on=found.received_on,
    )
