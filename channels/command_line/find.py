"""`driftsklar find TEKST`: words in facilities, groups and decisions."""

from typing import Any

import click

from channels.command_line.door import json_option, looking
from channels.command_line.shown import short_day, show, table
from channels.views.cases import facility_line, journal_line
from channels.views.shapes.facility import FoundDecision
from channels.views.shapes.group import Found, Named
from models.overview.search import MOST_FOUND, search


@click.command()
@click.argument("words", metavar="TEKST", nargs=-1, required=True)
@json_option
def find(words: tuple[str, ...], as_json: bool) -> None:
    """Find anlæg, grupper og beslutninger, hvor alle ordene (eller begyndelsen af dem) står."""
    with looking() as session:
        found = search(session, " ".join(words))
        document = Found(
            facilities=[facility_line(session, each) for each in found.facilities],
            groups=[Named(reference=g.reference, name=g.name) for g in found.groups],
            decisions=[
                FoundDecision(**dict(journal_line(line)), facility=place.reference if place else None)
                for line, place in found.decisions
            ],
        )
    rows: list[dict[str, Any]] = [
        *({"kind": "anlæg", "at": x.reference, "what": x.name} for x in document.facilities),
        *({"kind": "gruppe", "at": x.reference, "what": x.name} for x in document.groups),
        *({"kind": short_day(x.on), "at": x.facility, "what": x.what} for x in document.decisions),
    ]
    text = "Der er intet med de ord."
    if rows:
        text = table(rows, {"kind": "Hvad", "at": "Reference", "what": "Tekst"}, fold="what")
    if max(len(found.facilities), len(found.groups), len(found.decisions)) == MOST_FOUND:
        text += f"\n\nDer vises højst {MOST_FOUND} af hver. Skriv et ord mere for at finde færre."
    show(document, as_json, text)
