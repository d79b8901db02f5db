"""Whatever a life has been through, in the end the doctor finds nothing."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from models.database import reading
from models.overview.invariants import broken


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "broken(*names): breaks these invariants on purpose")


@pytest.fixture(autouse=True)
def the_doctor_comes_last(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every invariant of the database is asked when a test has ended."""
    if "database" not in request.fixturenames:
        yield
        return
    engine: Engine = request.getfixturevalue("database")
    on_purpose = request.node.get_closest_marker("broken")
    yield
    with reading(engine) as session:
        found = broken(session)
        assert sorted(found) == sorted(on_purpose.args if on_purpose else ()), found
