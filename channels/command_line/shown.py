"""How answers are shown: one JSON document for programs, or Danish lines and tables for people."""

import shutil
import textwrap
from collections.abc import Mapping
from datetime import date
from typing import Any

import click
from sqlmodel import Session

from channels.views.shapes.shape import Document, Shape, printed, with_changed
from models.danish import dato, kr
from models.journal import anything_written

NARROWEST, WIDEST = 80, 120


def show(document: Document, as_json: bool, text: str) -> None:
    """Print the answer: as JSON, or as the Danish text."""
    click.echo(printed(document) if as_json else text)


def show_recorded(session: Session, document: Shape, as_json: bool, text: str) -> None:
    """The same for a decision, once it is committed; says so when nothing changed."""
    changed = anything_written(session)
    if not changed:
        text += "\nDet var registreret i forvejen. Intet er ændret."
    session.info["answer"] = (with_changed(document, changed), as_json, text)


def page_width() -> int:
    """How many characters a line may have: as wide as the window, within reason."""
    return max(NARROWEST, min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST))


def table(
    rows: list[dict[str, Any]], columns: Mapping[str, str], *, fold: str = "", right: tuple[str, ...] = ()
) -> str:
    """Rows as an aligned table with Danish headings; the column `fold` takes the room that is left.

    A cell that doesn't fit there goes on below itself. The columns `right` hold amounts.
    """
    lines = [list(columns.values())] + [["" if row[key] is None else str(row[key]) for key in columns] for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    if fold:
        number = list(columns).index(fold)
        taken = sum(widths) - widths[number] + 2 * (len(widths) - 1)
        widths[number] = min(widths[number], max(page_width() - taken, 24))
    to_right = [key in right for key in columns]
    return "\n".join(_row(line, widths, to_right) for line in lines)


def _row(cells: list[str], widths: list[int], to_right: list[bool]) -> str:
    folded = [_folded(cell, width) for cell, width in zip(cells, widths, strict=True)]
    height = max(len(lines) for lines in folded)
    return "\n".join(
        "  ".join(
            f"{lines[i] if i < len(lines) else '':{'>' if at_right else '<'}{width}}"
            for lines, width, at_right in zip(folded, widths, to_right, strict=True)
        ).rstrip()
        for i in range(height)
    )


def _folded(cell: str, width: int) -> list[str]:
    if len(cell) <= width and cell.isprintable():  # most do, and textwrap takes its time to see it
        return [cell]
    return textwrap.wrap(cell, width) or [""]


def labelled(label: str, text: str) -> str:
    """A line of a summary: a label, and its text folded beside it."""
    margin = " " * 14
    return textwrap.fill(text, page_width(), initial_indent=f"{label:14}", subsequent_indent=margin)


def day(on: date | None) -> str:
    """A day in a sentence: "1. april 2026"."""
    return dato(on) if on else ""


def short_day(on: date | None) -> str:
    """A day in a table: "01.04.2026"."""
    return f"{on:%d.%m.%Y}" if on else ""


def kroner(amount: float) -> str:
    """Kroner as JSON has them, for people: 8015.83 is "8.015,83 kr."."""
    return kr(round(amount * 100))


def hours(amount: float) -> str:
    """Hours as JSON has them, for people: 2.5 is "2,5 timer"."""
    number = f"{amount:.1f}".removesuffix(".0").replace(".", ",")
    return f"{number} {'time' if 0 < amount <= 1 else 'timer'}"


def whole(number: int) -> str:
    """A whole number with Danish thousands: 10.000."""
    return f"{number:,}".replace(",", ".")
