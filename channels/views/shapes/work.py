"""Work orders as programs read them."""

from datetime import date

from pydantic import Field

from channels.views.shapes.shape import Kr, Shape
from models.operation.work_order import WorkKind, WorkState
from models.role import Role


class WorkLine(Shape):
    """One work order: what is to be done, by when, and what it took."""

    id: int = Field(description="Its number.")
    facility: str = Field(description="The facility's reference.")
    facility_name: str = Field(description="What the place is called.")
    area: str = Field(
        description="The area the place lies in (`districts` in config/municipality.yaml); its address where it lies in none."
    )
    address: str = Field(
        description="The address that the municipality's list has for the place; empty where it has none."
    )
    what: str = Field(description="What is to be done.")
    kind: WorkKind = Field(description="What it is for: a missed check, a repair …")
    state: WorkState = Field(description="How far it is.")
    ordered_on: date = Field(description="The day it was ordered.")
    due_on: date = Field(description="The last day it is in time.")
    late: bool = Field(description="Whether that day has passed and it isn't done.")
    taken_by: Role | None = Field(description="The role that has taken it.")
    done_on: date | None = Field(description="The day it was done.")
    minutes_estimated: int = Field(description="The time it was expected to take.")
    minutes: int | None = Field(description="The time it took; null until it is done.")
    kr_estimated: Kr = Field(description="What it was expected to cost, kroner, the hours included.")
    kr: Kr | None = Field(description="What it cost, kroner; null until it is done.")
    invoice: str = Field(description="The reference of the invoice.")
    note: str = Field(description="What was noted when it was done.")
    dropped_because: str = Field(description="Why it isn't done after all.")
    check: int | None = Field(description="The check it came of.")
    incident: int | None = Field(description="The incident it mends.")
    paid: bool = Field(description="Whether the pool has paid it.")
