"""What stands on the map: each place with the shape of its state, and those that are too near each other as one number.

Shape and lightness differ with the state, so that the map can be read without colour.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from config.catalogue import catalogue
from models.case.path_line import line_in
from models.overview.places import Box, Mark
from models.stage import NEVER_BUILT, Stage

SIZE = 440
"""The drawing's width and height, in its own units."""
CELLS = 11
"""How many marks fit beside each other; a finger's width each on a telephone."""
SMALLEST = 0.0008
"""Degrees of latitude (90 m) below which places aren't told apart on the map but in the list."""
WIDEST_FIRST = 0.02
"""Degrees of latitude (2 km) that are seen at least where nobody asked for a part of the map."""
DARK, MIDDLE, RED, AMBER = "#14532d", "#7fae97", "#8f1414", "#f2b134"


class State(NamedTuple):
    """How places of one state are drawn."""

    key: str
    words: str
    path: str
    """The shape around (0, 0), as SVG has it."""
    fill: str


_CIRCLE = "M-8 0A8 8 0 1 0 8 0A8 8 0 1 0 -8 0Z"
#: The worst first: it is what a number that stands for several places is drawn as.
STATES = (
    State("usikker", "Kan ikke bruges sikkert", "M-4 -10H4L10 -4V4L4 10H-4L-10 4V-4Z", RED),
    State("forbud", "Lukket: afbrændingsforbud", "M-9 -9H9L3 0L9 9H-9L-3 0Z", RED),
    State("skade", "Åben skade", "M-3 -9H3V-3H9V3H3V9H-3V3H-9V-3H-3Z", AMBER),
    State("ophoer", "Ophører", "M-7 -7H7V7H-7Z", MIDDLE),
    State("paa_vej", "På vej", "M0 -9L9 7H-9Z", "#fff"),
    State("arvet", "Arvet, i drift", "M-7 -9L9 0L-7 9Z", DARK),
    State("drift", "I drift", _CIRCLE, DARK),
    State("nedlagt", "Nedlagt", "M0 -10L8 0L0 10L-8 0Z", "#fff"),
    State("ikke_bygget", "Afvist eller trukket tilbage", "M0 9L9 -7H-9Z", "#fff"),
)
_RANK = {state.key: number for number, state in enumerate(STATES)}


