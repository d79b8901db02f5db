"""What the chain over ledger and journal costs a grant and a daily sweep: with it, beside the same without its triggers."""

import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Engine, insert

from benchmarks.grants import PROCESSES, _seconds, ours
from benchmarks.machine import Databases, databases
from benchmarks.measure import Row, in_turn, rates
from benchmarks.town import TODAY, build
from models.chain import COVERED
from models.daily.daily_run import sweep
from models.pool.ledger import PoolYear

MUST = "≤ 1.1"


def rows(*, quick: bool) -> Iterator[Row]:
    """Grants into one pool and a thousand, and a sweep in which all is due, on both databases."""
    with databases() as kinds:
        for kind in kinds:
            for years in (1, 1000):
                yield _grants(kind, years, times=25 if quick else 250, rounds=1 if quick else 3)
            yield _sweep(kind, 1_000 if quick else 50_000, rounds=1 if quick else 3)


def _grants(kind: Databases, years: int, *, times: int, rounds: int) -> Row:
    filled = kind.empty()
    with filled.begin() as connection:
        pots = {"put_in_ore": 10**12, "free_ore": 10**12, "committed_ore": 0, "spent_ore": 0}
        connection.execute(insert(PoolYear), [pots | {"year": 1000 + number} for number in range(years)])
    seconds = _with_and_without(kind, filled, lambda copy: _seconds(copy, ours, times, years), rounds)
    name = f"a chain on a grant, {years:,} pool{'s' if years > 1 else ''}, {PROCESSES} processes"
    return _row(name, kind, PROCESSES * times, seconds)


def _sweep(kind: Databases, size: int, *, rounds: int) -> Row:
    filled = kind.empty()
    build(filled, size, due_every=1)

    def swept(copy: Engine, on: date = TODAY) -> float:
        begun = time.perf_counter()
        sweep(copy, on=on)
        return time.perf_counter() - begun

    return _row("a chain on a daily sweep, all due", kind, size, _with_and_without(kind, filled, swept, rounds))


def _with_and_without(kind: Databases, filled: Engine, timed: Any, rounds: int) -> Any:
    bare = kind.copy(filled)
    with bare.begin() as connection:
        for table in COVERED:
            on = f" ON {table}" if kind.kind == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER {table}_chained{on}")

    def on_a_copy(of: Engine) -> float:
        copy = kind.copy(of)
        took = float(timed(copy))
        kind.drop(copy)
        return took

    on_a_copy(filled)  # what a new PostgreSQL does once
    found = in_turn(rounds, ours=lambda: on_a_copy(filled), limit=lambda: on_a_copy(bare))
    kind.drop(bare)
    kind.drop(filled)
    return found


def _row(name: str, kind: Databases, size: int, seconds: Any) -> Row:
    return rates(name, kind.kind, size, seconds, unit="s", must=MUST, limit_name="without the chain")
