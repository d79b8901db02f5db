"""Our own flows, and beside them the toy, in a process of its own as what is long, and warm as what asks."""

from collections.abc import Coroutine
from typing import Any

from prefect import Flow
from prefect.deployments.runner import RunnerDeployment
from prefect.types.entrypoint import EntrypointType

from flows.running.deployments import deployments, serve
from flows.running.worker import POOL
from tests.flows.toy import MOST_MB, hungry, toy


def made(name: str, asks: Flow[Any, Any] = toy, **variables: object) -> RunnerDeployment:
    """A deployment of a toy."""
    module = EntrypointType.MODULE_PATH
    found = asks.to_deployment(name, work_pool_name=POOL, job_variables=variables, entrypoint_type=module)
    assert not isinstance(found, Coroutine)
    return found


def that_raises_at_import() -> RunnerDeployment:
    """A deployment whose module isn't worth much."""
    found = made("knækket", warm=True)
    found.entrypoint = "tests.flows.raises_at_import.toy"
    return found


if __name__ == "__main__":
    toys = (
        made("varm", warm=True),
        made("hænger", warm=True, longest_seconds=20),
        made("sulten", hungry, warm=True),
        that_raises_at_import(),
        made("toy"),
    )
    serve(*deployments(), *toys, most_mb=MOST_MB)
