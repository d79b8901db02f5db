"""The daily run over many care tasks of which all, a tenth or a thousandth are due, beside the bare writing.

One unit is a due task: its check, what its people are told, and its next date. The limit is the same rows (checks,
messages, their items) written by `executemany` or `COPY` into the same tables, without finding out what they are.
"""

import gc
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, text

from benchmarks.machine import Databases, asked, databases, write_raw
from benchmarks.measure import Row, in_turn, rates
from benchmarks.town import TODAY, build
from models.daily.daily_run import sweep

SIZES = (1_000, 10_000, 100_000, 1_000_000)
AT = SIZES[-1]
"""Where a figure is asked for; the smaller sizes show how it grows."""
SHARES = {"100 %": 1, "10 %": 10, "0.1 %": 1_000}
ENDS = ("100 %", "0.1 %")
MUST = {"sqlite": "≥ 0.8", "postgresql": "≥ 0.45"}
WRITTEN = ("message", "check", "message_item")  # in the order of their foreign keys


def rows(*, quick: bool) -> Iterator[Row]:
    """Sizes and shares on both databases, and what a quiet day costs of a full one."""
    with databases() as kinds:
        for kind in kinds:
            for size in SIZES[:2] if quick else asked(SIZES):
                shares = SHARES if size < 1_000_000 else {name: SHARES[name] for name in ENDS}
                rounds = 1 if quick else 2 if size > 100_000 else 3
                found = {
                    share: _measured(kind, size, share, every, rounds)
                    for share, every in shares.items()
                    if size >= every
                }
                yield from found.values()
                if size >= (10_000 if quick else 100_000):
                    yield _quiet_day(found)


def _quiet_day(found: dict[str, Row]) -> Row:
    """The sweep's seconds when little is due beside those when all is, from the medians of one size."""
    full, quiet = (found[share] for share in ENDS)
    seconds = {"ours": [quiet.size / quiet.ours], "limit": [full.size / full.ours]}
    return rates(
        "a day with 0.1 % due beside one with 100 %",
        quiet.database,
        quiet.size,
        seconds,
        unit="s",
        must="≤ 0.02" if full.size == AT else "",
        limit_name="all due",
        note="(from the medians above)",
    )


def _measured(kind: Databases, size: int, share: str, every: int, rounds: int) -> Row:
    filled = kind.empty()
    build(filled, size, due_every=every)
    written: list[Any] = []

    def ours() -> float:
        copy = kind.copy(filled)
        begun = time.perf_counter()
        counts = sweep(copy, on=TODAY)
        took = time.perf_counter() - begun
        assert counts.planned == size // every, counts
        if not written:
            written.extend(_rows_of(copy))
        kind.drop(copy)
        return took

    def limit() -> float:
        copy = kind.copy(filled)
        begun = time.perf_counter()
        write_raw(copy, written)
        took = time.perf_counter() - begun
        kind.drop(copy)
        return took

    ours()  # what the limit writes, and what a new PostgreSQL does once: its log grows to the size it keeps
    gc.freeze()  # those millions of rows are none of the sweep's affair
    seconds = in_turn(rounds, ours=ours, limit=limit)
    gc.unfreeze()
    kind.drop(filled)
    return rates(
        f"daily sweep, {share} due",
        kind.kind,
        size,
        seconds,
        unit="tasks/s",
        must=MUST[kind.kind] if every == 1 and size == AT else "",
        limit_name="executemany" if kind.kind == "sqlite" else "COPY",
    )


def _rows_of(engine: Engine) -> list[Any]:
    """What ours wrote, as the raw driver takes it."""
    found = []
    with engine.connect().execution_options(reading=True) as connection:
        for table in WRITTEN:
            raw = connection.exec_driver_sql(f'SELECT * FROM "{table}"')
            names = tuple(raw.keys())
            found.append((table, names, [tuple(row) for row in raw]))
        connection.execute(text("SELECT 1"))
    if engine.dialect.name == "postgresql":
        found = [(table, names, _json_as_text(rows)) for table, names, rows in found]
    return found


def _json_as_text(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    import json

    return [tuple(json.dumps(each) if isinstance(each, dict) else each for each in row) for row in rows]
