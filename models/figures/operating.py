"""In operation: from the day a facility was taken over, or taken in, until it was taken down. As of any day."""

from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.case.consultation import Consultation
from models.case.facility import Facility
from models.case.funding import FundingDecision, PoolApplication
from models.case.handover import Handover, HandoverResult
from models.case.inheritance import Inheritance
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
    """Every facility taken over or taken in on or before `on`, by reference, as known on that day."""
    accepted = (HandoverResult.ACCEPTED, HandoverResult.ACCEPTED_WITH_DEFECTS)
    begun: dict[int, date] = {}
    for handover in session.exec(
        select(Handover).where(col(Handover.result).in_(accepted), col(Handover.decided_on) <= on)
    ):
        day = handover.decided_on
        if day is not None:
            begun[handover.facility_id] = min(day, begun.get(handover.facility_id, day))
    removals = session.exec(
        select(WindingDown).where(WindingDown.outcome == Outcome.REMOVE, col(WindingDown.decided_on) <= on)
    )
    ended = {ending.facility_id: ending.decided_on for ending in removals}
    inherited = {
        came.facility_id: came for came in session.exec(select(Inheritance).where(Inheritance.taken_in_on <= on))
    }
    rows = session.exec(
        select(Facility).where(col(Facility.id).in_([*begun, *inherited])).order_by(col(Facility.reference))
    )
    found = []
    for facility in rows:
        number = facility.number
        if (came := inherited.get(number)) is not None:
            begin, built_on = came.taken_in_on, came.built_on or came.taken_in_on
        else:
            begin = built_on = begun[number]
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
