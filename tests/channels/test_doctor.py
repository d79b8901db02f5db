"""The doctor finds what was broken, calls it by its name, and says what to do; a sound city has no fault.

Every fault here is made in the database or in the machine, past all rules: no door can make one.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from channels.paper.agreement_paper import print_agreement
from channels.records.doctor import DANISH, examine, faults_in_words
from config.file_modes import tighten
from config.settings import settings
from models.database import now
from models.stage import Stage
from tests.city import City, Place

Break = Callable[[Connection, Place], None]


FROM = date(2026, 4, 1)


def a_bench_is_looked_after(city: City) -> None:
    city.printer = print_agreement
    bench = city.in_operation(years=2, from_=FROM)
    for days in (0, 20, 25):
        city.sweep(FROM + timedelta(days=days))
    assert city.checks(bench)


pytestmark = pytest.mark.lived(life=a_bench_is_looked_after)


@pytest.fixture
def installed(city: City, monkeypatch: pytest.MonkeyPatch) -> City:
    """The city as an installation of its own, with a bench that is looked after."""
    url = city.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", url)
    monkeypatch.delenv("DRIFTSKLAR_SMTP_URL", raising=False)
    settings.cache_clear()
    tighten(settings().var_dir, url)
    city.today, city.printer = FROM, print_agreement
    return city


def sql(statement: str) -> Break:
    """A statement that breaks something; `:place` is the bench's number, `:moment` two days ago."""

    def run(connection: Connection, place: Place) -> None:
        connection.execute(
            text(statement).bindparams(
                **{
                    name: value
                    for name, value in {
                        "place": place.facility.id,
                        "moment": now() - timedelta(days=2),
                        "tomorrow": now() + timedelta(days=1),
                    }.items()
                    if f":{name}" in statement
                }
            )
        )

    return run


def promise_without_paper(connection: Connection, place: Place) -> None:
    """A commitment for a version that nobody signed; the balances follow, so that only this is wrong."""
    row = {"key": f"{place.reference}:funding:9:2026", "kind": "commitment", "place": place.facility.id}
    connection.execute(
        text(
            'INSERT INTO ledger_entry (key, year, facility_id, kind, amount_ore, what, "on", recorded_at,'
            " \"by\", door, case_number) VALUES (:key, 2026, :place, :kind, 100, '', '2026-04-01',"
            " '2026-04-01 00:00:00', 'pool_manager', 'cli', '')"
        ),
        row,
    )
    connection.execute(
        text("UPDATE pool_year SET free_ore = free_ore - 100, committed_ore = committed_ore + 100 WHERE year = 2026")
    )


def check_of_nobody(connection: Connection, place: Place) -> None:
    """A task is gone from under its check, as after a restore by hand."""
    number = connection.execute(text('SELECT min(id) FROM "check"')).scalar_one()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(text('UPDATE "check" SET care_task_id = 9999 WHERE id = :n'), {"n": number})


#: what is broken -> (the finding that must say so, how it is broken)
BROKEN: dict[str, tuple[str, Break]] = {
    "a balance": ("ledger", sql("UPDATE pool_year SET free_ore = free_ore + 1 WHERE year = 2026")),
    "a yes taken away": ("gate", sql("UPDATE consultation SET answer = NULL WHERE facility_id = :place")),
    "a signature's day taken away": ("commitment", sql("UPDATE agreement SET signed_on = NULL")),
    "a promise without paper": ("commitment", promise_without_paper),
    "an agreement ended by hand": ("in_force", sql("UPDATE agreement SET status = 'ended'")),
    "a task forgotten": (
        "next_check",
        sql("UPDATE care_task SET next_on = NULL WHERE id = (SELECT min(id) FROM care_task)"),
    ),
    "a check without task": ("check_task", check_of_nobody),
    "a check where nothing is looked after": (
        "check_task",
        sql("UPDATE facility SET stage = 'closed' WHERE id = :place"),
    ),
    "somebody asked after leaving": ("left", sql("UPDATE contact SET left_on = '2026-01-01'")),
    "days without the daily run": ("daily_run", sql("UPDATE daily_run SET recorded_at = :moment")),
    "a message nobody sent": ("outbox", sql("UPDATE message SET created_at = :moment")),
    "a message to a role given up": (
        "given_up",
        sql("UPDATE message SET given_up_at = :moment, error = 'nej' WHERE role IS NOT NULL"),
    ),
    "a refused address": ("address", sql("UPDATE contact SET mail_refused = '550 nej'")),
    "another shape": ("database", sql("UPDATE alembic_version SET version_num = '0000'")),
    "a clock set back": (
        "clock",
        sql(
            'INSERT INTO journal ("on", recorded_at, stage, what, "by", door)'
            " VALUES ('2026-04-01', :tomorrow, '', 'Noget.', 'coordinator', 'cli')"
        ),
    ),
}


