"""Pasningsaftale: the coordinator reviews it, both sides sign it, and every version is kept."""

from collections.abc import Mapping
from datetime import date, timedelta

from sqlmodel import Session, col, select

from config.catalogue import Who, catalogue
from models import text
from models.agreement import (
    Agreement,
    AgreementStatus,
    CareTask,
    Printer,
    Side,
    Signature,
    agreements_of,
    last_agreement,
    signatures_of,
    tasks_of,
)
from models.application import FundingDecision, PoolApplication
from models.calendar import add_months, first_nominal
from models.consultation import last_round
from models.facility import Facility, move
from models.gate import missing_before, require_stage
from models.journal import write_journal
from models.message import Fact, tell_group, tell_role
from models.refusal import BadInput, Refusal
from models.role import Door, Role, may_decide
from models.stage import Stage
from models.volunteer_group import VolunteerGroup

MAY_REVIEW = (Role.COORDINATOR,)
MAY_SIGN = {
    Side.VOLUNTEERS: (Role.VOLUNTEER, Role.COORDINATOR),
    Side.MUNICIPALITY: (Role.COORDINATOR, Role.OPERATIONS_MANAGER, Role.LEADER),
}

#: How much of a task's time is the municipality's, in halves.
_MUNICIPAL_HALVES = {Who.MUNICIPALITY: 2, Who.BOTH: 1, Who.VOLUNTEERS: 0, Who.EXTERNAL: 0}
_VOLUNTEER_HALVES = {Who.MUNICIPALITY: 0, Who.BOTH: 1, Who.VOLUNTEERS: 2, Who.EXTERNAL: 0}


def draft_agreement(session: Session, facility: Facility, *, on: date) -> Agreement:
    """The first version, from the facility type's tasks and the figures operations answered with."""
    consultation = last_round(session, facility)
    if consultation is None:
        raise AssertionError(f"{facility.reference} has no consultation to draft from")
    agreement = Agreement(
        facility_id=facility.id or 0,
        group_id=facility.group_id,
        version=len(agreements_of(session, facility)) + 1,
        status=AgreementStatus.REVIEW,
        from_on=facility.start_on,
        until_on=last_day(facility.start_on, facility.years),
        volunteer_minutes_per_year=0,
        municipal_minutes_per_year=consultation.minutes_per_year,
        kr_per_year_ore=consultation.kr_per_year_ore,
        drafted_on=on,
    )
    session.add(agreement)
    session.flush()
    for task in catalogue().type(facility.type_key).tasks:
        season = task.season
        session.add(
            CareTask(
                agreement_id=agreement.id or 0,
                facility_id=facility.id or 0,
                key=task.key,
                name=task.name,
                every_days=task.every_days,
                every_months=task.every_months,
                season=f"{season.from_month:02d}-{season.from_day:02d}/{season.to_month:02d}-{season.to_day:02d}"
                if season
                else "",
                minutes=task.minutes,
                minutes_per_year=task.minutes_per_year,
                who=task.who,
                fine_when=task.fine_when,
            )
        )
    session.flush()
    agreement.volunteer_minutes_per_year = _volunteer_minutes(session, agreement)
    return agreement


def draft_renewal(
    session: Session, facility: Facility, old: Agreement, *, from_on: date, until_on: date, on: date
) -> Agreement:
    """The next version of an agreement that runs out or gets a new group: same tasks, another period."""
    return _copy(session, facility, old, {}, renews=True, from_on=from_on, until_on=until_on, on=on)


def last_day(from_on: date, years: int) -> date:
    """The last day of a period of whole years."""
    return add_months(from_on, 12 * years) - timedelta(days=1)


def open_version(session: Session, facility: Facility) -> Agreement | None:
    """The version that waits for review or signatures, if one does."""
    last = last_agreement(session, facility)
    return (
        last
        if last is not None and last.status in (AgreementStatus.REVIEW, AgreementStatus.SIGNING)
        else None
    )


