"""A year is lived on several machines, two of which lose their power in the middle of it: it ends as if nothing was.

Needs PostgreSQL, Redis and nginx (Debian: `apt-get install postgresql redis-server nginx-light`) and `prefect-redis`.
"""

import contextvars
import os
import re
import threading
import time
import warnings
from collections import Counter
from unittest import mock

import pytest
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, PREFECT_HOME, temporary_settings

from channels import domain
from config.settings import settings
from flows import demo
from flows.engine import engine
from flows.running.in_step import in_step
from models.case.facility import facilities
from models.database import reading
from models.overview.invariants import broken
from tests.crash.test_every_point import what_is_true
from tests.scale.machines import Machines, machines, missing, patiently

DAYS_OF_CARE = 120
MISSING = missing()
if MISSING:
    LOUD = f"*** SEVERAL MACHINES ARE NOT TESTED: {', '.join(MISSING)} is not installed. ***"
    warnings.warn(LOUD, stacklevel=1)
    pytest.skip(LOUD, allow_module_level=True)

REFERENCE = re.compile(r"VK-\d{4}-\d{4}")
CHANCE = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{64}\b|(?<=-)[0-9a-f#]+(?=\.pdf)")
"""A run's id, a document's hash, and that in the document's name (in a message, its digits are signs already)."""
LISTED = re.compile(r"\[\{([^\[\]]*)\}\]")
"""The list of what waits in a Monday's mail: what is equally late is told by its number, which is anybody's."""
Truth = dict[str, Counter[str]]


def test_a_year_on_several_machines_survives_a_server_and_a_worker(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "DAYS_OF_CARE", DAYS_OF_CARE)
    monkeypatch.setattr(demo, "STEP_SECONDS", 900)
    said: list[str] = []

    undisturbed = a_year(said, disturbed=False)
    killed = a_year(said, disturbed=True)

    with capsys.disabled():
        print("", *said, sep="\n")
    assert len([line for line in said if "killed with -9" in line]) == 2
    differs = {table: (killed[table] - rows, rows - killed[table]) for table, rows in undisturbed.items()}
    assert {table: rows for table, rows in differs.items() if any(rows)} == {}


def a_year(said: list[str], *, disturbed: bool) -> Truth:
    """What the domain database holds when the demo's year has been lived on machines of its own."""
    began = time.monotonic()
    with machines() as running:
        domain_of = {
            name: value for name, value in running.environment.items() if name.startswith(("DRIFTSKLAR_", "PREFECT_"))
        }
        told = (PREFECT_API_URL, PREFECT_API_AUTH_STRING, PREFECT_HOME)
        here = {setting: running.environment[setting.name] for setting in told}
        with mock.patch.dict(os.environ, domain_of), temporary_settings(here):
            settings.cache_clear()
            domain.engine.cache_clear()
            up = time.monotonic()
            ours = contextvars.copy_context()  # else the thread knows no Prefect
            trouble = threading.Thread(target=ours.run, args=(_kill_two, running, said))
            if disturbed:
                trouble.start()
            assert demo.live_through(running.environment["PREFECT_API_URL"])
            lived = time.monotonic()
            if disturbed:
                trouble.join()
            patiently(lambda: in_step(0)["ok"], "Prefect and the domain in step")
            runs = engine.runs_by_key("", tag="driftsklar")
            again = sum(run.run_count > 1 for run in runs)
            with reading(domain.engine()) as session:
                assert broken(session) == {}
                names = {place.reference: place.name for place in facilities(session)}
            truth = what_is_true(domain.engine())
            domain.engine().dispose()
        settings.cache_clear()
        domain.engine.cache_clear()
    truth = {table: _by_name(rows, names) for table, rows in truth.items()}
    truth.pop("link")  # which links were made is a matter of how the mails fell together
    truth["message"] = Counter({row: count for row, count in truth["message"].items() if "'daily'" not in row})
    said.append(
        f"{'disturbed' if disturbed else 'undisturbed'}: up in {up - began:.0f} s, lived in {lived - up:.0f} s, "
        f"{len(runs)} runs ({again} in more than one go), states {dict(Counter(run.state_name for run in runs))}"
    )
    return truth


def _by_name(rows: Counter[str], names: dict[str, str]) -> Counter[str]:
    """The same with names for references, since three proposals are made at once and any is the first.

    The reference is printed in the agreement, so its hash says nothing here; a run's id is chance.
    """
    named: Counter[str] = Counter()
    for row, count in rows.items():
        by_name = REFERENCE.sub(lambda found: names.get(found[0], found[0]), row)
        named[LISTED.sub(_in_one_order, CHANCE.sub("?", by_name))] += count
    return named


def _in_one_order(found: re.Match[str]) -> str:
    return f"[{{{'}, {'.join(sorted(found[1].split('}, {')))}}}]"


def _kill_two(running: Machines, said: list[str]) -> None:
    """A server when the first questions stand, and a worker while a run is at work on it."""
    patiently(lambda: engine.open_runs("spørgsmål"), "the first question")
    said.append(f"server-1 killed with -9: {running.kill('server-1')} processes")
    worker = str(running.pid_of("worker-1"))  # runs that ask have no process of their own
    patiently(lambda: any(run.infrastructure_pid == worker for run in engine.orphans()), "a run at work on worker-1")
    said.append(f"worker-1 killed with -9 with its run: {running.kill('worker-1')} processes")
