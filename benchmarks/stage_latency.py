"""How long a person waits from an answer until the next question stands there with its form.

Beside it, in turn with each answer on the same server and runner, an empty run of a deployment, from
asking for it until it is completed: what Prefect itself takes for one process. An answer needs two, one
that records it and one that asks the next question. Prints one JSON document; seconds.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from benchmarks.measure import Row
from benchmarks.stack import stack, tell, until
from models.said import Said

BENCHES = 3

#: What is answered, in order, to a bench's questions; after the last one the next question is the permit's.
ANSWERS: tuple[dict[str, Any], ...] = (
    {"svar": "Ja", "timer_om_aaret": 2, "kr_om_aaret": 900, "hvem": "Driften"},
    {"svar": "Godkend og send til underskrift"},
    {"underskriver": "Gruppens kontaktperson"},
    {"underskriver": "Kommunen ved frivilligkoordinatoren"},
    {"svar": "Giv tilsagn", "hvem": "Puljeforvalteren"},
)


def rows(*, quick: bool) -> Iterator[Row]:
    """One row; an answer takes two runs, and so does the limit beside it."""
    document = measure(1, answers=2) if quick else measure(BENCHES)
    yield Row(
        "answer in the form to next stage waiting",
        "sqlite",
        document["answers"],
        "s",
        document["ours"],
        limit=2 * document["limit"],
        limit_name="two empty runs",
        ratio=round(document["ratio"] / 2, 2),
        must="≤ 1.3",
    )


def measure(benches: int, answers: int = len(ANSWERS)) -> dict[str, Any]:
    """Start a stack of our own in a new folder, take the benches through their answers, and stop it."""
    with stack(runner="benchmarks.empty_flow"):
        ours, limit = _take_turns(benches, ANSWERS[:answers])
    middle, least = statistics.median(ours), statistics.median(limit)
    return {
        "name": "stage_latency",
        "ours": round(middle, 2),
        "limit": round(least, 2),
        "ratio": round(middle / least, 2),
        "unit": "s",
        "answers": len(ours),
        "worst": round(max(ours), 2),
    }


def _take_turns(benches: int, answers: tuple[dict[str, Any], ...]) -> tuple[list[float], list[float]]:
    from benchmarks.empty_flow import NAME
    from flows.engine import engine

    until(lambda: engine.is_up() and _is_served(NAME), "the deployments are served")
    group = _set_the_scene()
    _seconds_of_empty_run(-1)  # the first of each warms the caches and counts for nothing
    ours: list[float] = []
    limit: list[float] = []
    for number in range(benches):
        name = f"Bænk nr. {number + 1}"
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
        answered: set[UUID] = set()
        run = _question(name, answered)
        for values in answers:
            begun = time.monotonic()
            engine.resume(run, values)
            answered.add(run)
            run = _question(name, answered)
            ours.append(time.monotonic() - begun)
            limit.append(_seconds_of_empty_run(len(limit)))
            tell(f"{len(ours):3}  {ours[-1]:5.2f} s  empty {limit[-1]:5.2f} s")
    return ours, limit


def _seconds_of_empty_run(number: int) -> float:
    from benchmarks.empty_flow import NAME
    from flows.engine import engine

    begun = time.monotonic()
    engine.start(NAME, key=f"empty:{number}", name="Tom", tags=["tom"], parameters={})

    def is_completed() -> bool:
        run = engine.run_with_key(f"empty:{number}")
        return run is not None and run.state is not None and run.state.is_completed()

    until(is_completed, "the empty run is completed")
    return time.monotonic() - begun


def _question(bench: str, answered: set[UUID]) -> UUID:
    """The bench's next question, once it waits with its form."""
    from flows.engine import engine
    from flows.engine.prefect_client import prefect
    from flows.engine.run_input import has_form

    def waiting() -> UUID | None:
        for run in engine.open_runs("spørgsmål"):
            is_next = run.name.endswith(f" · {bench}") and run.id not in answered
            if is_next and run.state is not None and run.state.is_paused():
                with prefect() as client:
                    if has_form(client, run):
                        return run.id
        return None

    return until(waiting, f"the next question about {bench} waits with its form")


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


def _is_served(name: str) -> bool:
    from flows.engine.prefect_client import prefect

    with prefect() as client:
        return any(name.endswith(f"/{found.name}") for found in client.read_deployments())


if __name__ == "__main__":
    benches = int(sys.argv[1]) if sys.argv[1:] else BENCHES
    print(json.dumps(measure(benches), ensure_ascii=False))
