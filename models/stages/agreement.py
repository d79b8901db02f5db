"""Pasningsaftale: the coordinator reviews it, both sides sign it, and every version is kept."""

from collections.abc import Mapping
from datetime import date

from sqlmodel import Session, col, select

from config.catalogue import Who, catalogue
from models import text
from models.case.agreement import (
    Agreement,
    AgreementStatus,
    Printer,
    Side,
    Signature,
    last_agreement,
    signatures_of,
    tasks_of,
)
from models.case.agreement_terms import keep_terms
from models.case.agreement_version import copy_version, replace_agreement
from models.case.facility import Facility, move
from models.case.funding import FundingDecision, PoolApplication
from models.case.gate import missing_before, require_stage
from models.case.volunteer_group import VolunteerGroup
from models.danish import dato
from models.journal import write_journal
from models.pool.funding_need import describe_shortfall, needs_of, shortfalls, who_decides
from models.post.outbox import Fact, tell, tell_group
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_REVIEW = (Role.COORDINATOR,)


MAY_SIGN = {
    Side.VOLUNTEERS: (Role.VOLUNTEER, Role.COORDINATOR),
    Side.MUNICIPALITY: (Role.COORDINATOR, Role.OPERATIONS_MANAGER, Role.LEADER),
}


def open_version(session: Session, facility: Facility) -> Agreement | None:
    """The version that waits for review or signatures, if one does."""
    last = last_agreement(session, facility)
    return last if last is not None and last.status in (AgreementStatus.REVIEW, AgreementStatus.SIGNING) else None


def review_agreement(
    session: Session, facility: Facility, moves: Mapping[str, Who], said: Said, *, printer: Printer
) -> Agreement:
    """Approve the agreement as it is (no moves) or with tasks moved, and send it out to be signed.

    A move makes a new version: hours, estimate and text follow, and signatures on the old one are void,
    which both sides are told.

    Raises:
        Refusal: no version is open, or a task may not be done by the one it is moved to.
        BadInput: there is no such task, or `on` lies before the draft.
    """
    may_decide(said.by, MAY_REVIEW, "Gennemsyn af en pasningsaftale")
    agreement = open_version(session, facility)
    if agreement is None:
        last = last_agreement(session, facility)
        if (
            last is not None
            and last.status is not AgreementStatus.VOID
            and not _changed(session, facility, last, moves)
        ):
            return last
        require_stage(session, facility, Stage.AGREEMENT, on=said.on, to="få pasningsaftalen gennemset")
        raise Refusal("agreement.not_open", f"Aftalen for {facility.reference} er underskrevet og kan ikke ændres nu.")
    changed = _changed(session, facility, agreement, moves)
    if not changed and agreement.status is AgreementStatus.SIGNING:
        return agreement
    if said.on < agreement.drafted_on:
        raise BadInput("on", f"aftalen er først skrevet {dato(agreement.drafted_on)}.")
    void_signature = bool(signatures_of(session, agreement))
    if changed:
        old = agreement
        agreement = copy_version(
            session, facility, old, changed, renews=old.renews, from_on=old.from_on, until_on=old.until_on, on=said.on
        )
        for signature in signatures_of(session, old):
            signature.void_on = said.on
        old.status, old.ended_on = AgreementStatus.VOID, said.on
    agreement.status, agreement.sent_on = AgreementStatus.SIGNING, said.on
    _print(session, agreement, printer)
    what = f"Pasningsaftalen (version {agreement.version}) er godkendt og sendt til underskrift."
    if changed:
        what += " " + " ".join(agreement.changes)
    if void_signature:
        what += " Den tidligere underskrift gælder ikke længere."
    write_journal(session, facility, what, said)
    _tell_to_sign(session, facility, agreement, void_signature=void_signature, on=said.on)
    return agreement


def sign_agreement(
    session: Session, facility: Facility, side: Side, name: str, said: Said, *, printer: Printer
) -> Agreement:
    """Record one side's signature; the second one sends the agreement on to the pool.

    Raises:
        Refusal: no version is out for signing, the role may not sign for that side, or somebody else
            has signed for it.
    """
    may_decide(said.by, MAY_SIGN[side], f"Underskriften for {side.danish}")
    name = text.name(name, "name")
    agreement = last_agreement(session, facility)
    if agreement is not None:
        there = next((s for s in signatures_of(session, agreement) if s.side is side), None)
        if there is not None and agreement.status is not AgreementStatus.VOID:
            if there.name == name:
                return agreement
            raise Refusal(
                "agreement.signed", f"Aftalen for {facility.reference} er allerede underskrevet for {side.danish}."
            )
    if agreement is None or agreement.status is not AgreementStatus.SIGNING:
        require_stage(session, facility, Stage.AGREEMENT, on=said.on, to="underskrives")
        raise Refusal(
            "agreement.not_reviewed",
            f"Aftalen for {facility.reference} kan ikke underskrives endnu: frivilligkoordinatoren har ikke godkendt teksten.",
        )
    if said.on < (agreement.sent_on or said.on):
        raise BadInput("on", f"aftalen er først sendt til underskrift {dato(agreement.sent_on or said.on)}.")
    session.add(
        Signature(agreement_id=agreement.number, side=side, name=name, signed_on=said.on, sha256=agreement.sha256)
    )
    session.flush()
    write_journal(session, facility, f"Aftalen (version {agreement.version}) er underskrevet for {side.danish}.", said)
    if {signature.side for signature in signatures_of(session, agreement)} == set(Side):
        _both_have_signed(session, facility, agreement, on=said.on)
    _print(session, agreement, printer)
    if agreement.status in (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE):
        _tell_signed(session, facility, agreement, on=said.on)
    return agreement


