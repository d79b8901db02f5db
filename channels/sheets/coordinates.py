"""Koordinater: where a row's facility stands, in the ways people and programs write it.

Metres in UTM zone 32 and degrees are read as they are. Another kind is read only when nothing else can be meant,
which the municipality's own area decides, and then said; else people are told what to write.
"""

import re
from contextlib import suppress
from decimal import Decimal
from itertools import product
from math import hypot, isfinite

from channels.sheets.cells import Reader, Wrong, number_of
from config.catalogue import catalogue
from models.place import Degrees, from_metres, from_utm32, is_at_home, is_in_denmark, to_utm32

APART_METRES = 25
"""Two sets of coordinates in a row that lie further apart are a mistake in one of them."""
_UTM33, _WEB_MAP = 25833, 3857
_ZONE_32 = 32_000_000
_NUMBER = r"[0-9]{1,3}(?:[.,][0-9]{1,10})?"
_MINUTES = re.compile(
    rf"(?P<before>[NSØEVW])?\s*(?P<degrees>[0-9]{{1,3}})\s*(?:°|º|grader|\s)\s*(?P<minutes>{_NUMBER})\s*['’′´]?"
    rf"(?:\s*(?P<seconds>{_NUMBER})\s*(?:\"|''|’’|″|”|′′)?)?\s*(?P<after>[NSØEVW])?",
    re.IGNORECASE,
)
_SIDE = re.compile(r"^\s*[NØEO]\s*(?=[0-9])|(?<=[0-9°m])\s*[NØE]\s*$", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]{1,12})?E\+?[0-9]{1,2}", re.IGNORECASE)
_ENGLISH = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_ENGLISH_SURELY = re.compile(r".*,.*(?:,|\.).*")

Point = tuple[float, float]


def point_of(reader: Reader) -> Point | None:
    """Where it stands in degrees, by the metres or the degrees of the row; both must say the same place."""
    metres, degrees = _metres(reader), _degrees(reader)
    if metres is not None and degrees is not None:
        there, here = to_utm32(*degrees), to_utm32(*metres)
        if hypot(there.east - here.east, there.north - here.north) > APART_METRES:
            sentence = "graderne og UTM-meterne peger på hver sit sted. Slet de forkerte."
            reader.fault("lat", "two_places", sentence)
    point = metres or degrees
    if point is not None and not reader.faults and not is_at_home(*point):
        reader.warn(
            "east" if metres else "lat",
            "outside_area",
            f"stedet ligger uden for {catalogue().municipality.name}. Se tallene efter.",
        )
    return point


def _metres(reader: Reader) -> Point | None:
    numbers = _numbers(reader, "east", "north")
    if numbers is None:
        return None
    pairs = [(float(east), float(north)) for east, north in product(*numbers)]
    pairs += [(east - _ZONE_32, north) for east, north in pairs if east > _ZONE_32]
    meant = [point for pair in pairs if _can_be(point := from_utm32(*pair))]
    if at_home := [point for point in meant if is_at_home(*point)]:
        return at_home[0]
    degrees = [(north, east) for east, north in pairs if is_in_denmark(north, east)]
    zone_33 = [point for pair in pairs if _can_be(point := from_metres(_UTM33, *pair)) and is_at_home(*point)]
    has_area = catalogue().municipality.area is not None
    if degrees and not meant:
        reader.warn(
            "east",
            "read_as_degrees",
            "tallene er grader (WGS84) og er læst sådan. Kald kolonnerne Længdegrad og Breddegrad.",
        )
        return degrees[0]
    if zone_33 and has_area:
        reader.warn(
            "east",
            "read_as_utm33",
            "tallene er meter i UTM zone 33 og er læst sådan. Skriv dem i zone 32, hvis det er forkert.",
        )
        return zone_33[0]
    if meant:
        return meant[0]
    for kind, sentence in _other_kinds(pairs, zone_33):
        reader.fault("east", kind, sentence)
        return None
    sentence = "stedet ligger ikke i Danmark. Skriv meter i UTM zone 32, fx 705312 og 6098120."
    reader.fault("east", "outside_utm", sentence)
    return None