def wrong() -> dict[str, str]:
    """The findings that aren't as they must be."""
    return {each["name"]: each["detail"] for each in examine() if not each["ok"]}


@pytest.mark.parametrize("what", BROKEN)
def test_whatever_is_broken_is_found_and_has_a_remedy(installed: City, what: str) -> None:
    name, break_it = BROKEN[what]
    bench = Place(installed, "VK-2026-0001")
    assert wrong() == {}
    if installed.engine.dialect.name == "sqlite":
        with installed.engine.connect() as connection:
            connection.connection.execute("PRAGMA foreign_keys=OFF")

    with installed.engine.begin() as connection:
        break_it(connection, bench)

    found = {each["name"]: each for each in examine()}
    assert not found[name]["ok"]
    assert found[name]["remedy"]
    assert name in DANISH
    assert f"{DANISH[name]}: " in faults_in_words(examine())


def test_no_finding_names_a_person(installed: City) -> None:
    with installed.engine.begin() as connection:
        for break_it in (
            sql("UPDATE contact SET left_on = '2026-01-01', mail_refused = 'aase@example.dk'"),
            sql("UPDATE message SET created_at = :moment"),
        ):
            break_it(connection, Place(installed, "VK-2026-0001"))

    said = faults_in_words(examine())

    assert "besked" in said
    assert [person for person in ("Aase", "Bent", "example.dk", "Stedets") if person in said] == []


def test_a_database_far_away_is_said_and_nothing_else_is_asked_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    settings.cache_clear()

    found = {each["name"]: each["ok"] for each in examine()}
    settings.cache_clear()

    assert found["database"] is False
    assert "ledger" not in found


def test_a_full_disk_is_said_before_it_is_quite_full(installed: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.records.doctor.MIN_FREE_BYTES", 2**60)

    assert list(wrong()) == ["disk"]


def test_a_folder_that_cannot_be_written_is_said(
    installed: City, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(tmp_path / "file" / "var"))
    settings.cache_clear()

    assert "disk" in wrong()


@pytest.mark.parametrize("how", ["nobody listens", "it hangs", "it hangs up"])
def test_a_mail_server_that_does_not_greet_is_said(installed: City, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr("channels.records.doctor.ANSWER_SECONDS", 0.3)
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        if how != "nobody listens":
            server.listen()
        if how == "it hangs up":
            threading.Thread(target=lambda: server.accept()[0].close(), daemon=True).start()
        monkeypatch.setenv("DRIFTSKLAR_SMTP_URL", f"smtp://127.0.0.1:{server.getsockname()[1]}")
        settings.cache_clear()

        found = wrong()

    assert list(found) == ["mail"]


def test_a_daily_run_that_never_came_is_missed_two_days_after_the_first_decision(
    installed: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with installed.engine.begin() as connection:
        connection.execute(text("DELETE FROM daily_run"))
    assert wrong() == {}

    monkeypatch.setattr("channels.records.doctor.now", lambda: now() + timedelta(days=3))

    assert "ikke kørt siden" in wrong()["daily_run"]


def test_what_it_says_does_not_depend_on_the_day(installed: City) -> None:
    installed.to_stage(Stage.CLOSED, name="Bænk ved havnen")
    installed.live(date(2026, 5, 1), date(2026, 7, 1))

    assert wrong() == {}


@pytest.mark.parametrize(
    ("url", "proxy", "found"),
    [
        ("https://pas.example", "", True),
        ("https://pas.example", "127.0.0.1", False),
        ("http://127.0.0.1:4280", "", False),
    ],
)
def test_a_page_behind_a_web_server_that_is_not_named_is_said(
    installed: City, monkeypatch: pytest.MonkeyPatch, url: str, proxy: str, found: bool
) -> None:
    monkeypatch.setenv("DRIFTSKLAR_PAGE_URL", url)
    monkeypatch.setenv("DRIFTSKLAR_PAGE_PROXY", proxy)
    settings.cache_clear()

    assert ("page_proxy" in wrong()) is found
    assert ("DRIFTSKLAR_PAGE_PROXY" in faults_in_words(examine())) is found
