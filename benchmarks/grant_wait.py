"""How long a grant waits while the daily run works through many due tasks in another process.

Grants are made one after another, each a transaction of its own, from the moment the sweep begins until it is done.
The longest wait is what counts; beside it the longest of as many grants when nothing else is at work.
"""

import multiprocessing
import time
from collections.abc import Iterator
from itertools import count
from multiprocessing.synchronize import Event

from sqlalchemy import Engine, insert

from benchmarks.grants import ours as grant
from benchmarks.machine import Databases, databases
from benchmarks.measure import Row
from benchmarks.town import TODAY, build
from models.daily.daily_run import sweep
from models.database import engine_for
from models.pool.ledger import PoolYear

YEAR = 2026


def rows(*, quick: bool) -> Iterator[Row]:
    """One row for each database; its ratio is the figure."""
    with databases() as kinds:
        for kind in kinds:
            yield _measured(kind, 10_000 if quick else 100_000)


def _measured(kind: Databases, size: int) -> Row:
    filled = kind.empty()
    build(filled, size, due_every=1)
    with filled.begin() as connection:
        pot = {"put_in_ore": 10**12, "free_ore": 10**12, "committed_ore": 0, "spent_ore": 0}
        connection.execute(insert(PoolYear), [pot | {"year": YEAR}])
    keys = count()
    _wait_ms(filled, next(keys))  # the first makes the statements
    spawn = multiprocessing.get_context("spawn")
    begins = spawn.Event()
    url = filled.url.render_as_string(hide_password=False)
    sweeping = spawn.Process(target=_sweep, args=(url, begins))
    sweeping.start()
    begins.wait(60)
    waits = []
    while sweeping.is_alive():
        waits.append(_wait_ms(filled, next(keys)))
    sweeping.join()
    assert sweeping.exitcode == 0
    alone = [_wait_ms(filled, next(keys)) for _ in waits]
    kind.drop(filled)
    waits.sort()
    longest, usual = round(waits[-1], 1), waits[int(len(waits) * 0.99)]
    return Row(
        "longest wait of a grant during a sweep",
        kind.kind,
        size,
        "ms",
        longest,
        must="≤ 200",
        ratio=longest,
        limit=round(max(alone), 1),
        limit_name="without a sweep",
        note=f"({len(waits):,} grants, p99 {usual:.0f} ms; the ratio is the figure)",
    )


def _wait_ms(engine: Engine, number: int) -> float:
    begun = time.perf_counter()
    grant(engine, f"wait:{number}", YEAR)
    return (time.perf_counter() - begun) * 1000


def _sweep(url: str, begins: Event) -> None:
    engine = engine_for(url)
    begins.set()
    sweep(engine, on=TODAY)
