"""The parts of a case, made from their rows: consultation, agreement, permits, handover, incidents."""

from typing import Any

from sqlmodel import Session, col, select

from channels.views.amounts import hours, kroner
from channels.views.shapes.case_parts import (
    ApplicationLine,
    BuilderPart,
    CareAgreement,
    Condition,
    ConsultationRound,
    Defect,
    EndingLine,
    Handover,
    IncidentLine,
    InspectionLine,
    PermitLine,
    PlacesIncident,
)
from config.catalogue import catalogue
from models.case.agreement import Agreement, signatures_of
from models.case.builder import BuiltBy
from models.case.consultation import conditions_of, consultations_of
from models.case.facility import Facility
from models.case.firm import Firm
from models.case.funding import PoolApplication
from models.case.handed_over import handed_over_on
from models.case.handover import defects_of, last_handover
from models.case.inspection import Inspection, inspections_of
from models.case.permit import permits_of
from models.operation.incident import Incident, incidents_of
from models.operation.inspection import claims_end_on
from models.operation.winding_down import winding_downs_of


def consultation_parts(session: Session, facility: Facility) -> list[ConsultationRound]:
    """The rounds in which operations was asked, each with its conditions."""
    conditions = conditions_of(session, facility)
    return [
        ConsultationRound(
            round=c.round,
            answer=c.answer,
            reason=c.reason,
            could_be_yes=c.could_be_yes,
            conditions=[
                Condition(number=k.number, text=k.text, owner=k.owner, deadline=k.deadline_on, met_on=k.met_on)
                for k in conditions
                if k.round == c.round
            ],
            hours_per_year=hours(c.minutes_per_year),
            kr_per_year=kroner(c.kr_per_year_ore),
            asked_on=c.asked_on,
            deadline=c.deadline_on,
            decided_on=c.decided_on,
        )
        for c in consultations_of(session, facility)
    ]


def agreement_part(session: Session, agreement: Agreement) -> CareAgreement:
    """A version of the care agreement with the sides that have signed."""
    return CareAgreement(
        version=agreement.version,
        status=agreement.status,
        signed_by=[s.side for s in signatures_of(session, agreement)],
        sha256=agreement.sha256,
        pdf=agreement.pdf,
        from_on=agreement.from_on,
        until_on=agreement.until_on,
        hours_per_year=hours(agreement.municipal_minutes_per_year),
        volunteer_hours_per_year=hours(agreement.volunteer_minutes_per_year),
        kr_per_year=kroner(agreement.kr_per_year_ore),
        changes=agreement.changes,
    )


def application_parts(session: Session, facility: Facility) -> list[ApplicationLine]:
    """What was asked of the pool, the first first, and what was decided."""
    rows = select(PoolApplication).where(PoolApplication.facility_id == facility.id).order_by(col(PoolApplication.id))
    asked = set(ApplicationLine.model_fields)
    return [ApplicationLine(**each.model_dump(include=asked)) for each in session.exec(rows)]


def ending_parts(session: Session, facility: Facility) -> list[EndingLine]:
    """Each time its care was to end, with what was decided, by whom and in which words."""
    asked = set(EndingLine.model_fields)
    return [EndingLine(**each.model_dump(include=asked)) for each in winding_downs_of(session, facility)]


def permit_parts(session: Session, facility: Facility) -> list[PermitLine]:
    """The permits the facility needs."""
    names = catalogue().permits
    return [
        PermitLine(key=p.key, name=names[p.key].name, result=p.result, case_number=p.case_number)
        for p in permits_of(session, facility)
    ]


def handover_part(session: Session, facility: Facility) -> Handover | None:
    """The newest handover with its defects; None before one was asked for."""
    handover = last_handover(session, facility)
    if handover is None:
        return None
    return Handover(
        result=handover.result,
        decided_on=handover.decided_on,
        defects=[
            Defect(number=d.number, text=d.text, deadline=d.deadline_on, fixed_on=d.fixed_on)
            for d in defects_of(session, facility)
        ],
        papers=handover.papers,
        papers_missing=handover.papers_missing,
        inspections=[i.inspection_on for i in inspections_of(session, facility)],
        signed_by_builder=handover.signed_by_builder,
        builder_remarks=handover.builder_remarks,
        builder_signed_on=handover.builder_signed_on,
        signed_for_us=handover.signed_for_us,
    )


def builder_part(session: Session, facility: Facility) -> BuilderPart:
    """Who builds or built it, and until when claims can be made."""
    firm = session.get_one(Firm, facility.firm_id) if facility.firm_id else None
    since = handed_over_on(session, facility)
    has_claims = since is not None and facility.built_by is BuiltBy.FIRM
    return BuilderPart(
        built_by=facility.built_by,
        terms=facility.terms,
        firm=firm.reference if firm else None,
        handed_over_on=since,
        claims_end_on=claims_end_on(since) if since is not None and has_claims else None,
    )


def inspection_parts(session: Session, facility: Facility) -> list[InspectionLine]:
    """The inspections that follow the handover, by their last day."""
    return [inspection_line(each) for each in inspections_of(session, facility)]


def inspection_line(inspection: Inspection) -> InspectionLine:
    """One inspection."""
    return InspectionLine(
        id=inspection.number,
        kind=inspection.kind,
        last_on=inspection.inspection_on,
        summon_by_on=inspection.summon_by_on,
        tell_on=inspection.tell_on,
        summoned_for_on=inspection.summoned_for_on,
        held_on=inspection.held_on,
        result=inspection.result,
        note=inspection.note,
        learned=inspection.learned,
    )


def incident_parts(session: Session, facility: Facility) -> list[IncidentLine]:
    """What has gone wrong at the facility."""
    return [IncidentLine(**_incident(incident)) for incident in incidents_of(session, facility)]


def incident_of_place(session: Session, incident: Incident) -> PlacesIncident:
    """One incident with the facility it is about."""
    facility = session.get_one(Facility, incident.facility_id)
    return PlacesIncident(facility=facility.reference, **_incident(incident))


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.number,
        "what": incident.what,
        "safe": incident.safe,
        "reported_on": incident.reported_on,
        "decision": incident.decision,
        "kr": kroner(incident.kr_ore),
        "reason": incident.reason,
        "made_safe_on": incident.made_safe_on,
        "mended_on": incident.mended_on,
        "usable_on": incident.usable_on,
        "unsafe": incident.is_unsafe,
        "state": incident.danish,
    }
