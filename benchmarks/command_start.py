"""Commands beside a Python that does nothing: the start of `driftsklar --help`, and a list of a country's facilities.

Those that only look at a municipality's database stand beside the import of the database's library alone: a command must
take 0.35 s, and below that library none can come.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from functools import partial

from sqlalchemy import text

from benchmarks.machine import databases
from benchmarks.measure import Row, in_turn, rates
from benchmarks.town import TASKS, build

MUNICIPALITY = 300
"""Its facilities."""


def rows(*, quick: bool) -> Iterator[Row]:
    """What needs no database, and what looks at one on SQLite, whose ratio is told, nothing is asked of it."""
    for word in ("--help", "--version"):
        told = _driftsklar(word)
        _seconds(told)
        seconds = in_turn(5 if quick else 15, ours=partial(_seconds, told), limit=_nothing)
        yield rates(f"driftsklar {word}", "–", 1, seconds, unit="s", must="≤ 8", limit_name="python -c pass")
    yield from _looks(5 if quick else 9)
    size = 3_000 if quick else 30_000
    with databases() as (kind, _):
        filled = kind.empty()
        build(filled, size * TASKS, due_every=size * TASKS + 1)
        filled.dispose()
        here = {"DRIFTSKLAR_DATABASE_URL": filled.url.render_as_string(hide_password=False)}
        listed = _driftsklar("facility", "list")
        seconds = in_turn(2 if quick else 5, ours=lambda: _seconds(listed, here), limit=_nothing)
    yield rates("driftsklar facility list", "sqlite", size, seconds, unit="s", limit_name="python -c pass")


def _looks(rounds: int) -> Iterator[Row]:
    """Looking at 300 facilities."""
    with databases() as (kind, _):
        filled = kind.empty()
        build(filled, MUNICIPALITY * TASKS, due_every=MUNICIPALITY * TASKS + 1)
        with filled.connect() as connection:
            reference = connection.execute(text("SELECT min(reference) FROM facility")).scalar_one()
        filled.dispose()
        here = {"DRIFTSKLAR_DATABASE_URL": filled.url.render_as_string(hide_password=False)}
        for words in (("facility", "list"), ("facility", "show", reference), ("work", "list")):
            told = _driftsklar(*words)
            _seconds(told, here)
            seconds = in_turn(
                rounds, ours=partial(_seconds, told, here), limit=partial(_seconds, ("-c", "import sqlmodel"))
            )
            name = f"driftsklar {' '.join(words[:2])}"
            yield rates(name, "sqlite", MUNICIPALITY, seconds, unit="s", limit_name="import sqlmodel alone")


def _driftsklar(*words: str) -> tuple[str, ...]:
    said = ["driftsklar", *words]
    return ("-c", f"import driftsklar, sys; sys.argv = {said!r}; driftsklar.main()")


def _nothing() -> float:
    return _seconds(("-c", "pass"))


def _seconds(words: tuple[str, ...], here: Mapping[str, str] | None = None) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, env=os.environ | dict(here or {}))
    return time.perf_counter() - begun
