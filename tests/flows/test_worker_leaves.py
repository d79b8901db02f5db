"""A worker that has run very much lets another take its place, which starts with an empty memory."""

import asyncio
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun

from flows.running import worker
from flows.running.worker import Configuration, Worker


def test_a_worker_that_has_run_very_much_lets_another_take_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "run_warm", lambda *_: (0, True))  # what a run does is none of its affair
    plan = Configuration(warm=True)
    plan._entrypoint = "tests.flows.toy.toy"
    leaving = []

    async def three_runs() -> None:
        one = Worker(most_runs=2)
        for _ in range(3):
            await one.run(FlowRun(flow_id=uuid4(), name="varm"), plan)
            leaving.append(one.is_leaving)

    asyncio.run(three_runs())

    assert leaving == [False, True, True]
