"""Læst én gang: a letter's Markdown is read once for its template, with slots for what differs from letter to letter.

A template that is filled in by `slotted` gives the letter with a mark in place of each value that is one word or many and
nothing else. What is between the marks is the same in ten thousand letters, so each piece of it is read once, and
what was to be said is put into the finished HTML and text. The plain way, `channels.post.letters.dress`, gives the same.

A value gets a slot only where Markdown reads any such value alike: it begins and ends with a letter or a figure, or is a
plain address. A number at the beginning of a line may be that of a list, a heading's line is as long as its words, and an
address in a link has spellings: those are put in before the piece is read.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markdown_it.common.utils import escapeHtml

from channels.paper.documents import Markdown, as_literal, html_of_tokens, on_one_line, put_in
from channels.paper.markdown_tree import Node, read
from channels.paper.plain_text import text_of_tree

NAME = "slots_"
"""Under which a template's context holds its slots."""

# nobody can type a mark: it is another one in each process
_MARK = f"zq{secrets.token_hex(6)}n"
_SLOT = re.compile(f"{_MARK}([0-9]+)z")
_AT_LINE_START = re.compile(f"^([\\s>*+\\-0-9.)]*){_MARK}([0-9]+)z", re.MULTILINE)
_ADDRESS = re.compile(r"https?://[A-Za-z0-9./:?=&_~+#-]+")
_FIGURES = re.compile(r"[0-9]+")


class Slots:
    """The values of one letter, each with its number."""

    def __init__(self) -> None:
        """Empty, until the template is filled in."""
        self.values: list[str] = []
        self._numbers: dict[str, int] = {}

    def put(self, value: str) -> str:
        """The mark that stands for a value, or the value itself where it can't have one."""
        number = self._numbers.get(value)
        if number is None:
            line = on_one_line(value)
            if not line or not ((line[0].isalnum() and line[-1].isalnum()) or _ADDRESS.fullmatch(line)):
                return as_literal(value)
            number = self._numbers[value] = len(self.values)
            self.values.append(line)
        return f"{_MARK}{number}z"

    def without_numbers_first(self, markdown: str) -> str:
        """The letter with those numbers put in that begin a line: with a full stop after it one begins a list."""

        def put(found: re.Match[str]) -> str:
            value = self.values[int(found[2])]
            return found[1] + value if _FIGURES.fullmatch(value) else found[0]

        return _AT_LINE_START.sub(put, markdown) if _MARK in markdown else markdown


@dataclass(frozen=True)
class _Piece:
    """A piece that has been read: text and slots in turn, for the page and for the plain text."""

    html: Sequence[str]
    text: Sequence[str]
    in_links: frozenset[int]
    """Which slots are in the address of a link."""


@lru_cache(maxsize=8)
def slotted(env: Environment) -> Environment:
    """The same templates, which put a mark where a value comes: for a context with `Slots` under `NAME`."""
    return env.overlay(finalize=_mark)


@pass_context
def _mark(context: Context, value: object) -> str:
    slots = context.parent.get(NAME)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not isinstance(slots, Slots) or isinstance(value, Markdown) or not (is_number or isinstance(value, str)):
        return put_in(value)
    return slots.put(str(value))


def fill(piece: str, slots: Slots, plain: Callable[[str], tuple[str, str]]) -> tuple[str, str]:
    """A piece of a letter as text and as HTML; `plain` does the same for a piece that has no slots."""
    split = _SLOT.split(piece)
    if len(split) == 1:
        return plain(piece)
    values: dict[str, int] = {}
    for place in range(1, len(split), 2):
        number = values.setdefault(slots.values[int(split[place])], len(values))
        split[place] = f"{_MARK}{number}z"
    known = _read("".join(split))
    if known is None or any(number in known.in_links and not _ADDRESS.fullmatch(v) for v, number in values.items()):
        return plain(_SLOT.sub(lambda found: as_literal(slots.values[int(found[1])]), piece))
    filled = list(values)
    return _put(known.text, filled), _put(known.html, [escapeHtml(value) for value in filled])


def _put(parts: Sequence[str], values: Sequence[str]) -> str:
    return "".join(values[int(part)] if place % 2 else part for place, part in enumerate(parts))


@lru_cache(maxsize=1024)
def _read(piece: str) -> _Piece | None:
    """A piece with marks, read; None where what comes in its place decides how it looks."""
    tokens, root = read(piece)
    if _has_heading(root):
        return None  # its line below is as long as the words
    links = {str(child.attrs["href"]) for token in tokens for child in token.children or () if "href" in child.attrs}
    in_links = frozenset(int(number) for link in links for number in _SLOT.findall(link))
    return _Piece(_SLOT.split(html_of_tokens(tokens)), _SLOT.split(text_of_tree(root).removesuffix("\n")), in_links)


def _has_heading(node: Node) -> bool:
    return any(child.type == "heading" or _has_heading(child) for child in node.children)
