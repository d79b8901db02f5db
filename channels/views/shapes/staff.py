"""What programs read about who is signed in at the staff's desk, and who stands in for whom."""

from datetime import date

from pydantic import Field

from channels.views.shapes.shape import Moment, Shape
from models.persons.staff_session import Way
from models.role import Role


class SignInLine(Shape):
    """One sign-in at the desk that still holds."""

    id: int = Field(description="Its number; `person-sign-in revoke` takes it.")
    person: str | None = Field(description="The short id of the person; null while somebody only tries.")
    way: Way = Field(description="How they signed in.")
    roles: list[Role] = Field(
        description="The roles it gives today; none when the person isn't in roles.yaml any more."
    )
    made_at: Moment = Field(description="The moment they signed in, in Danish time.")
    seen_at: Moment = Field(description="When they were last here, to within five minutes.")
    expires_at: Moment = Field(description="When it ends by itself, at the latest.")


class SignInsRevoked(Shape):
    """Sign-ins that were put out."""

    revoked: int = Field(description="How many still worked.")


class StandInLine(Shape):
    """Somebody who has one more role for a time."""

    id: int = Field(description="Its number; `stand-in end` takes it.")
    role: Role = Field(description="The role.")
    person: str = Field(description="The short id of who has it.")
    from_on: date = Field(description="The first day.")
    until_on: date = Field(description="The last day.")
    ended_on: date | None = Field(description="The day it was ended before its time; null when it wasn't.")


class CalendarLine(Shape):
    """The calendar of a role that programs subscribe to. Whoever has the address can read it."""

    id: int = Field(description="Its number; `calendar revoke` takes it.")
    role: Role = Field(description="The role whose tasks and deadlines are in it.")
    url: str = Field(description="The secret address; empty once it is taken back, and for a person's own.")
    made_on: date = Field(description="The day it was made.")
    revoked_on: date | None = Field(description="The day it was taken back; null while it works.")
