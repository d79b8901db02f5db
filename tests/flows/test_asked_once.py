"""A door and the reconcile bring Prefect in step at the same moment: a person sees each question once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

import pytest
from prefect.client.schemas.objects import FlowRun

from config.settings import settings
from flows import domain, engine, next_runs
from flows.next_runs import follow_up, key_of
from flows.prefect_client import prefect
from flows.reconcile import reconcile
from flows.up import Supervisor
from models.calendar import today
from models.database import engine_for
from models.migration import migrate
from tests.city import City

DEPLOYMENT = "Kapløb/svar"


@pytest.fixture
def city(
    prefect_server: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[City]:
    """A city whose operations is asked by a deployment that nobody serves, so that runs stay to be counted."""
    database = f"sqlite:///{tmp_path / 'driftsklar.db'}"
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", database)
    settings.cache_clear()
    domain.engine.cache_clear()
    monkeypatch.setitem(next_runs.QUESTIONS, "consultation", (DEPLOYMENT, "Driftshøring"))
    with prefect() as client:
        flow_name, _, name = DEPLOYMENT.partition("/")
        client.create_deployment(client.create_flow_from_name(flow_name), name)
    made = City(engine_for(database), today())
    migrate(made.engine)
    yield made
    made.engine.dispose()
    domain.engine().dispose()
    domain.engine.cache_clear()
    settings.cache_clear()


def at_once(monkeypatch: pytest.MonkeyPatch, doors: list[Callable[[], object]]) -> None:
    """All doors see which runs there are before any of them starts one."""
    all_have_looked, really, looked = threading.Barrier(len(doors)), engine.open_runs, set()

    def open_runs(tag: str) -> list[FlowRun]:
        runs = really(tag)
        if threading.get_ident() not in looked:
            looked.add(threading.get_ident())
            all_have_looked.wait(30)
        return runs

    monkeypatch.setattr(engine, "open_runs", open_runs)
    with ThreadPoolExecutor(len(doors)) as threads:
        # Prefect's settings belong to the context, and each thread would begin with an empty one
        for done in [threads.submit(copy_context().run, door) for door in doors]:
            done.result()
    monkeypatch.setattr(engine, "open_runs", really)


def test_a_door_and_the_reconcile_at_once_ask_each_question_once(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = city.propose()
    doors: list[Callable[[], object]] = [lambda: follow_up(bench.reference), reconcile]

    at_once(monkeypatch, doors)
    first = engine.runs_by_key("", tag=bench.reference)
    engine.cancel(first[0], "Nogen trykkede på Cancel.")  # so a second try is asked for as well
    at_once(monkeypatch, doors)

    asked = engine.runs_by_key("", tag=bench.reference)
    assert len(first) == 1
    assert [run.state_name for run in asked] == ["Scheduled", "Cancelled"]
    assert {key_of(run) for run in asked} == {f"{bench.reference}:consultation:1"}
