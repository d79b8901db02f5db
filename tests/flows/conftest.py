"""The one Prefect that the tests here share; see `house` in tests/conftest.py."""

import os
from collections.abc import Iterator
from unittest import mock

import pytest

from channels import domain
from config.settings import settings
from flows.engine.prefect_client import prefect
from flows.running.up import Supervisor
from tests.flows.house import House, until


@pytest.fixture(scope="session")
def prefect_server(house: House) -> Supervisor:
    """What keeps the house going, with the toy deployment to be started."""
    until(_is_served)
    assert house.stack is not None
    return house.stack


@pytest.fixture(scope="module")
def as_its_own(house: House) -> Iterator[None]:
    """What is asked in this process is asked of the house's database."""
    ours = {"DRIFTSKLAR_DATABASE_URL": house.database_url, "DRIFTSKLAR_VAR_DIR": str(house.folder)}
    with mock.patch.dict(os.environ, ours):
        settings.cache_clear()
        domain.engine.cache_clear()
        house.comes_in_step()
        yield
    domain.engine().dispose()
    settings.cache_clear()
    domain.engine.cache_clear()


def _is_served() -> bool:
    with prefect() as client:
        return any(found.name == "toy" for found in client.read_deployments())
