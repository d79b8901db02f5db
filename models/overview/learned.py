"""Hvad vi lærte: what befell the last places of a type, for whoever says yes to the next one.

The words are those of the decisions, without persons; what somebody wrote of the damage isn't repeated.
"""

from collections.abc import Callable
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.case.facility import Facility
from models.case.handover import Handover, HandoverResult
from models.case.inspection import inspections_of
from models.danish import dato
from models.discretion import without_persons
from models.operation.incident import incidents_of

PLACES = 3


class Learned(NamedTuple):
    """One place, and what befell it; no lessons where all went well."""

    facility: Facility
    lessons: tuple[str, ...]


def learned_from(session: Session, facility: Facility) -> list[Learned]:
    """The last places of the same type that were to be handed over, the latest first."""
    rows = (
        select(Facility)
        .where(
            Facility.type_key == facility.type_key,
            Facility.id != facility.id,
            col(Facility.id).in_(select(Handover.facility_id).where(col(Handover.result).is_not(None))),
        )
        .order_by(col(Facility.id).desc())
        .limit(PLACES)
    )
    return [
        Learned(each, tuple(without_persons(session, lesson) for source in SOURCES for lesson in source(session, each)))
        for each in session.exec(rows)
    ]


def _first_weeks(session: Session, facility: Facility) -> list[str]:
    """What the visits and inspections said to whoever draws the next one."""
    return [
        f"{each.kind.danish.capitalize()}: {each.learned}" for each in inspections_of(session, facility) if each.learned
    ]


def _refused_handovers(session: Session, facility: Facility) -> list[str]:
    rows = select(Handover).where(Handover.facility_id == facility.id, Handover.result == HandoverResult.REFUSED)
    return [
        f"Ikke overtaget {dato(handover.decided_on)}: {handover.reason}"
        for handover in session.exec(rows.order_by(col(Handover.attempt)))
        if handover.decided_on is not None
    ]


def _damage(session: Session, facility: Facility) -> list[str]:
    return [
        f"Skade {dato(incident.reported_on)}, {incident.decision.danish}: {incident.reason}"
        if incident.decision is not None
        else f"Skade {dato(incident.reported_on)}, ikke afgjort."
        for incident in incidents_of(session, facility)
    ]


SOURCES: tuple[Callable[[Session, Facility], list[str]], ...] = (_refused_handovers, _damage, _first_weeks)
"""Where lessons come from, in the order of a place's life."""
