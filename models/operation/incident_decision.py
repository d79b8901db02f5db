"""Skadens afgørelse: repaired, closed or removed, and paid for by the pool."""

from datetime import date

from sqlmodel import Session

from models import text
from models.case.facility import Facility
from models.danish import dato, kr
from models.journal import write_journal
from models.operation.incident import Incident, IncidentDecision
from models.operation.winding_down import begin_winding_down, close_down
from models.operator import person_of
from models.pool.right_to_decide import Proposer, checked_case, require_right, where_decided
from models.pool.spending import spend
from models.post.outbox import Fact, tell_group
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_DECIDE = (Role.OPERATIONS_MANAGER, Role.POOL_MANAGER, Role.LEADER, Role.COMMITTEE)
MAX_KR = 100_000_000


def decide_incident(
    session: Session,
    incident: Incident,
    decision: IncidentDecision,
    kr_amount: int,
    reason: str,
    said: Said,
    *,
    decided_on: date | None = None,
    case_number: str = "",
) -> Incident:
    """Decide on an incident; what it costs is booked to the pool in the same step.

    `decided_on` and `case_number` say where a political decision was taken. More than a small repair isn't
    decided by the role that reported it.

    Raises:
        Refusal: it is decided otherwise already, the place is taken down, the role may not spend that much
            or reported it itself, or the pool can't pay.
        BadInput: no reason, an absurd amount, or a political decision without date or case number.
    """
    may_decide(said.by, MAY_DECIDE, "En skade")
    reason, case_number = text.text(reason, "reason"), checked_case(case_number)
    if not 0 <= kr_amount <= MAX_KR:
        raise BadInput("kr", "skriv hele kroner fra 0 til 100.000.000.")
    ore = kr_amount * 100
    if incident.decision is not None:
        _refuse_another_decision(incident, decision, ore, reason)
        return incident
    facility = session.get_one(Facility, incident.facility_id)
    _refuse_outside_operation(incident, facility, said.on)
    require_right(
        "incident",
        "En udgift",
        ore,
        said,
        person=person_of(session, said),
        proposer=Proposer(incident.reported_by, incident.reported_by_person),
        decided_on=decided_on,
        case_number=case_number,
    )
    _pay(session, facility, incident, ore, said)
    incident.decision, incident.kr_ore, incident.reason, incident.decided_on = decision, ore, reason, said.on
    what = f"Skade nr. {incident.id}: {facility.name} {decision.danish}, {kr(ore)} {reason}"
    write_journal(session, facility, what + where_decided(decided_on, case_number), said)
    told: dict[str, Fact] = {"decision_danish": decision.danish, "reason": reason, "kr_ore": ore}
    tell_group(session, facility, "incident_decided", said.on, key=f"incident:{incident.id}:decided", context=told)
    if decision is not IncidentDecision.REPAIR and facility.stage is Stage.OPERATION:
        begin_winding_down(session, facility, f"Efter skade nr. {incident.id}: {reason}", said)
    if decision is IncidentDecision.REMOVE and facility.stage is Stage.WINDING_DOWN:
        close_down(session, facility, said)
    return incident


def _refuse_another_decision(incident: Incident, decision: IncidentDecision, ore: int, reason: str) -> None:
    """Stop a second decision that isn't the first one said again."""
    if incident.decision is not None and (incident.decision, incident.kr_ore, incident.reason) != (
        decision,
        ore,
        reason,
    ):
        raise Refusal("incident.decided", f"Skade nr. {incident.id} er allerede afgjort: {incident.decision.danish}.")


def _refuse_outside_operation(incident: Incident, facility: Facility, on: date) -> None:
    """Stop a decision from before the damage, or about a place on which no money is spent any more."""
    if on < incident.reported_on:
        raise BadInput("on", f"skaden er først meldt {dato(incident.reported_on)}.")
    if facility.stage not in (Stage.OPERATION, Stage.WINDING_DOWN):
        raise Refusal(
            "incident.not_in_operation",
            f"Skade nr. {incident.id} kan ikke afgøres: {facility.reference} er ikke i drift "
            f"({facility.stage.danish}), og der bruges ikke penge på stedet mere.",
        )


def _pay(session: Session, facility: Facility, incident: Incident, ore: int, said: Said) -> None:
    """Book what it costs, or refuse when the year has too little: one conditional step, so that no two take the same."""
    number, year = incident.id, said.on.year
    paid = ore == 0 or spend(
        session, facility.number, year, ore, said, key=f"incident:{number}", what=f"Skade nr. {number}"
    )
    if not paid:
        raise Refusal("incident.too_little", f"Puljen har ikke {kr(ore)} fri i {year} til skade nr. {number}.")
