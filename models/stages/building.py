"""Bygning: permits first, then the builder starts and finishes."""

from enum import StrEnum

from sqlmodel import Session, select

from config.catalogue import catalogue
from models import text
from models.case.facility import Facility, move
from models.case.gate import missing_to_start_building, require_stage
from models.case.handover import last_handover
from models.case.permit import Permit, PermitResult, permits_of
from models.journal import write_journal
from models.post.outbox import Fact, tell
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage
from models.stages.handover import open_handover

MAY_BUILD = (Role.PROJECT_LEAD, Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.COORDINATOR)

HELD = (PermitResult.GRANTED, PermitResult.NOT_NEEDED)


class BuildingEvent(StrEnum):
    """What the builder reports."""

    STARTED = "started"
    FINISHED = "finished"


def answer_permit(
    session: Session, facility: Facility, key: str, result: PermitResult, said: Said, *, case_number: str
) -> Permit:
    """Record what an authority (or the land's owner) answered; a refusal can be answered anew later.

    Raises:
        BadInput: the facility doesn't need that permit, or the case number is no text.
        Refusal: the building has started, or the case is closed.
    """
    may_decide(said.by, MAY_BUILD, "En tilladelse")
    case_number = text.name(case_number, "case_number") if case_number else ""
    permits = {permit.key: permit for permit in session.exec(select(Permit).where(Permit.facility_id == facility.id))}
    if key not in permits:
        raise BadInput(
            "permit", f'{facility.reference} skal ikke have "{key[:40]}". Tilladelserne er: {", ".join(permits)}.'
        )
    permit = permits[key]
    if (permit.result, permit.case_number) == (result, case_number):
        return permit
    if not facility.stage.is_open or facility.building_started_on is not None:
        raise Refusal(
            "permit.closed", f"Tilladelser til {facility.reference} kan ikke ændres nu: {facility.stage.danish}."
        )
    if permit.result in HELD:
        raise Refusal("permit.decided", f"Tilladelsen er allerede besvaret for {facility.reference}.")
    permit.result, permit.case_number, permit.decided_on = result, case_number, said.on
    about = f" (sag {case_number})" if case_number else ""
    permit_name = catalogue().permits[key].name
    write_journal(session, facility, f"Tilladelsen “{permit_name}”: {result.danish}{about}.", said)
    if result is PermitResult.REFUSED:
        _tell_refused(session, facility, permit, said)
    return permit


def why_not_correct_permit(session: Session, facility: Facility) -> str:
    """Why no answer about a permit can be put right any more, in a sentence; empty where one can."""
    if facility.building_started_on is not None:
        return "Byggeriet er gået i gang på det, der blev svaret. Ring til frivilligkoordinatoren, hvis det er forkert."
    if not facility.stage.is_open:
        return f"Sagen er sluttet ({facility.stage.danish})."
    if not held_permits(session, facility):
        return "Der er endnu ingen tilladelse, som er givet."
    return ""


def held_permits(session: Session, facility: Facility) -> list[Permit]:
    """Those that are answered so that the building may start."""
    return [each for each in permits_of(session, facility) if each.result in HELD]


def correct_permit(
    session: Session, facility: Facility, key: str, result: PermitResult, said: Said, *, case_number: str
) -> Permit:
    """Another answer in place of a yes, before the building starts. The same again changes nothing.

    Raises:
        BadInput: the facility doesn't need that permit, or the case number is no text.
        Refusal: the building has started, the case is closed, or the role may not.
    """
    may_decide(said.by, MAY_BUILD, "En tilladelse")
    permit = next((each for each in held_permits(session, facility) if each.key == key), None)
    if permit is None:
        return answer_permit(session, facility, key, result, said, case_number=case_number)
    case_number = text.name(case_number, "case_number") if case_number else ""
    if (permit.result, permit.case_number) == (result, case_number):
        return permit
    if why_not := why_not_correct_permit(session, facility):
        raise Refusal("permit.cannot_correct", f"Svaret på tilladelsen kan ikke rettes mere. {why_not}")
    permit.result, permit.case_number, permit.decided_on = result, case_number, said.on
    about = f" (sag {case_number})" if case_number else ""
    line = f"Svaret på tilladelsen “{catalogue().permits[key].name}” rettes: {result.danish}{about}."
    write_journal(session, facility, line, said)
    if result is PermitResult.REFUSED:
        _tell_refused(session, facility, permit, said)
    return permit


def _tell_refused(session: Session, facility: Facility, permit: Permit, said: Said) -> None:
    """The project lead is told that an authority said no."""
    context: dict[str, Fact] = {"permit_name": catalogue().permits[permit.key].name, "case_number": permit.case_number}
    key = f"{facility.reference}:permit:{permit.key}:{said.on}"
    tell(session, facility, Role.PROJECT_LEAD, "permit_refused", said.on, key=key, context=context)


def report_building(session: Session, facility: Facility, event: BuildingEvent, said: Said) -> Facility:
    """Record that the building has started or is finished; the gate stands before the first spade.

    Raises:
        Refusal: the yes, the signed agreement, the money or a permit is missing, or it hasn't started.
    """
    may_decide(said.by, MAY_BUILD, "Byggeriet")
    if event is BuildingEvent.STARTED:
        if facility.building_started_on is not None:
            return facility
        require_stage(session, facility, Stage.BUILDING, on=said.on, to="bygges")
        if missing := missing_to_start_building(session, facility):
            raise Refusal("building.not_ready", f"{facility.reference} kan ikke bygges endnu. {' '.join(missing)}")
        facility.building_started_on = said.on
        what = "Byggeriet er gået i gang."
    else:
        if last_handover(session, facility) is not None and facility.stage is not Stage.BUILDING:
            return facility
        require_stage(session, facility, Stage.BUILDING, on=said.on, to="meldes færdigt")
        if facility.building_started_on is None:
            raise Refusal(
                "building.not_started", f"{facility.reference} kan ikke meldes færdigt: byggeriet er ikke meldt i gang."
            )
        if said.on < facility.building_started_on:
            raise BadInput("on", "byggeriet kan ikke være færdigt, før det er gået i gang.")
        what = "Byggeriet er færdigt."
    write_journal(session, facility, what, said)
    if event is BuildingEvent.FINISHED:
        handover = open_handover(session, facility, on=said.on)
        move(session, facility, Stage.HANDOVER, on=said.on)
        key = f"{facility.reference}:handover:{handover.attempt}:asked"
        tell(
            session,
            facility,
            Role.OPERATIONS,
            "handover_asked",
            said.on,
            key=key,
            context={"finished_on": said.on.isoformat()},
        )
    return facility
