"""Tavshed er et ja: when the client doesn't call a handover meeting, the work counts as handed over (AB 18 § 45)."""

from datetime import date
from typing import NamedTuple

from sqlmodel import Session

from models.calendar import add_working_days
from models.case.builder import BuiltBy
from models.case.facility import Facility
from models.case.handover import HandoverResult, handovers_of
from models.case.handover_step import StepKind, steps_of

SILENCE_WORKING_DAYS = 10
TOLD_AFTER_WORKING_DAYS = (5, 8)
"""Operations is told twice before it is too late."""


class Silence(NamedTuple):
    """A clock that runs: since the day the builder said it would be finished, until the work counts as handed over."""

    finished_on: date
    ends_on: date

    def told_on(self, working_days: int) -> date:
        """The day on which operations is told, so many working days after the builder was finished."""
        return add_working_days(self.finished_on, working_days)


def silence_of(session: Session, facility: Facility) -> Silence | None:
    """The clock of a facility; None where none runs: no firm, other terms, a meeting that was called, or it is over.

    It runs from the day the builder announced in writing. Where nobody wrote that down, from the day the building was
    reported finished; after a handover that was refused, only from a new announcement.
    """
    if facility.built_by is not BuiltBy.FIRM or not facility.terms.silence_is_yes:
        return None
    attempts = handovers_of(session, facility)
    refused = [h for h in attempts if h.result is HandoverResult.REFUSED]
    if any(h.result is not None and h.result is not HandoverResult.REFUSED for h in attempts):
        return None
    steps = steps_of(session, facility)
    if any(step.kind is StepKind.DEEMED for step in steps):
        return None
    if refused:
        decided_on = refused[-1].decided_on
        steps = [step for step in steps if decided_on is not None and step.said_on >= decided_on]
    announced = [step for step in steps if step.kind is StepKind.ANNOUNCED]
    after = announced[-1].number if announced else 0
    if any(step.kind is StepKind.CALLED and step.number > after for step in steps):
        return None
    if announced:
        finished_on = announced[-1].day_on
    elif attempts and not refused:
        finished_on = attempts[0].ready_on
    else:
        return None
    return Silence(finished_on, add_working_days(finished_on, SILENCE_WORKING_DAYS))
