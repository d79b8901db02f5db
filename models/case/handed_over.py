"""Afleveringens dag: the day from which the terms count.

It is the day on which the place was handed over, or on which it counts as handed over by silence; for a place that
stood before Driftsklar came, the day it was built, where that is known.
"""

from datetime import date

from sqlmodel import Session

from models.case.facility import Facility
from models.case.handover import HandoverResult, handovers_of
from models.case.handover_step import deemed_on
from models.case.inheritance import inheritance_of


def handed_over_on(session: Session, facility: Facility) -> date | None:
    """The day the facility was handed over; None where it wasn't, or nobody knows."""
    if (silent_since := deemed_on(session, facility)) is not None:
        return silent_since
    for handover in handovers_of(session, facility):
        if handover.result in (HandoverResult.ACCEPTED, HandoverResult.ACCEPTED_WITH_DEFECTS):
            return handover.decided_on
    came = inheritance_of(session, facility)
    return came.built_on if came is not None else None
