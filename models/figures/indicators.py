"""Den ekstra bundlinje: each figure of `config/indicators.yaml`, computed anew for any period in the past.

Only dated facts are used (answers, reports, ledger entries, the journal), and only those dated within the
period or before its last day, so that a figure doesn't change when time goes on. Units as configured.
"""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, or_, select

from config.catalogue import Indicator, IndicatorKey, Who, catalogue
from models.case.agreement import Agreement, Side
from models.case.consultation import AnswerKind, Consultation
from models.case.facility import Facility
from models.case.funding import FundingDecision, PoolApplication
from models.case.inheritance import Inheritance
from models.case.volunteer_group import Contact, VolunteerGroup
from models.danish import kr
from models.figures.operating import never_consulted_on, paid_by_pool_on, standing_on
from models.figures.wear import asked_of_groups, thresholds, worn_of
from models.journal import JournalEntry
from models.operation.check import Check, CheckResult, CheckState, Report
from models.operation.incident import Incident
from models.operation.satisfaction import Satisfaction
from models.operation.work_order import WorkKind, WorkOrder, WorkState
from models.pool.ledger import Kind, LedgerEntry
from models.role import Role

GRACE_DAYS = 7
"""A check is on time until a week after its day."""


class Period(NamedTuple):
    """The days a figure is about, both ends included."""

    first: date
    last: date


class Figure(NamedTuple):
    """One figure for one period; `value` is None when there is nothing to measure. `basis` counts what it
    is of (checks, answers …)."""

    indicator: Indicator
    period: Period
    value: float | None
    basis: int

    @property
    def danish(self) -> str:
        """The value with its unit: "1.234 timer", "87,5 %"; a dash when there is nothing to measure."""
        if self.value is None:
            return "–"
        if self.indicator.unit == "kr.":
            return kr(round(self.value) * 100)
        return f"{_number(self.value)} {self.indicator.unit}"

    @property
    def target_danish(self) -> str:
        """The target: "mindst 80 %", "højst 3 dage"; a dash without one."""
        if self.indicator.target is None:
            return "–"
        bound = "mindst" if self.indicator.direction == "higher" else "højst"
        return f"{bound} {_number(float(self.indicator.target))} {self.indicator.unit}"

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None without a target or a value."""
        if self.value is None or self.indicator.target is None:
            return None
        if self.indicator.direction == "higher":
            return self.value >= self.indicator.target
        return self.value <= self.indicator.target


def _number(value: float) -> str:
    text = f"{value:,.1f}".removesuffix(".0")
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")


def figures(session: Session, period: Period) -> list[Figure]:
    """Every configured figure for the period, in the order of the file."""
    return [figure(session, key, period) for key in catalogue().indicators]


def figure(session: Session, key: IndicatorKey, period: Period) -> Figure:
    """One figure for the period."""
    value, basis = _MEASURES[key](session, period)
    return Figure(catalogue().indicators[key], period, value, basis)


Measured = tuple[float | None, int]


def _share(part: int, whole: int) -> Measured:
    return (100 * part / whole if whole else None, whole)


def _mean(values: list[int]) -> Measured:
    return (sum(values) / len(values) if values else None, len(values))


def volunteer_minutes(session: Session, period: Period) -> dict[int, int]:
    """The minutes volunteers reported in the period, by the facility's id."""
    rows = (
        select(Check.facility_id, func.sum(Report.minutes))
        .select_from(Report)
        .join(Check, col(Check.id) == Report.check_id)
        .where(
            col(Report.on).between(*period), Report.by == Role.VOLUNTEER, col(Check.who).in_((Who.VOLUNTEERS, Who.BOTH))
        )
        .group_by(col(Check.facility_id))
    )
    return {facility_id: int(minutes) for facility_id, minutes in session.exec(rows)}


def _volunteer_hours(session: Session, period: Period) -> Measured:
    minutes = sum(volunteer_minutes(session, period).values())
    return minutes / 60, minutes


def checks_by_month(session: Session, period: Period) -> list[tuple[date, int, int]]:
    """The first of each month, checks on time, checks in all that are old enough to say.

    The database counts them by the day they were due and what was answered on which day: the days of a year are
    few, its checks may be a million.
    """
    old_enough = period.last - timedelta(days=GRACE_DAYS)
    what = col(Check.due_on), col(Report.result), col(Report.on)
    rows = (
        select(*what, func.count())
        .select_from(Check)
        .join(Report, col(Report.check_id) == Check.id, isouter=True)
        .where(
            col(Check.due_on).between(period.first, min(period.last, old_enough)), Check.state != CheckState.CANCELLED
        )
        .group_by(*what)
    )
    months: dict[date, tuple[int, int]] = {}
    for due_on, result, answered_on, count in session.exec(rows):
        is_done = answered_on is not None and result is not CheckResult.NOT_DONE
        in_time = is_done and answered_on <= due_on + timedelta(days=GRACE_DAYS)
        month = due_on.replace(day=1)
        done, all_ = months.get(month, (0, 0))
        months[month] = (done + in_time * count, all_ + count)
    return [(month, *months[month]) for month in sorted(months)]


