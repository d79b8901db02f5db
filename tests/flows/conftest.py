"""The one Prefect that the tests here share; see `house` in tests/conftest.py."""

import pytest

from flows.prefect_client import prefect
from flows.up import Supervisor
from tests.flows.house import House, until


@pytest.fixture(scope="session")
def prefect_server(house: House) -> Supervisor:
    """What keeps the house going, with the toy deployment to be started."""
    until(_is_served)
    assert house.stack is not None
    return house.stack


def _is_served() -> bool:
    with prefect() as client:
        return any(found.name == "toy" for found in client.read_deployments())
