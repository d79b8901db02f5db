"""Skadens ende: made safe, mended, and the place may be used again.

A place that somebody found unsafe is unsafe until operations says that it may be used; that it was closed off, decided on
or mended doesn't say it.
"""

from sqlmodel import Session, select

from models import text
from models.case.facility import Facility
from models.danish import dato
from models.journal import write_journal
from models.operation.followed import tell_member_who_reported, tell_reporters
from models.operation.incident import LIVES, Incident, IncidentDecision
from models.operation.reporter import Heard
from models.operation.winding_down import Outcome, winding_downs_of
from models.operation.work_order import OPEN_WORK, WorkOrder, WorkState
from models.post.outbox import Fact, tell_group
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said

MAY_SAY = (Role.OPERATIONS, Role.OPERATIONS_MANAGER)


def make_safe(session: Session, incident: Incident, how: str, said: Said) -> Incident:
    """Record that the place was closed off or made safe for now, and how. It may not be used for that.

    Raises:
        Refusal: the role may not, or the place is taken down.
        BadInput: nothing was said, or the day lies before the damage.
    """
    may_decide(said.by, MAY_SAY, "At et sted er sikret")
    how = text.text(how, "how")
    if incident.made_safe_on is not None:
        return incident
    facility = _in_operation(session, incident)
    _require_after_the_report(incident, said)
    incident.made_safe_on = said.on
    session.flush()
    write_journal(session, facility, f"Skade nr. {incident.id}: stedet er sikret. {how}", said)
    return incident


def may_be_used_again(session: Session, incident: Incident, said: Said) -> Incident:
    """Operations has looked: for this damage the place may be used again. Said once more it changes nothing.

    Raises:
        Refusal: the role may not, the place could be used all the time, or it is taken down.
        BadInput: the day lies before the damage, or before it was mended.
    """
    may_decide(said.by, MAY_SAY, "At et sted må bruges igen")
    if incident.usable_on is not None:
        return incident
    if incident.safe:
        raise Refusal(
            "incident.was_safe",
            f"Skade nr. {incident.id} gjorde ikke stedet farligt: det har måttet bruges hele tiden.",
        )
    facility = _in_operation(session, incident)
    _require_after_the_report(incident, said)
    if incident.mended_on is not None and said.on < incident.mended_on:
        raise BadInput("on", f"skaden er først lavet {dato(incident.mended_on)}.")
    incident.usable_on, incident.usable_by = said.on, said.by
    if incident.decision is IncidentDecision.REPAIR and open_repair(session, incident) is None:
        incident.mended_on = incident.mended_on or said.on  # decided before repairs were followed to their end
    session.flush()
    write_journal(session, facility, f"Skade nr. {incident.id}: stedet må bruges igen.", said)
    if incident.is_over:
        _tell_the_end(session, facility, incident, said)
    else:
        _tell_the_group(session, facility, incident, said, what="usable")
    return incident


def when_repair_ends(session: Session, work: WorkOrder, said: Said) -> None:
    """The repair is done: the damage is mended. It was dropped: the damage waits for another decision."""
    incident = session.get(Incident, work.incident_id) if work.incident_id is not None else None
    if incident is None or incident.mended_on is not None or open_repair(session, incident) is not None:
        return
    facility = session.get_one(Facility, incident.facility_id)
    if work.state is WorkState.DONE:
        incident.mended_on = work.done_on
        session.flush()
        write_journal(session, facility, f"Skade nr. {incident.id} er lavet.", said)
        if incident.is_over:
            _tell_the_end(session, facility, incident, said)
    elif work.state is WorkState.DROPPED and not _is_being_taken_down(session, facility):
        incident.decision = incident.decided_on = None
        incident.kr_ore, incident.reason = 0, ""
        session.flush()
        line = f"Skade nr. {incident.id} bliver ikke lavet ({work.dropped_because}) og skal afgøres igen."
        write_journal(session, facility, line, said)


def open_repair(session: Session, incident: Incident) -> WorkOrder | None:
    """The repair that is still to be done."""
    rows = select(WorkOrder).where(WorkOrder.incident_id == incident.id)
    return next((work for work in session.exec(rows) if work.state in OPEN_WORK), None)


def _is_being_taken_down(session: Session, facility: Facility) -> bool:
    endings = winding_downs_of(session, facility)
    return facility.stage not in LIVES or (bool(endings) and endings[-1].outcome is Outcome.REMOVE)


def _in_operation(session: Session, incident: Incident) -> Facility:
    facility = session.get_one(Facility, incident.facility_id)
    if facility.stage not in LIVES:
        raise Refusal(
            "incident.place_is_gone", f"{facility.reference} er ikke i drift ({facility.stage.danish}) og bruges ikke."
        )
    return facility


def _require_after_the_report(incident: Incident, said: Said) -> None:
    if said.on < incident.reported_on:
        raise BadInput("on", f"skaden er først meldt {dato(incident.reported_on)}.")


def _tell_the_end(session: Session, facility: Facility, incident: Incident, said: Said) -> None:
    """Everybody who reported it hears that it is mended."""
    _tell_the_group(session, facility, incident, said, what="ended")
    tell_reporters(session, incident, Heard.MENDED, on=said.on)


def _tell_the_group(session: Session, facility: Facility, incident: Incident, said: Said, *, what: str) -> None:
    """The contacts are thanked, and the member who reported it by a check, each with their next mail."""
    key = f"incident:{incident.id}:{what}"
    context: dict[str, Fact] = {
        "mended": what == "ended",
        "was_unsafe": not incident.safe,
        "reported_on": incident.reported_on.isoformat(),
    }
    tell_group(session, facility, "incident_ended", said.on, key=key, context=context)
    tell_member_who_reported(session, incident, "incident_ended", key=key, on=said.on, context=context)
