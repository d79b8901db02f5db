"""The fields that several forms share, with Danish titles and the bounds that the form checks."""

from datetime import date
from enum import StrEnum
from typing import Any

from prefect.input import RunInput
from pydantic import Field

from models.calendar import today
from models.role import Role
from models.text import TEXT_LENGTH


def long_text(title: str, description: str) -> Any:
    """A text of several lines; empty means nothing said."""
    return Field(
        default="",
        title=title,
        description=description,
        max_length=TEXT_LENGTH,
        json_schema_extra={"format": "textarea"},
    )


def day_field(description: str = "Lad den stå tom, hvis det er i dag.") -> Any:
    """The day it counts for."""
    return Field(default=None, title="Dato", description=description)


class Answered(RunInput):
    """What every answer carries."""

    dato: date | None = day_field()


def on_of(answer: Answered) -> date:
    """The day the answer counts for: as written, or today."""
    return answer.dato or today()


def roles(*allowed: Role) -> type[StrEnum]:
    """A choice among roles, shown by their Danish names."""
    return StrEnum("Rolle", {role.name: role.danish.capitalize() for role in allowed})  # type: ignore[return-value]


def role_of(choice: StrEnum) -> Role:
    """The role behind a choice."""
    return Role[choice.name]
