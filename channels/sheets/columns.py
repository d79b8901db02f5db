"""Kolonner: what a column is called, what belongs in it, and how a heading that people wrote is recognised."""

import re
from functools import lru_cache
from typing import NamedTuple

from models.alike import folded

_IN_BRACKETS = re.compile(r"[(\[].*?[)\]]")


class Column(NamedTuple):
    """One column of a list. `personal` columns are never repeated in what is said about other cells.

    `also` are other headings; those in `otherwise` count only where the list has none of the others.
    """

    key: str
    heading: str
    also: tuple[str, ...]
    explains: str
    examples: tuple[str | int | float, ...]
    is_required: bool = False
    is_personal: bool = False
    otherwise: tuple[str, ...] = ()


@lru_cache(maxsize=4_096)
def recognise(heading: str, columns: tuple[Column, ...]) -> Column | None:
    """The column a heading means, or None. What stands in brackets, as a unit does, doesn't count."""
    said = {folded(heading), folded(_IN_BRACKETS.sub("", heading))} - {""}
    for column in columns:
        names = (column.heading, column.key, *column.also)
        if said & {folded(name) for name in names}:
            return column
    return None
