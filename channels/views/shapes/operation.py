"""What goes on at a place in operation: checks, incidents, suggestions from the sign, and how it goes."""

from datetime import date

from pydantic import Field

from channels.views.shapes.shape import Kr, Shape
from config.catalogue import Who
from models.case.agreement import Side
from models.operation.check import CheckState
from models.operation.incident import IncidentDecision
from models.operation.public_report import ReportState


class CheckLine(Shape):
    """One check: a task on its day."""

    id: int = Field(description="Its number.")
    facility: str = Field(description="The facility's reference.")
    task: str = Field(description="The task's key.")
    task_name: str = Field(description="What the task is called.")
    due_on: date = Field(description="The day it is to be done by.")
    who: Who = Field(description="Who does it.")
    state: CheckState = Field(description="How far it is.")
    minutes: int | None = Field(description="How long it took, minutes; null when that wasn't said.")
    note: str = Field(description="What was noted with the answer.")


class CheckWithDamage(CheckLine):
    """A check at which damage was found."""

    incident: int = Field(description="The incident that was reported.")


class IncidentReported(Shape):
    """An incident as it was reported."""

    id: int = Field(description="Its number.")
    facility: str = Field(description="The facility's reference.")
    what: str = Field(description="What happened.")
    safe: bool = Field(description="Whether the place can be used safely.")


class IncidentAnswer(Shape):
    """What was decided about an incident."""

    id: int = Field(description="Its number.")
    decision: IncidentDecision = Field(description="What is to happen.")
    kr: Kr = Field(description="What it costs, kroner.")
    reason: str = Field(description="Why.")


class SuggestionLine(Shape):
    """What somebody reported by the code on the sign."""

    id: int = Field(description="Its number.")
    facility: str = Field(description="The facility's reference.")
    what: str = Field(description="What was reported.")
    safe: bool = Field(description="Whether the place can be used safely, by who reported it.")
    state: ReportState = Field(description="Whether it was confirmed or dismissed.")
    danish: str = Field(description="The state as people say it.")
    looks_automatic: bool = Field(description="Whether a machine seems to have written it.")
    reported_on: date = Field(description="When it came.")
    incident: int | None = Field(description="The incident it became.")


class SatisfactionAnswer(Shape):
    """How the work together goes, as one side said."""

    facility: str = Field(description="The facility's reference.")
    year: int = Field(description="The year it is about.")
    side: Side = Field(description="Who answered.")
    score: int = Field(description="1 is bad, 5 is very good.")


class EstimateAnswer(Shape):
    """What operations said to a new estimate for a type."""

    type: str = Field(description="The type's key.")
    year: int = Field(description="The year the proposal is from.")
    taken: bool | None = Field(description="Whether the new value counts from now on.")
    kr_per_year: Kr = Field(description="The value that counts now, kroner a year.")
