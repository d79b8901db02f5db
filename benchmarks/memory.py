"""What the day, the annual report and an export need in memory above an idle process; it must not grow with the tasks.

The report and the export are a municipality's: three hundred facilities, and as many checks as the size says in their past,
each with its answer.
"""

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from benchmarks.machine import databases, write_raw
from benchmarks.measure import Row
from benchmarks.town import RULES, TASKS, TODAY, build
from models.daily.daily_run import sweep
from models.database import engine_for, reading

FACILITIES = 300
STATUS = Path("/proc/self/status")
CHECK = ("id", "facility_id", "care_task_id", "due_on", "who", "state", "planned_on", "noticed_on", "closed_on")
REPORT = ("check_id", "result", "minutes", "note", "on", "by", "door")


def rows(*, quick: bool) -> Iterator[Row]:
    """A process for each size and work, so that each has a peak of its own."""
    sizes = (1_000, 10_000) if quick else (100_000, 1_000_000)
    with databases() as kinds:
        for kind in kinds[:1] if quick else kinds:
            for size in sizes:
                due = kind.empty()
                build(due, size, due_every=1)
                yield _row("a sweep, all due", kind.kind, size, _peak_mb(_sweep, due))
                kind.drop(due)
                past = kind.empty()
                _add_past(past, size)
                yield _row("the annual report", kind.kind, size, _peak_mb(_report, past))
                yield _row("an export of the checks", kind.kind, size, _peak_mb(_export, past))
                kind.drop(past)


def _row(what: str, database: str, size: int, peak: float) -> Row:
    return Row(
        f"memory of {what}",
        database,
        size,
        "MB above idle",
        peak,
        must="≤ 300",
        ratio=peak,
        note="(the ratio is the figure)",
    )


def _add_past(engine: Engine, checks: int) -> None:
    """The facilities, and so many checks of theirs that were done, one task's on one day after another."""
    tasks = FACILITIES * TASKS
    build(engine, tasks, due_every=tasks + 1)
    is_plain = engine.dialect.name == "sqlite"
    days = [TODAY - timedelta(days=30 + n) for n in range(checks // tasks + 1)]
    said: list[Any] = [on.isoformat() if is_plain else on for on in days]
    past = [
        (n + 1, n % tasks // TASKS + 1, n % tasks + 1, on, RULES[n % TASKS][4], "done", on, on, on)
        for n in range(checks)
        for on in (said[n // tasks],)
    ]
    answers = [(n, "ok", 20, "", on, "volunteer", "page") for n, *_, on in past]
    write_raw(engine, [("check", CHECK, past), ("report", REPORT, answers)])


def _peak_mb(work: Callable[[Engine], None], of: Engine) -> float:
    of.dispose()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_above_idle_mb, (work, of.url.render_as_string(hide_password=False)))


def _above_idle_mb(work: Callable[[Engine], None], url: str) -> float:
    idle = _kb("VmRSS")
    work(engine_for(url))
    return round((_kb("VmHWM") - idle) / 1024, 1)


def _kb(what: str) -> int:
    """A line of the kernel's own account of this process; `getrusage` begins with the parent's peak."""
    lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return int(lines[what].split()[0])


def _sweep(engine: Engine) -> None:
    sweep(engine, on=TODAY)


def _report(engine: Engine) -> None:
    from channels.paper.annual_report import annual_report, write_report

    with tempfile.TemporaryDirectory() as folder, reading(engine) as session:
        write_report(annual_report(session, TODAY.year, TODAY), TODAY.year, Path(folder))


def _export(engine: Engine) -> None:
    from channels.sheets.writing import write_list
    from channels.views.lists import LISTS

    wanted = LISTS["checks"]
    with tempfile.TemporaryDirectory() as folder, reading(engine) as session:
        write_list(Path(folder) / "tjek.csv", wanted.title, wanted.columns, wanted.rows(session))
