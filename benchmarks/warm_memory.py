"""Whether the worker's memory stays flat: questions that ask next to nothing, asked and answered in its process.

What counts is the slope: how much the process grows a question, by the least squares of its memory after each batch
once it is warm. A question is two runs of its flow, until it waits and until it is completed.
"""

import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from benchmarks.measure import Row
from benchmarks.stack import stack, tell, until
from benchmarks.stage_latency import is_served
from flows.running import leftovers

QUESTIONS, QUICK = 10_000, 200
MOST_SECONDS = 20 * 60.0
"""After that it is told how far it came: a slope of some thousands is one."""
BATCH = 20
WARMING = 3
"""Batches after which all that is loaded and remembered is there."""
MOST_KB = 6.0
"""A question; ten thousand would be a tenth of what the worker may have before another takes its place."""


def rows(*, quick: bool) -> Iterator[Row]:
    """One row, whose ratio is the figure."""
    questions = QUICK if quick else QUESTIONS
    points = measure(questions // BATCH)
    line = statistics.linear_regression(*zip(*points, strict=True))
    yield Row(
        "memory of the worker, growth a question (the ratio is the figure)",
        "sqlite",
        points[-1][0],
        "KB",
        round(line.slope * 1024, 2),
        ratio=round(line.slope * 1024, 2),
        must=f"≤ {MOST_KB:g}",
        note=f"({points[0][1]:.0f} MB after {points[0][0]}, {points[-1][1]:.0f} after {points[-1][0]})",
    )


def measure(batches: int) -> list[tuple[int, float]]:
    """After each batch: how many questions there were, and the worker's memory in MB."""
    from benchmarks.empty_flow import A_QUESTION
    from flows.engine import engine

    points = []
    with stack(runner="benchmarks.empty_flow") as var_dir:
        until(lambda: is_served(A_QUESTION), "the deployments are served")
        base = var_dir / "prefect" / "prefect.db"
        ends_at = time.monotonic() + MOST_SECONDS
        for number in range(1, WARMING + batches + 1):
            runs = [
                engine.start(A_QUESTION, key=f"{number}:{each}", name="Tomt", tags=["tom"], parameters={})
                for each in range(BATCH)
            ]
            waiting = (
                "state_name = 'Suspended' AND EXISTS (SELECT 1 FROM flow_run_input AS form"
                " WHERE form.flow_run_id = flow_run.id AND form.key LIKE '%-schema')"
            )
            until(lambda n=number, w=waiting: _are(base, n, w), "the questions wait")  # type: ignore[misc]
            for run in runs:
                with suppress(engine.AnswerRejected):  # by one that crashed
                    engine.resume(run.id, {"svar": "Ja"})
            until(lambda n=number: _are(base, n, "state_name = 'Completed'"), "they are answered")  # type: ignore[misc]
            if number > WARMING:
                points.append((BATCH * (number - WARMING), _worker_mb(var_dir)))
                tell(f"{points[-1][0]:6} questions {points[-1][1]:7.1f} MB")
                if time.monotonic() > ends_at:
                    break
    return points


def _are(base: Path, number: int, state: str) -> bool:
    """Whether all of a batch are there, but for those that a starved server had no answer for."""
    statement = f"SELECT count(*) FROM flow_run WHERE idempotency_key LIKE ? AND ({state} OR state_name = 'Crashed')"
    with closing(sqlite3.connect(f"file:{base}?mode=ro", uri=True, timeout=60)) as here:
        found: tuple[Any, ...] = here.execute(statement, [f"{number}:%"]).fetchone()
    return bool(found[0] == BATCH)


def _worker_mb(var_dir: Path) -> float:
    """What the worker holds by itself and shares with nobody: the first of those who carry its name."""
    worker = min(leftovers.carrying(f"DRIFTSKLAR_STACK={var_dir.resolve()}", "DRIFTSKLAR_CHILD=runner"))
    for line in Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) / 1024
    return 0.0
