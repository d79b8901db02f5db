"""Who waits on another machine hears by PostgreSQL what a request has done, also after the connection broke."""

from pathlib import Path
from threading import Event

import psycopg
import pytest

from flows.engine import far_knock
from flows.engine.far_knock import FarKnock, hear_from_afar, is_far
from flows.engine.knock import RECONCILE, WORKER, Knocking
from tests import patience
from tests.flows.test_knock import answering, asked


class Machine:
    """Somebody on another machine, who waits for knocks."""

    def __init__(self, server: str, who: str) -> None:
        self._told = Event()
        hear_from_afar(server, who, self._told.set)
        self.hears()  # it may have missed one before it was there

    def hears(self) -> None:
        """It is told within the tests' patience; what comes next is another knock."""
        assert self._told.wait(patience.SECONDS)
        self._told.clear()

    @property
    def is_told(self) -> bool:
        return self._told.is_set()


def test_a_run_that_one_machine_makes_is_heard_on_the_others(postgresql_server: str, tmp_path: Path) -> None:
    workers = [Machine(postgresql_server, WORKER) for _ in range(2)]
    reconcile = Machine(postgresql_server, RECONCILE)
    server = Knocking(answering(b'{"state":{"type":"SCHEDULED"}}'), tmp_path, FarKnock(postgresql_server))

    asked(server, "POST", "/api/flow_runs/7/set_state")

    for worker in workers:
        worker.hears()
    assert not reconcile.is_told


def test_who_lost_the_connection_is_told_and_hears_the_next(
    postgresql_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(far_knock, "AGAIN_SECONDS", 0.05)
    worker, tell = Machine(postgresql_server, WORKER), FarKnock(postgresql_server)
    tell(WORKER)
    worker.hears()

    with psycopg.connect(postgresql_server, autocommit=True) as admin:
        ours = "pid <> pg_backend_pid() AND (query LIKE 'LISTEN%' OR query LIKE '%pg_notify%')"
        admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")
    worker.hears()  # something may have been missed

    tell(WORKER)
    worker.hears()


def test_only_postgresql_carries_it() -> None:
    assert is_far("postgresql://driftsklar@db.example/driftsklar")
    assert not is_far("sqlite:///var/driftsklar.db")