def _checks_on_time(session: Session, period: Period) -> Measured:
    months = checks_by_month(session, period)
    return _share(sum(done for _, done, _ in months), sum(all_ for _, _, all_ in months))


def _days_to_answer(session: Session, period: Period) -> Measured:
    rows = (
        select(Consultation, Facility)
        .join(Facility, col(Facility.id) == Consultation.facility_id)
        .where(
            Consultation.round == 1,
            col(Consultation.decided_on).between(*period),
            # an inherited place was never proposed, so there is nothing to count days from
            col(Facility.id).not_in(select(Inheritance.facility_id)),
        )
    )
    return _mean([(round_.decided_on - f.proposed_on).days for round_, f in session.exec(rows) if round_.decided_on])


def _consulted_first(session: Session, period: Period) -> Measured:
    grants = session.exec(
        select(PoolApplication).where(
            PoolApplication.decision == FundingDecision.GRANT, col(PoolApplication.decided_on).between(*period)
        )
    ).all()
    yes: dict[int, date] = {}
    for round_ in session.exec(
        select(Consultation).where(col(Consultation.answer).in_((AnswerKind.YES, AnswerKind.CONDITIONS)))
    ):
        if round_.decided_on is not None:
            first = yes.get(round_.facility_id, round_.decided_on)
            yes[round_.facility_id] = min(first, round_.decided_on)
    asked = [g for g in grants if g.decided_on and yes.get(g.facility_id, date.max) <= g.decided_on]
    return _share(len(asked), len(grants))


def _never_consulted(session: Session, period: Period) -> Measured:
    inherited = sum(span.is_inherited for span in standing_on(session, period.last))
    return float(len(never_consulted_on(session, period.last))), inherited


def spent_ore(session: Session, period: Period) -> dict[int, int]:
    """What was booked as spent in the period, with its corrections, in øre by the facility's id."""
    rows = (
        select(col(LedgerEntry.facility_id), func.sum(LedgerEntry.amount_ore))
        .where(col(LedgerEntry.kind).in_((Kind.SPENDING, Kind.CORRECTION)), col(LedgerEntry.on).between(*period))
        .group_by(col(LedgerEntry.facility_id))
    )
    # what no facility is named for is the pool's own
    return {facility_id: int(ore) for facility_id, ore in session.exec(rows) if facility_id is not None}


class TypeCost(NamedTuple):
    """What a type was estimated to cost in a period, and did cost: øre; and over how many facility-years."""

    type_key: str
    estimate_ore: int
    cost_ore: int
    years: float


def cost_by_type(session: Session, period: Period) -> list[TypeCost]:
    """Estimate against cost for the facilities in operation in the period, by type."""
    found: dict[str, tuple[float, int, float]] = {}
    spent = spent_ore(session, period)
    for span in paid_by_pool_on(session, period.last):
        years = span.years_in(*period)
        if years:
            estimate, cost, all_ = found.get(span.facility.type_key, (0.0, 0, 0.0))
            found[span.facility.type_key] = (
                estimate + span.facility.kr_per_year_ore * years,
                cost + spent.get(span.facility.number, 0),
                all_ + years,
            )
    return [
        TypeCost(key, round(found[key][0]), found[key][1], found[key][2]) for key in catalogue().types if key in found
    ]


def _cost_against_estimate(session: Session, period: Period) -> Measured:
    types = cost_by_type(session, period)
    return _share(sum(t.cost_ore for t in types), sum(t.estimate_ore for t in types))


def _kr_per_facility_year(session: Session, period: Period) -> Measured:
    paid = paid_by_pool_on(session, period.last)
    years = sum(span.years_in(*period) for span in paid)
    spent = spent_ore(session, period)
    cost = sum(spent.get(span.facility.number, 0) for span in paid)
    return (cost / 100 / years if years else None, cost)


def groups_without_deputy(session: Session, on: date) -> list[Facility]:
    """Facilities in operation on that day whose group had fewer than two contacts then."""
    contacts = _contacts_on(session, on)
    return [facility for facility, group in cared_for_on(session, on) if contacts[group.number] < 2]


