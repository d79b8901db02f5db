"""Markdown som træ: the source of a document read once, for all surfaces; what one of them can't show is refused."""

import re
from collections.abc import Mapping
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

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


class UnknownNode(ValueError):
    """The Markdown holds a construction the documents don't know; a programming (or template) error."""


@cache
def parser() -> MarkdownIt:
    """The one parser: CommonMark with tables, and no HTML."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def read(
    markdown: str, pictures: Mapping[str, str] | None = None
) -> tuple[list[Token], SyntaxTreeNode]:
    """The Markdown as tokens and as tree, when all of it is known; a picture only if it is one of ours."""
    tokens = parser().parse(markdown)
    root = SyntaxTreeNode(tokens)
    for node in root.walk():
        if node.type == "image" and str(node.attrs["src"]) in (pictures or {}):
            continue
        if node.type not in KNOWN:
            raise UnknownNode(f"the documents don't know {node.type!r}: {node.content[:60]!r}")
    return tokens, root


def cells_of(table: SyntaxTreeNode) -> list[list[str]]:
    """The words of a table, row by row, the headings first."""
    rows = [row for part in table.children for row in part.children]
    return [[words_of(cell) for cell in row.children] for row in rows]


def words_of(node: SyntaxTreeNode) -> str:
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


def _link(node: SyntaxTreeNode) -> str:
    text = "".join(words_of(child) for child in node.children)
    address = str(node.attrs["href"])
    shown = re.sub(r"^(mailto|tel):", "", address)
    return text if shown in ("", text) else f"{text}: {shown}" if text else shown
