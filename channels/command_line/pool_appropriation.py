"""`driftsklar pool appropriate` and `transfer`: what a year gets, and what is moved to another."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, proposed_by_option, recording
from channels.command_line.shown import show_recorded
from channels.command_line.typed import DAY, KEY, KRONER, YEAR
from channels.views.cases import pool_line
from channels.views.shapes.pool import PoolYears
from models.danish import kr as danish_kr
from models.pool.appropriation import appropriate, transfer
from models.pool.ledger import year_of
from models.role import Door, Role
from models.said import Said


@click.command("appropriate")
@click.option("--year", required=True, type=YEAR, help="Året.")
@click.option("--kr", required=True, type=KRONER, help="Beløbet i kroner.")
@click.option("--reason", default="", help="Beslutningen, fx dato og sagsnummer.")
@click.option("--decided-on", type=DAY, help="Dagen for beslutningen.")
@click.option("--case-number", default="", help="Sagsnummeret.")
@click.option("--supplementary", is_flag=True, help="Det er en tillægsbevilling.")
@click.option("--key", type=KEY, help="Jeres egen nøgle: samme nøgle giver samme bevilling.")
@proposed_by_option
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def appropriate_money(
    year: int,
    kr: int,
    reason: str,
    decided_on: date | None,
    case_number: str,
    supplementary: bool,
    key: str | None,
    proposed_by: str | None,
    proposed_by_person: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Sæt penge i puljen for et år."""
    with recording() as session:
        appropriate(
            session,
            year,
            kr,
            Said(on, Role(by), Door.CLI),
            reason=reason,
            key=key,
            decided_on=decided_on,
            case_number=case_number,
            supplementary=supplementary,
            proposed_by=Role(proposed_by) if proposed_by else None,
            proposed_by_person=proposed_by_person.strip().upper(),
        )
        line = pool_line(year_of(session, year))
        show_recorded(
            session,
            line,
            as_json,
            f"Puljen {year}: {danish_kr(kr)} bevilget, {danish_kr(year_of(session, year).free_ore)} fri.",
        )


@click.command("transfer")
@click.option("--from", "from_year", required=True, type=YEAR, help="Året, pengene tages fra.")
@click.option("--to", "to_year", required=True, type=YEAR, help="Året, de flyttes til.")
@click.option("--kr", required=True, type=KRONER, help="Beløbet i kroner.")
@click.option("--reason", required=True, help="Begrundelsen.")
@click.option("--decided-on", type=DAY, help="Dagen for beslutningen.")
@click.option("--case-number", default="", help="Sagsnummeret.")
@click.option("--key", type=KEY, help="Jeres egen nøgle: samme nøgle flytter kun en gang.")
@proposed_by_option
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def transfer_money(
    from_year: int,
    to_year: int,
    kr: int,
    reason: str,
    decided_on: date | None,
    case_number: str,
    key: str | None,
    proposed_by: str | None,
    proposed_by_person: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Flyt frie penge fra et år til et andet."""
    with recording() as session:
        transfer(
            session,
            from_year,
            to_year,
            kr,
            Said(on, Role(by), Door.CLI),
            reason=reason,
            key=key,
            decided_on=decided_on,
            case_number=case_number,
            proposed_by=Role(proposed_by) if proposed_by else None,
            proposed_by_person=proposed_by_person.strip().upper(),
        )
        pots = [year_of(session, each) for each in (from_year, to_year)]
        text = "\n".join(f"Puljen {each.year}: {danish_kr(each.free_ore)} fri." for each in pots)
        show_recorded(session, PoolYears(years=[pool_line(each) for each in pots]), as_json, text)
