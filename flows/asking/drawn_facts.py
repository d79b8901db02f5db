"""The facts of a question as the Markdown above Prefect's form."""

from channels.questions.facts import Block, Column, Facts, Link, Listed, Sentence, Strong, Table
from flows.asking.markdown import cell, narrow, table
from flows.case_file import case_link


def drawn(facts: Facts) -> list[str]:
    """Each block as Markdown; what people typed is shown, not obeyed."""
    return [block(each) for each in facts.blocks]


def block(of: Block) -> str:
    """One block as Markdown."""
    if isinstance(of, Link):
        return f"**{of.reference} · {cell(of.name)}**{case_link(of.reference)}"
    if isinstance(of, Sentence):
        return _sentence(of)
    if isinstance(of, Table):
        headings = "|".join(_heading(column) for column in of.columns)
        return table(headings, [[_part(value) for value in row] for row in of.rows])
    if isinstance(of, Listed):
        signs = [f"{number}." for number in of.numbers] or ["-"] * len(of.lines)
        lines = [f"{sign} {_sentence(line)}" for sign, line in zip(signs, of.lines, strict=True)]
        return "\n".join([f"**{cell(of.heading)}**\n", *lines])
    return f"---\n\n{narrow(of.markdown)}"


def _heading(column: Column) -> str:
    return f"{column.heading}:" if column.of_figures else column.heading


def _sentence(sentence: Sentence) -> str:
    return "".join(_part(part) for part in sentence.parts)


def _part(part: str) -> str:
    # cell() trims, and the space between two parts is wanted
    words = cell(part)
    before, after = " " if part[:1] == " " else "", " " if part[1:] and part[-1:] == " " else ""
    return f"**{words}**" if isinstance(part, Strong) else f"{before}{words}{after}"
