"""`driftsklar pool ledger`: all entries, and whether they and the chain are whole."""

from pathlib import Path

import click

from channels.command_line.door import find_if_said, json_option, looking
from channels.command_line.shown import kroner, short_day, show, table
from channels.command_line.typed import YEAR
from channels.domain import engine
from channels.records.known_heads import head_in, read_head
from channels.records.verified import require_head, require_unaltered
from channels.views.cases import ledger_line
from models.chain import Head, head_of
from models.pool.ledger import ledger


@click.command("ledger")
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
