"""In operation: from the day a facility was taken over until it was taken down. As of any day."""

from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.facility import Facility
from models.protocol import Handover, HandoverResult
from models.winding_down import Outcome, WindingDown

DAYS_A_YEAR = 365.25


class Span(NamedTuple):
    """A facility's time in operation; `until_on` is the day it was taken down, None while it stands."""

    facility: Facility
    from_on: date
    until_on: date | None

    def days_in(self, first: date, last: date) -> int:
        """How many days of the period (both ends included) it was in operation."""
        end = min(last, self.until_on - timedelta(days=1) if self.until_on else last)
        return max(0, (end - max(first, self.from_on)).days + 1)

    def years_in(self, first: date, last: date) -> float:
        """The same in years of 365.25 days; a whole calendar year counts as one."""
        if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and self.days_in(
            first, last
        ) == (last - first).days + 1:
            return float(last.year - first.year + 1)
        return self.days_in(first, last) / DAYS_A_YEAR


def spans_on(session: Session, on: date) -> list[Span]:
    """Every facility that was taken over on or before `on`, by reference, as known on that day."""
    accepted = (HandoverResult.ACCEPTED, HandoverResult.ACCEPTED_WITH_DEFECTS)
    begun: dict[int, date] = {}
    for handover in session.exec(
        select(Handover).where(col(Handover.result).in_(accepted), col(Handover.decided_on) <= on)
    ):
        day = handover.decided_on
        if day is not None:
            begun[handover.facility_id] = min(day, begun.get(handover.facility_id, day))
    removals = session.exec(
        select(WindingDown).where(
            WindingDown.outcome == Outcome.REMOVE, col(WindingDown.decided_on) <= on
        )
    )
    ended = {ending.facility_id: ending.decided_on for ending in removals}
    rows = session.exec(
        select(Facility).where(col(Facility.id).in_(list(begun))).order_by(col(Facility.reference))
    )
    return [Span(f, begun[f.id or 0], ended.get(f.id or 0)) for f in rows]


def standing_on(session: Session, on: date) -> list[Span]:
    """The facilities in operation on that day."""
    return [span for span in spans_on(session, on) if span.until_on is None]
