"""How long a person waits from an answer until the next question stands there with its form, and what it costs.

Beside it, in turn on the same server and worker: an empty run in a process of its own, from asking for it until it is
completed (an answer used to take two of them, one that records it and one that asks the next question), and an empty
run in the worker's process beside the API calls that such a run makes, by a bare client. Whether a run has come so far
is read in Prefect's database, so that looking costs the server nothing.

Processor time is the kernel's account of all processes of the stack, with what they take when nothing happens left
out. Prints one JSON document; seconds.
"""

import json
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.idle import processor_seconds
from benchmarks.measure import Row
from benchmarks.stack import stack, tell, until
from models.said import Said

BENCHES = 3
QUIET_SECONDS = 4.0
"""After a piece of work until its logs and events are written, and as long to see what nothing costs."""

#: What is answered, in order, to a bench's questions; after the last one the next question is the permit's.
ANSWERS: tuple[dict[str, Any], ...] = (
    {"svar": "Ja", "timer_om_aaret": 2, "kr_om_aaret": 900, "hvem": "Driften"},
    {"svar": "Godkend og send til underskrift"},
    {"underskriver": "Gruppens kontaktperson"},
    {"underskriver": "Kommunen ved frivilligkoordinatoren"},
    {"svar": "Giv tilsagn", "hvem": "Puljeforvalteren"},
)


def rows(*, quick: bool) -> Iterator[Row]:
    """Three rows; an answer took two processes once, and so does the limit beside it."""
    found = measure(1 if quick else BENCHES)
    yield _row("answer in the form to next stage waiting", found, "answer", "process", 2, "two empty runs", "≤ 0.25")
    yield _row("the same, processor time", found, "answer_processor", "process_processor", 2, "two empty runs", "≤ 0.2")
    yield _row("an empty run in the worker", found, "warm", "bare", 1, "its API calls by a bare client", "≤ 1.5")


def _row(name: str, found: dict[str, list[float]], ours: str, limit: str, times: int, of: str, must: str) -> Row:
    mine, theirs = statistics.median(found[ours]), times * statistics.median(found[limit])
    return Row(
        name,
        "sqlite",
        len(found["answer"]),
        "s",
        round(mine, 3),
        limit=round(theirs, 3),
        limit_name=of,
        ratio=round(mine / theirs, 3),
        must=must,
    )


def measure(benches: int, answers: int = len(ANSWERS)) -> dict[str, list[float]]:
    """Start a stack of our own in a new folder, take the benches through their answers, and stop it; seconds of each."""
    with stack(runner="benchmarks.empty_flow") as var_dir:
        return Watched(var_dir).take_turns(benches, ANSWERS[:answers])


