"""GeoFA taken in: what the public register says of the municipality's places beside what stands here.

It only looks, but for the lines of paths: these are kept when that is asked for (`keep_lines`).

Known are GeoFA's own object number where we handed the place in, our reference in `noegle`, and the same kind of place
within a few metres. What is new can be written as a list that `driftsklar import facilities` takes.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from pyproj import Transformer
from pyproj.exceptions import CRSError
from sqlmodel import Session

from channels.views.geofa import object_id
from channels.views.geofa_fields import CANCELLED, POINTS
from config.catalogue import catalogue
from models.case.facility import Facility, facilities, find
from models.case.path_line import Line, draw_line, length_of, line_of, metres_from, middle_of
from models.place import Degrees
from models.refusal import BadInput
from models.said import Said

SAME_METRES = 15
"""Nearer than this a place of the same kind is the same one [assume]."""
MOVED_METRES = 5
ROUNDED_METRES = 1
MOST_BYTES = 50_000_000
ADDRESS = "https://geofa.geodanmark.dk/api/v2/sql/fkg"
Fetch = Callable[[str], bytes]


class Public(NamedTuple):
    """One place of the register; a path has its line, and the point in the middle of it."""

    object_id: str
    key: str
    code: str
    name: str
    cancelled: bool
    lat: float
    lon: float
    line: Line = ()


class Compared(NamedTuple):
    """A place of the register beside ours: `what` is ours, differs, new, unknown_type or cancelled."""

    public: Public
    what: str
    reference: str
    differences: tuple[str, ...]


def address_of(cvr: str, theme: str = POINTS) -> str:
    """Where the register answers with one municipality's places of a theme.

    Raises:
        BadInput: the number is no CVR number.
    """
    from urllib.parse import urlencode

    if not (len(cvr) == 8 and cvr.isascii() and cvr.isdigit()):
        raise BadInput("--cvr", "skriv kommunens CVR-nummer med otte cifre.")
    question = f"SELECT * FROM fkg.{theme} WHERE cvr_kode = {cvr}"
    return f"{ADDRESS}?{urlencode({'q': question, 'format': 'geojson', 'srs': '4326'})}"


class Read(NamedTuple):
    """The places of the register that can be read, and what is to be said of each feature that can't."""

    places: list[Public]
    skipped: list[str]


def read_public(content: bytes) -> Read:
    """The places of a GeoJSON answer or file, in degrees or in metres.

    A feature without a point or a line costs nobody the others: the register isn't ours to mend.

    Raises:
        BadInput: it isn't GeoJSON, nothing of it can be read, or we don't know its coordinates.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"))
        named = str((document.get("crs") or {}).get("properties", {}).get("name", "EPSG:4326"))
        to_degrees = Transformer.from_crs("OGC:CRS84" if "CRS84" in named else named, "EPSG:4326", always_xy=True)
        features = list(document["features"])
    except CRSError as wrong:
        raise BadInput("FIL", "vi kender ikke kortets koordinater. Gem det i EPSG:25832.") from wrong
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as wrong:
        raise BadInput("FIL", "filen kan ikke læses som GeoJSON fra GeoFA. Hent den igen.") from wrong
    read = Read([], [])
    for number, each in enumerate(features, start=1):
        try:
            read.places.append(_public(each, to_degrees))
        except BadInput as wrong:
            read.skipped.append(f"{_called(each, number)}: {wrong.sentence.removeprefix('FIL: ')}")
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            read.skipped.append(f"{_called(each, number)}: det har hverken et punkt eller en linje.")
    if read.skipped and not read.places:
        raise BadInput("FIL", read.skipped[0])
    return read


def _called(feature: Any, number: int) -> str:
    """A feature as whoever has the file finds it."""
    said = feature.get("properties") if isinstance(feature, dict) else None
    name = str(said.get("navn") or "").strip()[:80] if isinstance(said, dict) else ""
    return f"sted nr. {number}" + (f" ({name})" if name else "")


def _public(feature: dict[str, Any], to_degrees: Transformer) -> Public:
    said, shape = feature["properties"], feature["geometry"]
    corners = [_degrees(each, to_degrees) for each in _corners(shape)]
    is_line = shape["type"] not in ("Point", "MultiPoint")
    at = middle_of(corners) if is_line else corners[0]

    def word(name: str) -> str:
        value = said.get(name)
        return "" if value is None else str(value).strip()[:254]

    return Public(
        word("objekt_id").lower().strip("{}"),
        word("noegle"),
        word("rute_ty_k" if is_line else "facil_ty_k"),
        word("navn"),
        word("statuskode") == str(CANCELLED),
        at.lat,
        at.lon,
        tuple(corners) if is_line else (),
    )


def _corners(shape: dict[str, Any]) -> list[Any]:
    """The points of a shape, or the corners of a line; a line in several pieces isn't one path."""
    match shape["type"], shape["coordinates"]:
        case "Point", point:
            return [point]
        case (("MultiPoint" | "LineString"), [_, *_] as corners):
            return list(corners)
        case "MultiLineString", [piece]:
            return list(piece)
        case "MultiLineString", _:
            raise BadInput("FIL", "en linje er i flere stykker. Saml hver sti til én linje i kortprogrammet.")
    raise ValueError("neither point nor line")


