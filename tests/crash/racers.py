"""Processes that all do the same at the same moment, some of which are killed with -9 in the middle of it."""

import os
import signal
from contextlib import suppress
from datetime import date
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import Engine

from channels.post.deliver import deliver
from config.settings import settings
from models.case.consultation import AnswerKind
from models.case.facility import find
from models.case.funding import FundingDecision
from models.daily.daily_run import sweep
from models.database import engine_for, transaction
from models.operation.check import CheckResult, find_check
from models.operation.check_answer import report_check
from models.operation.work import finish_work
from models.operation.work_order import find_work
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from models.stages.consultation import answer_consultation
from models.stages.consultation_answer import Answer
from models.stages.funding import decide_funding
from tests import patience
from tests.crash.points import Points
from tests.own_process import SERVER

EIGHT = 8
KILLED = {0: 1, 1: 2, 2: 3}
"""Which racer is killed at which point: before its commit, right after it, and before its first mail.

One that has nothing to commit, since another was there first, lives.
"""


def fund(engine: Engine, reference: str, on: date) -> None:
    """The pool says yes."""
    with transaction(engine) as session:
        decide_funding(
            session,
            find(session, reference),
            FundingDecision.GRANT,
            Said(on, Role.POOL_MANAGER, Door.CLI),
            reason="",
            decided_on=None,
            case_number="",
        )


def answer(engine: Engine, reference: str, kind: str, on: date) -> None:
    """Operations answers."""
    said = Answer(AnswerKind(kind), None, None, (), "Sådan er det.", "")
    with transaction(engine) as session:
        answer_consultation(session, find(session, reference), said, Said(on, Role.OPERATIONS, Door.CLI))


def report(engine: Engine, number: int, on: date) -> None:
    """A volunteer answers a check."""
    with transaction(engine) as session:
        report_check(
            session,
            find_check(session, number),
            CheckResult.OK,
            Said(on, Role.VOLUNTEER, Door.PAGE),
            minutes=20,
            note="",
        )


def finish(engine: Engine, number: int, on: date) -> None:
    """Operations says that its work is done."""
    with transaction(engine) as session:
        finish_work(session, find_work(session, number), Said(on, Role.OPERATIONS, Door.CLI), minutes=30, ore=40_000)


def run_day(engine: Engine, on: date) -> None:
    """The daily run."""
    sweep(engine, on=on)


def post(engine: Engine) -> None:
    """Send what waits."""
    deliver(engine)


def _race(environment: dict[str, str], url: str, start: Barrier, do: Any, said: tuple, kill_at: int | None) -> None:
    os.environ.update(environment)
    settings.cache_clear()
    engine = engine_for(url)
    with engine.connect():
        pass  # connected before the start, so that all come at once
    Points(kill_at=kill_at).watch(engine)
    start.wait(patience.SECONDS)
    with suppress(Refusal):
        do(engine, *said)
    engine.dispose()


def race(url: str, do: Any, each_says: list[tuple], *, kills: dict[int, int]) -> int:
    """Run `do` in a process for each; `kills` names at which point which one dies. How many died."""
    start = SERVER.Barrier(len(each_says))
    racers = [
        SERVER.Process(target=_race, args=(dict(os.environ), url, start, do, said, kills.get(number)))
        for number, said in enumerate(each_says)
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    codes = [racer.exitcode for racer in racers]
    assert set(codes) <= {0, -signal.SIGKILL}, f"a racer failed: {codes}"
    return codes.count(-signal.SIGKILL)
