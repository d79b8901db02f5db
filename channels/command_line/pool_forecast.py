"""`driftsklar pool forecast`: the pool year by year, as it is or as if something changed."""

import re
from datetime import date

import click

from channels.command_line.door import json_option, looking, on_option
from channels.command_line.rates import TriedPercent, unusual_option
from channels.command_line.shown import show, table
from channels.command_line.typed import Whole
from channels.views.figures import ahead_line
from channels.views.shapes.pool import Forecast
from models.case.agreement import last_agreement
from models.case.facility import find
from models.danish import whole_kr
from models.figures.forecast import WhatIf, first_break
from models.figures.forecast_basis import MOST_ADDED, MOST_YEARS, forecast
from models.pool.indexation import require_usual
from models.refusal import BadInput


def parse_added(words: tuple[str, ...]) -> dict[str, int]:
    """ "shelter=2" as a type and how many.

    Raises:
        BadInput: it isn't of that form, or too many.
    """
    added: dict[str, int] = {}
    for word in words:
        type_key, equals, number = word.partition("=")
        if not equals or not re.fullmatch(r"[0-9]{1,4}", number) or int(number) > MOST_ADDED:
            raise BadInput("--add", f"“{word[:40]}” kan ikke læses. Skriv fx shelter=2.")
        added[type_key.strip()] = added.get(type_key.strip(), 0) + int(number)
    return added


@click.command("forecast")
@click.option("--years", default=10, show_default=True, type=Whole(1, MOST_YEARS, "år"), help="Antal år.")
@click.option("--add", "added", multiple=True, metavar="TYPE=TAL", help="Prøv med flere anlæg fra næste år.")
@click.option(
    "--group-loss", default=0, type=TriedPercent(), help="Prøv: så mange procent af grupperne stopper om året."
)
@click.option("--indexation", type=TriedPercent(), help="Prøv en anden P/L i procent, fx 3.")
@unusual_option
@click.option("--with", "proposal", metavar="REF", help="Prøv, som om puljen gav tilsagn til dette anlæg.")
@on_option
@json_option
def show_forecast(
    years: int,
    added: tuple[str, ...],
    group_loss: int,
    indexation: int | None,
    unusual_rate: bool,
    proposal: str | None,
    on: date,
    as_json: bool,
) -> None:
    """Puljen år for år: ventet træk, og hvor det ligger i 8 af 10 tilfælde."""
    if indexation is not None:
        require_usual(indexation, is_sure=unusual_rate, field="--indexation")
    tried = indexation / 10_000 if indexation is not None else None
    what_if = WhatIf(parse_added(added), group_loss / 10_000, tried)
    with looking() as session:
        facility = find(session, proposal) if proposal else None
        agreement = last_agreement(session, facility) if facility else None
        if facility is not None and agreement is None:
            raise BadInput("--with", f"{facility.reference} har ingen pasningsaftale at regne på.")
        ahead = forecast(session, on, years, what_if, proposal=facility, agreement=agreement)
    broken = first_break(ahead)
    lines = [ahead_line(each) for each in ahead]
    rows = [
        {
            "year": each.year,
            "money": whole_kr(each.money_ore) + ("*" if each.money_is_assumed else ""),
            "carried": whole_kr(each.carried_ore),
            "expected": whole_kr(each.expected_ore),
            "range": f"{whole_kr(each.low_ore).removesuffix(' kr.')} – {whole_kr(each.high_ore)}",
            "note": "brister" if each.breaks else "",
        }
        for each in ahead
    ]
    columns = {
        "year": "År",
        "money": "Penge",
        "carried": "Overført",
        "expected": "Ventet",
        "range": "8 af 10 gange",
        "note": "Bemærk",
    }
    text = table(rows, columns, right=("money", "carried", "expected", "range"))
    if any(each.money_is_assumed for each in ahead):
        text += "\n* ikke bevilget endnu; regnet som den nyeste bevilling."
    text += f"\nPuljen brister i {broken}." if broken else f"\nPuljen holder i de {years} år."
    show(Forecast(years=lines, first_break=broken), as_json, text)
