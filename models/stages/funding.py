"""Puljetilsagn: the pool promises money for each year of the agreement, declines, or lets it wait."""

from datetime import date
from functools import partial

from sqlmodel import Session

from config.catalogue import catalogue
from models import text
from models.case.agreement import Agreement
from models.case.facility import Facility, move
from models.case.funding import FundingDecision, PoolApplication, last_application
from models.case.gate import missing_before, missing_before_promise, missing_to_start_building, require_stage
from models.danish import kr
from models.journal import write_journal
from models.pool.funding_need import (
    MAY_FUND,
    amounts_of,
    describe_shortfall,
    needs_of,
    proposed_by,
    reserves_of,
    shortfalls,
    who_decides,
)
from models.pool.ledger import Kind, book
from models.pool.priority import queue
from models.post.outbox import Fact, tell, tell_group
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

__all__ = [
    "MAY_FUND",
    "amounts_of",
    "decide_funding",
    "describe_shortfall",
    "shortfalls",
    "wait_in_line",
    "who_decides",
]


def decide_funding(
    session: Session,
    facility: Facility,
    decision: FundingDecision,
    said: Said,
    *,
    reason: str,
    decided_on: date | None,
    case_number: str,
) -> PoolApplication:
    """Grant, decline or let wait. A grant commits money for every year of the agreement, or for none.

    `decided_on` and `case_number` say where a political decision was taken; above the leader's limit they
    are required (delegation by the municipality's finance rules). Years that are closed already aren't
    paid for. Where the configuration says so, the grant sets savings for the replacement aside, too.

    Raises:
        Refusal: nothing is applied for, the role may not decide that much or proposed it itself, or the
            pool can't carry it (naming year and øre).
        BadInput: a decline without its reason, a political decision without date or case number.
    """
    may_decide(said.by, MAY_FUND, "Puljens penge")
    reason = text.text(reason, "reason", required=False)
    case_number = text.name(case_number, "case_number") if case_number else ""
    application = last_application(session, facility)
    if application is None:
        require_stage(session, facility, Stage.FUNDING, on=said.on, to="få penge fra puljen")
        raise AssertionError("a facility in funding has an application")
    if application.decision is not None:
        same = (application.decision, application.reason, application.case_number) == (decision, reason, case_number)
        if same and decided_on in (None, application.decided_on):
            return application
        raise Refusal(
            "funding.decided", f"{facility.reference} har allerede fået {application.decision.danish} fra puljen."
        )
    agreement = session.get_one(Agreement, application.agreement_id)
    if not agreement.renews:
        require_stage(session, facility, Stage.FUNDING, on=said.on, to="få penge fra puljen")
    amounts = needs_of(session, agreement)
    proposer = proposed_by(session, facility)
    if said.by is proposer:
        raise Refusal(
            "funding.four_eyes",
            f"{said.by.danish.capitalize()} har selv foreslået {facility.reference} og kan ikke også beslutte "
            f"pengene. Det kan {who_decides(amounts, proposer).danish}.",
        )
    delegation = catalogue().delegation
    if not delegation.may("funding", said.by, max(amounts.values(), default=0), sum(amounts.values())):
        lowest = who_decides(amounts, proposer)
        raise Refusal(
            "funding.above_limit",
            f"{kr(sum(amounts.values()))} til {facility.reference} er over, hvad {said.by.danish} må give. Det kan {lowest.danish}.",
        )
    if delegation.needs_case_number("funding", said.by) and (decided_on is None or not case_number):
        raise BadInput("decided_on/case_number", f"{said.by.danish}s beslutning skal have dato og sagsnummer.")
    if decided_on is not None and decided_on > said.on:
        raise BadInput("decided_on", "beslutningen kan ikke ligge efter i dag.")
    if decision is FundingDecision.DECLINE and not reason:
        raise BadInput("reason", "et afslag skal have en begrundelse, som gruppen kan forstå.")
    key = f"{facility.reference}:funding:{agreement.version}"
    if decision is FundingDecision.WAIT:
        return wait_in_line(session, facility, application, said, reason=reason)
    application.decision, application.decided_on, application.decided_by = (decision, decided_on or said.on, said.by)
    application.reason, application.case_number = reason, case_number
    about = f" Begrundelse: {reason}" if reason else ""
    if decision is FundingDecision.DECLINE:
        write_journal(session, facility, f"Puljen har givet afslag.{about}", said)
        letter: dict[str, Fact] = {"reason": reason, "renews": agreement.renews}
        told_key = f"{key}:declined"
        tell_group(session, facility, "funding_declined", said.on, key=told_key, context=letter)
        tell(session, facility, Role.PROJECT_LEAD, "funding_declined", said.on, key=told_key, context=letter)
        if facility.stage is Stage.FUNDING:
            facility.outcome = reason
            move(facility, Stage.REFUSED, on=said.on)
        return application
    if missing := missing_before_promise(session, facility):
        raise Refusal("gate.missing", " ".join(missing))
    if short := shortfalls(session, amounts):
        raise Refusal("funding.too_little", f"Puljen kan ikke bære {facility.reference}: {describe_shortfall(short)}")
    booking = partial(book, session, facility_id=facility.id, decided_on=decided_on, case_number=case_number)
    for kind, parts, part_key, what in (
        (Kind.COMMITMENT, amounts_of(agreement), key, "Tilsagn til"),
        (Kind.RESERVE, reserves_of(facility, agreement), f"{key}:reserve", "Opsparing til udskiftning af"),
    ):
        for year, ore in parts.items():
            if ore and year in amounts:
                booking(kind, year, ore, said, key=f"{part_key}:{year}", what=f"{what} {facility.reference}")
    write_journal(session, facility, f"Puljen har givet tilsagn om {kr(sum(amounts.values()))}{about}", said)
    commitments = [{"year": year, "ore": ore} for year, ore in amounts.items()]
    tell_group(
        session,
        facility,
        "funding_granted",
        said.on,
        key=f"{key}:granted",
        context={"commitments": commitments, "total_ore": sum(amounts.values())},
    )
    session.flush()
    if facility.stage is Stage.FUNDING:
        if missing := missing_before(session, facility, Stage.BUILDING):
            raise Refusal("gate.missing", " ".join(missing))
        move(facility, Stage.BUILDING, on=said.on)
        tell(
            session,
            facility,
            Role.PROJECT_LEAD,
            "building_ready",
            said.on,
            key=f"{facility.reference}:ready",
            context={"missing": list(missing_to_start_building(session, facility))},
        )
    return application


def wait_in_line(
    session: Session, facility: Facility, application: PoolApplication, said: Said, *, reason: str
) -> PoolApplication:
    """Put an application that can't be carried now on the priority list, with a reasoned letter, once."""
    agreement = session.get_one(Agreement, application.agreement_id)
    short = shortfalls(session, needs_of(session, agreement))
    if application.waiting_since is not None and (application.offered_on is None or not short):
        return application  # an offer stands for as long as the pool can carry it
    was_offered, application.offered_on = application.offered_on is not None, None
    reason = reason or describe_shortfall(short) or "puljen skal først vurdere ansøgningen."
    application.waiting_since, application.reason = application.waiting_since or said.on, ""
    session.flush()
    number = next(place.number for place in queue(session, said.on) if place.application.id == application.id)
    write_journal(session, facility, f"Ansøgningen står som nr. {number} på prioriteringslisten: {reason}", said)
    if was_offered:
        return application
    tell_group(
        session,
        facility,
        "funding_waiting",
        said.on,
        key=f"{facility.reference}:funding:{agreement.version}:waiting",
        context={"number": number, "reason": reason},
    )
    return application
