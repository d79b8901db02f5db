"""What comes in by Open311 and how it goes: a suggestion like those from the sign, and its state until the damage is over."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from channels.addresses import place_address
from config.catalogue import catalogue
from models import text
from models.calendar import COPENHAGEN
from models.case.facility import Facility, find
from models.case.inheritance import inheritance_of
from models.case.photo import StoredPhoto
from models.operation.incident import Incident, IncidentDecision
from models.operation.public_report import PublicReport, ReportState, report_publicly
from models.place import is_in_denmark, to_utm32
from models.refusal import BadInput, Refusal
from models.role import Door
from models.stage import Stage

NEAR_METRES = 250
"""How far from a place a point may lie to be about it [assume]."""
IN_OPERATION = (Stage.OPERATION, Stage.WINDING_DOWN)
MAX_MEDIA = 500
MEDIA = "\nBillede: "
"""How the address of a picture stands in a report's text."""


class Filters(NamedTuple):
    """Which reports are asked for; empty means all."""

    numbers: tuple[int, ...]
    codes: tuple[str, ...]
    states: tuple[str, ...]
    from_on: date | None
    until_on: date | None


def services() -> list[dict[str, Any]]:
    """What can be reported: damage at each type of facility."""
    return [
        {
            "service_code": key,
            "service_name": f"Skade: {kind.name}",
            "description": f"Noget er galt med {kind.definite}, eller stedet kan ikke bruges sikkert.",
            "metadata": True,
            "type": "realtime",
            "keywords": kind.name.lower(),
            "group": "Steder, som frivillige passer",
        }
        for key, kind in catalogue().types.items()
    ]


def definition(code: str) -> dict[str, Any]:
    """What is asked about a service beside its text and its point.

    Raises:
        Refusal: there is no such service.
    """
    require_service(code)
    return {
        "service_code": code,
        "attributes": [
            {
                "variable": True,
                "code": "safe",
                "datatype": "singlevaluelist",
                "required": False,
                "datatype_description": "Uden svar ser driften på stedet, som om det ikke kan.",
                "order": 1,
                "description": "Kan stedet bruges sikkert?",
                "values": [{"key": "yes", "name": "Ja"}, {"key": "no", "name": "Nej"}],
            },
            {
                "variable": True,
                "code": "facility",
                "datatype": "string",
                "required": False,
                "datatype_description": "Fx VK-2026-0007. Ellers tages det nærmeste sted.",
                "order": 2,
                "description": "Nummeret på skiltet",
                "values": [],
            },
        ],
    }


def require_service(code: str) -> None:
    """Stop at a service that isn't there.

    Raises:
        Refusal: `open311.service`.
    """
    if code not in catalogue().types:
        raise Refusal("open311.service", f"Der er ingen service “{code[:40]}”. Se services.json.")


def take_report(
    session: Session, said: Mapping[str, str], photos: Sequence[StoredPhoto], *, on: date, has_key: bool
) -> PublicReport:
    """A report from outside becomes a suggestion; without a key the coordinator looks at it first.

    The same text about the same place on the same day is the same report, and gets the photos that come with it. Who sends
    it isn't kept, nor is a picture fetched of which only the address came: that stands in the text.

    Raises:
        BadInput: a field can't be used, or no place in operation lies near the point.
        Refusal: there is no such service, or the place was reported too often today.
    """
    code = said.get("service_code", "")
    if not code:
        raise BadInput("service_code", "skriv en service fra services.json.")
    require_service(code)
    facility = _place(session, code, said)
    safe = said.get("attribute[safe]", "no")
    if safe not in ("yes", "no"):
        raise BadInput("attribute[safe]", "skriv yes eller no.")
    what = said.get("description", "").strip() or f"{catalogue().types[code].name}: noget er galt."
    media = said.get("media_url", "").strip()
    if media:
        if len(media) > MAX_MEDIA or not media.startswith(("https://", "http://")) or not media.isprintable():
            raise BadInput("media_url", "skriv en webadresse.")
        what = what + MEDIA + media
    what = text.text(what, "description")
    told = hashlib.sha256("\0".join((facility.reference, safe, what, on.isoformat())).encode()).hexdigest()
    return report_publicly(
        session,
        facility,
        what,
        safe=safe == "yes",
        photos=photos,
        key=f"open311:{told}",
        on=on,
        door=Door.API,
        looks_automatic=not has_key,
    )


