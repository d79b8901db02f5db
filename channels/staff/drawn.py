"""The facts of a question as a page draws them: each block as a few plain values, escaped by the template."""

from typing import Any

from markupsafe import Markup

from channels.paper.documents import html_of
from channels.questions.facts import Block, Facts, Link, Listed, Named, Sentence, Strong, Table, Text

STRONG = Markup("<strong>{}</strong>")


def drawn(facts: Facts) -> list[dict[str, Any]]:
    """Each block with its `kind`; what people typed is text and nothing else."""
    return [_block(each) for each in facts.blocks]


def whole_text(facts: Facts) -> Markup:
    """The documents among the facts, as HTML; empty where there are none."""
    return Markup("").join(Markup(html_of(each.markdown)) for each in facts.blocks if isinstance(each, Text))


def _block(of: Block) -> dict[str, Any]:
    if isinstance(of, Link):
        return {"kind": "link", "reference": of.reference, "name": of.name}
    if isinstance(of, Sentence):
        return {"kind": "sentence", "parts": _parts(of)}
    if isinstance(of, Table):
        rows = [[_part(value) for value in row] for row in of.rows]
        return {"kind": "table", "columns": of.columns, "rows": rows}
    if isinstance(of, Listed):
        return {
            "kind": "listed",
            "heading": of.heading,
            "lines": [_parts(line) for line in of.lines],
            "numbers": of.numbers,
        }
    return {"kind": "text"}  # it has a page of its own


def _parts(sentence: Sentence) -> list[str]:
    return [_part(part) for part in sentence.parts]


def _part(part: str) -> str:
    """Escaped by the template unless it is strong; a macro for each of a page's words takes longer than all else on it."""
    if isinstance(part, Named):
        return f"{part.name} ({part})"
    return STRONG.format(part) if isinstance(part, Strong) else str(part)
