"""Puljetilsagn: the pool promises money for each year of the agreement, declines, or lets it wait."""

from datetime import date

from sqlmodel import Session, select

from config.catalogue import catalogue
from models import text
from models.agreement import Agreement
from models.application import FundingDecision, PoolApplication, last_application, waiting
from models.danish import kr, liste
from models.facility import Facility, move
from models.gate import missing_before, missing_to_start_building, require_stage
from models.journal import write_journal
from models.message import tell_group, tell_role
from models.numbering import next_number
from models.pool import Kind, LedgerEntry, book, split_over_years, year_of
from models.refusal import BadInput, Refusal
from models.role import Door, Role, may_decide
from models.stage import Stage
from models.volunteer_group import VolunteerGroup

MAY_FUND = (Role.POOL_MANAGER, Role.LEADER, Role.COMMITTEE)


def amounts_of(agreement: Agreement) -> dict[int, int]:
    """What the agreement asks of the pool: øre for each fiscal year."""
    return split_over_years(agreement.kr_per_year_ore, agreement.from_on, agreement.until_on)


def shortfalls(session: Session, amounts: dict[int, int]) -> dict[int, int]:
    """The years in which the pool has too little free money, and how many øre are missing."""
    free = {year: year_of(session, year).free_ore for year in amounts}
    return {year: ore - free[year] for year, ore in amounts.items() if ore > free[year]}


def who_decides(amounts: dict[int, int]) -> Role:
    """The lowest role that may grant these amounts, by `config/delegation.yaml`."""
    per_year, in_all = max(amounts.values(), default=0), sum(amounts.values())
    return Role(catalogue().delegation.lowest("funding", per_year, in_all))


def decide_funding(
    session: Session,
    facility: Facility,
    decision: FundingDecision,
    *,
    reason: str,
    decided_on: date | None,
    case_number: str,
    on: date,
    by: Role,
    door: Door,
) -> PoolApplication:
    """Grant, decline or let wait. A grant commits money for every year of the agreement, or for none.

    `decided_on` and `case_number` say where a political decision was taken; above the leader's limit they
    are required (delegation by the municipality's finance rules).

    Raises:
        Refusal: nothing is applied for, the role may not decide that much, or the pool can't carry it
            (naming year and øre).
        BadInput: a decline without its reason, a committee's decision without date or case number.
    """
    may_decide(by, MAY_FUND, "Puljens penge")
    reason = text.text(reason, "reason", required=False)
    case_number = text.name(case_number, "case_number") if case_number else ""
    application = last_application(session, facility)
    if application is None:
        require_stage(session, facility, Stage.FUNDING, on=on, to="få penge fra puljen")
        raise AssertionError("a facility in funding has an application")
    if application.decision is not None:
        same = (application.decision, application.reason, application.case_number) == (
            decision,
            reason,
            case_number,
        )
        if same and decided_on in (None, application.decided_on):
            return application
        raise Refusal(
            "funding.decided",
            f"{facility.reference} har allerede fået {application.decision.danish} fra puljen.",
        )
    agreement = session.get_one(Agreement, application.agreement_id)
    if not agreement.renews:
        require_stage(session, facility, Stage.FUNDING, on=on, to="få penge fra puljen")
    amounts = amounts_of(agreement)
    delegation = catalogue().delegation
    if not delegation.may("funding", by, max(amounts.values(), default=0), sum(amounts.values())):
        lowest = who_decides(amounts)
        raise Refusal(
            "funding.above_limit",
            f"{kr(sum(amounts.values()))} til {facility.reference} er over, hvad {by.danish} må give. Det kan {lowest.danish}.",
        )
    if by is Role.COMMITTEE and (decided_on is None or not case_number):
        raise BadInput(
            "decided_on/case_number", "udvalgets beslutning skal have dato og sagsnummer."
        )
    if decided_on is not None and decided_on > on:
        raise BadInput("decided_on", "beslutningen kan ikke ligge efter i dag.")
    if decision is FundingDecision.DECLINE and not reason:
        raise BadInput("reason", "et afslag skal have en begrundelse, som gruppen kan forstå.")
    group = session.get_one(VolunteerGroup, facility.group_id)
    key = f"{facility.reference}:funding:{agreement.version}"
    if decision is FundingDecision.WAIT:
        return wait_in_line(session, facility, application, reason=reason, on=on, by=by, door=door)
    application.decision, application.decided_on, application.decided_by = (
        decision,
        decided_on or on,
        by,
    )
    application.reason, application.case_number = reason, case_number
    about = f" Begrundelse: {reason}" if reason else ""
    if decision is FundingDecision.DECLINE:
        write_journal(
            session,
            f"Puljen har givet afslag.{about}",
            facility_id=facility.id,
            stage=facility.stage,
            on=on,
            by=by,
            door=door,
        )
        tell_group(
            session,
            group,
            "funding_declined",
            facility_id=facility.id or 0,
            key=f"{key}:declined",
            on=on,
            context={"reason": reason},
        )
        if facility.stage is Stage.FUNDING:
            facility.outcome = reason
            move(facility, Stage.REFUSED, on=on)
        return application
    if short := shortfalls(session, amounts):
        raise Refusal(
            "funding.too_little",
            f"Puljen kan ikke bære {facility.reference}: {describe_shortfall(short)}",
        )
    for year, ore in amounts.items():
        if ore:
            book(
                session,
                Kind.COMMITMENT,
                year,
                ore,
                key=f"{key}:{year}",
                facility_id=facility.id,
                what=f"Tilsagn til {facility.reference}",
                on=on,
                by=by,
                door=door,
            )
    write_journal(
        session,
        f"Puljen har givet tilsagn om {kr(sum(amounts.values()))}{about}",
        facility_id=facility.id,
        stage=facility.stage,
        on=on,
        by=by,
        door=door,
    )
    commitments = [{"year": year, "ore": ore} for year, ore in amounts.items()]
    tell_group(
        session,
        group,
        "funding_granted",
        facility_id=facility.id or 0,
        key=f"{key}:granted",
        on=on,
        context={"commitments": commitments, "total_ore": sum(amounts.values())},
    )
    session.flush()
    if facility.stage is Stage.FUNDING:
        if missing := missing_before(session, facility, Stage.BUILDING):
            raise Refusal("gate.missing", " ".join(missing))
        move(facility, Stage.BUILDING, on=on)
        tell_role(
            session,
            Role.PROJECT_LEAD,
            "building_ready",
            facility_id=facility.id or 0,
            key=f"{facility.reference}:ready",
            on=on,
            context={"missing": list(missing_to_start_building(session, facility))},
        )
    return application


