"""Puljetilsagn: the pool promises money for each year of the agreement, declines, or lets it wait."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from sqlmodel import Session

from models import text
from models.case.agreement import Agreement
from models.case.facility import Facility, move
from models.case.funding import FundingDecision, PoolApplication, last_application
from models.case.gate import missing_before, missing_before_promise, missing_to_start_building, require_stage
from models.danish import kr
from models.journal import write_journal
from models.operator import person_of
from models.pool.funding_need import (
    MAY_FUND,
    amounts_of,
    describe_shortfall,
    money_of,
    needs_of,
    reserves_of,
    shortfalls,
    who_decides,
)
from models.pool.ledger import Kind, book
from models.pool.priority import queue
from models.pool.right_to_decide import Obstacle, Proposer, obstacle, require_a_name, require_case
from models.post.outbox import Fact, tell, tell_group
from models.refusal import BadInput, Refusal, Remedy
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
        Refusal: nothing is applied for, the role may not decide that much or proposed it itself, the pool can't carry
            it (naming year and øre), or Prefect decides while the desk knows people by name.
        BadInput: a decline without its reason, a political decision without date or case number.
    """
    may_decide(said.by, MAY_FUND, "Puljens penge")
    reason = text.text(reason, "reason", required=False)
    case_number = text.name(case_number, "case_number") if case_number else ""
    application = _application(session, facility, said)
    if application.decision is not None:
        _refuse_another_decision(facility, application, decision, reason, decided_on, case_number)
        return application
    agreement = session.get_one(Agreement, application.agreement_id)
    if not agreement.renews:
        require_stage(session, facility, Stage.FUNDING, on=said.on, to="få penge fra puljen")
    amounts = needs_of(session, agreement)
    require_a_name(said)
    _refuse_without_right(session, facility, amounts, said)
    require_case("funding", said.by, decided_on, case_number, said.on)
    if decision is FundingDecision.DECLINE and not reason:
        raise BadInput("reason", "et afslag skal have en begrundelse, som gruppen kan forstå.")
    if decision is FundingDecision.GRANT:
        _refuse_what_cannot_be_granted(session, facility, amounts)
    if decision is FundingDecision.WAIT:
        return wait_in_line(session, facility, application, said, reason=reason)
    application.decision, application.decided_on, application.decided_by = decision, decided_on or said.on, said.by
    application.reason, application.case_number = reason, case_number
    if decision is FundingDecision.DECLINE:
        _decline(session, facility, agreement, said, reason)
    else:
        _grant(session, facility, application, amounts, said, decided_on)
    return application


def _application(session: Session, facility: Facility, said: Said) -> PoolApplication:
    """What is applied for; without it the gate says what is missing first."""
    application = last_application(session, facility)
    if application is None:
        require_stage(session, facility, Stage.FUNDING, on=said.on, to="få penge fra puljen")
        raise AssertionError("a facility in funding has an application")
    return application


def _refuse_another_decision(
    facility: Facility,
    application: PoolApplication,
    decision: FundingDecision,
    reason: str,
    decided_on: date | None,
    case_number: str,
) -> None:
    """Stop a second decision that isn't the first one said again."""
    same = (application.decision, application.reason, application.case_number) == (decision, reason, case_number)
    if application.decision is not None and not (same and decided_on in (None, application.decided_on)):
        raise Refusal(
            "funding.decided", f"{facility.reference} har allerede fået {application.decision.danish} fra puljen."
        )


def _refuse_without_right(session: Session, facility: Facility, amounts: Mapping[int, int], said: Said) -> None:
    """Stop whoever may not grant that much, or proposed the facility: as a role, or as a person in another role."""
    proposer = Proposer(facility.proposed_by, facility.proposed_by_person)
    person = person_of(session, said)
    stopped = obstacle("funding", money_of(amounts), said.by, proposer, person=person)
    lowest = who_decides(amounts, facility.proposed_by)
    if stopped is Obstacle.SAME_ROLE:
        raise Refusal(
            "funding.four_eyes",
            f"{said.by.danish.capitalize()} har selv foreslået {facility.reference} og kan ikke også beslutte "
            f"pengene. Det kan {lowest.danish}.",
        )
    if stopped is Obstacle.SAME_PERSON:
        raise Refusal(
            "funding.four_eyes",
            f"{person} har selv foreslået {facility.reference} og kan ikke også beslutte pengene, heller ikke i en "
            f"anden rolle. Det kan en anden som {lowest.danish}.",
        )
    if stopped is Obstacle.ABOVE_LIMIT:
        raise Refusal(
            "funding.above_limit",
            f"{kr(sum(amounts.values()))} til {facility.reference} er over, hvad {said.by.danish} må give. Det kan {lowest.danish}.",
        )


