"""Sound cases: that a case's stage, its journal and what was decided tell the same, asked of all cases at once.

The gate (`models.case.gate`) asks for one facility and says what is missing; here are the same facts as sets, so that
thirty thousand facilities take seconds.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlmodel import Session, col

from models.case.agreement import Agreement, AgreementStatus, Signature
from models.case.consultation import AnswerKind, Condition, Consultation
from models.case.facility import Facility
from models.case.firm import Firm
from models.case.funding import FundingDecision, PoolApplication
from models.case.handover import Defect, Handover, HandoverResult
from models.case.inheritance import Inheritance
from models.case.inspection import Inspection
from models.case.insurance import Cover, Insurance
from models.case.permit import Permit, PermitResult
from models.case.volunteer_group import VolunteerGroup
from models.journal import JournalEntry
from models.numbering import Numbering
from models.operation.incident import Incident
from models.operation.winding_down import Outcome, WindingDown
from models.overview.sound_rows import MOST_ROWS
from models.stage import ROAD, Stage

_TAKEN = (HandoverResult.ACCEPTED, HandoverResult.ACCEPTED_WITH_DEFECTS)
_HELD = (PermitResult.GRANTED, PermitResult.NOT_NEEDED)


class Passed(NamedTuple):
    """A gate: the stage behind it, and the facilities that have what it asks for."""

    stage: Stage
    have: Any


@cache
def _gates() -> tuple[Passed, ...]:
    newest_round = (
        select(col(Consultation.facility_id), func.max(col(Consultation.round)).label("round"))
        .group_by(col(Consultation.facility_id))
        .subquery()
    )
    is_newest = and_(
        col(Consultation.facility_id) == newest_round.c.facility_id, col(Consultation.round) == newest_round.c.round
    )
    yes = (AnswerKind.YES, AnswerKind.CONDITIONS)
    said_yes = select(col(Consultation.facility_id)).join(newest_round, is_newest)
    newest_version = (
        select(col(Agreement.facility_id), func.max(col(Agreement.version)).label("version"))
        .group_by(col(Agreement.facility_id))
        .subquery()
    )
    is_last = and_(
        col(Agreement.facility_id) == newest_version.c.facility_id, col(Agreement.version) == newest_version.c.version
    )
    signed = select(col(Agreement.facility_id)).join(newest_version, is_last)
    binding = (AgreementStatus.IN_FORCE, AgreementStatus.ENDED)
    return (
        Passed(Stage.AGREEMENT, said_yes.where(col(Consultation.answer).in_(yes))),
        Passed(
            Stage.FUNDING,
            signed.where(col(Agreement.status) == AgreementStatus.SIGNED).union(
                select(col(Agreement.facility_id)).where(col(Agreement.status).in_(binding))
            ),
        ),
        Passed(
            Stage.BUILDING,
            select(col(PoolApplication.facility_id)).where(col(PoolApplication.decision) == FundingDecision.GRANT),
        ),
        Passed(Stage.HANDOVER, select(col(Handover.facility_id))),
        Passed(Stage.OPERATION, select(col(Handover.facility_id)).where(col(Handover.result).in_(_TAKEN))),
    )


def stages_not_reached(session: Session) -> list[str]:
    """The facilities that stand in a stage and lack what must come before it; an inherited one stood there already."""
    inherited = select(col(Inheritance.facility_id))
    newest = select(func.max(col(Consultation.round))).where(
        col(Consultation.facility_id) == col(Condition.facility_id)
    )
    unmet = select(col(Condition.facility_id)).where(
        col(Condition.met_on).is_(None), col(Condition.round) == newest.scalar_subquery()
    )
    lives = _from_on(Stage.OPERATION)
    lacking = [
        and_(col(Facility.stage).in_(_from_on(gate.stage)), col(Facility.id).not_in(gate.have)) for gate in _gates()
    ]
    lacking.append(and_(col(Facility.stage).in_(lives), col(Facility.id).in_(unmet)))
    insured = select(col(Insurance.facility_id))
    lacking.append(and_(col(Facility.stage).in_(lives), col(Facility.id).not_in(insured)))
    return _references(session, or_(*lacking) & col(Facility.id).not_in(inherited))


def stages_left_behind(session: Session) -> list[str]:
    """The facilities whose stage is none they can be in by what has happened."""
    inherited = select(col(Inheritance.facility_id))
    endings = select(col(WindingDown.facility_id))
    open_ending = endings.where(col(WindingDown.outcome).is_(None))
    removed = endings.where(col(WindingDown.outcome) == Outcome.REMOVE)
    noes = select(col(Consultation.facility_id)).where(col(Consultation.answer) == AnswerKind.NO)
    declined = select(col(PoolApplication.facility_id)).where(col(PoolApplication.decision) == FundingDecision.DECLINE)
    unheld = select(col(Permit.facility_id)).where(col(Permit.result).not_in(_HELD))
    number, stage = col(Facility.id), col(Facility.stage)
    noted = select(col(JournalEntry.id)).where(
        col(JournalEntry.facility_id) == col(Facility.id), col(JournalEntry.on) == col(Facility.stage_since)
    )
    wrong = [and_(stage == ROAD[ROAD.index(gate.stage) - 1], number.in_(gate.have)) for gate in _gates()]
    wrong += [
        and_(stage.in_(ROAD[:-1]), number.in_(inherited)),
        (stage == Stage.WINDING_DOWN) != number.in_(open_ending),
        (stage == Stage.CLOSED) != number.in_(removed),
        and_(stage == Stage.REFUSED, number.not_in(noes), number.not_in(declined)),
        (stage == Stage.WITHDRAWN) != col(Facility.withdrawn_on).is_not(None),
        and_(col(Facility.building_started_on).is_not(None), number.in_(unheld)),
        ~noted.exists(),
    ]
    return _references(session, or_(*wrong))


def _from_on(stage: Stage) -> list[Stage]:
    """That stage and what comes after it."""
    return [*ROAD[ROAD.index(stage) :], Stage.WINDING_DOWN, Stage.CLOSED]


def _references(session: Session, wrong: ColumnElement[bool]) -> list[str]:
    rows = select(col(Facility.reference)).where(wrong).order_by(col(Facility.id)).limit(MOST_ROWS)
    return list(session.execute(rows).scalars())


TAKEN_BACK = {"tilladelser": "Svaret på tilladelsen “%” rettes: afslået%"}
"""How the journal tells that one of these isn't so after all."""