class Watched:
    """A stack, seen from beside: its processes by the kernel, its runs in Prefect's database."""

    def __init__(self, var_dir: Path) -> None:
        self._mark = f"DRIFTSKLAR_STACK={var_dir.resolve()}"
        self._base = var_dir / "prefect" / "prefect.db"
        self._idle = 0.0  # processor seconds a second, when nothing is to be done
        self._number = 0

    def take_turns(self, benches: int, answers: tuple[dict[str, Any], ...]) -> dict[str, list[float]]:
        """Each bench's answers, an empty process, and the warm run with its calls, in turn."""
        from benchmarks.empty_flow import IN_A_PROCESS, IN_THE_WORKER

        until(lambda: is_served(IN_A_PROCESS), "the deployments are served")
        group = _set_the_scene()
        for deployment in (IN_A_PROCESS, IN_THE_WORKER):  # the first of each warms the caches and counts for nothing
            self.empty_run(deployment)
        self._idle = self._processor_of(lambda: time.sleep(QUIET_SECONDS)) / (2 * QUIET_SECONDS)
        found: dict[str, list[float]] = {}

        def note(name: str, seconds: float) -> None:
            found.setdefault(name, []).append(seconds)
            tell(f"{name:18} {seconds:6.2f} s")

        for number in range(benches):
            name = f"Bænk nr. {number + 1}"
            first = self._propose(name, group)
            used = self._processor_of(lambda n=name, f=first: self._answer_all(n, f, answers, note))  # type: ignore[misc]
            note("answer_processor", used / len(answers))
            used = self._processor_of(lambda: note("process", self.empty_run(IN_A_PROCESS)))
            note("process_processor", used)
            for _ in answers:
                note("warm", self.empty_run(IN_THE_WORKER))
                note("bare", self._calls_of_a_run(IN_THE_WORKER))
        return found

    def _processor_of(self, work: Callable[[], object]) -> float:
        """What the stack's processes use for this, and to write about it afterwards."""
        begun, before = time.monotonic(), processor_seconds(self._mark)
        work()
        time.sleep(QUIET_SECONDS)
        return processor_seconds(self._mark) - before - self._idle * (time.monotonic() - begun)

    def _answer_all(
        self, bench: str, first: UUID, answers: tuple[dict[str, Any], ...], note: Callable[[str, float], None]
    ) -> None:
        from flows.engine import engine

        answered, run = {first}, first
        for values in answers:
            begun = time.monotonic()
            engine.resume(run, values)
            answered.add(run)
            run = until(lambda: self._question(bench, answered), f"the next question about {bench} waits")
            note("answer", time.monotonic() - begun)

    def _propose(self, name: str, group: str) -> UUID:
        from flows.engine import engine

        wish = {
            "anlaegstype": "Bænk",
            "navn": name,
            "gruppe": group,
            "ejer": "Kommunen",
            "breddegrad": 54.9861,
            "laengdegrad": 12.2836,
            "aar": 3,
        }
        engine.start("Forslag/opret", key=name, name=name, tags=[], parameters={"forslag": wish})
        return until(lambda: self._question(name, set()), f"the first question about {name} waits with its form")

    def empty_run(self, deployment: str) -> float:
        """Seconds of one, from asking for it until it is completed."""
        from flows.engine import engine

        self._number += 1
        begun = time.monotonic()
        run = engine.start(deployment, key=f"empty:{self._number}", name="Tom", tags=["tom"], parameters={})
        asked = "SELECT 1 FROM flow_run WHERE id = ? AND state_name = 'Completed'"
        until(lambda: self._read(asked, str(run.id)), "the empty run is completed")
        return time.monotonic() - begun

    def _calls_of_a_run(self, deployment: str) -> float:
        """The calls that a warm empty run causes, one after the other: those of the worker's base class, and the engine's."""
        from prefect.states import Completed, Pending, Running, Submitting

        from flows.engine.prefect_client import prefect
        from flows.running.worker import POOL

        self._number += 1
        begun = time.monotonic()
        with prefect() as client:
            found = client.read_deployment_by_name(deployment)
            run = client.create_flow_run_from_deployment(
                found.id, name="Tom", state=Pending(), idempotency_key=f"empty:{self._number}", tags=["tom"]
            )
            client.request("POST", "/work_pools/{name}/get_scheduled_flow_runs", path_params={"name": POOL}, json={})
            client.read_deployment(found.id)
            client.set_flow_run_state(run.id, Pending())
            client.read_deployment(found.id)
            client.read_flow(found.flow_id)
            client.update_flow_run_labels(run.id, {"prefect.worker.name": "x"})
            client.set_flow_run_state(run.id, Submitting())
            client.update_flow_run(run.id, infrastructure_pid="1")
            client.update_flow_run(run.id, flow_version="1")
            client.read_flow_run(run.id)
            client.set_flow_run_state(run.id, Running())
            client.read_flow_run(run.id)
            for _ in range(2):
                client.request("GET", "/admin/storage")
            client.set_flow_run_state(run.id, Completed())
        return time.monotonic() - begun

    def _question(self, bench: str, answered: set[UUID]) -> UUID | None:
        """The bench's next question, once it waits with its form."""
        waiting = self._read(
            "SELECT run.id FROM flow_run AS run WHERE run.name LIKE '% · ' || ? AND run.state_name = 'Suspended' AND EXISTS"
            " (SELECT 1 FROM flow_run_input AS form WHERE form.flow_run_id = run.id AND form.key LIKE '%-schema')",
            bench,
        )
        return next((found for (run,) in waiting if (found := UUID(run)) not in answered), None)

    def _read(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self._base}?mode=ro", uri=True, timeout=60)) as base:
            return base.execute(statement, values).fetchall()


def _set_the_scene() -> str:
    from channels.domain import recording
    from models.calendar import today
    from models.case.volunteer_group import add_group
    from models.pool.appropriation import appropriate
    from models.role import Door, Role

    on = today()
    with recording() as session:
        group = add_group(
            session,
            "Stege Nors Venner",
            ["Bodil Krag;bodil@stege.example;", "Aksel Lund;aksel@stege.example;"],
            Said(on, Role.COORDINATOR, Door.CLI),
            cvr="",
            key="bench",
        )
        for year in range(on.year, on.year + 5):
            appropriate(session, year, 60_000_00, Said(on, Role.POOL_MANAGER, Door.CLI), reason="", key=None)
        return group.reference


def is_served(name: str) -> bool:
    """Whether Prefect knows this deployment ("flow/deployment")."""
    from prefect.exceptions import ObjectNotFound

    from flows.engine.prefect_client import prefect

    with prefect() as client:
        try:
            return bool(client.read_deployment_by_name(name))
        except ObjectNotFound:
            return False


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if sys.argv[1:] else BENCHES), ensure_ascii=False))
