"""Volunteer groups, their contacts, and links to their page."""

from pydantic import Field

from channels.views.shapes.facility import FacilityLine, FoundDecision
from channels.views.shapes.shape import Shape
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