def _told() -> list[tuple[str, tuple[str, ...], Any, ColumnElement[bool] | None]]:
    """A thing's name, how its journal lines begin, the table it is in, and which of its rows have such a line."""
    return [
        ("skader", ("Skade nr. % meldt:%",), Incident, None),
        (
            "skader, hvor stedet må bruges igen",
            ("Skade nr. %: stedet må bruges igen.",),
            Incident,
            col(Incident.usable_on).is_not(None),
        ),
        ("sikrede skader", ("Skade nr. %: stedet er sikret.%",), Incident, col(Incident.made_safe_on).is_not(None)),
        ("underskrifter", ("Aftalen (version %) er underskrevet for %",), Signature, None),
        ("ophør", ("Ophør begyndt:%",), WindingDown, None),
        (
            "tilladelser",
            ("Tilladelsen “%”: givet%", "Tilladelsen “%”: kræves ikke%"),
            Permit,
            col(Permit.result).in_(_HELD),
        ),
        ("høringssvar", ("Driften svarede %",), Consultation, col(Consultation.answer).is_not(None)),
        ("afleveringer", ("Aflevering: %",), Handover, col(Handover.result).is_not(None)),
        ("rettede mangler", ("Mangel % er rettet:%",), Defect, col(Defect.fixed_on).is_not(None)),
        ("eftersyn", ("Eftersyn nr. % holdt:%",), Inspection, col(Inspection.held_on).is_not(None)),
        ("forsikringssvar", ("Forsikring: %",), Insurance, col(Insurance.cover) != Cover.UNKNOWN),
        ("byggestarter", ("Byggeriet er gået i gang.",), Facility, col(Facility.building_started_on).is_not(None)),
    ]


