"""Stiens linje: a path goes from one place to another, and its line on the map is kept beside the facility's one point.

It is kept as WKT in degrees (WGS84, east first), as other programs write it: `LINESTRING (12.211 55.041, 12.213 55.042)`.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from math import hypot

from sqlmodel import Session

from config.catalogue import catalogue
from models.case.facility import Facility
from models.journal import write_journal
from models.place import Degrees, Metres, is_in_denmark, to_utm32
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said

MAY_DRAW = (Role.PROJECT_LEAD, Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.COORDINATOR)
PATHS = "t_5802_fac_li"
"""The theme of the types that are lines (`config/facility_types.yaml`)."""
MOST_POINTS = 5_000
LONGEST_METRES = 100_000
DECIMALS = 7
"""A centimetre or so."""
_WKT = re.compile(r"LINESTRING ?\(([-0-9., ]+)\)")

Line = tuple[Degrees, ...]


def line_of(facility: Facility) -> Line:
    """The facility's line; empty where only its point is known."""
    return line_in(facility.line or "")


def line_in(wkt: str) -> Line:
    """The line as it is kept; empty for none."""
    found = _WKT.fullmatch(wkt)
    if found is None:
        return ()
    pairs = (pair.split() for pair in found[1].split(","))
    return tuple(Degrees(float(lat), float(lon)) for lon, lat in pairs)


def length_of(line: Sequence[Degrees]) -> float:
    """How long it is, in metres."""
    return sum(hypot(b.east - a.east, b.north - a.north) for a, b in pairwise(_metres(line)))


def metres_from(line: Sequence[Degrees], lat: float, lon: float) -> float:
    """How far a point lies from the nearest bit of the line, in metres; from the point itself where it is only one."""
    here = to_utm32(lat, lon)
    corners = _metres(line)
    if len(corners) == 1:
        return hypot(corners[0].east - here.east, corners[0].north - here.north)
    return min(_from_piece(here, a, b) for a, b in pairwise(corners))


def middle_of(line: Sequence[Degrees]) -> Degrees:
    """The corner nearest to the middle of the way, where the path is marked by a point."""
    half, gone = length_of(line) / 2, 0.0
    for a, b in pairwise(line):
        step = length_of((a, b))
        if gone + step >= half:
            return a if half - gone < step / 2 else b
        gone += step
    return line[-1]


def draw_line(session: Session, facility: Facility, line: Sequence[Degrees], said: Said, *, source: str) -> bool:
    """Keep the line of a path, in place of the one before; whether anything was changed. `source` says where it is from.

    Raises:
        Refusal: the role may not, or the case is closed.
        BadInput: it is no path, or no line, too long, or outside Denmark.
    """
    may_decide(said.by, MAY_DRAW, "En linje")
    if catalogue().type(facility.type_key).theme != PATHS:
        raise BadInput("line", f"{facility.reference} er ikke en sti. Kun en sti har en linje.")
    kept = _checked(line)
    wkt = f"LINESTRING ({', '.join(f'{each.lon:.{DECIMALS}f} {each.lat:.{DECIMALS}f}' for each in kept)})"
    if wkt == facility.line:
        return False
    if not facility.stage.is_open:
        raise Refusal("correction.closed", f"{facility.reference} er {facility.stage.danish}. Sagen rettes ikke mere.")
    was = f", før {round(length_of(line_of(facility)))}" if facility.line else ""
    facility.line = wkt
    session.flush()
    write_journal(session, facility, f"Linjen er {round(length_of(kept))} meter{was}, fra {source}.", said)
    return True


def _checked(line: Sequence[Degrees]) -> Line:
    corners = tuple(each for at, each in enumerate(line) if at == 0 or each != line[at - 1])
    if len(corners) < 2:
        raise BadInput("line", "en linje har mindst to punkter.")
    if len(corners) > MOST_POINTS:
        raise BadInput("line", f"linjen har {len(corners)} punkter. Forenkl den til højst {MOST_POINTS}.")
    if not all(is_in_denmark(each.lat, each.lon) for each in corners):
        raise BadInput("line", "linjen ligger ikke i Danmark. Se koordinaterne efter.")
    if length_of(corners) > LONGEST_METRES:
        raise BadInput("line", f"linjen er over {LONGEST_METRES // 1000} km. Se koordinaterne efter.")
    return corners


def _metres(line: Sequence[Degrees]) -> list[Metres]:
    return [to_utm32(each.lat, each.lon) for each in line]


def _from_piece(here: Metres, a: Metres, b: Metres) -> float:
    east, north = b.east - a.east, b.north - a.north
    long = east * east + north * north
    along = 0.0 if long == 0 else ((here.east - a.east) * east + (here.north - a.north) * north) / long
    along = min(1.0, max(0.0, along))
    return hypot(a.east + along * east - here.east, a.north + along * north - here.north)
