"""`driftsklar pool compare`: what is booked here against what the economy system has paid."""

from pathlib import Path

import click

from channels.command_line.door import json_option, looking
from channels.command_line.shown import kroner, show, table
from channels.views.amounts import kroner as as_kroner
from channels.views.shapes.pool import ComparedLine
from models.figures.accounting import compare


@click.command("compare")
@click.argument("file", metavar="FIL", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--sheet", "name", help="Arket i regnearket, hvis der er flere, der passer.")
@json_option
def compare_paid(file: Path, name: str | None, as_json: bool) -> None:
    """Sammenlign med økonomisystemets liste (CSV eller XLSX): faktura, beløb og dato."""
    # the spreadsheets' library brings numpy with it, which no other command of the pool needs
    from channels.sheets.payments import COLUMNS, payments_in
    from channels.sheets.reading import read_sheet

    payments = payments_in(read_sheet(file, COLUMNS, name))
    with looking() as session:
        lines = [
            ComparedLine(
                invoice=each.invoice,
                side=each.side,
                booked_kr=as_kroner(each.booked_ore),
                paid_kr=as_kroner(each.paid_ore),
                difference_kr=as_kroner(each.difference_ore),
                paid_on=each.paid_on,
                work=list(each.work),
            )
            for each in compare(session, payments)
        ]
    rows = [
        {
            "invoice": line.invoice,
            "booked": kroner(line.booked_kr),
            "paid": kroner(line.paid_kr),
            "difference": kroner(line.difference_kr) if line.difference_kr else "",
            "side": line.side.danish,
        }
        for line in lines
    ]
    columns = {"invoice": "Faktura", "booked": "Bogført", "paid": "Betalt", "difference": "Forskel", "side": "Findes"}
    empty = "Der er ingen fakturaer, hverken her eller i listen."
    text = table(rows, columns, right=("booked", "paid", "difference")) if rows else empty
    wrong = sum(1 for line in lines if line.difference_kr)
    if rows:
        text += f"\n{wrong} af {len(rows)} fakturaer stemmer ikke." if wrong else "\nAlle fakturaer stemmer."
    show(lines, as_json, text)
