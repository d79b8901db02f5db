"""A facility as lists show it, whom it waits for, and its timeline."""

from datetime import date

from pydantic import Field

from channels.views.shapes.shape import Hours, Kr, Moment, Shape
from models.role import Door, Role
from models.stage import Stage


class Waits(Shape):
    """One who is waited for."""

    role: Role = Field(description="Who is to answer.")
    what: str = Field(serialization_alias="for", description="What is waited for, in Danish.")
    deadline: date | None = Field(description="The last day, where there is one.")
    stage: Stage = Field(description="The stage in which it is asked.")
    incident: int | None = Field(description="The incident it is about, where it is one.")


class FacilityLine(Shape):
    """A facility as lists show it."""

    reference: str = Field(description="VK-YEAR-NUMBER.")
    name: str = Field(description="What the place is called.")
    type: str = Field(description="Its type's key in config/facility_types.yaml.")
    stage: Stage = Field(description="Where the case stands.")
    stage_since: date = Field(description="The day it came there.")
    waits_for: Waits | None = Field(description="The first of those who are waited for; null when nobody is.")
    group: str = Field(description="The volunteer group, G-NUMBER.")
    years: int = Field(description="How many years the care agreement is for.")


class InheritedDebt(FacilityLine):
    """A facility that stood before Driftsklar came, and about which operations was never asked."""

    number: str = Field(description="The municipality's own number for it; empty when it has none.")
    built_on: date | None = Field(description="When it was built, where that is known.")
    taken_in_on: date = Field(description="When the list with it was taken in.")
    hours_per_year: Hours = Field(description="What its care takes of the municipality, hours a year.")
    kr_per_year: Kr = Field(description="What its care costs, kroner a year.")
    replacement_kr: Kr = Field(description="What a new one costs, kroner.")


class PauseLine(Shape):
    """A time in which operations takes over a group's tasks, both days included."""

    task: str = Field(description="The task's key; empty for all that volunteers do.")
    from_on: date = Field(description="Its first day.")
    until_on: date = Field(description="Its last day.")


class FacilityPauses(FacilityLine):
    """A facility with the pauses its group has."""

    pauses: list[PauseLine] = Field(description="Those of today and later.")


class JournalLine(Shape):
    """One line of a timeline: who did what, when, and through which door."""

    at: Moment = Field(
        description="The moment, in Danish time; noon when it was typed on another day than it counts for."
    )
    on: date = Field(description="The day it counts for.")
    stage: str = Field(description="The stage the case was in then; empty when it is about no case.")
    what: str = Field(description="What happened, in Danish.")
    by: Role = Field(description="The role that did it.")
    door: Door = Field(description="The door it came through.")
    operator: str = Field(description="The short id of who typed it at the command line; empty when none is given.")
    recorded_at: Moment = Field(description="The moment it was written down, in Danish time.")
    person: str | None = Field(
        description="The short id of whoever decided, at the desk or at the command line; null where nobody is known."
    )


class FoundDecision(JournalLine):
    """A line of a timeline that holds the words that were looked for."""

    facility: str | None = Field(description="The facility it is about, where it is about one.")
