"""docs/commands.md: every command with its `--help`, as people get it."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from channels.command_line.danish_help import DanishHelp
from driftsklar import driftsklar
from flows.running.up import HOUSE

PAGE: Path = HOUSE / "docs" / "commands.md"
WIDTH = 100
TOP = """# Commands

What `driftsklar COMMAND --help` says, all on one page. Written by `python -m tests.reference`; a test compares it.
Exit codes: 0 done, 1 refused by a rule (the reason in Danish), 2 wrong usage or bad input (the field is named), 3
something is out of reach. `--json` prints one document and nothing else.
"""


class _Narrow(click.Context):
    formatter_class = DanishHelp


def text() -> str:
    """The whole page."""
    return "\n".join(
        [TOP, *(part for name, page in _pages() for part in (f"## {name}", "", "```text", page, "```", ""))]
    )


def _pages() -> Iterator[tuple[str, str]]:
    top = _context(driftsklar, "driftsklar", None)
    for name in driftsklar.list_commands(top):
        command = driftsklar.get_command(top, name)
        assert command is not None
        yield from _of(command, f"driftsklar {name}", top)


def _of(command: click.Command, path: str, parent: click.Context) -> Iterator[tuple[str, str]]:
    context = _context(command, path, parent)
    lines = command.get_help(context).splitlines()
    yield path, re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            under = command.get_command(context, name)
            assert under is not None
            yield from _of(under, f"{path} {name}", context)


def _context(command: click.Command, path: str, parent: click.Context | None) -> click.Context:
    # made by hand, a context leaves the command's own settings out, and with them `-h`
    settings = command.context_settings if parent is None else {}
    context = _Narrow(command, info_name=path.rpartition(" ")[2], parent=parent, terminal_width=WIDTH, **settings)
    context.max_content_width = WIDTH
    return context
