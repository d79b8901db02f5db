"""A door and the reconcile bring Prefect in step at the same moment: a person sees each question once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from prefect.client.schemas.objects import FlowRun

from flows.asking.next_runs import follow_up, key_of
from flows.engine import engine
from flows.running.reconcile import reconcile
from models.calendar import today
from tests import patience
from tests.city import Place
from tests.flows.house import House

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("as_its_own")]


def at_once(monkeypatch: pytest.MonkeyPatch, doors: list[Callable[[], object]]) -> None:
    """All doors see which runs there are before any of them starts one."""
    all_have_looked, really, looked = threading.Barrier(len(doors)), engine.open_runs, set()

    def open_runs(tag: str) -> list[FlowRun]:
        runs = really(tag)
        if threading.get_ident() not in looked:
            looked.add(threading.get_ident())
            all_have_looked.wait(patience.SECONDS)
        return runs

    monkeypatch.setattr(engine, "open_runs", open_runs)
    with ThreadPoolExecutor(len(doors)) as threads:
        # Prefect's settings belong to the context, and each thread would begin with an empty one
        for done in [threads.submit(copy_context().run, door) for door in doors]:
            done.result()
    monkeypatch.setattr(engine, "open_runs", really)


def test_a_door_and_the_reconcile_at_once_ask_each_question_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = house.city.propose(group="G-0001", on=today())
    key = f"{bench.reference}:consultation:1"
    doors: list[Callable[[], object]] = [lambda: follow_up(bench.reference), reconcile]

    at_once(monkeypatch, doors)
    first = house.asks_again(key)
    assert [run.id for run in asked(bench)] == [first.id]
    engine.cancel(first, "Nogen trykkede på Cancel.")  # so a second try is asked for as well
    at_once(monkeypatch, doors)

    second = house.asks_again(key, than=first.id)
    assert {run.id for run in asked(bench)} == {first.id, second.id}


def asked(place: Place) -> list[FlowRun]:
    """All questions about a place, answered or not."""
    return [run for run in engine.runs_by_key("", tag=place.reference) if key_of(run)]
