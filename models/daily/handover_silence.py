"""Tavshedens ti arbejdsdage: operations is told on the fifth and the eighth, and everybody once they have passed.

By the terms the work counts as handed over then, whatever we think of it. That is written down and told loudly; the
gate stays where it is, and the handover is still asked about, with what is missing.
"""

from datetime import date

from sqlmodel import Session, col, select

from models.case.builder import BuiltBy
from models.case.facility import Facility
from models.case.handover_step import HandoverStep, StepKind
from models.case.silence import TOLD_AFTER_WORKING_DAYS, Silence, silence_of
from models.danish import dato
from models.post.calendar_word import note, tell_once
from models.post.outbox import tell
from models.role import Role
from models.stage import Stage

TOLD_LOUDLY = (Role.OPERATIONS, Role.PROJECT_LEAD, Role.OPERATIONS_MANAGER, Role.LEADER)


def watch_silence(session: Session, on: date) -> None:
    """Take the steps of each clock that runs, for the day it is told."""
    places = select(Facility).where(
        col(Facility.stage).in_((Stage.BUILDING, Stage.HANDOVER)), Facility.built_by == BuiltBy.FIRM
    )
    for facility in session.exec(places.order_by(col(Facility.id))).all():
        clock = silence_of(session, facility)
        if clock is not None and on > clock.ends_on:
            _is_over(session, facility, clock, on)
        elif clock is not None:
            _tell(session, facility, clock, on)


def _tell(session: Session, facility: Facility, clock: Silence, on: date) -> None:
    due = [days for days in TOLD_AFTER_WORKING_DAYS if clock.told_on(days) <= on]
    for days in due[-1:]:  # after downtime only the one that matters now
        key = f"handover_silence:{facility.id}:{clock.finished_on}:{days}"
        context: dict[str, object] = {
            "finished_on": clock.finished_on.isoformat(),
            "ends_on": clock.ends_on.isoformat(),
            "days": days,
        }
        tell_once(session, facility, Role.OPERATIONS, "handover_silence", key, context, on)


def _is_over(session: Session, facility: Facility, clock: Silence, on: date) -> None:
    session.add(HandoverStep(facility_id=facility.number, kind=StepKind.DEEMED, said_on=on, day_on=clock.ends_on))
    session.flush()
    line = (
        f"Ingen indkaldte til aflevering inden 10 arbejdsdage efter {dato(clock.finished_on)}. Efter "
        f"{facility.terms.danish} regnes arbejdet som afleveret {dato(clock.ends_on)}."
    )
    note(session, facility, line, on)
    for role in TOLD_LOUDLY:
        tell(
            session,
            facility,
            role,
            "handover_deemed",
            on,
            key=f"{facility.reference}:deemed:{clock.ends_on}",
            context={
                "finished_on": clock.finished_on.isoformat(),
                "ends_on": clock.ends_on.isoformat(),
                "terms": facility.terms.danish,
            },
        )
