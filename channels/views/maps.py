"""Kort: the facilities as GeoPackage and GeoJSON, for the municipality's GIS and for open data.

The fields that national open data on outdoor facilities has (GeoFA, theme 5800) carry its names, so that they
can be handed in without being renamed [check]: `noegle navn facil_ty_k facil_ty ansvar_org`. The type's code
stands in `config/facility_types.yaml`, empty where there is none, and for lines. A path whose line is known is a line: in
GeoJSON in place of its point, in GeoPackage in a layer of its own beside the points.
"""

import json
import os
import struct
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sqlmodel import Session, col, func, select

from channels.views.geofa_fields import POINTS
from config.catalogue import catalogue
from models.case.agreement import CareTask
from models.case.facility import Facility, facilities
from models.case.inheritance import Inheritance, never_consulted
from models.case.path_line import line_of
from models.operation.check import OPEN_STATES, Check
from models.operation.incident import LIVES, Incident
from models.operation.weather import places_under_ban
from models.place import to_utm32
from models.stage import Stage

LAYER, LINES = "anlaeg", "stier"
WGS84, UTM32 = 4326, 25832

#: field -> its type in GeoPackage, in the order people see them
FIELDS = {
    "noegle": "text",
    "navn": "text",
    "facil_ty_k": "whole",
    "facil_ty": "text",
    "ansvar_org": "text",
    "type": "text",
    "trin": "text",
    "trin_siden": "day",
    "ejer": "text",
    "adresse": "text",
    "kommunens_nr": "text",
    "arvet": "yes_or_no",
    "driften_hoert": "yes_or_no",
    "naeste_tjek": "day",
    "maa_bruges": "yes_or_no",
    "lukket": "text",
    "levetid_aar": "whole",
}


class Pin(NamedTuple):
    """One facility on the map: where in the wanted coordinates, None when only an address is known; a path with its line."""

    point: tuple[float, float] | None
    values: dict[str, str | int | bool | date | None]
    line: tuple[tuple[float, float], ...] = ()


def pins(session: Session, crs: int, stage: Stage | None = None) -> list[Pin]:
    """All facilities that stand or are on their way, or those in one stage. x is east, y is north."""
    inherited = {row.facility_id: row for row in session.exec(select(Inheritance))}
    unasked = {facility.id for facility, _ in never_consulted(session)}
    shown = [each for each in facilities(session, stage) if stage is not None or each.stage.is_open]
    following = _next_checks(session)
    unsafe, banned = _unsafe(session), places_under_ban(session)
    return [
        Pin(
            _point(each, crs),
            _values(each, inherited.get(each.number), each.id in unasked, following)
            | _usable(each, each.number in unsafe, each.number in banned),
            tuple(_in_crs(*corner, crs) for corner in line_of(each)),
        )
        for each in shown
    ]


def write_geojson(file: Path, found: list[Pin], crs: int) -> None:
    """GeoJSON; in 4326 as RFC 7946 has it, in 25832 with the `crs` member GIS programs read."""
    document: dict[str, Any] = {"type": "FeatureCollection", "name": LAYER}
    if crs != WGS84:
        document["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs}"}}
    digits = 8 if crs == WGS84 else 3  # both are a millimetre
    document["features"] = [
        {
            "type": "Feature",
            "id": pin.values["noegle"],
            "geometry": _geometry(pin, digits),
            "properties": {name: _plain(pin.values[name]) for name in FIELDS},
        }
        for pin in found
    ]
    _replace(file, json.dumps(document, ensure_ascii=False, indent=1).encode())


def _plain(value: str | int | bool | date | None) -> str | int | bool | None:
    return value.isoformat() if isinstance(value, date) else value