def _other_kinds(pairs: list[Point], zone_33: list[Degrees]) -> list[tuple[str, str]]:
    """What the numbers may be instead, and what to write."""
    kinds = []
    if any(is_in_denmark(east, north) for east, north in pairs):
        kinds.append(("swapped_degrees", "tallene er grader, og bredde og længde er byttet om. Byt de to tal."))
    if any(_can_be(from_utm32(north, east)) for east, north in pairs):
        kinds.append(("swapped_utm", "øst og nord er byttet om. Byt de to tal."))
    if zone_33:
        kinds.append(("perhaps_utm33", "tallene ligner UTM zone 33. Skriv dem i zone 32 (EPSG:25832)."))
    if any(_can_be(from_metres(_WEB_MAP, *pair)) for pair in pairs):
        sentence = (
            "tallene er fra et webkort (EPSG:3857). Eksportér listen i UTM zone 32 (EPSG:25832), fx 705312 og 6098120."
        )
        kinds.append(("outside_utm", sentence))
    return kinds


def _degrees(reader: Reader) -> Point | None:
    numbers = _numbers(reader, "lat", "lon", is_degrees=True)
    if numbers is None:
        return None
    pairs = [(float(lat), float(lon)) for lat, lon in product(*numbers)]
    for point in pairs:
        if is_in_denmark(*point):
            return point
    if any(is_in_denmark(lon, lat) for lat, lon in pairs):
        reader.fault("lat", "swapped_degrees", "bredde og længde er byttet om. Byt de to tal.")
    elif any(_can_be(from_utm32(*pair)) or _can_be(from_utm32(*pair[::-1])) for pair in pairs):
        reader.fault("lat", "outside_degrees", "tallene er meter (UTM). Kald kolonnerne UTM øst og UTM nord.")
    else:
        sentence = "stedet ligger ikke i Danmark. Skriv grader som 55,04 og 12,21."
        reader.fault("lat", "outside_degrees", sentence)
    return None


def _can_be(point: Degrees) -> bool:
    lat, lon = point
    return isfinite(lat) and isfinite(lon) and is_in_denmark(lat, lon)


def _numbers(reader: Reader, first: str, second: str, *, is_degrees: bool = False) -> list[list[Decimal]] | None:
    """All that each of the two cells may mean; only one of them filled is a fault."""
    if not _are_both(reader, first, second):
        return None
    found: list[list[Decimal]] = []
    for key in (first, second):
        cell = reader.cell(key)
        if cell is None:
            continue
        try:
            found.append(meanings(cell.value, is_degrees=is_degrees))
        except Wrong as wrong:
            reader.fault(key, wrong.kind, wrong.sentence)
    return found if len(found) == 2 else None


def meanings(value: object, *, is_degrees: bool = False) -> list[Decimal]:
    """What a coordinate may mean: 12.283 is twelve degrees or twelve thousand metres.

    Raises:
        Wrong: it is no number.
    """
    if not isinstance(value, str):
        return [number_of(value, is_degrees=is_degrees)]
    said = value.replace("\xa0", " ").strip()
    if (angle := _MINUTES.fullmatch(said)) is not None and _is_angle(said, angle):
        return [_angle(angle)]
    if _SCIENTIFIC.fullmatch(said):
        return [Decimal(said.replace(",", "."))]
    said = _SIDE.sub("", said).strip()
    if _ENGLISH.fullmatch(said) and _ENGLISH_SURELY.fullmatch(said):
        return [Decimal(said.replace(",", ""))]
    found_numbers = []
    for as_degrees in (is_degrees, not is_degrees):
        with suppress(Wrong):
            found_numbers.append(number_of(said, is_degrees=as_degrees))
    if not found_numbers:
        raise Wrong("number", "det er ikke et tal. Skriv det som 705312,45, eller grader som 55,04.")
    return list(dict.fromkeys(found_numbers))


def _is_angle(said: str, found: re.Match[str]) -> bool:
    """Whether it says itself that these are degrees and minutes, and isn't a number with a space in it."""
    has_sign = any(sign in said for sign in "°º'’′´") or "grader" in said.casefold()
    return (has_sign or bool(found["before"] or found["after"])) and Decimal(found["minutes"].replace(",", ".")) < 60


def _angle(found: re.Match[str]) -> Decimal:
    degrees, minutes, seconds = (
        Decimal((found[name] or "0").replace(",", ".")) for name in ("degrees", "minutes", "seconds")
    )
    side = (found["before"] or found["after"] or "N").upper()
    return (degrees + minutes / 60 + seconds / 3600) * (-1 if side in "SVW" else 1)


def _are_both(reader: Reader, first: str, second: str) -> bool:
    """Whether both cells are filled; only one of them is a fault."""
    there = reader.has(first), reader.has(second)
    if there[0] != there[1]:
        empty = second if there[0] else first
        other = reader.columns[first if there[0] else second].heading
        sentence = f"tallet mangler, for {other} er udfyldt. Skriv begge, eller ingen."
        reader.fault(empty, f"lacks_{empty}", sentence)
    return all(there)
