"""GeoFA: the municipality's places as the national open data on outdoor facilities wants them handed in.

What can't be used safely or is closed says so the same day, in `note` and `beskrivels`, which people see.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import Session, col, select

from channels.addresses import place_address
from channels.views.geofa_fields import (
    CANCELLED,
    CRS,
    DRAFT,
    FIELD_VISIT,
    FOR_ALL,
    LINE,
    LINES,
    POINTS,
    PROPOSED,
    VALID,
    faults_of,
)
from config.catalogue import catalogue
from models.case.facility import Facility, facilities
from models.case.path_line import line_of
from models.operation.incident import Incident, IncidentDecision
from models.operation.weather import places_under_ban
from models.place import to_utm32
from models.stage import Stage

_STATUS = {
    Stage.PROPOSAL: DRAFT,
    Stage.CONSULTATION: DRAFT,
    Stage.AGREEMENT: PROPOSED,
    Stage.FUNDING: PROPOSED,
    Stage.BUILDING: PROPOSED,
    Stage.HANDOVER: PROPOSED,
    Stage.OPERATION: VALID,
    Stage.WINDING_DOWN: VALID,
    Stage.CLOSED: CANCELLED,
}
UNSAFE = "Kan ikke bruges sikkert lige nu."
SHUT = "Lukket."
BANNED = "Lukket: afbrændingsforbud."


class HandedIn(NamedTuple):
    """The features, what was left out and why, and what keeps the file from being handed in."""

    features: list[dict[str, Any]]
    left_out: list[str]
    faults: list[str]


def object_id(reference: str) -> str:
    """The feature's own number: the same each time for the same facility."""
    return str(uuid5(NAMESPACE_URL, f"driftsklar:{reference}"))


def handed_in(session: Session, *, user: str, theme: str = POINTS) -> HandedIn:
    """All facilities of a theme with a code and a point (or a line), whether they stand, are on their way or are taken down."""
    features, left_out = [], []
    marks = _marks(session)
    for each in facilities(session):
        kind = catalogue().types.get(each.type_key)
        if each.stage not in _STATUS:
            continue
        if kind is None or not kind.code.isdecimal():
            left_out.append(f"{each.reference}: typen har ingen GeoFA-kode")
        elif kind.theme == LINES and not each.line:
            left_out.append(f"{each.reference}: {kind.name} er en linje i GeoFA, og her er kun et punkt")
        elif not each.is_placed and not each.line:
            left_out.append(f"{each.reference}: har kun en adresse og intet punkt")
        elif (kind.theme == LINES) == (theme == LINES):
            features.append(_feature(each, int(kind.code), kind.name, user, marks.get(each.number, "")))
        elif theme == POINTS:
            left_out.append(f"{each.reference}: {kind.name} er en linje i GeoFA og skrives med --lines")
    faults = [fault for feature in features for fault in faults_of(feature)]
    return HandedIn(features, left_out, faults)


def _marks(session: Session) -> dict[int, str]:
    """What people must know of a place today: it is closed, or can't be used safely."""
    rows = select(Incident).where(
        (col(Incident.decision).is_(None) & col(Incident.safe).is_(False))
        | (col(Incident.decision) == IncidentDecision.CLOSE)
    )
    marks: dict[int, str] = {}
    for each in session.exec(rows.order_by(col(Incident.id))):
        shut = each.decision is IncidentDecision.CLOSE
        if shut or each.facility_id not in marks:
            marks[each.facility_id] = SHUT if shut else UNSAFE
    return dict.fromkeys(places_under_ban(session), BANNED) | marks


def _feature(facility: Facility, code: int, name: str, user: str, mark: str) -> dict[str, Any]:
    us = catalogue().municipality
    corners = line_of(facility)
    metres = [to_utm32(*each) for each in corners or [(facility.lat, facility.lon)]]
    coordinates = [[round(each.east, 3), round(each.north, 3)] for each in metres]
    return {
        "type": "Feature",
        "geometry": {"type": LINE if corners else "MultiPoint", "coordinates": coordinates},
        "properties": {
            "objekt_id": object_id(facility.reference),
            "cvr_kode": int(us.cvr) if us.cvr else None,
            "bruger_id": user,
            "oprindkode": FIELD_VISIT,
            "statuskode": _STATUS[facility.stage],
            "off_kode": FOR_ALL,
            "rute_ty_k" if corners else "facil_ty_k": code,
            "noegle": facility.reference,
            "note": mark or None,
            "navn": facility.name[:254],
            "beskrivels": (f"{mark} {name}" if mark else name)[:80],
            "ansvar_org": us.name,
            "kontak_ved": us.phone,
            "link": place_address(facility.reference),
        },
    }


def write_geofa(file: Path, found: HandedIn, theme: str = POINTS) -> None:
    """The file to hand in: GeoJSON with MULTIPOINT, or LINESTRING for lines, in EPSG:25832."""
    document = {
        "type": "FeatureCollection",
        "name": f"fkg.{theme}",
        "crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{CRS}"}},
        "features": found.features,
    }
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
