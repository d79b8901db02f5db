"""In operation: from the day a facility was taken over, or taken in, until it was taken down. As of any day."""

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import or_
from sqlmodel import Session, col, select

from models.case.consultation import Consultation
from models.case.facility import Facility
from models.case.funding import FundingDecision, PoolApplication
from models.case.handover import Handover, HandoverResult
from models.case.inheritance import Inheritance
from models.database import is_reading
from models.operation.winding_down import Outcome, WindingDown

DAYS_A_YEAR = 365.25


class Span(NamedTuple):
    """A facility's time in operation; `until_on` is the day it was taken down, None while it stands.

    An inherited one counts from the day it was taken in, since nothing is known of the time before;
    `built_on` is when its lifetime began.
    """

    facility: Facility
    from_on: date
    until_on: date | None
    built_on: date
    is_inherited: bool = False

    @property
    def ends_in(self) -> int:
        """The first year in which a lifetime ends while it is in operation; those before are past."""
        life = self.facility.life_years
        lived = self.from_on.year - self.built_on.year
        return self.built_on.year + max(1, -(-lived // life)) * life

    def days_in(self, first: date, last: date) -> int:
        """How many days of the period (both ends included) it was in operation."""
        end = min(last, self.until_on - timedelta(days=1) if self.until_on else last)
        return max(0, (end - max(first, self.from_on)).days + 1)

    def years_in(self, first: date, last: date) -> float:
        """The same in years of 365.25 days; a whole calendar year counts as one."""
        if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and self.days_in(first, last) == (
            last - first
        ).days + 1:
            return float(last.year - first.year + 1)
        return self.days_in(first, last) / DAYS_A_YEAR


def spans_on(session: Session, on: date) -> list[Span]:
    """Every facility taken over or taken in on or before `on`, by reference, as known on that day.

    Several figures of one page ask for them: in a look they are read once for each day.
    """
    if not is_reading(session):
        return _spans_on(session, on)
    known: dict[date, list[Span]] = session.info.setdefault("spans", {})
    if on not in known:
        known[on] = _spans_on(session, on)
    return known[on]


def _spans_on(session: Session, on: date) -> list[Span]:
    accepted = (HandoverResult.ACCEPTED, HandoverResult.ACCEPTED_WITH_DEFECTS)
    taken_over = (col(Handover.result).in_(accepted), col(Handover.decided_on) <= on)
    begun: dict[int, date] = {}
    for number, day in session.exec(select(col(Handover.facility_id), col(Handover.decided_on)).where(*taken_over)):
        if day is not None:
            begun[number] = min(day, begun.get(number, day))
    removed = (WindingDown.outcome == Outcome.REMOVE, col(WindingDown.decided_on) <= on)
    ended = dict(session.exec(select(col(WindingDown.facility_id), col(WindingDown.decided_on)).where(*removed)).all())
    came_in = select(col(Inheritance.facility_id), col(Inheritance.taken_in_on), col(Inheritance.built_on))
    inherited = {
        number: (begin, built_on)
        for number, begin, built_on in session.exec(came_in.where(Inheritance.taken_in_on <= on))
    }
    # asked for by the tables themselves: a list of 33,000 numbers is more than a statement of SQLite's takes
    there = or_(
        col(Facility.id).in_(select(Handover.facility_id).where(*taken_over)),
        col(Facility.id).in_(select(Inheritance.facility_id).where(Inheritance.taken_in_on <= on)),
    )
    found = []
    for facility in session.exec(select(Facility).where(there).order_by(col(Facility.reference))):
        number = facility.number
        came = inherited.get(number)
        begin = came[0] if came is not None else begun[number]
        built_on = (came[1] or begin) if came is not None else begin
        found.append(Span(facility, begin, ended.get(number), built_on, came is not None))
    return found


def paid_by_pool_on(session: Session, on: date) -> list[Span]:
    """Those of `spans_on` whose operation the pool pays: an inherited one from the pool's first promise.

    Until then operations cares for it on its ordinary budget, and there is no estimate to hold a bill against.
    """
    promised: dict[int, date] = {}
    for grant in session.exec(
        select(PoolApplication).where(
            PoolApplication.decision == FundingDecision.GRANT, col(PoolApplication.decided_on) <= on
        )
    ):
        day = grant.decided_on or on
        promised[grant.facility_id] = min(day, promised.get(grant.facility_id, day))
    found = []
    for span in spans_on(session, on):
        first = promised.get(span.facility.number)
        if not span.is_inherited:
            found.append(span)
        elif first is not None:
            found.append(span._replace(from_on=max(first, span.from_on)))
    return found


def never_consulted_on(session: Session, on: date) -> list[Facility]:
    """The inherited facilities that stood on that day though operations hadn't been asked: the debts then."""
    asked = set(session.exec(select(Consultation.facility_id).where(col(Consultation.decided_on) <= on)))
    return [span.facility for span in standing_on(session, on) if span.is_inherited and span.facility.id not in asked]


def standing_on(session: Session, on: date) -> list[Span]:
    """The facilities in operation on that day."""
    return [span for span in spans_on(session, on) if span.until_on is None]