def cared_for_on(session: Session, on: date) -> list[tuple[Facility, VolunteerGroup]]:
    """The facilities a group had a part in on that day, by the newest agreement drafted by then.

    Where operations does all of it there is no group to have a deputy.
    """
    drafted = (
        select(Agreement.facility_id, Agreement.group_id, Agreement.volunteer_minutes_per_year)
        .where(Agreement.drafted_on <= on)
        .order_by(col(Agreement.facility_id), col(Agreement.version))
    )
    newest = {facility_id: (group_id, minutes) for facility_id, group_id, minutes in session.exec(drafted)}
    groups = {group.number: group for group in session.exec(select(VolunteerGroup))}
    found = []
    for span in standing_on(session, on):
        group_id, minutes = newest.get(span.facility.number, (0, 0))
        if minutes:
            found.append((span.facility, groups[group_id]))
    return found


def _contacts_on(session: Session, on: date) -> Counter[int]:
    """How many contacts each group had, by its number: those of today who hadn't left, less those the journal says came later."""
    there = (
        select(Contact.group_id, func.count())
        .where(col(Contact.is_member).is_(False), or_(col(Contact.left_on).is_(None), col(Contact.left_on) > on))
        .group_by(col(Contact.group_id))
    )
    found = Counter(dict(session.exec(there).all()))
    came = select(JournalEntry.what).where(JournalEntry.on > on, col(JournalEntry.what).startswith("Gruppen "))
    later = [reference[1] for what in session.exec(came) if (reference := _CAME.match(what))]
    if later:
        numbers = {group.reference: group.number for group in session.exec(select(VolunteerGroup))}
        found.subtract(numbers[reference] for reference in later if reference in numbers)
    return found


_CAME = re.compile(r"Gruppen (\S+) har fået en")


def _without_deputy(session: Session, period: Period) -> Measured:
    cared_for = len(cared_for_on(session, period.last))
    return float(len(groups_without_deputy(session, period.last))), cared_for


def _worn_groups(session: Session, period: Period) -> Measured:
    limits = thresholds()
    if limits is None:
        return None, 0
    groups = asked_of_groups(session, limits, on=period.last)
    return float(len(worn_of(groups, limits, on=period.last))), len(groups)


def _days_until_safe(session: Session, period: Period) -> Measured:
    """Until the repair was done, where one was ordered; else until it was decided that nobody uses the place so."""
    rows = session.exec(select(Incident).where(col(Incident.safe).is_(False), col(Incident.decided_on) <= period.last))
    days = []
    for incident in rows:
        ended = [
            work.done_on
            for work in session.exec(select(WorkOrder).where(WorkOrder.incident_id == incident.id))
            if work.state is not WorkState.DROPPED
        ]
        safe_on = max((on for on in ended if on is not None), default=incident.decided_on)
        if safe_on is not None and None not in ended and period.first <= safe_on <= period.last:
            days.append((safe_on - incident.reported_on).days)
    return _mean(days)


def _late_work(session: Session, period: Period) -> Measured:
    """Of the work whose deadline lies in the period and has passed, what was done later or wasn't done on its last day."""
    rows = select(WorkOrder).where(
        col(WorkOrder.due_on) >= period.first, col(WorkOrder.due_on) < period.last, WorkOrder.state != WorkState.DROPPED
    )
    orders = session.exec(rows).all()
    late = sum(1 for work in orders if work.done_on is None or work.done_on > work.due_on)
    return (100 * late / len(orders) if orders else None), len(orders)


def _unplanned_hours(session: Session, period: Period) -> Measured:
    """What was worked, not what was ordered."""
    rows = select(func.sum(WorkOrder.minutes)).where(
        WorkOrder.kind == WorkKind.MISSED_CHECK, col(WorkOrder.done_on).between(*period)
    )
    minutes = int(session.exec(rows).one() or 0)
    return minutes / 60, minutes


def _satisfaction(side: Side) -> Callable[[Session, Period], Measured]:
    def measure(session: Session, period: Period) -> Measured:
        rows = select(Satisfaction.score).where(Satisfaction.side == side, col(Satisfaction.on).between(*period))
        return _mean(list(session.exec(rows)))

    return measure


_MEASURES: dict[IndicatorKey, Callable[[Session, Period], Measured]] = {
    "volunteer_hours": _volunteer_hours,
    "checks_on_time": _checks_on_time,
    "days_to_answer": _days_to_answer,
    "consulted_first": _consulted_first,
    "never_consulted": _never_consulted,
    "cost_against_estimate": _cost_against_estimate,
    "kr_per_facility_year": _kr_per_facility_year,
    "without_deputy": _without_deputy,
    "days_until_safe": _days_until_safe,
    "unplanned_hours": _unplanned_hours,
    "late_work": _late_work,
    "satisfaction_volunteers": _satisfaction(Side.VOLUNTEERS),
    "worn_groups": _worn_groups,
    "satisfaction_municipality": _satisfaction(Side.MUNICIPALITY),
}