class Placed(Protocol):
    """What has a point on the map."""

    @property
    def reference(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...


Point = TypeVar("Point", bound=Placed)


class Spot(NamedTuple):
    """One mark: a place, or several that are too near each other for the scale."""

    x: float
    y: float
    lat: float
    lon: float
    number: int
    state: State
    reference: str
    """Empty where it stands for several."""
    words: str
    box: Box
    """Where its places are, with some room around them."""

    @property
    def is_one_spot(self) -> bool:
        """Whether going nearer wouldn't part its places."""
        return self.box.north - self.box.south <= SMALLEST * 1.5


def as_told(spot: Spot, href: str) -> dict[str, object]:
    """A mark as the script on the map reads it; pressing it leads to `href`, or nearer."""
    return {
        "lat": spot.lat,
        "lon": spot.lon,
        "antal": spot.number,
        "ord": spot.words,
        "form": spot.state.path,
        "fyld": spot.state.fill,
        "href": href,
        "udsnit": None if spot.reference or spot.is_one_spot else list(spot.box),
    }


def view_of(marks: Sequence[Placed], cut: Box | None) -> Box:
    """The part of the map that is drawn, as wide as it is high: the one asked for, or all the places, or the municipality."""
    if cut is not None:
        return _square(cut)
    if marks:
        lats, lons = [mark.lat for mark in marks], [mark.lon for mark in marks]
        return _square(_at_least(_roomy(Box(min(lats), min(lons), max(lats), max(lons))), WIDEST_FIRST))
    area = catalogue().municipality.area
    return _square(Box(area.south, area.west, area.north, area.east) if area else Box(54.5, 8.0, 57.8, 12.7))


def spots_of(marks: Sequence[Mark], view: Box) -> list[Spot]:
    """The marks of the places in the view, from north to south."""
    return spots_as(marks, view, state_of, STATES)


def spots_as(
    marks: Sequence[Point], view: Box, drawn_as: Callable[[Point], State], states: Sequence[State]
) -> list[Spot]:
    """The same for places that are drawn otherwise: each `drawn_as` one of `states`, of which the first is the worst."""
    rank = {state.key: number for number, state in enumerate(states)}
    cells: dict[tuple[int, int], list[tuple[float, float, Point]]] = defaultdict(list)
    top, bottom = _mercator(view.north), _mercator(view.south)
    for mark in marks:
        if not (view.south <= mark.lat <= view.north and view.west <= mark.lon <= view.east):
            continue
        x = (mark.lon - view.west) / (view.east - view.west) * SIZE
        y = (top - _mercator(mark.lat)) / (top - bottom) * SIZE
        cell = (min(int(y * CELLS / SIZE), CELLS - 1), min(int(x * CELLS / SIZE), CELLS - 1))
        cells[cell].append((x, y, mark))
    return [_spot(here, [drawn_as(mark) for *_, mark in here], rank) for _, here in sorted(cells.items())]


def _spot(here: Sequence[tuple[float, float, Placed]], states: list[State], rank: dict[str, int]) -> Spot:
    number = len(here)
    lats, lons = [mark.lat for *_, mark in here], [mark.lon for *_, mark in here]
    state = min(states, key=lambda each: rank[each.key])
    first = here[0][2]
    words = f"{first.name} ({first.reference}): {state.words.lower()}"
    if number > 1:
        worst = (
            f", {states.count(state)} af dem: {state.words.lower()}"
            if len(set(states)) > 1
            else f": {state.words.lower()}"
        )
        words = f"{number} steder{worst}"
    return Spot(
        x=round(sum(x for x, *_ in here) / number, 1),
        y=round(sum(y for _, y, _ in here) / number, 1),
        lat=sum(lats) / number,
        lon=sum(lons) / number,
        number=number,
        state=state,
        reference=first.reference if number == 1 else "",
        words=words,
        box=_roomy(Box(min(lats), min(lons), max(lats), max(lons))),
    )


class Way(NamedTuple):
    """A path's line on the map: as SVG has it, as degrees, and what its place is drawn as."""

    path: str
    corners: list[tuple[float, float]]
    state: State
    words: str


def ways_of(marks: Sequence[Mark], view: Box) -> list[Way]:
    """The lines of the paths that pass through the view."""
    top, bottom = _mercator(view.north), _mercator(view.south)
    found = []
    for mark in marks:
        corners = line_in(mark.line or "")
        if not any(view.south <= lat <= view.north and view.west <= lon <= view.east for lat, lon in corners):
            continue
        drawn = [
            (
                round((lon - view.west) / (view.east - view.west) * SIZE, 1),
                round((top - _mercator(lat)) / (top - bottom) * SIZE, 1),
            )
            for lat, lon in corners
        ]
        path = "M" + "L".join(f"{x} {y}" for x, y in dict.fromkeys(drawn))
        found.append(Way(path, [(each.lat, each.lon) for each in corners], state_of(mark), mark.name))
    return found


def state_of(mark: Mark) -> State:
    """The state a place is drawn as: what somebody must see first."""
    if mark.stage is Stage.CLOSED:
        key = "nedlagt"
    elif mark.stage in NEVER_BUILT:
        key = "ikke_bygget"
    elif mark.is_unsafe:
        key = "usikker"
    elif mark.is_banned:
        key = "forbud"
    elif mark.is_damaged:
        key = "skade"
    elif mark.stage is Stage.WINDING_DOWN:
        key = "ophoer"
    elif mark.stage is not Stage.OPERATION:
        key = "paa_vej"
    else:
        key = "arvet" if mark.is_inherited else "drift"
    return STATES[_RANK[key]]


def moved(view: Box, north: float, east: float) -> Box:
    """The view moved by a share of its own size."""
    high, wide = (view.north - view.south) * north, (view.east - view.west) * east
    return Box(view.south + high, view.west + wide, view.north + high, view.east + wide)


def scaled(view: Box, by: float) -> Box:
    """The view around the same middle, `by` times as large."""
    lat, lon = (view.north + view.south) / 2, (view.east + view.west) / 2
    high, wide = (view.north - view.south) / 2 * by, (view.east - view.west) / 2 * by
    return Box(max(lat - high, -80), max(lon - wide, -170), min(lat + high, 80), min(lon + wide, 170))


def scale_bar(view: Box) -> tuple[float, str]:
    """A length for the corner of the drawing: in its units, and in words."""
    metres = (view.east - view.west) * 111_320 * math.cos(math.radians((view.north + view.south) / 2))
    fits = [m for base in (1, 10, 100, 1_000, 10_000, 100_000) for m in (base, 2 * base, 5 * base) if m <= metres / 3]
    long = max(fits, default=1)
    return long / metres * SIZE, f"{long // 1000} km" if long >= 1000 else f"{long} m"


def _mercator(lat: float) -> float:
    """Degrees of latitude as web maps draw them, in degrees of longitude at the equator."""
    return math.degrees(math.asinh(math.tan(math.radians(max(-85.0, min(85.0, lat))))))


def _roomy(box: Box) -> Box:
    """A box with room around what is in it, and never smaller than a place is."""
    high, wide = max(box.north - box.south, SMALLEST) * 0.08, max(box.east - box.west, SMALLEST) * 0.08
    return _at_least(Box(box.south - high, box.west - wide, box.north + high, box.east + wide))


def _at_least(box: Box, size: float = SMALLEST) -> Box:
    lat, lon = (box.north + box.south) / 2, (box.east + box.west) / 2
    high, wide = max(box.north - box.south, size) / 2, max(box.east - box.west, size) / 2
    return Box(lat - high, lon - wide, lat + high, lon + wide)


def _square(box: Box) -> Box:
    """The box made higher or wider, so that it is as high as wide on the map."""
    box = _at_least(box)
    stretch = 1 / math.cos(math.radians((box.north + box.south) / 2))
    high, wide = (box.north - box.south) * stretch, box.east - box.west
    if high < wide:
        more = (wide - high) / stretch / 2
        return Box(max(box.south - more, -80), box.west, min(box.north + more, 80), box.east)
    more = (high - wide) / 2
    return Box(box.south, max(box.west - more, -179), box.north, min(box.east + more, 179))