def wait_in_line(
    session: Session,
    facility: Facility,
    application: PoolApplication,
    *,
    reason: str,
    on: date,
    by: Role,
    door: Door,
) -> PoolApplication:
    """Put an application that can't be carried now on the priority list, with a reasoned letter, once."""
    if application.waiting_since is not None:
        return application
    agreement = session.get_one(Agreement, application.agreement_id)
    short = shortfalls(session, amounts_of(agreement))
    reason = reason or describe_shortfall(short) or "puljen skal først vurdere ansøgningen."
    application.waiting_since, application.reason = on, ""
    session.flush()
    number = [a.id for a in waiting(session)].index(application.id) + 1
    write_journal(
        session,
        f"Ansøgningen står som nr. {number} på prioriteringslisten: {reason}",
        facility_id=facility.id,
        stage=facility.stage,
        on=on,
        by=by,
        door=door,
    )
    tell_group(
        session,
        session.get_one(VolunteerGroup, facility.group_id),
        "funding_waiting",
        facility_id=facility.id or 0,
        key=f"{facility.reference}:funding:{agreement.version}:waiting",
        on=on,
        context={"number": number, "reason": reason},
    )
    return application


def describe_shortfall(short: dict[int, int]) -> str:
    """The missing money as a sentence: "der mangler 6.500 kr. i 2027 og 6.500 kr. i 2028"."""
    return (
        f"der mangler {liste([f'{kr(ore)} i {year}' for year, ore in short.items()])}."
        if short
        else ""
    )


def appropriate(
    session: Session,
    year: int,
    amount_ore: int,
    *,
    reason: str,
    key: str | None,
    on: date,
    by: Role,
    door: Door,
) -> LedgerEntry:
    """Put money into the pool for one year; with a `key` the same appropriation isn't made twice.

    Raises:
        Refusal: the role may not appropriate, or the key was used for another year or amount.
    """
    may_decide(by, (*MAY_FUND, Role.OPERATIONS_MANAGER), "En bevilling")
    reason = text.text(reason, "reason", required=False)
    natural = f"appropriation:{text.name(key, 'key')}" if key else None
    if natural is not None:
        there = session.exec(select(LedgerEntry).where(LedgerEntry.key == natural)).first()
        if there is not None:
            if (there.year, there.amount_ore) == (year, amount_ore):
                return there
            raise Refusal(
                "pool.key_used",
                f'Nøglen "{key}" er brugt til {kr(there.amount_ore)} i {there.year}. Vælg en anden nøgle.',
            )
    natural = natural or f"appropriation:number-{next_number(session, 'appropriation')}"
    what = f"Bevilling {year}" + (f": {reason}" if reason else "")
    book(
        session,
        Kind.APPROPRIATION,
        year,
        amount_ore,
        key=natural,
        facility_id=None,
        what=what,
        on=on,
        by=by,
        door=door,
    )
    write_journal(
        session, f"{what}, {kr(amount_ore)}", facility_id=None, stage="", on=on, by=by, door=door
    )
    return session.exec(select(LedgerEntry).where(LedgerEntry.key == natural)).one()