def _place(session: Session, code: str, said: Mapping[str, str]) -> Facility:
    if reference := (said.get("attribute[facility]") or said.get("address_id") or "").strip():
        try:
            return find(session, reference)
        except BadInput as missing:
            raise BadInput("attribute[facility]", missing.sentence.removeprefix("reference: ")) from None
    try:
        lat, lon = float(said.get("lat", "")), float(said.get("long", ""))
    except ValueError:
        raise BadInput("lat/long", "skriv punktet i grader (WGS84), eller nummeret på skiltet.") from None
    if not is_in_denmark(lat, lon):
        raise BadInput("lat/long", "stedet ligger ikke i Danmark. Skriv grader som 55.04 og 12.21.")
    here = to_utm32(lat, lon)
    rows = select(Facility).where(
        Facility.type_key == code,
        col(Facility.stage).in_(IN_OPERATION),
        col(Facility.utm_east).between(round(here.east) - NEAR_METRES, round(here.east) + NEAR_METRES),
        col(Facility.utm_north).between(round(here.north) - NEAR_METRES, round(here.north) + NEAR_METRES),
    )
    near = [
        (away, each)
        for each in session.exec(rows)
        if (away := (each.utm_east - here.east) ** 2 + (each.utm_north - here.north) ** 2) <= NEAR_METRES**2
    ]
    if not near:
        raise BadInput("lat/long", f"der er intet sted af den slags i drift inden for {NEAR_METRES} meter.")
    nearest = min(near, key=lambda pair: (pair[0], pair[1].reference))[1]
    return find(session, nearest.reference)


def reports(session: Session, filters: Filters, *, most: int, with_text: bool) -> list[dict[str, Any]]:
    """The reports that are asked for, the newest first. What strangers wrote is for those with a key alone."""
    wanted = select(PublicReport).order_by(col(PublicReport.id).desc())
    if filters.numbers:
        wanted = wanted.where(col(PublicReport.id).in_(filters.numbers))
    if filters.from_on is not None:
        wanted = wanted.where(col(PublicReport.reported_on) >= filters.from_on)
    if filters.until_on is not None:
        wanted = wanted.where(col(PublicReport.reported_on) <= filters.until_on)
    if filters.codes:
        places = select(Facility.id).where(col(Facility.type_key).in_(filters.codes))
        wanted = wanted.where(col(PublicReport.facility_id).in_(places))
    found = []
    for report in session.exec(wanted):
        row = _row(session, report, with_text=with_text)
        if not filters.states or row["status"] in filters.states:
            found.append(row)
        if len(found) == most:
            break
    return found


def _row(session: Session, report: PublicReport, *, with_text: bool) -> dict[str, Any]:
    facility = session.get_one(Facility, report.facility_id)
    incident = session.get(Incident, report.incident_id) if report.incident_id else None
    status, notes, last_on = _standing(report, incident)
    kind = catalogue().types.get(facility.type_key)
    came = inheritance_of(session, facility)
    return {
        "service_request_id": str(report.id),
        "status": status,
        "status_notes": notes,
        "service_name": f"Skade: {kind.name if kind else facility.type_key}",
        "service_code": facility.type_key,
        "description": report.what if with_text else None,
        "agency_responsible": catalogue().municipality.name,
        "service_notice": place_address(facility.reference),
        "requested_datetime": _noon(report.reported_on),
        "updated_datetime": _noon(last_on),
        "expected_datetime": None,
        "address": came.address if came and came.address else facility.name,
        "address_id": facility.reference,
        "zipcode": None,
        "lat": facility.lat if facility.is_placed else None,
        "long": facility.lon if facility.is_placed else None,
        "media_url": report.what.partition(MEDIA)[2] or None if with_text else None,
    }


def _standing(report: PublicReport, incident: Incident | None) -> tuple[str, str, date]:
    """Open or closed, why, and since when: a report is over when its damage is, which is mended before it is."""
    if report.state is ReportState.SUGGESTED:
        return "open", "Meldingen er modtaget. Nogen ser efter.", report.reported_on
    if report.state is ReportState.DISMISSED or incident is None:
        return "closed", "Der er set efter, og der var ikke noget galt.", report.decided_on or report.reported_on
    if incident.decision is None:
        return "open", "Skaden er bekræftet. Driften afgør, hvad der skal ske.", report.decided_on or report.reported_on
    decided_on = incident.decided_on or report.reported_on
    if incident.decision is not IncidentDecision.REPAIR:
        return "closed", f"Afgjort: stedet {incident.decision.danish}.", decided_on
    if incident.mended_on is None:
        return "open", f"Afgjort: stedet {incident.decision.danish}.", decided_on
    if not incident.is_over:
        return "open", "Skaden er lavet. Stedet må ikke bruges, før driften har set det efter.", incident.mended_on
    return "closed", "Skaden er lavet.", max(incident.mended_on, incident.usable_on or incident.mended_on)


def _noon(day: date) -> str:
    return datetime.combine(day, time(12), ZoneInfo(COPENHAGEN)).isoformat()


def last_ninety_days(on: date) -> date:
    """What is meant when no days are told."""
    return on - timedelta(days=90)
