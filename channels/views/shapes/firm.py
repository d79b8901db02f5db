"""The firms that build and repair."""

from datetime import date

from pydantic import Field

from channels.views.shapes.shape import Shape


class FirmLine(Shape):
    """One firm; a company's name, mail and phone, never a person's."""

    reference: str = Field(description="F-NUMBER.")
    name: str = Field(description="What the firm is called.")
    cvr: str = Field(description="Its CVR number, eight digits.")
    mail: str = Field(description="Where its orders are sent.")
    phone: str = Field(description="Its phone; empty when it isn't known.")
    left_on: date | None = Field(description="When it stopped working for the municipality.")
