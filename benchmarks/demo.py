"""`driftsklar demo --once`, installed, beside the Prefect runs it causes one by one in processes of their own.

A question is two runs of its flow: until it waits, and from its answer on. Each counts as one empty run in a process,
from asking for it until it is completed, measured in a stack of its own afterwards.
"""

import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.measure import Row
from benchmarks.stack import stack, until
from benchmarks.stage_latency import Watched, is_served
from flows.running.up import free_port

PROCESSES = 5
"""So many empty runs are measured, after one that counts for nothing."""


def rows(*, quick: bool) -> Iterator[Row]:
    """One row."""
    seconds, runs = _lived()
    with stack(runner="benchmarks.empty_flow") as var_dir:
        from benchmarks.empty_flow import IN_A_PROCESS  # only now that the stack's settings stand

        until(lambda: is_served(IN_A_PROCESS), "the deployments are served")
        watched = Watched(var_dir)
        watched.empty_run(IN_A_PROCESS)
        each = [watched.empty_run(IN_A_PROCESS) for _ in range(2 if quick else PROCESSES)]
    limit = runs * statistics.median(each)
    yield Row(
        "make demo ONCE=1, installed",
        "sqlite",
        runs,
        "s",
        round(seconds, 1),
        limit=round(limit, 1),
        limit_name="its runs in a process each",
        ratio=round(seconds / limit, 3),
        must="≤ 0.3",
        note=f"({runs} runs, {statistics.median(each):.1f} s each in a process)",
    )


def _lived() -> tuple[float, int]:
    """How long the demo takes, and how often a run was at work in it, by Prefect's file."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        here = {"DRIFTSKLAR_PAGE_PORT": str(free_port())}
        command = [str(Path(sys.executable).with_name("driftsklar")), "demo", "--once"]
        command += ["--prefect-port", str(free_port()), "--var-dir", folder]
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | here)
        seconds = time.perf_counter() - begun
        with closing(sqlite3.connect(f"file:{folder}/prefect/prefect.db?mode=ro", uri=True)) as base:
            # Prefect's own `run_count` doesn't count what goes on after an answer
            runs = base.execute("SELECT count(*) FROM flow_run_state WHERE type = 'RUNNING'").fetchone()[0]
    return seconds, int(runs)
