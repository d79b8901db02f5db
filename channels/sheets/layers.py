"""Kortlag: GeoJSON and GeoPackage as lists, so that what went out to a map comes in again. A line counts as a point on its middle."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import accumulate, pairwise
from math import dist
from pathlib import Path
from struct import unpack
from typing import Any

from pyproj import Transformer
from pyproj.exceptions import CRSError

from channels.sheets.grid import Cell, Grid, Value, line_of
from channels.views.maps import LINES
from models.refusal import BadInput

LAT, LON = "Breddegrad", "Længdegrad"
_STYLES = "layer_styles"

Point = tuple[float, float] | None


def geojson_grids(file: Path) -> Iterator[Grid]:
    """The one layer of a GeoJSON file.

    Raises:
        BadInput: it isn't GeoJSON, or a shape is neither a point nor a line.
    """
    try:
        document = json.loads(file.read_bytes().decode("utf-8-sig"))
        features = document["features"]
        rows = [(dict(each["properties"] or {}), _point_of(each["geometry"], n)) for n, each in enumerate(features, 1)]
        name = str((document.get("crs") or {}).get("properties", {}).get("name", "EPSG:4326"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise BadInput("FIL", "filen kan ikke læses som GeoJSON. Eksportér laget igen fra kortprogrammet.") from wrong
    title = document.get("name")
    yield _grid(title if isinstance(title, str) else "GeoJSON", rows, "OGC:CRS84" if "CRS84" in name else name)


def geopackage_grids(file: Path) -> Iterator[Grid]:
    """Each layer of a GeoPackage that has points.

    Raises:
        BadInput: it isn't one, or a shape is neither a point nor a line.
    """
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError
    from pyogrio.raw import read

    try:
        for layer, geometry in pyogrio.list_layers(file):
            if layer in (_STYLES, LINES) or geometry is None:  # our paths are among the points, too
                continue
            meta, _, shapes, columns = read(file, layer=layer)
            fields = [list(column) for column in columns]
            rows = [
                (
                    {name: column[at] for name, column in zip(meta["fields"], fields, strict=True)},
                    _wkb_point(shape, at + 1),
                )
                for at, shape in enumerate(shapes)
            ]
            yield _grid(str(layer), rows, str(meta["crs"]))
    except (DataSourceError, DataLayerError) as wrong:
        raise BadInput("FIL", "filen kan ikke læses som GeoPackage. Eksportér laget igen.") from wrong


def _grid(title: str, rows: list[tuple[dict[str, Any], Point]], crs: str) -> Grid:
    try:
        to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    except CRSError as wrong:
        raise BadInput("FIL", f"vi kender ikke kortets koordinater ({crs[:40]}). Gem det i EPSG:25832.") from wrong
    names = list(dict.fromkeys(name for values, _ in rows for name in values))
    lines: list[list[Cell]] = [line_of([*names, LAT, LON], 1)]
    for number, (values, point) in enumerate(rows, start=2):
        lon, lat = to_degrees.transform(*point) if point is not None else (None, None)
        place = [None, None] if lat is None or lon is None else [round(lat, 9), round(lon, 9)]
        lines.append(line_of([*(_plain(values.get(name)) for name in names), *place], number))
    return Grid(title, lines)


def _plain(value: Any) -> Value:
    if value is None or value != value:
        return None
    if hasattr(value, "item"):  # numpy's own numbers, days and booleans
        value = value.item()
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, str | int | float | bool | date) else None


def _point_of(geometry: Any, number: int) -> Point:
    if geometry is None:
        return None
    if geometry["type"] == "LineString":
        return _on_the_middle([(float(x), float(y)) for x, y, *_ in geometry["coordinates"]], number)
    if geometry["type"] != "Point":
        raise _no_point(number)
    x, y, *_ = geometry["coordinates"]
    return float(x), float(y)


def _on_the_middle(corners: Sequence[tuple[float, float]], number: int) -> Point:
    """The corner nearest to the middle of the way, in whichever coordinates."""
    if not corners:
        raise _no_point(number)
    gone = [0.0, *accumulate(dist(a, b) for a, b in pairwise(corners))]
    return min(zip(gone, corners, strict=True), key=lambda pair: abs(pair[0] - gone[-1] / 2))[1]


def _wkb_point(shape: bytes | None, number: int) -> Point:
    if shape is None:
        return None
    order = "<" if shape[0] == 1 else ">"
    (kind,) = unpack(f"{order}I", shape[1:5])
    if kind == 2:
        (count,) = unpack(f"{order}I", shape[5:9])
        numbers = unpack(f"{order}{2 * count}d", shape[9 : 9 + 16 * count])
        return _on_the_middle(list(zip(numbers[::2], numbers[1::2], strict=True)), number)
    if kind % 1000 != 1:
        raise _no_point(number)
    x, y = unpack(f"{order}dd", shape[5:21])
    return (x, y) if x == x else None


def _no_point(number: int) -> BadInput:
    return BadInput(
        "FIL",
        f"figur nr. {number} er hverken et punkt eller en linje. Lav laget om til punkter (centroider), og prøv igen.",
    )