def _refuse_what_cannot_be_granted(session: Session, facility: Facility, amounts: Mapping[int, int]) -> None:
    """Stop a grant that the gate doesn't allow, or that the pool can't carry."""
    if missing := missing_before_promise(session, facility):
        raise Refusal("gate.missing", " ".join(missing), remedy=Remedy.CONSULT_AGAIN)
    if short := shortfalls(session, amounts):
        raise Refusal("funding.too_little", f"Puljen kan ikke bære {facility.reference}: {describe_shortfall(short)}")


def _because(reason: str) -> str:
    return f" Begrundelse: {reason}" if reason else ""


def _decline(session: Session, facility: Facility, agreement: Agreement, said: Said, reason: str) -> None:
    """The group and the project lead are told why; a facility that isn't built yet ends here."""
    write_journal(session, facility, f"Puljen har givet afslag.{_because(reason)}", said)
    letter: dict[str, Fact] = {"reason": reason, "renews": agreement.renews}
    key = f"{facility.reference}:funding:{agreement.version}:declined"
    tell_group(session, facility, "funding_declined", said.on, key=key, context=letter)
    tell(session, facility, Role.PROJECT_LEAD, "funding_declined", said.on, key=key, context=letter)
    if facility.stage is Stage.FUNDING:
        facility.outcome = reason
        move(session, facility, Stage.REFUSED, on=said.on)


def _grant(
    session: Session,
    facility: Facility,
    application: PoolApplication,
    amounts: Mapping[int, int],
    said: Said,
    decided_on: date | None,
) -> None:
    """The money is committed for every year, the group is told, and what isn't built yet may be."""
    agreement = session.get_one(Agreement, application.agreement_id)
    key = f"{facility.reference}:funding:{agreement.version}"
    booking = partial(
        book, session, facility_id=facility.id, decided_on=decided_on, case_number=application.case_number
    )
    _book_grant(booking, facility, agreement, amounts, said, key)
    total_ore = sum(amounts.values())
    write_journal(session, facility, f"Puljen har givet tilsagn om {kr(total_ore)}{_because(application.reason)}", said)
    commitments = [{"year": year, "ore": ore} for year, ore in amounts.items()]
    told: dict[str, Fact] = {"commitments": commitments, "total_ore": total_ore}
    tell_group(session, facility, "funding_granted", said.on, key=f"{key}:granted", context=told)
    session.flush()
    if facility.stage is Stage.FUNDING:
        _let_build(session, facility, said)


def _book_grant(
    booking: Callable[..., bool],
    facility: Facility,
    agreement: Agreement,
    amounts: Mapping[int, int],
    said: Said,
    key: str,
) -> None:
    """A commitment and savings for each year that can still be used, each under a key of its own."""
    for kind, parts, part_key, what in (
        (Kind.COMMITMENT, amounts_of(agreement), key, "Tilsagn til"),
        (Kind.RESERVE, reserves_of(facility, agreement), f"{key}:reserve", "Opsparing til udskiftning af"),
    ):
        for year, ore in parts.items():
            if ore and year in amounts:
                booking(kind, year, ore, said, key=f"{part_key}:{year}", what=f"{what} {facility.reference}")


def _let_build(session: Session, facility: Facility, said: Said) -> None:
    """The gate is asked once more, with the money booked; then building may begin."""
    if missing := missing_before(session, facility, Stage.BUILDING):
        raise Refusal("gate.missing", " ".join(missing))
    move(session, facility, Stage.BUILDING, on=said.on)
    tell(
        session,
        facility,
        Role.PROJECT_LEAD,
        "building_ready",
        said.on,
        key=f"{facility.reference}:ready",
        context={"missing": list(missing_to_start_building(session, facility))},
    )


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
