"""What one must know before one answers, as data: each door draws it its own way.

The text of people and our own stand side by side here without any signs for how they look; Prefect's form makes
Markdown of it (`flows.asking.drawn_facts`).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias


class Strong(str):
    """A word or a sentence to be seen first."""

    __slots__ = ()


class Named(str):
    """A group's reference, with the name that the desk shows: people's names stay out of Prefect."""

    __slots__ = ("name",)
    name: str

    def __new__(cls, reference: str, name: str) -> "Named":
        """The reference as any text, and the name beside it."""
        made = super().__new__(cls, reference)
        made.name = name
        return made


class Sentence(NamedTuple):
    """A paragraph of its own, in parts."""

    parts: tuple[str, ...]


class Column(NamedTuple):
    """A column of a table; figures stand to the right."""

    heading: str
    of_figures: bool


class Table(NamedTuple):
    """Rows under headings."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


class Listed(NamedTuple):
    """Lines under a heading. They bring a number of their own where the rule counts them."""

    heading: str
    lines: tuple[Sentence, ...]
    numbers: tuple[int, ...] = ()


class Text(NamedTuple):
    """A document with headings and tables of its own, in the Markdown of `channels.paper`.

    It is composed when a door shows it: a whole agreement takes longer than all other facts together.
    """

    compose: Callable[[], str]

    @property
    def markdown(self) -> str:
        """The document."""
        return self.compose()


class Link(NamedTuple):
    """The way to the case file of a facility, under its name."""

    reference: str
    name: str


Block: TypeAlias = Sentence | Table | Listed | Text | Link


class Facts(NamedTuple):
    """The question itself (`title`), and what one must know, in the order it is read."""

    title: str
    blocks: tuple[Block, ...]


def says(*parts: str) -> Sentence:
    """A sentence of these parts."""
    return Sentence(parts)


def table(headings: str, rows: Sequence[Sequence[str]]) -> Table:
    """A table; `headings` divided by `|`, a column of figures ends in `:`."""
    columns = tuple(Column(name.rstrip(":"), name.endswith(":")) for name in headings.split("|"))
    return Table(columns, tuple(tuple(row) for row in rows))
