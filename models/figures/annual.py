"""Årsberetningens tal: everything the annual report tells, from dated facts, as known on its last day.

The same year gives the same facts whenever it is asked for: what happened later isn't in them.
"""

from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.case.agreement import agreements_of
from models.case.consultation import AnswerKind, Consultation, consultations_of
from models.case.facility import Facility
from models.case.funding import FundingDecision, PoolApplication
from models.case.handover import HandoverResult, handovers_of
from models.case.inheritance import inheritance_of
from models.figures.estimates import Experience, experience
from models.figures.forecast import YearAhead, first_break
from models.figures.forecast_basis import forecast
from models.figures.indicators import (
    Figure,
    Period,
    TypeCost,
    cared_for_on,
    checks_by_month,
    cost_by_type,
    figures,
    spent_ore,
    volunteer_minutes,
)
from models.figures.operating import Span, never_consulted_on, spans_on
from models.operation.incident import Incident
from models.operation.winding_down import Outcome, WindingDown, winding_downs_of
from models.pool.ledger import PoolYear, pots_on
from models.stage import NEVER_BUILT, Stage

YEARS_AHEAD = 10


class Case(NamedTuple):
    """One facility on the report's last day, with what it cost (øre) and was given (minutes) in the year."""

    facility: Facility
    stage: Stage
    stage_since: date
    span: Span | None
    spent_ore: int
    volunteer_minutes: int
    is_consulted: bool
    """Whether operations was asked; only an inherited place may stand without."""

    @property
    def is_inherited(self) -> bool:
        """Whether it stood before Driftsklar came."""
        return self.span is not None and self.span.is_inherited


class Reason(NamedTuple):
    """Why something wasn't done or was taken away, in the words that were written then."""

    facility: Facility
    what: str
    reason: str
    on: date


class Year(NamedTuple):
    """All facts of one year."""

    year: int
    period: Period
    cases: tuple[Case, ...]
    figures: tuple[Figure, ...]
    pool: dict[int, PoolYear]
    ahead: tuple[YearAhead, ...]
    checks: tuple[tuple[date, int, int], ...]
    costs: tuple[TypeCost, ...]
    experience: tuple[Experience, ...]
    reasons: tuple[Reason, ...]
    incidents: tuple[tuple[Facility, Incident], ...]
    groups: int
    """The groups that had a part in the care of a place on the last day."""
    damaged: frozenset[int]
    """The facilities (ids) with an incident nobody had decided on by the last day."""

    @property
    def standing(self) -> list[Case]:
        """The facilities in operation on the last day."""
        return [c for c in self.cases if c.span is not None and c.span.until_on is None]

    @property
    def taken_over(self) -> list[Case]:
        """The facilities that were made and came into operation in the year."""
        return [c for c in self._new if not c.is_inherited]

    @property
    def taken_in(self) -> list[Case]:
        """The inherited facilities that were taken in in the year."""
        return [c for c in self._new if c.is_inherited]

    @property
    def never_consulted(self) -> list[Case]:
        """The inherited facilities that stand on the last day though operations was never asked."""
        return [c for c in self.standing if not c.is_consulted]

    @property
    def _new(self) -> list[Case]:
        first, last = self.period
        return [c for c in self.cases if c.span is not None and first <= c.span.from_on <= last]

    @property
    def first_break(self) -> int | None:
        """The first year in which the pool breaks."""
        return first_break(self.ahead)


def year_of_facts(session: Session, year: int, on: date) -> Year:
    """The facts of the year up to its last day, or up to `on` while it runs."""
    last = min(on, date(year, 12, 31))
    period = Period(date(year, 1, 1), last)
    spans = {span.facility.id: span for span in spans_on(session, last)}
    unasked = {facility.id for facility in never_consulted_on(session, last)}
    spent, minutes = spent_ore(session, period), volunteer_minutes(session, period)
    proposed = select(Facility).where(Facility.proposed_on <= last).order_by(Facility.reference)
    cases = []
    for facility in session.exec(proposed):
        stage, since = stage_on(session, facility, last)
        cases.append(
            Case(
                facility,
                stage,
                since,
                spans.get(facility.id),
                spent.get(facility.number, 0),
                minutes.get(facility.number, 0),
                facility.id not in unasked,
            )
        )
    incidents = session.exec(
        select(Incident, Facility)
        .join(Facility, col(Facility.id) == Incident.facility_id)
        .where(col(Incident.reported_on).between(*period))
        .order_by(col(Incident.id))
    )
    return Year(
        year=year,
        period=period,
        cases=tuple(cases),
        figures=tuple(figures(session, period)),
        pool=pots_on(session, last),
        ahead=tuple(forecast(session, last, YEARS_AHEAD)),
        checks=tuple(checks_by_month(session, period)),
        costs=tuple(cost_by_type(session, period)),
        experience=tuple(experience(session, year if last == date(year, 12, 31) else year - 1)),
        reasons=tuple(_reasons(session, period)),
        incidents=tuple((facility, incident) for incident, facility in incidents),
        groups=len({group.id for _, group in cared_for_on(session, last)}),
        damaged=frozenset(
            incident.facility_id
            for incident in session.exec(select(Incident).where(Incident.reported_on <= last))
            if incident.decided_on is None or incident.decided_on > last
        ),
    )


