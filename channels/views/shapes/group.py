"""Volunteer groups, their contacts, and links to their page."""

from datetime import date

from pydantic import Field

from channels.views.shapes.facility import FacilityLine, FoundDecision
from channels.views.shapes.shape import Shape
from models.operation.weather import WeatherKind
from models.operation.weather_warning import Became
from models.post.link import Purpose


class ContactLine(Shape):
    """A contact of a group. It names a person: for the coordinator's own screen."""

    name: str = Field(description="The person's name.")
    mail: str = Field(description="The mail address; empty when there is none.")
    phone: str = Field(description="The telephone number; empty when there is none.")
    role: str = Field(description="Contact or deputy, in Danish.")


class GroupLine(Shape):
    """A volunteer group."""

    reference: str = Field(description="G-NUMBER.")
    name: str = Field(description="What it is called.")
    cvr: str = Field(description="Its number in the CVR register; empty when it has none.")
    pace: str = Field(description="How often it is written to about its checks: weekly, each or sms.")
    contacts: list[ContactLine] = Field(description="The contact first, then the deputies.")
    members: int = Field(description="How many members it has beside them, who help now and then.")


class Named(Shape):
    """Something that is found by its reference."""

    reference: str = Field(description="Its reference.")
    name: str = Field(description="What it is called.")


class Found(Shape):
    """Where the words stand that were looked for."""

    facilities: list[FacilityLine] = Field(description="Facilities.")
    groups: list[Named] = Field(description="Groups.")
    decisions: list[FoundDecision] = Field(description="Lines of timelines.")


class LinkMade(Shape):
    """A link to the volunteers' page. Who has it can use it."""

    purpose: Purpose = Field(description="What it is for.")
    address: str = Field(description="The address.")


class LinksRevoked(Shape):
    """Links that work no more."""

    revoked: int = Field(description="How many.")


class InvitationMade(Shape):
    """An invitation to a group. Who has its link can write themselves on."""

    group: str = Field(description="G-NUMBER.")
    address: str = Field(description="The link to send on.")
    most: int = Field(description="How many it is for.")


class MessageWritten(Shape):
    """A message to groups, which goes with each person's next mail."""

    groups: list[str] = Field(description="The groups it goes to, by reference.")
    persons: int = Field(description="How many persons that is.")


class WeatherLine(Shape):
    """A storm or a fire ban that was set off."""

    number: int = Field(description="Its number.")
    kind: WeatherKind = Field(description="What it is.")
    began_on: date = Field(description="The day it was set off.")
    ended_on: date | None = Field(description="The day it was taken back; null while it lasts.")
    words: str = Field(description="What the groups were told.")
    area: str = Field(description="The area it is about; empty for the whole municipality.")
    until: date | None = Field(description="The last day, where that was said.")
    reference: str | None = Field(description="The sender's own number for it; null where a person set it off.")
    places: list[str] = Field(description="The places it is about now, by reference.")
    checks: list[int] = Field(description="The extra checks it set off.")
    open_checks: int = Field(description="How many of them nobody has answered yet.")


class WarningTaken(Shape):
    """What came of one warning of a file or of another system."""

    reference: str = Field(description="The sender's own number.")
    became: Became = Field(description="What came of it.")
    weather: WeatherLine | None = Field(description="What lasts, or lasted, because of it; null where nothing does.")


class WarningsRead(Shape):
    """What came of a file of warnings."""

    warnings: list[WarningTaken] = Field(description="Each line of the file, in its order.")