def _both_have_signed(session: Session, facility: Facility, agreement: Agreement, *, on: date) -> None:
    agreement.status, agreement.signed_on = AgreementStatus.SIGNED, on
    keep_terms(session, agreement)
    if agreement.renews and agreement.until_on <= covered_until(session, facility):
        replace_agreement(session, facility, agreement, on=on)  # the pool has promised this period already
        return
    session.add(PoolApplication(facility_id=facility.number, agreement_id=agreement.number, applied_on=on))
    session.flush()
    _tell_the_pool(session, facility, agreement, on=on)
    if facility.stage is Stage.AGREEMENT:
        if missing := missing_before(session, facility, Stage.FUNDING):
            raise Refusal("gate.missing", " ".join(missing))
        move(session, facility, Stage.FUNDING, on=on)


def _tell_the_pool(session: Session, facility: Facility, agreement: Agreement, *, on: date) -> None:
    """One short mail to whoever decides, by the limits; the form and the Monday mail come besides."""
    needs = needs_of(session, agreement)
    context: dict[str, Fact] = {
        "total_ore": sum(needs.values()),
        "biggest_ore": max(needs.values(), default=0),
        "shortfall": describe_shortfall(shortfalls(session, needs)),
        "renews": agreement.renews,
    }
    tell(
        session,
        facility,
        who_decides(needs, facility.proposed_by),
        "funding_asked",
        on,
        key=f"{facility.reference}:funding:{agreement.version}:asked",
        context=context,
    )


def covered_until(session: Session, facility: Facility) -> date:
    """The last day the pool has promised money for; the day the facility was proposed when it hasn't."""
    rows = (
        select(col(Agreement.until_on))
        .join(PoolApplication, col(PoolApplication.agreement_id) == Agreement.id)
        .where(Agreement.facility_id == facility.id, PoolApplication.decision == FundingDecision.GRANT)
    )
    return max(session.exec(rows), default=facility.proposed_on)


def _changed(session: Session, facility: Facility, agreement: Agreement, moves: Mapping[str, Who]) -> dict[str, Who]:
    """The moves that really change something; refuses those that can't be."""
    tasks = {task.key: task for task in tasks_of(session, agreement)}
    kind = catalogue().type(facility.type_key)
    changed = {}
    for key, who in moves.items():
        if key not in tasks:
            raise BadInput("move", f'der er ingen opgave "{key[:40]}". Opgaverne er: {", ".join(tasks)}.')
        if who not in kind.task(key).may:
            raise Refusal("agreement.may_not", f"“{tasks[key].name}” må ikke lægges hos {who.danish}.")
        if tasks[key].who is not who:
            changed[key] = who
    return changed


def _print(session: Session, agreement: Agreement, printer: Printer) -> None:
    session.flush()
    agreement.sha256, agreement.pdf = printer(session, agreement)


def _tell_to_sign(
    session: Session, facility: Facility, agreement: Agreement, *, void_signature: bool, on: date
) -> None:
    key = f"{facility.reference}:agreement:{agreement.version}"
    group = session.get_one(VolunteerGroup, agreement.group_id)
    to_sign: dict[str, Fact] = {
        "version": agreement.version,
        "changes": list(agreement.changes),
        "void_signature": void_signature,
        "minutes_per_year": agreement.volunteer_minutes_per_year,
        "until_on": agreement.until_on.isoformat(),
    }
    asked, pdf = f"{key}:to-sign", agreement.pdf
    tell_group(session, facility, "agreement_to_sign", on, key=asked, context=to_sign, attachment=pdf, group=group)
    if void_signature:
        tell(session, facility, Role.COORDINATOR, "agreement_to_sign", on, key=asked, context=to_sign, attachment=pdf)
    if agreement.changes:
        moved: dict[str, Fact] = {
            "changes": list(agreement.changes),
            "minutes_per_year": agreement.municipal_minutes_per_year,
            "kr_per_year_ore": agreement.kr_per_year_ore,
        }
        tell(session, facility, Role.OPERATIONS, "agreement_tasks_moved", on, key=f"{key}:moved", context=moved)


def _tell_signed(session: Session, facility: Facility, agreement: Agreement, *, on: date) -> None:
    group = session.get_one(VolunteerGroup, agreement.group_id)
    key = f"{facility.reference}:agreement:{agreement.version}:signed"
    context: dict[str, Fact] = {
        "version": agreement.version,
        "from_on": agreement.from_on.isoformat(),
        "until_on": agreement.until_on.isoformat(),
    }
    pdf = agreement.pdf
    tell_group(session, facility, "agreement_signed", on, key=key, context=context, attachment=pdf, group=group)
    tell(session, facility, Role.COORDINATOR, "agreement_signed", on, key=key, context=context, attachment=pdf)
