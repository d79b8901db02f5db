"""What `driftsklar up` costs with 300 facilities and nothing to do, beside a bare Prefect server with one bare worker.

By the kernel's own accounts (/proc) of all processes of each: processor time, memory (PSS: what two share counts once)
and what was written to disk, in the same minutes, side by side. Where something else uses the machine the ratio holds,
the figures don't.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from benchmarks.measure import Row
from benchmarks.stack import tell, until
from benchmarks.town import TASKS, build
from flows.engine.knock import WORKER
from flows.engine.prefect_environment import answers, api_url
from flows.running import leftovers
from flows.running.up import free_port
from models.database import engine_for
from models.migration import migrate

FACILITIES = 300
SETTLED_SECONDS = 60.0
"""By then each of the 300 case files has been shown in Prefect once, and what starting left to do is done."""
WATCHED_SECONDS = 180.0
TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """All processes of one kind together."""

    processor: float  # seconds
    memory_mb: float
    written_mb: float
    processes: int


def rows(*, quick: bool) -> Iterator[Row]:
    """Two rows that are asked for, and one that tells of the disk."""
    settled, watched = (60.0, 60.0) if quick else (SETTLED_SECONDS, WATCHED_SECONDS)
    ours, bare = measure(settled, watched)
    hour = 3600 / watched
    for name, unit, mine, theirs, must in (
        ("idle processor of up", "s an hour", ours.processor * hour, bare.processor * hour, "≤ 1.0"),
        ("idle memory of up", "MB", ours.memory_mb, bare.memory_mb, "≤ 1.2"),
        ("idle disk writes of up", "MB an hour", ours.written_mb * hour, bare.written_mb * hour, ""),
    ):
        yield Row(
            name,
            "sqlite",
            FACILITIES,
            unit,
            round(mine, 1),
            limit=round(theirs, 1),
            limit_name="a bare server with a bare worker",
            ratio=round(mine / max(theirs, 0.001), 2),
            must=must,
            note=f"({ours.processes} processes beside {bare.processes})",
        )


def measure(settled_seconds: float, watched_seconds: float) -> tuple[Cost, Cost]:
    """Ours and the bare one, side by side, once both have settled."""
    with up() as ours_mark, bare() as bare_mark:
        marks = (ours_mark, bare_mark)
        tell("both stand; they settle")
        time.sleep(settled_seconds)
        before = [cost(each) for each in marks]
        time.sleep(watched_seconds)
        after = [cost(each) for each in marks]
    ours, theirs = (
        Cost(late.processor - early.processor, late.memory_mb, late.written_mb - early.written_mb, late.processes)
        for early, late in zip(before, after, strict=True)
    )
    return ours, theirs


@contextmanager
def up() -> Iterator[str]:
    """`driftsklar up` as it comes, with the facilities, in a folder of its own; the mark that all of it carries."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        port, mark, database = free_port(), f"IDLE_UP={folder}", f"sqlite:///{folder}/driftsklar.db"
        build(migrated(database), FACILITIES * TASKS, due_every=FACILITIES * TASKS + 1)
        settings = {"IDLE_UP": folder, "DRIFTSKLAR_VAR_DIR": folder, "DRIFTSKLAR_DATABASE_URL": database}
        process = subprocess.Popen(
            [sys.executable, "-m", "driftsklar", "up", "--prefect-port", str(port), "--page-port", str(free_port())],
            env=without_prefect() | settings,
            stdout=subprocess.DEVNULL,
        )
        try:
            until((Path(folder) / WORKER).exists, "the worker listens")
            yield mark
        finally:
            process.terminate()
            process.wait()


def migrated(database: str) -> Engine:
    """A database of today's shape."""
    made = engine_for(database)
    migrate(made)
    return made


def without_prefect() -> dict[str, str]:
    """The environment without what is meant for another installation."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DRIFTSKLAR_"))}


@contextmanager
def bare() -> Iterator[str]:
    """`prefect server start` and `prefect worker start` as they come, in a folder of their own; the mark they carry."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        port, mark = free_port(), f"BARE_PREFECT={folder}"
        settings = {
            "BARE_PREFECT": folder,
            "PREFECT_HOME": folder,
            "PREFECT_API_URL": api_url(port),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }
        prefect = (sys.executable, "-m", "prefect", "--no-prompt")

        def start(*arguments: str) -> None:
            subprocess.Popen(
                [*prefect, *arguments],
                env=without_prefect() | settings,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

        try:
            start("server", "start", "--port", str(port))
            until(lambda: answers(api_url(port)), "the bare server answers")
            start("worker", "start", "--pool", "bare", "--type", "process")
            yield mark
        finally:
            leftovers.end(mark)


def cost(mark: str) -> Cost:
    """What the processes with this mark have used since they began, and hold now."""
    found = leftovers.carrying(mark)
    return Cost(processor_seconds(mark), sum(map(_memory_mb, found)), sum(map(_written_mb, found)), len(found))


def processor_seconds(mark: str) -> float:
    """Processor time of all processes with this mark, and of those of their children that have ended."""
    return sum(map(_processor, leftovers.carrying(mark)))


def _processor(pid: int) -> float:
    with suppress(OSError):
        return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15])) / TICKS
    return 0.0


def _memory_mb(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _written_mb(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/io").read_text().splitlines():
            if line.startswith("write_bytes:"):
                return int(line.split()[1]) / 1024**2
    return 0.0


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        tell(str(row))
