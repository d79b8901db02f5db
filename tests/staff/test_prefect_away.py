"""The desk says when Prefect is away, and works without it."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from channels.prefect_sign import note_prefect
from config.settings import settings
from tests.staff.conftest import Desk

PAGES = ("/opgaver", "/opgaver/overblik")


@pytest.fixture
def leader(desk: Desk) -> Desk:
    desk.sign_in("leder@kommune.example")
    return desk


def test_nothing_is_said_where_prefect_was_never_started(leader):
    assert ["Prefect svarer ikke" in leader.get(path).text for path in PAGES] == [False, False]


def test_nothing_is_said_while_prefect_is_there(leader):
    note_prefect()

    assert ["Prefect svarer ikke" in leader.get(path).text for path in PAGES] == [False, False]


def test_the_waiting_list_and_the_overview_say_since_when_prefect_is_away(leader):
    note_prefect()
    seen = datetime.now(UTC) - timedelta(minutes=10)
    os.utime(settings().var_dir / "prefect-seen", (seen.timestamp(), seen.timestamp()))

    pages = [leader.get(path) for path in PAGES]

    assert [page.status_code for page in pages] == [200, 200]
    for page in pages:
        assert "Prefect svarer ikke (sidst kl." in page.text
        assert "Her kan alt besvares som ellers" in page.text


def test_the_sign_is_its_owners_alone(leader):
    note_prefect()

    assert (settings().var_dir / "prefect-seen").stat().st_mode & 0o777 == 0o600
