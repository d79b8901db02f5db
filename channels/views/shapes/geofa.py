"""GeoFA: what is handed in, and how the public register compares with what stands here."""

from typing import Literal

from pydantic import Field

from channels.views.shapes.files import FileWritten
from channels.views.shapes.shape import Shape


class GeofaWritten(FileWritten):
    """The file to hand in to GeoFA."""

    facilities: int = Field(description="How many are in it.")
    left_out: list[str] = Field(description="Which aren't, and why, in Danish.")


class GeofaLine(Shape):
    """One place of the public register."""

    what: Literal["ours", "differs", "new", "unknown_type", "cancelled"] = Field(description="Beside what stands here.")
    object_id: str = Field(description="GeoFA's own number for it.")
    type_code: str = Field(description="GeoFA's code of its type.")
    name: str = Field(description="Its name there.")
    reference: str | None = Field(description="The facility here; null when there is none.")
    differences: list[str] = Field(description="What differs, in Danish.")


class GeofaCompared(Shape):
    """The public register beside what stands here."""

    rows: list[GeofaLine] = Field(description="Each place of the register.")
    out: str | None = Field(description="The list of the new ones, where it was asked for.")
    lines_kept: list[str] = Field(description="Whose line was kept, with --apply.")
    ours: int = Field(description="How many are as they stand here.")
    differs: int = Field(description="How many differ.")
    new: int = Field(description="How many are new to us.")
    unknown_type: int = Field(description="How many are of a type that we have none for.")
    cancelled: int = Field(description="How many are cancelled there and not here.")
    skipped: list[str] = Field(description="Which of its features can't be read, and why, in Danish.")
