"""Skadens afgørelse: repaired, closed or removed, and paid for by the pool. A repair is ordered in the same step."""

from datetime import date, timedelta

from sqlmodel import Session, func, select

from config.catalogue import catalogue
from models import text
from models.case.facility import Facility
from models.danish import dato, kr
from models.journal import write_journal
from models.operation.followed import tell_member_who_reported, tell_reporters
from models.operation.incident import Incident, IncidentDecision
from models.operation.reporter import Heard
from models.operation.winding_down import begin_winding_down, close_down
from models.operation.work import WorkKind, WorkOrder, order_work
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
    """Decide on an incident. A repair is ordered and its money reserved; what else it costs is booked in the same step.

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
    if decision is IncidentDecision.REPAIR:
        _order_repair(session, facility, incident, ore, said)
    else:
        _pay(session, facility, incident, ore, said)
    times = _repairs(session, incident)
    again = f":{times}" if times > 1 else ""
    incident.decision, incident.kr_ore, incident.reason, incident.decided_on = decision, ore, reason, said.on
    what = f"Skade nr. {incident.id}: {facility.name} {decision.danish}, {kr(ore)} {reason}"
    write_journal(session, facility, what + where_decided(decided_on, case_number), said)
    _tell_of_decision(session, facility, incident, decision, said.on, again=again)
    if decision is not IncidentDecision.REPAIR and facility.stage is Stage.OPERATION:
        begin_winding_down(session, facility, f"Efter skade nr. {incident.id}: {reason}", said)
    if decision is IncidentDecision.REMOVE and facility.stage is Stage.WINDING_DOWN:
        close_down(session, facility, said)
    return incident


def _tell_of_decision(
    session: Session, facility: Facility, incident: Incident, decision: IncidentDecision, on: date, *, again: str
) -> None:
    told: dict[str, Fact] = {"decision_danish": decision.danish, "reason": incident.reason, "kr_ore": incident.kr_ore}
    key = f"incident:{incident.id}:decided{again}"
    tell_group(session, facility, "incident_decided", on, key=key, context=told)
    tell_member_who_reported(session, incident, "incident_decided", key=key, on=on, context=told)
    heard = Heard.REPAIR if decision is IncidentDecision.REPAIR else Heard.CLOSED
    tell_reporters(session, incident, heard, on=on, again=again)


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


def _repairs(session: Session, incident: Incident) -> int:
    """How often a repair of it was ordered; one that was dropped brings another decision."""
    rows = select(func.count()).where(WorkOrder.incident_id == incident.id, WorkOrder.kind == WorkKind.REPAIR)
    return int(session.exec(rows).one())


def _order_repair(session: Session, facility: Facility, incident: Incident, ore: int, said: Said) -> None:
    """Order the repair and reserve its money, or refuse when the year has too little."""
    escalation = catalogue().escalation
    days = escalation.repair_days if incident.safe else escalation.unsafe_repair_days
    number = _repairs(session, incident) + 1
    work = order_work(
        session,
        facility,
        WorkKind.REPAIR,
        f"Reparér efter skade nr. {incident.id}: {incident.what}"[: text.TEXT_LENGTH],
        said.on + timedelta(days=days),
        said,
        key=f"incident:{incident.id}:repair:{number}",
        ore=ore,
        incident_id=incident.number,
    )
    if ore and work.is_billed and work.reserved_year is None:
        raise _too_little(incident, ore, said.on.year)


def _pay(session: Session, facility: Facility, incident: Incident, ore: int, said: Said) -> None:
    """Book what it costs, or refuse when the year has too little: one conditional step, so that no two take the same."""
    number, year = incident.id, said.on.year
    paid = ore == 0 or spend(
        session, facility.number, year, ore, said, key=f"incident:{number}", what=f"Skade nr. {number}"
    )
    if not paid:
        raise _too_little(incident, ore, year)


def _too_little(incident: Incident, ore: int, year: int) -> Refusal:
    return Refusal("incident.too_little", f"Puljen har ikke {kr(ore)} fri i {year} til skade nr. {incident.id}.")
