"""People write names at every stage of a facility, and Prefect and the logs hold none."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flows.engine import engine
from tests.city import City
from tests.flows.gossip import PEOPLE
from tests.flows.house import House, description

pytestmark = pytest.mark.prefect


def named_in(database: Path) -> set[tuple[str, str]]:
    """Which table of a database names whom."""
    with closing(sqlite3.connect(database)) as opened, opened:
        names = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        assert len(names) > 30
        return {
            (table, person)
            for (table,) in names
            for row in opened.execute(f'SELECT * FROM "{table}"')
            for person in PEOPLE
            if person in repr(row)
        }


def test_the_questions_tell_what_was_said_and_name_nobody(house: House) -> None:
    asked = [description(run) for run in house.comes_in_step().values()]

    assert any("en kontakt (" in text for text in asked)
    assert [person for person in PEOPLE for text in asked if person in text] == []


def test_the_case_file_tells_the_story_and_names_nobody(house: House) -> None:
    house.comes_in_step()
    page = str(getattr(engine.latest_artifact("sag-vk-2026-0001"), "data", ""))

    assert "en kontakt (" in page
    assert [person for person in PEOPLE if person in page] == []


def test_prefects_database_with_forms_artifacts_and_logs_holds_no_person(house: House) -> None:
    house.comes_in_step()

    assert named_in(house.prefect_database) == set()


def test_our_logs_hold_no_person(house: House) -> None:
    logs = list((house.folder / "log").iterdir())

    said = {(log.name, p) for log in logs for p in PEOPLE if p in log.read_text(errors="replace")}

    assert logs
    assert said == set()


def test_the_journal_and_the_ledger_hold_no_person(house: House) -> None:
    city: City = house.city
    held = city.dump()

    kept_for_ever = " ".join([*held["journal"], *held["ledger_entry"]])

    assert "en kontakt" in kept_for_ever
    assert [person for person in PEOPLE if person in kept_for_ever] == []
