"""Prefect's database is lost. (By its name the last file here: what it takes from the others is gone.)"""

import pytest

from flows.engine import engine
from tests.flows.house import House

pytestmark = pytest.mark.prefect


def test_no_question_has_failed(house: House) -> None:
    house.comes_in_step()
    questions = engine.runs_by_key("", tag="spørgsmål")

    assert {run.name for run in questions if run.state_name in ("Failed", "Crashed")} == set()
    assert len(questions) > 7


def test_a_prefect_that_lost_everything_asks_all_open_questions_again(house: House) -> None:
    house.comes_in_step()
    before = house.decided()

    house.close()
    house.wipe_prefect()
    house.open()

    waiting = house.comes_in_step()
    assert set(waiting) == set(house.open_questions())
    assert house.decided() == before
