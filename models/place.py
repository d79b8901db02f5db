"""Sted: where a facility stands, in degrees (WGS84) and in metres as Danish maps have them (ETRS89/UTM 32N).

Bornholm lies in zone 33, but national data use zone 32 (EPSG:25832) for the whole country.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from config.catalogue import catalogue

if TYPE_CHECKING:
    from pyproj import Transformer

SOUTH, NORTH, WEST, EAST = 54.4, 57.9, 7.9, 15.3
"""Denmark with its waters, in degrees."""


class Metres(NamedTuple):
    """A point in EPSG:25832."""

    east: float
    north: float


class Degrees(NamedTuple):
    """A point in EPSG:4326."""

    lat: float
    lon: float


def to_utm32(lat: float, lon: float) -> Metres:
    """Degrees as metres; the fractions are kept."""
    return Metres(*_transformer("EPSG:4326", "EPSG:25832").transform(lon, lat))


def from_utm32(east: float, north: float) -> Degrees:
    """Metres as degrees; a point too far away to be computed becomes infinite."""
    lon, lat = _transformer("EPSG:25832", "EPSG:4326").transform(east, north)
    return Degrees(lat, lon)


def is_in_denmark(lat: float, lon: float) -> bool:
    """Whether a point can be a Danish one at all."""
    return SOUTH <= lat <= NORTH and WEST <= lon <= EAST


def is_at_home(lat: float, lon: float) -> bool:
    """Whether a point lies in the municipality's own area, where `config/municipality.yaml` gives it one."""
    area = catalogue().municipality.area
    return area is None or (area.south <= lat <= area.north and area.west <= lon <= area.east)


def from_metres(epsg: int, east: float, north: float) -> Degrees:
    """Metres of another system (25833 is UTM zone 33, 3857 that of web maps) as degrees."""
    lon, lat = _transformer(f"EPSG:{epsg}", "EPSG:4326").transform(east, north)
    return Degrees(lat, lon)


@lru_cache(maxsize=8)
def _transformer(origin: str, target: str) -> "Transformer":
    from pyproj import Transformer  # 11 MB and 0.1 s that hardly any process needs

    return Transformer.from_crs(origin, target, always_xy=True)
