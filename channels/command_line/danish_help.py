"""`--help` in Danish: click's own words in its help pages, said as the rest of the program says them."""

import re
from collections.abc import Iterable
from typing import Any

import click

_HEADINGS = {"Options": "Muligheder", "Commands": "Kommandoer", "Positional arguments": "Det, der skal stå først"}
_WORDS = (
    (re.compile(r"^Show this message and exit\.$"), "Vis denne hjælp."),
    (re.compile(r"\[([^\]]*)\brequired\]$"), r"[\1skal skrives]"),
    (re.compile(r"\[default: \(?([^;\])]*)\)?"), r"[ellers \1"),
    (re.compile(r"(\d+)<=x<=(\d+)"), r"fra \1 til \2"),
)
_VALUES = re.compile(r"\b(INTEGER RANGE|INTEGER|FLOAT RANGE|FLOAT|TEXT|PATH|DIRECTORY|FILE)$")
_VALUES_DANISH = {"TEXT": "TEKST", "PATH": "MAPPE", "DIRECTORY": "MAPPE", "FILE": "FIL"}


class DanishHelp(click.HelpFormatter):
    """Writes help pages with Danish headings and notes."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        args = args.replace("[OPTIONS]", "[MULIGHEDER]").replace("COMMAND [ARGS]...", "KOMMANDO …")
        super().write_usage(prog, args, prefix or "Brug: ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(_HEADINGS.get(heading, heading))

    def write_dl(self, rows: Iterable[tuple[str, str]], *widths: Any, **more: Any) -> None:
        super().write_dl([(_value(first), _note(second)) for first, second in rows], *widths, **more)


def _value(first: str) -> str:
    return _VALUES.sub(lambda found: _VALUES_DANISH.get(found[1], "TAL"), first)


def _note(second: str) -> str:
    for english, danish in _WORDS:
        second = english.sub(danish, second)
    return second


def speak_danish() -> None:
    """Let every help page of this process be written in Danish."""
    click.Context.formatter_class = DanishHelp