def _degrees(corner: Any, to_degrees: Transformer) -> Degrees:
    lon, lat = to_degrees.transform(float(corner[0]), float(corner[1]))
    return Degrees(lat, lon)


def compare(session: Session, found: list[Public]) -> list[Compared]:
    """Each place of the register: ours, ours with differences, new to us, of a type we have none for, or cancelled."""
    types = {kind.code: kind.key for kind in catalogue().types.values() if kind.code}
    ours = facilities(session)
    known = {object_id(each.reference): each for each in ours} | {each.reference: each for each in ours}
    taken: set[int] = set()
    return [_compare(each, types, ours, known, taken) for each in found]


def _compare(
    each: Public, types: dict[str, str], ours: list[Facility], known: dict[str, Facility], taken: set[int]
) -> Compared:
    where = each.line or (Degrees(each.lat, each.lon),)

    def metres(facility: Facility) -> float:
        return metres_from(where, facility.lat, facility.lon)

    place = known.get(each.object_id) or known.get(each.key)
    if place is None:
        near = [
            (away, facility.reference, facility)
            for facility in ours
            if facility.is_placed
            and facility.number not in taken
            and facility.type_key == types.get(each.code)
            and (each.line or abs(facility.lat - each.lat) < 0.001)
            and (away := metres(facility)) <= SAME_METRES
        ]
        place = min(near)[2] if near else None
    if place is not None:
        taken.add(place.number)
        differences = tuple(_differences(each, place, types, metres))
        return Compared(each, "differs" if differences else "ours", place.reference, differences)
    if each.cancelled:
        return Compared(each, "cancelled", "", ())
    return Compared(each, "new" if each.code in types else "unknown_type", "", ())


def _differences(
    each: Public, place: Facility, types: dict[str, str], metres: Callable[[Facility], float]
) -> list[str]:
    said = []
    if each.name and each.name != place.name:
        said.append(f"navnet er “{place.name}” hos os")
    if types.get(each.code) != place.type_key:
        said.append(f"typen er {place.type_key} hos os")
    if not place.is_placed:
        said.append("vi har intet punkt")
    elif (away := metres(place)) > (SAME_METRES if each.line else MOVED_METRES):
        said.append(f"{'linjen' if each.line else 'punktet'} ligger {round(away)} meter fra vores")
    if each.line and not _is_same_line(each.line, line_of(place)):
        said.append(f"linjen er {round(length_of(each.line))} meter, {_our_line(place)}")
    if each.cancelled and place.stage.is_open:
        said.append("den er aflyst i GeoFA")
    return said


def _is_same_line(theirs: Line, ours: Line) -> bool:
    """Whether each corner of the one lies on the other, give or take a metre: programs round, and turn lines around."""
    if not ours:
        return False
    return all(
        metres_from(one, each.lat, each.lon) <= ROUNDED_METRES
        for a, one in ((theirs, ours), (ours, theirs))
        for each in a
    )


def _our_line(place: Facility) -> str:
    line = line_of(place)
    return f"{round(length_of(line))} meter hos os" if line else "hos os er kun et punkt"


def keep_lines(session: Session, compared: list[Compared], said: Said) -> list[str]:
    """Keep the register's lines of our own paths; the references of those that got another one.

    Raises:
        Refusal: see `models.case.path_line.draw_line`.
        BadInput: the same.
    """
    ours = [(each, find(session, each.reference)) for each in compared if each.reference and each.public.line]
    return [
        place.reference
        for each, place in ours
        if not _is_same_line(each.public.line, line_of(place))
        and draw_line(session, place, each.public.line, said, source="GeoFA")
    ]


def write_new(file: Path, compared: list[Compared]) -> int:
    """What is new, as a list for `driftsklar import facilities`; returns how many rows that is."""
    types = {kind.code: kind.name for kind in catalogue().types.values() if kind.code}
    rows = [each.public for each in compared if each.what == "new"]
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        sheet = csv.writer(out, delimiter=";")
        sheet.writerow(["Nummer", "Type", "Navn", "Breddegrad", "Længdegrad"])
        for each in rows:
            name = each.name.lstrip("=+-@\t\r") or types[each.code]
            sheet.writerow([each.object_id[:36], types[each.code], name, f"{each.lat:.7f}", f"{each.lon:.7f}"])
    return len(rows)
