"""Nattjek and Oprydning on a real Prefect: a fault shows as a failed run, and what is old is forgotten."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from uuid import UUID

import pytest
from click.testing import CliRunner
from prefect.client.schemas.objects import FlowRun
from prefect.events import emit_event
from prefect.states import Completed, Crashed, Running

from channels.records.known_heads import LOG, read_head
from config.settings import settings
from flows.command_line import doctor
from flows.engine import engine
from flows.engine.prefect_client import prefect
from flows.engine.prefect_environment import prefect_environment
from flows.retention import forget_before
from flows.running.calendar_on import CALENDAR
from flows.running.deployments import STARTED_BY_THE_CALENDAR
from flows.running.in_step import in_step
from flows.running.reconcile import pick_up
from flows.running.up import api_of
from models.chain import stands
from models.database import now
from tests import patience
from tests.flows.gossip import PEOPLE
from tests.flows.house import House, read, until

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("as_its_own")]


def run_now(deployment: str) -> FlowRun:
    """A run of this deployment, when it has ended."""
    made = engine.start(deployment, key=f"test:{now()}", name="Nu", tags=["driftsklar"], parameters={})
    until(lambda: (state := read(made.id).state) is not None and state.is_final())
    return read(made.id)


def one_without_a_process() -> FlowRun:
    """A run that Prefect holds for running, at which nobody is or was at work."""
    with prefect() as client:
        found = client.read_deployment_by_name("Oprydning/hver aften")
        return client.create_flow_run_from_deployment(found.id, name="Ingen", tags=["driftsklar"], state=Running())


def test_the_nightly_check_is_content_when_all_is_well(house: House) -> None:
    run = run_now("Nattjek/hver nat")

    assert (run.state_name, api_of(house.folder)) == ("I orden", f"{house.ui}/api"), run.state
    head = run.state.message.rpartition(" ")[2].removesuffix(".") if run.state.message else ""
    assert (house.folder / LOG).read_text().split()[-2:] == ["nat", head]
    with house.city.engine.connect() as connection:
        assert stands(connection, read_head(head, ""))


def test_a_fault_in_the_night_shows_as_a_failed_run_that_says_what_to_do(house: House) -> None:
    with closing(sqlite3.connect(house.folder / "driftsklar.db")) as base, base:
        base.execute("UPDATE contact SET mail_refused = '550 aase_holm@example.dk'")

    run = run_now("Nattjek/hver nat")

    with closing(sqlite3.connect(house.folder / "driftsklar.db")) as base, base:
        base.execute("UPDATE contact SET mail_refused = ''")
    assert run.state is not None
    said = run.state.message or ""
    assert run.state.is_failed()
    assert "Mailadresser: kontakt nr." in said
    assert "Spørg gruppen" in said
    assert [person for person in PEOPLE if person in said] == []


def test_a_run_whose_machine_is_gone_goes_on_without_a_person(house: House) -> None:
    went_down, fell_silent = run_now("Oprydning/hver aften"), one_without_a_process()

    with prefect() as client:
        client.set_flow_run_state(went_down.id, Crashed(), force=True)
    long_ago = (now() - timedelta(minutes=6)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(house.prefect_database, timeout=patience.SECONDS)) as base, base:
        base.execute(
            "UPDATE flow_run_state SET timestamp = ? WHERE id = (SELECT state_id FROM flow_run WHERE id = ?)",
            (long_ago, str(fell_silent.id)),
        )

    until(lambda: {read(run.id).state_name for run in (went_down, fell_silent)} == {"Ryddet"})


def test_a_run_that_takes_long_is_left_to_the_process_that_is_at_it(house: House) -> None:
    run, long_ago = one_without_a_process(), now() - timedelta(hours=1)
    seen = run.model_copy(update={"state": Running(timestamp=long_ago)})

    emit_event("prefect.flow-run.heartbeat", {"prefect.resource.id": f"prefect.flow-run.{run.id}"})
    until(lambda: engine.gave_a_sign_since(run, long_ago))

    assert pick_up([seen]) == 0
    with prefect() as client:
        client.set_flow_run_state(run.id, Completed(), force=True)


def test_prefect_and_the_database_waiting_for_different_things_is_found(house: House) -> None:
    assert in_step(patience_seconds=0)["ok"]
    key, run = next(iter(house.comes_in_step().items()))

    with prefect() as client:  # it waits for nobody now
        client.update_flow_run(run.id, tags=["driftsklar", "spørgsmål", key.partition(":")[0]])
    wrong = in_step(patience_seconds=0)

    assert not wrong["ok"]
    assert key in wrong["detail"]
    assert wrong["remedy"]
    with prefect() as client:
        client.update_flow_run(run.id, tags=run.tags)


def test_a_question_that_nobody_asks_is_found_and_heals_within_the_patience(house: House) -> None:
    key, run = next(iter(house.comes_in_step().items()))
    with prefect() as client:
        client.delete_flow_run(run.id)

    at_once = in_step(patience_seconds=0)
    later = in_step(patience_seconds=60)

    assert key in at_once["detail"] or at_once["ok"]  # the reconcile may have been quicker
    assert later["ok"], later
    house.asks_again(key, than=run.id)


def test_the_doctor_by_command_compares_with_the_prefect_of_its_own_folder(house: House) -> None:
    said = CliRunner().invoke(doctor, ["--json"], standalone_mode=False).output

    assert "Prefect og databasen venter på det samme" in said


def test_what_ended_long_ago_is_forgotten_and_what_waits_and_the_cases_stay(house: House) -> None:
    old, young = run_now("Oprydning/hver aften"), run_now("Oprydning/hver aften")
    waiting = house.comes_in_step()
    decided, page = house.decided(), engine.latest_artifact("sag-vk-2026-0001")
    year_ago = (now() - timedelta(days=401)).strftime("%Y-%m-%d %H:%M:%S.%f")
    aged = [old.id, *(run.id for run in waiting.values())]
    with closing(sqlite3.connect(house.prefect_database, timeout=patience.SECONDS)) as base, base:
        for number in aged:
            base.execute(
                "UPDATE flow_run SET created = ?, start_time = ?, end_time = CASE WHEN end_time IS NULL"
                " THEN NULL ELSE ? END WHERE id = ?",
                (year_ago, year_ago, year_ago, str(number)),
            )
    assert logs_of(house, old.id)

    run = run_now("Oprydning/hver aften")

    assert run.state is not None
    assert run.state.message == "1 kørsler ældre end 400 dage er fjernet."
    assert engine.runs_by_key(old.idempotency_key or "", tag="driftsklar") == []
    until(lambda: not logs_of(house, old.id))
    assert read(young.id).state_name == "Ryddet"
    assert set(house.comes_in_step()) == set(waiting)
    assert house.decided() == decided
    assert page is not None
    assert engine.latest_artifact("sag-vk-2026-0001") == page
    assert forget_before(now() - timedelta(days=400)) == 0


def logs_of(house: House, run_id: UUID) -> int:
    """How many lines of log Prefect holds for a run."""
    with closing(sqlite3.connect(house.prefect_database, timeout=patience.SECONDS)) as base:
        rows = base.execute("SELECT count(*) FROM log WHERE flow_run_id = ?", (str(run_id),))
        return int(rows.fetchone()[0])


def test_events_are_forgotten_by_the_server_after_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTSKLAR_KEEP_RUNS_DAYS", "30")
    for name in ("PREFECT_SERVER_EVENTS_RETENTION_PERIOD", "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED"):
        monkeypatch.delenv(name, raising=False)  # an administrator's own wish would stand
    settings.cache_clear()

    ours = prefect_environment(settings().var_dir, 4200)
    settings.cache_clear()

    assert ours["PREFECT_SERVER_EVENTS_RETENTION_PERIOD"] == "P30D"
    assert "events" in ours["PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED"]


def test_a_calendar_that_somebody_switched_off_is_switched_on_again_and_it_is_said(house: House) -> None:
    morning = CALENDAR[0]
    house.comes_in_step()
    with prefect() as client:
        found = client.read_deployment_by_name(morning)
        client.pause_deployment(found.id)

    doctor_says = in_step(patience_seconds=0)["detail"]
    log = house.folder / "log" / "reconcile.log"
    healed_before = "was switched off" in log.read_text(errors="replace")

    assert morning in doctor_says or healed_before  # the reconcile may have been quicker
    until(lambda: f"{morning} was switched off" in log.read_text(errors="replace"))
    until(lambda: not engine.is_switched_off(morning))


def test_what_the_calendar_starts_is_what_is_kept_switched_on() -> None:
    assert tuple(f"{flow.name}/{name}" for flow, name, *_ in STARTED_BY_THE_CALENDAR) == CALENDAR