def review_agreement(
    session: Session,
    facility: Facility,
    moves: Mapping[str, Who],
    *,
    printer: Printer,
    on: date,
    by: Role,
    door: Door,
) -> Agreement:
    """Approve the agreement as it is (no moves) or with tasks moved, and send it out to be signed.

    A move makes a new version: hours, estimate and text follow, and signatures on the old one are void,
    which both sides are told.

    Raises:
        Refusal: no version is open, or a task may not be done by the one it is moved to.
        BadInput: there is no such task.
    """
    may_decide(by, MAY_REVIEW, "Gennemsyn af en pasningsaftale")
    agreement = open_version(session, facility)
    if agreement is None:
        last = last_agreement(session, facility)
        if (
            last is not None
            and last.status is not AgreementStatus.VOID
            and not _changed(session, facility, last, moves)
        ):
            return last
        require_stage(session, facility, Stage.AGREEMENT, on=on, to="få pasningsaftalen gennemset")
        raise Refusal(
            "agreement.not_open",
            f"Aftalen for {facility.reference} er underskrevet og kan ikke ændres nu.",
        )
    changed = _changed(session, facility, agreement, moves)
    if not changed and agreement.status is AgreementStatus.SIGNING:
        return agreement
    void_signature = bool(signatures_of(session, agreement))
    if changed:
        old = agreement
        agreement = _copy(
            session,
            facility,
            old,
            changed,
            renews=old.renews,
            from_on=old.from_on,
            until_on=old.until_on,
            on=on,
        )
        for signature in signatures_of(session, old):
            signature.void_on = on
        old.status, old.ended_on = AgreementStatus.VOID, on
    agreement.status, agreement.sent_on = AgreementStatus.SIGNING, on
    _print(session, agreement, printer)
    what = f"Pasningsaftalen (version {agreement.version}) er godkendt og sendt til underskrift."
    if changed:
        what += " " + " ".join(agreement.changes)
    if void_signature:
        what += " Den tidligere underskrift gælder ikke længere."
    write_journal(
        session, what, facility_id=facility.id, stage=facility.stage, on=on, by=by, door=door
    )
    _tell_to_sign(session, facility, agreement, void_signature=void_signature, on=on)
    return agreement


def sign_agreement(
    session: Session,
    facility: Facility,
    side: Side,
    name: str,
    *,
    printer: Printer,
    on: date,
    by: Role,
    door: Door,
) -> Agreement:
    """Record one side's signature; the second one sends the agreement on to the pool.

    Raises:
        Refusal: no version is out for signing, the role may not sign for that side, or somebody else
            has signed for it.
    """
    may_decide(by, MAY_SIGN[side], f"Underskriften for {side.danish}")
    name = text.name(name, "name")
    agreement = last_agreement(session, facility)
    if agreement is not None:
        there = next((s for s in signatures_of(session, agreement) if s.side is side), None)
        if there is not None and agreement.status is not AgreementStatus.VOID:
            if there.name == name:
                return agreement
            raise Refusal(
                "agreement.signed",
                f"Aftalen for {facility.reference} er allerede underskrevet for {side.danish}.",
            )
    if agreement is None or agreement.status is not AgreementStatus.SIGNING:
        require_stage(session, facility, Stage.AGREEMENT, on=on, to="underskrives")
        raise Refusal(
            "agreement.not_reviewed",
            f"Aftalen for {facility.reference} kan ikke underskrives endnu: frivilligkoordinatoren har ikke godkendt teksten.",
        )
    if on < (agreement.sent_on or on):
        raise BadInput(
            "on", f"aftalen er først sendt til underskrift {agreement.sent_on:%d.%m.%Y}."
        )
    session.add(
        Signature(
            agreement_id=agreement.id or 0,
            side=side,
            name=name,
            signed_on=on,
            sha256=agreement.sha256,
        )
    )
    session.flush()
    write_journal(
        session,
        f"Aftalen (version {agreement.version}) er underskrevet for {side.danish}.",
        facility_id=facility.id,
        stage=facility.stage,
        on=on,
        by=by,
        door=door,
    )
    if {signature.side for signature in signatures_of(session, agreement)} == set(Side):
        _both_have_signed(session, facility, agreement, on=on)
    _print(session, agreement, printer)
    if agreement.status in (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE):
        _tell_signed(session, facility, agreement, on=on)
    return agreement


