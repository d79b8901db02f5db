"""What all shapes share: how they are made, printed, and what an amount, a moment and a change are."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, TypeAdapter, WithJsonSchema, create_model

Kr: TypeAlias = Annotated[int | float, WithJsonSchema({"type": "number"})]
"""Kroner: a whole number where it is whole, otherwise with two decimals."""

Hours: TypeAlias = Annotated[int | float, WithJsonSchema({"type": "number"})]
"""Hours, with two decimals where they aren't whole."""


def _to_the_second(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


Moment: TypeAlias = Annotated[
    datetime,
    PlainSerializer(_to_the_second, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment, to the second, with its distance from UTC."""


CHANGED_IN_WORDS = "Whether anything was written; false when the same had been decided before."


class Shape(BaseModel):
    """A document that programs read, or a part of one. A key keeps its name and meaning; keys are only added, at the end."""

    # a class is built when it is first used: a command pays for its own document alone
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


Document: TypeAlias = Shape | Sequence[Shape]


def plain(document: Shape) -> dict[str, Any]:
    """The document as JSON has it: words, numbers, lists and dictionaries."""
    return document.model_dump(mode="json", by_alias=True)


def printed(document: Document) -> str:
    """The document as JSON, indented; a list may be long, so it is written in one go."""
    if isinstance(document, Shape):
        return document.model_dump_json(indent=2, by_alias=True)
    if not document:
        return "[]"
    kind: Any = type(document[0])
    return TypeAdapter(list[kind]).dump_json(list(document), indent=2, by_alias=True).decode()


@cache
def decided(shape: type[Shape]) -> type[Shape]:
    """The same shape as a decision prints it: with `changed` at its end."""
    said = Field(description=CHANGED_IN_WORDS)
    doc = f"{(shape.__doc__ or '').strip()} After a decision."
    made: type[Shape] = create_model(f"{shape.__name__}Decided", __base__=shape, __doc__=doc, changed=(bool, said))
    return made


def with_changed(document: Shape, changed: bool) -> Shape:
    """What a decision prints: the document, and whether anything was written."""
    return decided(type(document)).model_validate(dict(document) | {"changed": changed})
