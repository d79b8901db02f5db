"""Op til afleveringen: what the builder and the client say to each other before a place is handed over.

The builder announces in writing when it will be finished (færdigmelding), both may look at it beforehand
(førgennemgang), and the client calls the handover meeting. AB 18 §§ 44–45.
"""

from datetime import date
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from models.case.facility import Facility
from models.database import Numbered, word_column


class StepKind(StrEnum):
    """What happened. `DEEMED` is what silence comes to: by its terms the work counts as handed over."""

    REVIEWED = "reviewed"
    ANNOUNCED = "announced"
    CALLED = "called"
    DEEMED = "deemed"

    @property
    def danish(self) -> str:
        """The step as people say it."""
        return {
            "reviewed": "førgennemgang",
            "announced": "færdigmelding",
            "called": "indkaldelse til aflevering",
            "deemed": "regnes som afleveret",
        }[self.value]


class HandoverStep(Numbered, SQLModel, table=True):
    """One step; only added to. `day_on` is the day it speaks of, `said_on` the day it was said.

    The day of a review is when it was held, of an announcement when the work will be finished, of a call when the
    meeting is, and of `DEEMED` the tenth working day after the announced one.
    """

    __tablename__ = "handover_step"

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    kind: StepKind = word_column(StepKind)
    said_on: date
    day_on: date
    note: str = ""


def steps_of(session: Session, facility: Facility, kind: StepKind | None = None) -> list[HandoverStep]:
    """The steps towards the handover, in the order they were written; or those of one kind."""
    rows = select(HandoverStep).where(HandoverStep.facility_id == facility.id).order_by(col(HandoverStep.id))
    if kind is not None:
        rows = rows.where(HandoverStep.kind == kind)
    return list(session.exec(rows))


def deemed_on(session: Session, facility: Facility) -> date | None:
    """Since when the facility counts as handed over by silence; None when it doesn't."""
    steps = steps_of(session, facility, StepKind.DEEMED)
    return steps[-1].day_on if steps else None
