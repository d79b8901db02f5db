"""Commands beside a Python that does nothing: the start of `driftsklar --help`, and a list of a country's facilities."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

from benchmarks.machine import databases
from benchmarks.measure import Row, in_turn, rates
from benchmarks.town import TASKS, build


def rows(*, quick: bool) -> Iterator[Row]:
    """Two rows, the list from SQLite; its ratio is told, nothing is asked of it."""
    help_ = _driftsklar("--help")
    _seconds(help_)
    seconds = in_turn(5 if quick else 15, ours=lambda: _seconds(help_), limit=_nothing)
    yield rates("driftsklar --help", "–", 1, seconds, unit="s", must="≤ 8", limit_name="python -c pass")
    size = 3_000 if quick else 30_000
    with databases() as (kind, _):
        filled = kind.empty()
        build(filled, size * TASKS, due_every=size * TASKS + 1)
        filled.dispose()
        here = {"DRIFTSKLAR_DATABASE_URL": filled.url.render_as_string(hide_password=False)}
        listed = _driftsklar("facility", "list")
        seconds = in_turn(2 if quick else 5, ours=lambda: _seconds(listed, here), limit=_nothing)
    yield rates("driftsklar facility list", "sqlite", size, seconds, unit="s", limit_name="python -c pass")


def _driftsklar(*words: str) -> tuple[str, ...]:
    said = ["driftsklar", *words]
    return ("-c", f"import driftsklar, sys; sys.argv = {said!r}; driftsklar.main()")


def _nothing() -> float:
    return _seconds(("-c", "pass"))


def _seconds(words: tuple[str, ...], here: Mapping[str, str] | None = None) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, env=os.environ | dict(here or {}))
    return time.perf_counter() - begun
