"""The papers of a case as files."""

from datetime import date

from pydantic import Field

from channels.views.shapes.shape import Shape


class PaperLine(Shape):
    """One file of one case."""

    id: int = Field(description="Its number.")
    facility: str = Field(description="The facility's reference.")
    kind: str = Field(description="A key of papers.yaml; empty for any other paper.")
    what: str = Field(description="What it is, in Danish.")
    added_on: date = Field(description="The day it was laid in the case.")
    bytes: int = Field(description="Its length, bytes.")
    sha256: str = Field(description="Its fingerprint.")


class PaperRemoved(Shape):
    """A file that was taken out of a case."""

    id: int = Field(description="Its number.")
    facility: str = Field(description="The facility's reference.")
    what: str = Field(description="What it was, in Danish.")
