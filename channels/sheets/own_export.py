"""Vores egne lister: a row that was exported says which facility it is; whether it still says what stands."""

from collections.abc import Iterator
from datetime import date
from math import hypot

from channels.sheets.cells import Reader
from channels.sheets.coordinates import point_of
from channels.sheets.owners import land_owner
from config.catalogue import catalogue
from models.alike import folded
from models.case.already_there import Standing
from models.case.path_line import line_in, metres_from
from models.danish import dato
from models.place import to_utm32

ROUNDED_METRES = 1.5
"""Whole metres of a list, and the digits a map program keeps, are the same point."""


def differs_from(
    reader: Reader, there: Standing, group_id: int | None, types: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """The columns in which a row says something else than what stands, each with what stands, in words.

    Empty cells and columns that aren't there say nothing.
    """
    kinds = catalogue().types
    kind = kinds[there.type_key].name if there.type_key in kinds else there.type_key
    if reader.has("type") and folded(reader.written("type")) not in {folded(kind), folded(there.type_key)}:
        said = reader.choice("type", types, [each.name for each in kinds.values()])
        if said and said != there.type_key:
            yield "type", f"typen {kind}"
    for key, stands in (("name", there.name), ("number", there.number), ("address", there.address)):
        if reader.has(key) and reader.words(key) != " ".join(stands.split()):
            yield key, f"“{stands}”" if stands else "intet her"
    if reader.has("land_owner") and land_owner(reader) is not there.land_owner:
        yield "land_owner", there.land_owner.danish
    day: date | None = reader.day("built_on")
    if day is not None and day != there.built_on:
        yield "built_on", dato(there.built_on) if there.built_on else "ingen dag her"
    yield from _other_numbers(reader, there)
    if group_id is not None and group_id != there.group_id:
        yield "group", "en anden gruppe"
    if not reader.faults and (point := point_of(reader)) is not None and not _stands_at(there, *point):
        yield (
            next(key for key in ("east", "lat") if reader.has(key)),
            "et andet punkt" if there.metres else "intet punkt",
        )


def _stands_at(there: Standing, lat: float, lon: float) -> bool:
    """Whether that is its point; a path that went out as a line comes back with a point on it."""
    here, stands_at = to_utm32(lat, lon), there.metres
    line = line_in(there.line or "")
    if line and metres_from(line, lat, lon) <= ROUNDED_METRES:
        return True
    return stands_at is not None and hypot(here.east - stands_at.east, here.north - stands_at.north) <= ROUNDED_METRES


def _other_numbers(reader: Reader, there: Standing) -> Iterator[tuple[str, str]]:
    figures = (
        ("hours_per_year", round(there.minutes_per_year / 60, 2), "timer"),
        ("kr_per_year", there.kr_per_year_ore / 100, "kr."),
        ("replacement_kr", there.replacement_ore / 100, "kr."),
        ("life_years", there.life_years, "år"),
    )
    for key, stands, unit in figures:
        number = reader.number(key)
        if number is not None and abs(float(number) - stands) > 0.005:
            yield key, f"{stands:g} {unit}".replace(".", ",", 1)
