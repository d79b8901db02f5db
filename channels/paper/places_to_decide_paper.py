"""Steder at tage stilling til: the paper for the committee, PDF/A and readable aloud. The same day gives the same bytes."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from channels.paper.documents import environment, markdown_of, pdf_of
from config.catalogue import catalogue
from config.settings import settings
from models.stages.places_to_decide import ToDecide


def cared_for_by(place: ToDecide) -> str:
    """Who cares for it today."""
    return place.group.name if place.group is not None else "Driften"


def words_of_places(places: Sequence[ToDecide], on: date) -> dict[str, object]:
    """What the templates about the places are filled with."""
    percents = catalogue().escalation.inherited_levels_percent
    return {
        "municipality": catalogue().municipality.name,
        "on": on,
        "now_ore": sum(place.now_ore for place in places),
        "volunteers_ore": sum(place.volunteers_ore for place in places),
        "removal_ore": sum(place.removal_ore for place in places),
        "levels": [
            {"percent": percent, "ore": sum(place.levels_ore[number] for place in places)}
            for number, percent in enumerate(percents)
        ],
        "places": [
            {
                "reference": place.facility.reference,
                "name": place.facility.name,
                "type": catalogue().type(place.facility.type_key).name,
                "decide_by_on": place.decide_by_on,
                "late": place.decide_by_on < on,
                "cared_for_by": cared_for_by(place),
                "now_ore": place.now_ore,
                "volunteers_ore": place.volunteers_ore,
                "levels": [
                    {"percent": percent, "ore": ore} for percent, ore in zip(percents, place.levels_ore, strict=True)
                ],
                "removal_ore": place.removal_ore,
            }
            for place in places
        ],
    }


def places_to_decide_pdf(places: Sequence[ToDecide], on: date) -> bytes:
    """The list of places as a document, each with its three ways and what they cost."""
    municipality = catalogue().municipality.name
    words = words_of_places(places, on)
    markdown = markdown_of("reports/places_to_decide.md.j2", words, environment(settings().templates_dir))
    return pdf_of(markdown, title="Steder, udvalget skal tage stilling til", author=municipality, on=on)


def write_places_to_decide(pdf: bytes, on: date, folder: Path) -> Path:
    """The file in the folder, which is made if it isn't there."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"steder-at-beslutte-{on}.pdf"
    file.write_bytes(pdf)
    return file