def _both_have_signed(
    session: Session, facility: Facility, agreement: Agreement, *, on: date
) -> None:
    agreement.status, agreement.signed_on = AgreementStatus.SIGNED, on
    session.flush()
    if agreement.renews and agreement.until_on <= covered_until(session, facility):
        replace_agreement(
            session, facility, agreement, on=on
        )  # the pool has promised this period already
        return
    session.add(
        PoolApplication(facility_id=facility.id or 0, agreement_id=agreement.id or 0, applied_on=on)
    )
    session.flush()
    if facility.stage is Stage.AGREEMENT:
        if missing := missing_before(session, facility, Stage.FUNDING):
            raise Refusal("gate.missing", " ".join(missing))
        move(facility, Stage.FUNDING, on=on)


def covered_until(session: Session, facility: Facility) -> date:
    """The last day the pool has promised money for; the day the facility was proposed when it hasn't."""
    rows = (
        select(col(Agreement.until_on))
        .join(PoolApplication, col(PoolApplication.agreement_id) == Agreement.id)
        .where(
            Agreement.facility_id == facility.id, PoolApplication.decision == FundingDecision.GRANT
        )
    )
    return max(session.exec(rows), default=facility.proposed_on)


def start_care(session: Session, agreement: Agreement, *, on: date) -> None:
    """Put an agreement in force: its tasks get their first dates."""
    agreement.status = AgreementStatus.IN_FORCE
    for task in tasks_of(session, agreement):
        task.next_on = first_nominal(on, task.every_days, task.every_months, task.season_days)


def replace_agreement(session: Session, facility: Facility, new: Agreement, *, on: date) -> None:
    """Put the next agreement in force instead of the one that ran; each task keeps its next date."""
    dates = {}
    for old in agreements_of(session, facility):
        if old.status is AgreementStatus.IN_FORCE:
            old.status, old.ended_on = AgreementStatus.ENDED, on
            for task in tasks_of(session, old):
                dates[task.key], task.next_on = task.next_on, None
    start_care(session, new, on=on)
    for task in tasks_of(session, new):
        task.next_on = dates.get(task.key) or task.next_on
    session.flush()


def _changed(
    session: Session, facility: Facility, agreement: Agreement, moves: Mapping[str, Who]
) -> dict[str, Who]:
    """The moves that really change something; refuses those that can't be."""
    tasks = {task.key: task for task in tasks_of(session, agreement)}
    kind = catalogue().type(facility.type_key)
    changed = {}
    for key, who in moves.items():
        if key not in tasks:
            raise BadInput(
                "move", f'der er ingen opgave "{key[:40]}". Opgaverne er: {", ".join(tasks)}.'
            )
        if who not in kind.task(key).may:
            raise Refusal(
                "agreement.may_not", f"“{tasks[key].name}” må ikke lægges hos {who.danish}."
            )
        if tasks[key].who is not who:
            changed[key] = who
    return changed


