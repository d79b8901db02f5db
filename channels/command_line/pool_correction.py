"""`driftsklar pool correct` and `replace`: what is booked by hand, beside a facility's grant."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, proposed_by_option, recording
from channels.command_line.rates import Difference
from channels.command_line.shown import show_recorded
from channels.command_line.typed import DAY, KEY, KRONER, YEAR
from channels.views.cases import pool_line
from models.case.facility import find
from models.danish import kr as danish_kr
from models.figures.replacement import pay_replacement
from models.pool.correction import correct
from models.pool.ledger import Kind, year_of
from models.role import Door, Role
from models.said import Said


@click.command("correct")
@click.option("--year", required=True, type=YEAR, help="Året, posten hører til.")
@click.option("--kr", required=True, type=Difference(), help="Forskellen: 500 er mere, -500 er mindre.")
@click.option(
    "--what",
    type=click.Choice(["spending", "appropriation"]),
    default="spending",
    show_default=True,
    help="Forbruget eller bevillingen.",
)
@click.option("--facility", "reference", help="Anlægget, udgiften hører til.")
@click.option("--reason", required=True, help="Begrundelsen.")
@click.option("--key", type=KEY, help="Jeres egen nøgle: samme nøgle retter kun en gang.")
@click.option("--decided-on", type=DAY, help="Dagen for beslutningen.")
@click.option("--case-number", default="", help="Sagsnummeret.")
@proposed_by_option
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def correct_entry(
    year: int,
    kr: int,
    what: str,
    reference: str | None,
    reason: str,
    key: str | None,
    decided_on: date | None,
    case_number: str,
    proposed_by: str | None,
    proposed_by_person: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Ret et års forbrug eller bevilling, også når året er lukket. Posterne selv ændres aldrig."""
    kind = Kind.CORRECTION if what == "spending" else Kind.CORRECTION_PUT_IN
    with recording() as session:
        facility = find(session, reference) if reference else None
        correct(
            session,
            kind,
            year,
            kr,
            Said(on, Role(by), Door.CLI),
            facility=facility,
            reason=reason,
            key=key,
            decided_on=decided_on,
            case_number=case_number,
            proposed_by=Role(proposed_by) if proposed_by else None,
            proposed_by_person=proposed_by_person.strip().upper(),
        )
        pots = year_of(session, year)
        text = f"{kind.danish.capitalize()} {year}: {danish_kr(kr)}. Forbrug {danish_kr(pots.spent_ore)}, fri {danish_kr(pots.free_ore)}."
        show_recorded(session, pool_line(pots), as_json, text.replace("kr..", "kr."))


@click.command("replace")
@click.argument("reference", metavar="REF")
@click.option("--kr", required=True, type=KRONER, help="Hvad udskiftningen koster.")
@click.option("--reason", required=True, help="Begrundelsen.")
@click.option("--decided-on", type=DAY, help="Dagen for beslutningen.")
@click.option("--case-number", default="", help="Sagsnummeret.")
@proposed_by_option
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def replace(
    reference: str,
    kr: int,
    reason: str,
    decided_on: date | None,
    case_number: str,
    proposed_by: str | None,
    proposed_by_person: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Betal et anlæg, der er udtjent og bygges nyt: først af opsparingen, så af det frie."""
    with recording() as session:
        facility = find(session, reference)
        entry = pay_replacement(
            session,
            facility,
            kr,
            Said(on, Role(by), Door.CLI),
            reason=reason,
            decided_on=decided_on,
            case_number=case_number,
            proposed_by=Role(proposed_by) if proposed_by else None,
            proposed_by_person=proposed_by_person.strip().upper(),
        )
        pots = year_of(session, entry.year)
        text = f"{entry.what}: {danish_kr(entry.amount_ore)}. Fri i {entry.year}: {danish_kr(pots.free_ore)}"
        show_recorded(session, pool_line(pots), as_json, text.replace("kr..", "kr."))
