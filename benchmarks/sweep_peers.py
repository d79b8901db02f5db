"""What one would pick instead of the daily run: an ORM row at a time, a Prefect run or a scheduler's job per check.

Each peer does the least for a due task: its check, one message to its group, its next date. It does a few, and what
that takes is extrapolated to the size; ours does them all, with all that the real one writes.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from unittest.mock import patch

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from benchmarks.machine import Databases, databases
from benchmarks.measure import Row, rates
from benchmarks.stack import stack, until
from benchmarks.town import TODAY, build
from models.case.agreement import CareTask
from models.daily.check_plan import turn_of
from models.daily.daily_run import sweep
from models.database import engine_for, transaction
from models.operation.check import Check, CheckState
from models.post.outbox import Message

URL = "BENCH_URL"
Peer = Callable[[Engine, int], float]


def rows(*, quick: bool) -> Iterator[Row]:
    """A row for each peer; the scheduler and Prefect with SQLite alone."""
    size, few = (1_000, 20) if quick else (10_000, 200)
    with databases() as kinds:
        for kind in kinds:
            took = _timed(kind, size, lambda engine, _: _swept(engine))
            yield _row(kind.kind, size, took, "one ORM row at a time", 5 * few, _timed(kind, size, _by_orm, 5 * few))
            if kind.kind == "postgresql":
                continue
            with stack(runner=None):
                each = _timed(kind, size, _by_prefect, few)
            yield _row(kind.kind, size, took, "one Prefect run per check", few, each)
            try:
                each = _timed(kind, size, _by_scheduler, few)
            except ImportError:
                yield _row(kind.kind, size, took, "", 0, None, "(APScheduler 3: not installed here)")
            else:
                yield _row(kind.kind, size, took, "APScheduler 3, one stored job per check", few, each)


def _row(database: str, size: int, ours: float, peer: str, number: int, took: float | None, note: str = "") -> Row:
    return rates(
        "peers of the daily sweep",
        database,
        size,
        {"ours": [ours]},
        unit="tasks/s",
        note=note,
        peer_name=f"{peer} ({number}, extrapolated)" if peer else "",
        peer_seconds=took / number * size if took else None,
    )


def _timed(kind: Databases, size: int, work: Peer, number: int = 0) -> float:
    filled = kind.empty()
    build(filled, size, due_every=1)
    took = work(filled, number)
    kind.drop(filled)
    return took


def _swept(engine: Engine) -> float:
    begun = time.perf_counter()
    sweep(engine, on=TODAY)
    return time.perf_counter() - begun


def _due(engine: Engine, number: int) -> list[int]:
    with Session(engine) as session:
        rows = select(col(CareTask.id)).order_by(col(CareTask.id)).limit(number)
        return [found or 0 for found in session.exec(rows)]


def plan(session: Session, task_id: int) -> None:
    """One task's day, row by row."""
    task = session.get_one(CareTask, task_id)
    assert task.next_on is not None
    turn = turn_of(task.who, task.every_days, task.every_months, task.season, task.next_on, on=TODAY)
    for due_on in turn.due_on:
        session.add(
            Check(
                facility_id=task.facility_id,
                care_task_id=task_id,
                due_on=due_on,
                who=task.who,
                state=CheckState.NOTIFIED,
                planned_on=TODAY,
                noticed_on=TODAY,
            )
        )
    session.add(Message(key=f"peer:{task_id}", template="daily", facility_id=task.facility_id, on=TODAY))
    task.next_on = turn.next_on
    session.flush()


def plan_alone(task_id: int) -> None:
    """The same in a transaction of its own, as a job or a run does it; the database is the environment's."""
    with transaction(engine_for(os.environ[URL])) as session:
        plan(session, task_id)


def _by_orm(engine: Engine, number: int) -> float:
    tasks = _due(engine, number)
    begun = time.perf_counter()
    with transaction(engine) as session:
        for task_id in tasks:
            plan(session, task_id)
    return time.perf_counter() - begun


def _by_prefect(engine: Engine, number: int) -> float:
    # in a process of its own: what Prefect still has to tell at the end goes with it, and waits for no server
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        url = engine.url.render_as_string(hide_password=False)
        return pool.apply(_prefect_runs, (url, _due(engine, number + 1)))


def _prefect_runs(url: str, tasks: list[int]) -> float:
    from prefect import flow

    os.environ[URL] = url
    run = flow(name="Tjek")(plan_alone)
    run(tasks.pop())  # the first warms Prefect
    begun = time.perf_counter()
    for task_id in tasks:
        run(task_id)
    return time.perf_counter() - begun


def _by_scheduler(engine: Engine, number: int) -> float:
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    url = engine.url.render_as_string(hide_password=False)
    with patch.dict(os.environ, {URL: url}):
        scheduler = BackgroundScheduler(jobstores={"default": SQLAlchemyJobStore(url=f"{url}.jobs")})
        scheduler.start(paused=True)
        now = datetime.now(UTC)
        for task_id in _due(engine, number):
            scheduler.add_job(plan_alone, "date", run_date=now, args=[task_id], misfire_grace_time=None)

        def are_done() -> bool:
            with Session(engine) as session:
                return len(session.exec(select(Check.care_task_id).distinct()).all()) == number

        begun = time.perf_counter()
        scheduler.resume()
        until(are_done, "the scheduler's jobs are done")
        took = time.perf_counter() - begun
        scheduler.shutdown()
        return took
