"""What a sweep of many due tasks needs in memory above an idle process; it must not grow with their number."""

import multiprocessing
import resource
from collections.abc import Iterator

from benchmarks.machine import databases
from benchmarks.measure import Row
from benchmarks.town import TODAY, build
from models.daily_run import sweep
from models.database import engine_for


def rows(*, quick: bool) -> Iterator[Row]:
    """A process for each size, so that each has a peak of its own."""
    spawn = multiprocessing.get_context("spawn")
    with databases() as kinds:
        for kind in kinds:
            for size in (1_000, 10_000) if quick else (1_000, 100_000, 1_000_000):
                filled = kind.empty()
                build(filled, size, due_every=1)
                filled.dispose()
                with spawn.Pool(1) as pool:
                    peak = pool.apply(_peak_mb, (filled.url.render_as_string(hide_password=False),))
                kind.drop(filled)
                yield Row(
                    "memory of a sweep, all due", kind.kind, size, "MB above idle", peak, must="≤ 300",
                    ratio=peak, note="(the ratio is the figure)",
                )  # fmt: skip


def _peak_mb(url: str) -> float:
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sweep(engine_for(url), on=TODAY)
    return round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) / 1024, 1)
