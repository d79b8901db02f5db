"""The reconcile rests while nothing is decided, and looks at once when something is."""

from collections.abc import Iterator

import pytest

from channels import domain
from config.settings import settings
from flows.running.reconcile import GIVE_WAY_SECONDS, Watch
from tests.city import City


@pytest.fixture
def town(city: City, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """A city whose database is the one of this process."""
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", city.engine.url.render_as_string(hide_password=False))
    settings.cache_clear()
    domain.engine.cache_clear()
    yield city
    domain.engine().dispose()
    domain.engine.cache_clear()


def test_it_looks_when_something_was_decided_or_somebody_knocked_and_else_it_rests(town: City) -> None:
    watch = Watch()

    at_first = watch.is_due(knocked=False)
    until_all_is_in_step = watch.is_due(knocked=False)
    watch.rest()
    at_rest = watch.is_due(knocked=False)
    town.propose("baenk")
    after_a_decision = watch.is_due(knocked=False)
    watch.rest()
    at_a_knock = watch.is_due(knocked=True)

    assert (at_first, until_all_is_in_step, at_rest) == (True, True, False)
    assert (after_a_decision, at_a_knock) == (True, True)


def test_it_lets_runs_that_people_wait_for_go_first_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 1000.0
    monkeypatch.setattr("flows.running.reconcile.time.monotonic", lambda: moment)
    watch = Watch()

    gave_way = [watch.gives_way(False), watch.gives_way(True)]
    moment += GIVE_WAY_SECONDS - 1
    gave_way.append(watch.gives_way(True))
    moment += 1
    gave_way.append(watch.gives_way(True))

    assert gave_way == [False, True, True, False]