def _copy(
    session: Session,
    facility: Facility,
    old: Agreement,
    moved: Mapping[str, Who],
    *,
    renews: bool,
    from_on: date,
    until_on: date,
    on: date,
) -> Agreement:
    """A new version of `old` with tasks moved; the municipality's minutes and øre follow."""
    new = Agreement(
        facility_id=facility.id or 0,
        group_id=facility.group_id,
        version=len(agreements_of(session, facility)) + 1,
        status=AgreementStatus.REVIEW,
        renews=renews,
        from_on=from_on,
        until_on=until_on,
        volunteer_minutes_per_year=0,
        municipal_minutes_per_year=old.municipal_minutes_per_year,
        kr_per_year_ore=old.kr_per_year_ore,
        drafted_on=on,
    )
    session.add(new)
    session.flush()
    changes, extra_minutes = [], 0
    for task in tasks_of(session, old):
        who = moved.get(task.key, task.who)
        if who is not task.who:
            changes.append(f"“{task.name}” er flyttet fra {task.who.danish} til {who.danish}.")
            halves = _MUNICIPAL_HALVES[who] - _MUNICIPAL_HALVES[task.who]
            extra_minutes += halves * task.minutes_per_year // 2
        session.add(
            CareTask(
                agreement_id=new.id or 0,
                facility_id=facility.id or 0,
                key=task.key,
                name=task.name,
                every_days=task.every_days,
                every_months=task.every_months,
                season=task.season,
                minutes=task.minutes,
                minutes_per_year=task.minutes_per_year,
                who=who,
                fine_when=task.fine_when,
            )
        )
    session.flush()
    new.changes = changes
    new.volunteer_minutes_per_year = _volunteer_minutes(session, new)
    new.municipal_minutes_per_year = max(0, old.municipal_minutes_per_year + extra_minutes)
    new.kr_per_year_ore = max(0, old.kr_per_year_ore + cost_of(extra_minutes))
    return new


def cost_of(minutes: int) -> int:
    """What operations' time costs, in øre, by the hourly rate in `config/municipality.yaml`."""
    return minutes * catalogue().municipality.hourly_rate_kr * 100 // 60


def _volunteer_minutes(session: Session, agreement: Agreement) -> int:
    return sum(
        _VOLUNTEER_HALVES[task.who] * task.minutes_per_year // 2
        for task in tasks_of(session, agreement)
    )


def _print(session: Session, agreement: Agreement, printer: Printer) -> None:
    session.flush()
    agreement.sha256, agreement.pdf = printer(session, agreement)


def _tell_to_sign(
    session: Session, facility: Facility, agreement: Agreement, *, void_signature: bool, on: date
) -> None:
    key, facility_id = f"{facility.reference}:agreement:{agreement.version}", facility.id or 0
    group = session.get_one(VolunteerGroup, agreement.group_id)
    to_sign: dict[str, Fact] = {
        "version": agreement.version,
        "changes": list(agreement.changes),
        "void_signature": void_signature,
        "minutes_per_year": agreement.volunteer_minutes_per_year,
        "until_on": agreement.until_on.isoformat(),
    }
    tell_group(
        session,
        group,
        "agreement_to_sign",
        facility_id=facility_id,
        key=f"{key}:to-sign",
        on=on,
        context=to_sign,
        attachment=agreement.pdf,
    )
    if void_signature:
        tell_role(
            session,
            Role.COORDINATOR,
            "agreement_to_sign",
            facility_id=facility_id,
            key=f"{key}:to-sign",
            on=on,
            context=to_sign,
            attachment=agreement.pdf,
        )
    if agreement.changes:
        moved: dict[str, Fact] = {
            "changes": list(agreement.changes),
            "minutes_per_year": agreement.municipal_minutes_per_year,
            "kr_per_year_ore": agreement.kr_per_year_ore,
        }
        tell_role(
            session,
            Role.OPERATIONS,
            "agreement_tasks_moved",
            facility_id=facility_id,
            key=f"{key}:moved",
            on=on,
            context=moved,
        )


def _tell_signed(session: Session, facility: Facility, agreement: Agreement, *, on: date) -> None:
    group = session.get_one(VolunteerGroup, agreement.group_id)
    key = f"{facility.reference}:agreement:{agreement.version}:signed"
    context: dict[str, Fact] = {
        "version": agreement.version,
        "from_on": agreement.from_on.isoformat(),
        "until_on": agreement.until_on.isoformat(),
    }
    facility_id, pdf = facility.id or 0, agreement.pdf
    tell_group(
        session,
        group,
        "agreement_signed",
        facility_id=facility_id,
        key=key,
        on=on,
        context=context,
        attachment=pdf,
    )
    tell_role(
        session,
        Role.COORDINATOR,
        "agreement_signed",
        facility_id=facility_id,
        key=key,
        on=on,
        context=context,
        attachment=pdf,
    )