def stage_on(session: Session, facility: Facility, on: date) -> tuple[Stage, date]:
    """The stage the facility was in at the end of that day, and since when, from what was decided by then.

    The stage column only knows today; the answers, signatures and protocols are all dated.
    """
    if facility.stage in NEVER_BUILT and facility.stage_since <= on:
        return facility.stage, facility.stage_since
    steps = [(Stage.PROPOSAL, facility.proposed_on), *_steps(session, facility)]
    return max(
        ((stage, since) for stage, since in steps if since is not None and since <= on),
        # on one day the later step counts
        key=lambda step: (step[1], steps.index(step)),
    )


def _steps(session: Session, facility: Facility) -> list[tuple[Stage, date | None]]:
    """Every stage the facility came into, and the day."""
    found: list[tuple[Stage, date | None]] = []
    came = inheritance_of(session, facility)
    if came is not None:  # it stood already, and is asked about where it stands
        found.append((Stage.OPERATION, came.taken_in_on))
    for round_ in () if came is not None else consultations_of(session, facility):
        found.append((Stage.CONSULTATION, round_.asked_on))
        no = round_.answer is AnswerKind.NO
        if round_.answer is not None:
            found.append((Stage.REFUSED if no else Stage.AGREEMENT, round_.decided_on))
    signed = [a for a in agreements_of(session, facility) if a.signed_on is not None and not a.renews]
    if signed:
        found.append((Stage.FUNDING, signed[-1].signed_on))
        for application in session.exec(select(PoolApplication).where(PoolApplication.agreement_id == signed[-1].id)):
            to = {FundingDecision.GRANT: Stage.BUILDING, FundingDecision.DECLINE: Stage.REFUSED}
            if application.decision in to:
                found.append((to[application.decision], application.decided_on))
    for handover in handovers_of(session, facility):
        found.append((Stage.HANDOVER, handover.ready_on))
        if handover.result not in (None, HandoverResult.REFUSED):
            found.append((Stage.OPERATION, handover.decided_on))
    for ending in winding_downs_of(session, facility):
        found.append((Stage.WINDING_DOWN, ending.begun_on))
        gone = ending.outcome is Outcome.REMOVE
        found.append((Stage.CLOSED if gone else Stage.OPERATION, ending.decided_on))
    return found


def _reasons(session: Session, period: Period) -> list[Reason]:
    found = []
    for round_ in session.exec(
        select(Consultation).where(Consultation.answer == AnswerKind.NO, col(Consultation.decided_on).between(*period))
    ):
        facility = session.get_one(Facility, round_.facility_id)
        found.append(Reason(facility, "Driften sagde nej", round_.reason, round_.decided_on or period.last))
    for application in session.exec(
        select(PoolApplication).where(
            PoolApplication.decision == FundingDecision.DECLINE, col(PoolApplication.decided_on).between(*period)
        )
    ):
        facility = session.get_one(Facility, application.facility_id)
        found.append(Reason(facility, "Puljen gav afslag", application.reason, application.decided_on or period.last))
    for ending in session.exec(
        select(WindingDown).where(WindingDown.outcome == Outcome.REMOVE, col(WindingDown.decided_on).between(*period))
    ):
        facility = session.get_one(Facility, ending.facility_id)
        found.append(Reason(facility, "Taget ned", ending.reason, ending.decided_on or period.last))
    return sorted(found, key=lambda reason: (reason.on, reason.facility.reference))
