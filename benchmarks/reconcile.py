"""A pass of the reconcile when all is in step, beside the Prefect API's own paging of as many runs.

Each facility waits for operations' answer, and its question is a suspended run with its form. The pass is one of
those that follow on the first: the pages are shown, and the forms were seen. The peer asks Prefect for the run of
each facility by its key.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from benchmarks.machine import write_raw
from benchmarks.measure import Row, in_turn, rates
from benchmarks.stack import stack
from benchmarks.town import TODAY, build

ASKED_ONE_BY_ONE = 200
STATE = {
    "type": "PAUSED",
    "name": "Suspended",
    "state_details": {
        "run_input_keyset": {"schema": "suspended-question-1-schema", "response": "suspended-question-1-response"}
    },
}
ROUND = (
    "facility_id",
    "round",
    "asked_on",
    "halfway_on",
    "deadline_on",
    "reason",
    "could_be_yes",
    "minutes_per_year",
    "kr_per_year_ore",
)


def rows(*, quick: bool) -> Iterator[Row]:
    """One row, on SQLite in both."""
    size = 300 if quick else 10_000
    with stack(runner=None) as var_dir:
        from flows.engine import engine
        from flows.engine.prefect_client import prefect
        from flows.running.reconcile import Memory, reconcile

        references = _facilities_that_wait(size)
        _runs_that_ask(references, var_dir)
        shown = dict.fromkeys(references, 0) | {"overblik": 0}
        states = {run.state.id for run in engine.open_runs("driftsklar") if run.state}
        memory = Memory(shown, states)

        def ours() -> float:
            begun = time.perf_counter()
            assert reconcile(memory) == 0
            return time.perf_counter() - begun

        def limit() -> float:
            begun = time.perf_counter()
            found = 0
            with prefect() as client:
                while page := client.read_flow_runs(limit=engine.PAGE_ROWS, offset=found):
                    found += len(page)
            assert found == size, found
            return time.perf_counter() - begun

        def peer() -> float:
            begun = time.perf_counter()
            for reference in references[:ASKED_ONE_BY_ONE]:
                assert engine.run_with_key(_key(reference))
            return (time.perf_counter() - begun) / ASKED_ONE_BY_ONE * size

        limit()  # the first one warms Prefect's caches
        seconds = in_turn(3, ours=ours, limit=limit)
        yield rates(
            "reconcile, all in step",
            "sqlite",
            size,
            seconds,
            unit="s",
            must="≤ 1.5",
            limit_name="Prefect's paging of as many runs",
            peer_name=f"one request per facility ({ASKED_ONE_BY_ONE}, extrapolated)",
            peer_seconds=peer(),
        )


def _key(reference: str) -> str:
    return f"{reference}:consultation:1#1"


def _facilities_that_wait(size: int) -> list[str]:
    """Facilities that operations was asked about and hasn't answered for; their references."""
    from channels.domain import engine

    domain = engine()
    build(domain, size * 4, due_every=size * 4 + 1)
    with domain.begin() as connection:
        connection.exec_driver_sql("UPDATE facility SET stage = 'consultation'")
    asked_on, deadline_on = TODAY.isoformat(), date(2099, 1, 1).isoformat()
    rounds = [(n + 1, 1, asked_on, deadline_on, deadline_on, "", "", 840, 650_000) for n in range(size)]
    write_raw(domain, [("consultation", ROUND, rounds)])
    with domain.connect() as connection:
        found = connection.exec_driver_sql("SELECT reference FROM facility ORDER BY id")
        return [str(reference) for (reference,) in found]


def _runs_that_ask(references: list[str], var_dir: Path) -> None:
    """A suspended run with its form for each: the first by the API, the others as copies of it in Prefect's database."""
    from flows.engine.prefect_client import prefect

    with prefect() as client:
        flow_id = client.create_flow_from_name("Driftshøring")
        run = {
            "flow_id": str(flow_id),
            "name": "Driftshøring",
            "tags": _tags(references[0]),
            "idempotency_key": _key(references[0]),
            "state": STATE,
        }
        first = client.request("POST", "/flow_runs/", json=run).json()["id"]
        form = {"key": "suspended-question-1-schema", "value": "{}"}
        client.request("POST", "/flow_runs/{id}/input", path_params={"id": UUID(first)}, json=form).raise_for_status()
    with closing(sqlite3.connect(var_dir / "prefect" / "prefect.db", timeout=60)) as base, base:
        for reference in references[1:]:
            _copy(base, first, reference)


def _tags(reference: str) -> list[str]:
    return ["driftsklar", "spørgsmål", reference, "Driftshøring", "venter på driften"]


def _copy(base: sqlite3.Connection, first: str, reference: str) -> None:
    import json

    run_id, state_id, form_id = (str(uuid4()) for _ in range(3))
    tags = json.dumps(_tags(reference), ensure_ascii=False)
    changed: dict[str, dict[str, Any]] = {
        "flow_run": {"id": run_id, "state_id": state_id, "idempotency_key": _key(reference), "tags": tags},
        "flow_run_state": {"id": state_id, "flow_run_id": run_id},
        "flow_run_input": {"id": form_id, "flow_run_id": run_id},
    }
    for table, values in changed.items():
        columns = [str(row[1]) for row in base.execute(f"PRAGMA table_info({table})")]
        taken = ", ".join(f":{name}" if name in values else name for name in columns)
        own = "id" if table == "flow_run" else "flow_run_id"
        base.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {taken} FROM {table} WHERE {own} = :first",
            values | {"first": first},
        )
