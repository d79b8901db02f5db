"""The escalation pass over open checks of all ages, one in a thousand of which has its step today, beside one scan.

The limit reads the columns that decide, of every open check, in one statement. Steps of the last kind (a work order
from the pool) aren't among the due ones: money is booked one by one.
"""

import time
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Engine, text

from benchmarks.machine import Databases, asked, databases
from benchmarks.measure import Row, in_turn, rates
from benchmarks.town import TODAY, add_open_checks, build
from models.case.agreement import CareTask
from models.case.facility import Facility
from models.daily.daily_run import look_after
from models.database import reading
from models.operation.check import Check

SIZES = (10_000, 100_000, 1_000_000)
ONE_IN = 1_001  # odd, so that tasks of all kinds are among them
LOOKED_AT = 2_000
"""Checks that the peer looks at."""
READ = """SELECT id, due_on, state, noticed_on, reminded_on, second_reminded_on, escalated_on FROM "check"
WHERE state IN ('planned', 'notified', 'reminded', 'escalated')"""


def rows(*, quick: bool) -> Iterator[Row]:
    """Sizes on both databases."""
    with databases() as kinds:
        for kind in kinds:
            for size in SIZES[:1] if quick else asked(SIZES):
                yield _measured(kind, size, 1 if quick else 3)


def _measured(kind: Databases, size: int, rounds: int) -> Row:
    filled = kind.empty()
    tasks = size  # one check each
    build(filled, tasks, due_every=tasks + 1)
    add_open_checks(filled, size, step_due_every=ONE_IN, tasks=tasks)

    def ours() -> float:
        copy = kind.copy(filled)
        begun = time.perf_counter()
        counts = look_after(copy, on=TODAY)
        took = time.perf_counter() - begun
        assert counts.reminders + counts.second_reminders + counts.escalations == size // ONE_IN
        kind.drop(copy)
        return took

    def limit() -> float:
        with filled.execution_options(reading=True).connect() as connection:
            begun = time.perf_counter()
            found = connection.execute(text(READ)).fetchall()
            took = time.perf_counter() - begun
        assert len(found) == size
        return took

    seconds = in_turn(rounds, ours=ours, limit=limit)
    number = min(size, LOOKED_AT)
    peer = _row_at_a_time(filled, number) / number * size
    kind.drop(filled)
    return rates(
        "escalation pass",
        kind.kind,
        size,
        seconds,
        unit="checks/s",
        must="≥ 0.5" if size == SIZES[-1] else "",
        limit_name="one full scan",
        peer_name=f"an ORM row at a time ({number:,}, extrapolated)",
        peer_seconds=peer,
        note="(0.1 % with a step today)",
    )


def _row_at_a_time(engine: Engine, number: int) -> float:
    """Each open check got, its task and its place beside it, and asked whether a step is due; nothing is written."""
    step_after = {"planned": -5, "notified": 0, "reminded": 7, "escalated": 14}
    with reading(engine) as session:
        begun = time.perf_counter()
        for check_id in range(1, number + 1):
            check = session.get_one(Check, check_id)
            session.get_one(CareTask, check.care_task_id)
            session.get_one(Facility, check.facility_id)
            _ = check.due_on + timedelta(days=step_after[check.state]) <= TODAY
        return time.perf_counter() - begun