def write_geopackage(file: Path, found: list[Pin], crs: int) -> None:
    """A GeoPackage with the places as points, the paths as lines where one is known, and how QGIS draws the points; written beside the file and put in its place."""
    import numpy as np
    from pyogrio.raw import write

    unfinished = file.with_name(f".{file.stem}.{os.getpid()}.gpkg")
    unfinished.unlink(missing_ok=True)
    paths = [pin for pin in found if pin.line]
    try:
        _write_layer(unfinished, LAYER, "Point", found, [pin.point and _wkb(*pin.point) for pin in found], crs)
        if paths:
            shapes: list[bytes | None] = [_wkb_line(pin.line) for pin in paths]
            _write_layer(unfinished, LINES, "LineString", paths, shapes, crs, is_more=True)
        style = _style_row()
        write(
            unfinished,
            None,
            [np.array([value], dtype=kind) for value, kind in style.values()],
            list(style),
            layer="layer_styles",
            driver="GPKG",
            geometry_type=None,
            append=True,
        )
        os.replace(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)


def _usable(facility: Facility, is_unsafe: bool, is_banned: bool) -> dict[str, str | int | bool | date | None]:
    may_be_used = facility.stage in LIVES and not (is_unsafe or is_banned)
    return {"maa_bruges": may_be_used, "lukket": "Afbrændingsforbud" if is_banned else None}


def _write_layer(
    file: Path, layer: str, shape: str, found: list[Pin], shapes: list[bytes | None], crs: int, *, is_more: bool = False
) -> None:
    """One layer of places with the same fields; `is_more` adds it to a file that is there."""
    import numpy as np
    from pyogrio.raw import write

    columns, masks = [], []
    for name, kind in FIELDS.items():
        values = [pin.values[name] for pin in found]
        empty = np.array([value is None for value in values], dtype=bool)
        match kind:
            case "whole":
                columns.append(np.array([value or 0 for value in values], dtype="int32"))
            case "yes_or_no":
                columns.append(np.array(values, dtype=bool))
            case "day":
                columns.append(np.array(values, dtype="datetime64[D]"))
            case _:
                columns.append(np.array(values, dtype=object))
        masks.append(empty if kind == "whole" else None)
    write(
        file,
        np.array(shapes, dtype=object),
        columns,
        list(FIELDS),
        field_mask=masks,
        layer=layer,
        driver="GPKG",
        geometry_type=shape,
        crs=f"EPSG:{crs}",
        layer_options={"GEOMETRY_NAME": "geom", "DESCRIPTION": f"Driftsklar: {layer}"},
        append=is_more,
    )


def _values(
    facility: Facility, came: Inheritance | None, is_unasked: bool, following: dict[int, date]
) -> dict[str, str | int | bool | date | None]:
    kind = catalogue().types.get(facility.type_key)
    code = kind.code if kind else ""
    return {
        "noegle": facility.reference,
        "navn": facility.name,
        "facil_ty_k": int(code) if code.isdecimal() and kind is not None and kind.theme == POINTS else None,
        "facil_ty": kind.name if kind else facility.type_key,
        "ansvar_org": catalogue().municipality.name,
        "type": facility.type_key,
        "trin": facility.stage.danish,
        "trin_siden": facility.stage_since,
        "ejer": facility.land_owner.danish,
        "adresse": came.address if came and came.address else None,
        "kommunens_nr": came.number if came and came.number else None,
        "arvet": came is not None,
        "driften_hoert": not is_unasked,
        "naeste_tjek": following.get(facility.number),
        "levetid_aar": facility.life_years,
    }


def _unsafe(session: Session) -> set[int]:
    """The facilities that may not be used, because of damage."""
    rows = select(Incident.facility_id).where(col(Incident.safe).is_(False), col(Incident.usable_on).is_(None))
    return set(session.exec(rows))


def _next_checks(session: Session) -> dict[int, date]:
    """The day of each facility's next check, asked for or still to come."""
    following: dict[int, date] = {}
    asked = (
        select(Check.facility_id, func.min(col(Check.due_on)))
        .where(col(Check.state).in_(OPEN_STATES))
        .group_by(col(Check.facility_id))
    )
    to_come = (
        select(CareTask.facility_id, func.min(col(CareTask.next_on)))
        .where(col(CareTask.next_on).is_not(None))
        .group_by(col(CareTask.facility_id))
    )
    for facility_id, day in [*session.exec(asked), *session.exec(to_come)]:
        following[facility_id] = min(day, following.get(facility_id, day))
    return following


