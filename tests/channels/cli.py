"""`driftsklar` as a test calls it: in this process, on a database of its own."""

import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from channels import domain
from channels.command_line import door
from channels.command_line.danish_help import speak_danish
from config.settings import settings
from driftsklar import driftsklar

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Reply:
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


class CommandLine:
    """Calls commands on one SQLite file, and knows the road of a case by heart."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self, *words: str) -> Reply:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as leaving:
            door.run(driftsklar, words)
        code = leaving.value.code
        return Reply(code if isinstance(code, int) else -1, out.getvalue(), err.getvalue())

    def must(self, command: str, *words: str) -> Any:
        """The command's JSON; it must succeed and say nothing on stderr."""
        reply = self(*command.split(), *words, "--json")
        assert (reply.code, reply.err) == (0, ""), reply
        return reply.json

    def rows(self) -> Rows:
        """Everything that is stored."""
        with closing(sqlite3.connect(self.file)) as base:
            tables = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {name: base.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in tables}

    def group(self, name: str = "Nyord Bylaug") -> str:
        """A group with a contact and a deputy."""
        contacts = ("Karen Holm;karen@example.org;12345678", "Ole Juhl;ole@example.org;87654321")
        made = self.must("group add --on 2026-01-05 --name", name, *(w for c in contacts for w in ("--contact", c)))
        return str(made["reference"])

    def propose(self, group: str, kind: str = "shelter", years: int = 5) -> str:
        """A proposal in Vordingborg."""
        place = "--lat 55.04 --lon 12.21 --land-owner municipality --on 2026-01-05"
        command = f"propose --type {kind} --group {group} --years {years} {place} --name"
        return str(self.must(command, "Stedet ved Nyord Havn")["reference"])

    def fill_the_pool(self) -> None:
        """Enough money for every year."""
        for year in range(2026, 2037):
            self.must(f"pool appropriate --year {year} --kr 100000 --on 2026-01-02 --key b{year}")


@contextmanager
def own_database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    """The command line on an empty database in `folder`."""
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", f"sqlite:///{folder / 'd.db'}")
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(folder / "var"))
    monkeypatch.delenv("DRIFTSKLAR_SMTP_URL", raising=False)
    start_anew()
    yield CommandLine(folder / "d.db")
    start_anew()


def start_anew() -> None:
    """Forget the settings and the database, as a new process would."""
    if domain.engine.cache_info().currsize:
        domain.engine().dispose()
    domain.engine.cache_clear()
    settings.cache_clear()
    speak_danish()
