"""`driftsklar pool …`: the money."""

from datetime import date
from pathlib import Path

import click

from channels.command_line.door import (
    by_option,
    engine,
    find_if_said,
    json_option,
    looking,
    on_option,
    proposed_by_option,
    recording,
)
from channels.command_line.planning import COMMANDS
from channels.command_line.shown import kroner, short_day, show, show_recorded, table
from channels.command_line.typed import DAY, KEY, KRONER, YEAR
from channels.records.known_heads import head_in, read_head
from channels.records.verified import require_head, require_unaltered
from channels.views.cases import ledger_line, pool_line
from models.calendar import today
from models.chain import Head, head_of
from models.danish import kr as danish_kr
from models.pool.ledger import ledger, year_of, years
from models.role import Door, Role
from models.said import Said
from models.stages.funding import appropriate


@click.group()
def pool() -> None:
    """Puljen."""


for each in COMMANDS:
    pool.add_command(each)


@pool.command("show")
@click.option("--year", type=YEAR, help="Kun dette år.")
@json_option
def show_pool(year: int | None, as_json: bool) -> None:
    """Årets penge: bevilget = tilsagn tilbage + forbrug + fri.

    Uden --year vises alle år. --json giver et objekt med --year, ellers en liste.
    """
    with looking() as session:
        wanted = [year] if year else (years(session) or [today().year])
        lines = [pool_line(year_of(session, each)) for each in wanted]
    columns = {
        "year": "År",
        "appropriated_kr": "Bevilget",
        "committed_kr": "Tilsagn tilbage",
        "spent_kr": "Forbrug",
        "free_kr": "Fri",
    }
    rows = [{key: kroner(value) if key.endswith("_kr") else value for key, value in line} for line in lines]
    amounts = tuple(key for key in columns if key.endswith("_kr"))
    show(lines[0] if year else lines, as_json, table(rows, columns, right=amounts))


@pool.command("appropriate")
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
        )
        line = pool_line(year_of(session, year))
        show_recorded(
            session,
            line,
            as_json,
            f"Puljen {year}: {danish_kr(kr)} bevilget, {danish_kr(year_of(session, year).free_ore)} fri.",
        )


@pool.command("ledger")
@click.option("--facility", "reference", help="Kun dette anlæg.")
@click.option("--year", type=YEAR, help="Kun dette år.")
@click.option("--verify", is_flag=True, help="Regn efter, om posterne giver saldiene, og om kæden er hel.")
@click.option("--head", "said", help="Se også, om det, der stod ved dette hoved, står uændret: NUMMER:HASH.")
@click.option(
    "--backup",
    "copy",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Det samme med hovedet i en sikkerhedskopi.",
)
@json_option
def show_ledger(
    reference: str | None, year: int | None, verify: bool, said: str | None, copy: Path | None, as_json: bool
) -> None:
    """Alle posteringer.

    --verify regner saldierne efter og følger kæden over posteringer og journal, hvert led med en hash over sig selv og
    det forrige. --head og --backup gør det også, og ser, om noget er skrevet om siden.
    """
    heads = [(read_head(said, "--head"), "det hoved")] if said else []
    heads += [(head_in(copy), f"kopien {copy}")] if copy else []
    verify = verify or bool(heads)
    reached: Head | None = None
    with looking() as session:
        facility = find_if_said(session, reference)
        entries = ledger(session, year=year, facility_id=facility.id if facility else None)
        lines = [ledger_line(session, entry) for entry in entries]
        if verify:
            require_unaltered(session)
            for head, said_by in heads:
                require_head(session.connection(), head, said_by)
            reached = head_of(engine())
    rows = [
        dict(line) | {"day": short_day(line.on), "danish": line.kind.danish, "amount": kroner(line.kr)}
        for line in lines
    ]
    columns = {"day": "Dag", "year": "År", "facility": "Anlæg", "danish": "Art", "amount": "Beløb", "what": "Tekst"}
    verified = f"\nPosterne passer med saldiene, og kæden er hel. Den står ved {reached}." if verify else ""
    show(
        lines,
        as_json,
        (table(rows, columns, fold="what", right=("amount",)) if rows else "Der er ingen posteringer.") + verified,
    )