def told_otherwise(session: Session) -> list[str]:
    """The facilities that have more or fewer of something than their journal tells, and of what."""
    told = _told()
    what = col(JournalEntry.what)
    lines = (
        func.sum(case((or_(*map(what.like, patterns)), 1), (what.like(TAKEN_BACK.get(name, "")), -1), else_=0))
        for name, patterns, _, _ in told
    )
    rows = (
        select(col(JournalEntry.facility_id), *lines)
        .where(col(JournalEntry.facility_id).is_not(None))
        .group_by(col(JournalEntry.facility_id))
    )
    by_journal = {number: tuple(counts) for number, *counts in session.execute(rows)}
    found: dict[int, set[str]] = {}
    for at, (name, _, table, is_told) in enumerate(told):
        there = _counts(session, table, is_told)
        for number in there.keys() | by_journal.keys():
            if there.get(number, 0) != by_journal.get(number, (0,) * len(told))[at]:
                found.setdefault(number, set()).add(name)
    names = select(col(Facility.id), col(Facility.reference)).where(col(Facility.id).in_(list(found)[:500]))
    references = dict(session.execute(names).all()) if found else {}
    return sorted(
        f"{references.get(number) or f'anlæg {number}'} ({', '.join(sorted(what))})" for number, what in found.items()
    )


def _counts(session: Session, table: Any, is_told: ColumnElement[bool] | None) -> dict[int, int]:
    whose: Any = table.id if table is Facility else getattr(table, "facility_id", col(Agreement.facility_id))
    rows = select(whose, func.count()).select_from(table).group_by(whose)
    if table is Signature:
        rows = rows.join(Agreement, col(Agreement.id) == col(Signature.agreement_id))
    if is_told is not None:
        rows = rows.where(is_told)
    return dict(session.execute(rows).all())


NUMBERED = (
    ("aftale", col(Agreement.facility_id), col(Agreement.version)),
    ("høring", col(Consultation.facility_id), col(Consultation.round)),
    ("aflevering", col(Handover.facility_id), col(Handover.attempt)),
    ("mangel", col(Defect.facility_id), col(Defect.number)),
)
"""What is numbered from 1 within each facility, without a gap."""


def gaps_in_numbers(session: Session) -> list[str]:
    """Where a number is missing or stands twice: versions, rounds, attempts, defects, conditions, references."""
    found: list[str] = []
    for name, whose, number in NUMBERED:
        found += [f"{name} nr. i anlæg {key}" for key in _gaps(session, (whose,), number)]
    conditions = (col(Condition.facility_id), col(Condition.round))
    found += [f"betingelse nr. i anlæg {key}" for key in _gaps(session, conditions, col(Condition.number))]
    given = dict(session.execute(select(col(Numbering.series), col(Numbering.last))).all())
    for series, count in _references_given(session).items():
        if given.get(series, 0) != count:
            found.append(f"nummerserien {series}")
    return found


def _gaps(session: Session, whose: tuple[Any, ...], number: Any) -> Iterable[int]:
    rows = (
        select(whose[0])
        .group_by(*whose)
        .having(
            or_(
                func.count() != func.max(number),
                func.count(func.distinct(number)) != func.count(),
                func.min(number) != 1,
            )
        )
        .order_by(whose[0])
        .limit(MOST_ROWS)
    )
    return session.execute(rows).scalars()


def _references_given(session: Session) -> dict[str, int]:
    """How many of each series are there; none is ever deleted, so it is the last number given out, too."""
    counts: dict[str, int] = {}
    for reference in session.execute(select(col(Facility.reference))).scalars():
        series = str(reference).rpartition("-")[0]
        counts[series] = counts.get(series, 0) + 1
    groups = session.execute(select(func.count()).select_from(VolunteerGroup)).scalar_one()
    firms = session.execute(select(func.count()).select_from(Firm)).scalar_one()
    others = {series: count for series, count in (("group", groups), ("firm", firms)) if count}
    given = session.execute(select(col(Numbering.series))).scalars().all()
    kept = {each: 0 for each in given if each in ("group", "firm") or each.rpartition("-")[2].isdigit()}
    return kept | counts | others
