"""Markdown som træ: the source of a document read once, for all surfaces; what one of them can't show is refused."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

#: The Markdown that all three surfaces can show.
KNOWN = frozenset(
    [
        "root",
        "heading",
        "paragraph",
        "inline",
        "text",
        "strong",
        "em",
        "softbreak",
        "hardbreak",
        "link",
        "bullet_list",
        "ordered_list",
        "list_item",
        "hr",
        "blockquote",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
)

#: A blank line after which a block of its own begins for certain: no list goes on, and no item of one.
_NEXT_BLOCK = re.compile(r"\n\n+(?=[^\s\d*+-]|\*\*[^\s*])")


class UnknownNode(ValueError):
    """The Markdown holds a construction the documents don't know; a programming (or template) error."""


class Node:
    """A part of a document with the parts in it; what the tokens' own tree is, at a fifth of its price."""

    __slots__ = ("attrs", "children", "content", "hidden", "markup", "tag", "type")

    def __init__(self, type_: str, token: Token | None) -> None:
        """A part without its children; the root has no token."""
        self.type = type_
        self.children: list[Node] = []
        self.tag = token.tag if token else ""
        self.attrs = token.attrs if token else {}
        self.content = token.content if token else ""
        self.markup = token.markup if token else ""
        self.hidden = token.hidden if token else False


@cache
def parser() -> MarkdownIt:
    """The one parser: CommonMark with tables, and no HTML."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def read(markdown: str, pictures: Mapping[str, str] | None = None) -> tuple[list[Token], Node]:
    """The Markdown as tokens and as tree, when all of it is known; a picture only if it is one of ours."""
    tokens = parser().parse(markdown)
    root = Node("root", None)
    _grow(root, iter(tokens), pictures or {})
    return tokens, root


def blocks_of(markdown: str) -> Sequence[str]:
    """The Markdown cut into pieces that mean the same read one by one, so that what was read before needn't be again.

    An address that is given apart (`[here]: https://…`) may be meant in every piece: then it is one.
    """
    return [markdown] if "]:" in markdown else _NEXT_BLOCK.split(markdown)


def _grow(parent: Node, tokens: Iterator[Token], pictures: Mapping[str, str]) -> None:
    """Put the tokens up to the end of the parent into it."""
    for token in tokens:
        if token.nesting < 0:
            return
        node = Node(token.type.removesuffix("_open") if token.nesting else token.type, token)
        if node.type not in KNOWN and not (node.type == "image" and str(node.attrs["src"]) in pictures):
            raise UnknownNode(f"the documents don't know {node.type!r}: {node.content[:60]!r}")
        parent.children.append(node)
        if token.nesting:
            _grow(node, tokens, pictures)
        elif token.children:
            _grow(node, iter(token.children), pictures)


def cells_of(table: Node) -> list[list[str]]:
    """The words of a table, row by row, the headings first."""
    rows = [row for part in table.children for row in part.children]
    return [[words_of(cell) for cell in row.children] for row in rows]


def words_of(node: Node) -> str:
    """The words of a paragraph, a heading or a cell."""
    match node.type:
        case "text":
            return node.content
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "link":
            return _link(node)
    return "".join(words_of(child) for child in node.children)


def _link(node: Node) -> str:
    text = "".join(words_of(child) for child in node.children)
    address = str(node.attrs["href"])
    shown = re.sub(r"^(mailto|tel):", "", address)
    return text if shown in ("", text) else f"{text}: {shown}" if text else shown