def _point(facility: Facility, crs: int) -> tuple[float, float] | None:
    return _in_crs(facility.lat, facility.lon, crs) if facility.is_placed else None


def _in_crs(lat: float, lon: float, crs: int) -> tuple[float, float]:
    if crs == WGS84:
        return lon, lat
    # from the degrees: the metres in the database are whole
    metres = to_utm32(lat, lon)
    return metres.east, metres.north


def _geometry(pin: Pin, digits: int) -> dict[str, Any] | None:
    if pin.line:
        corners = [[round(number, digits) for number in corner] for corner in pin.line]
        return {"type": "LineString", "coordinates": corners}
    return pin.point and {"type": "Point", "coordinates": [round(number, digits) for number in pin.point]}


def _wkb(x: float, y: float) -> bytes:
    return struct.pack("<BIdd", 1, 1, x, y)


def _wkb_line(corners: Sequence[tuple[float, float]]) -> bytes:
    return struct.pack(f"<BII{2 * len(corners)}d", 1, 2, len(corners), *(number for each in corners for number in each))


def _replace(file: Path, content: bytes) -> None:
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    os.replace(unfinished, file)


def _style_row() -> dict[str, tuple[str | bool, Any]]:
    """The row of `layer_styles` by which QGIS draws the layer without being asked."""
    return {
        "f_table_catalog": ("", object),
        "f_table_schema": ("", object),
        "f_table_name": (LAYER, object),
        "f_geometry_column": ("geom", object),
        "styleName": ("Anlæg efter trin", object),
        "styleQML": (_qml(), object),
        "styleSLD": ("", object),
        "useAsDefault": (True, bool),
        "description": ("Driftsklar: farve efter trin, navn ved siden af", object),
        "owner": ("driftsklar", object),
        "ui": ("", object),
    }


#: stage -> colour that can be told apart also by the colour-blind (Okabe and Ito)
_COLOURS = {
    Stage.PROPOSAL: "204,121,167",
    Stage.CONSULTATION: "230,159,0",
    Stage.AGREEMENT: "240,228,66",
    Stage.FUNDING: "86,180,233",
    Stage.BUILDING: "0,114,178",
    Stage.HANDOVER: "153,153,153",
    Stage.OPERATION: "0,158,115",
    Stage.WINDING_DOWN: "213,94,0",
}


def _qml() -> str:
    categories = "".join(
        f'<category symbol="{number}" value="{stage.danish}" label="{stage.danish}" render="true" type="string"/>'
        for number, stage in enumerate(_COLOURS)
    )
    symbols = "".join(
        f'<symbol type="marker" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">'
        '<layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map">'
        f'<Option type="QString" name="color" value="{colour},255"/>'
        '<Option type="QString" name="name" value="circle"/>'
        '<Option type="QString" name="outline_color" value="255,255,255,255"/>'
        '<Option type="QString" name="outline_width" value="0.4"/>'
        '<Option type="QString" name="size" value="3.4"/>'
        "</Option></layer></symbol>"
        for number, colour in enumerate(_COLOURS.values())
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.28.0" styleCategories="Symbology|Labeling" labelsEnabled="1">'
        '<renderer-v2 type="categorizedSymbol" attr="trin" symbollevels="0" enableorderby="0">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>"
        '<labeling type="simple"><settings calloutType="simple">'
        '<text-style fieldName="navn" isExpression="0" fontSize="8" textColor="50,50,50,255"/>'
        '<placement placement="6" dist="1.5"/><rendering scaleVisibility="1" scaleMin="0" scaleMax="25000"/>'
        "</settings></labeling></qgis>"
    )
