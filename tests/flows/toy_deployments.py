"""Our own flows, and beside them the toy, in a process of its own as what is long, and warm as what asks."""

from collections.abc import Coroutine

from prefect.deployments.runner import RunnerDeployment
from prefect.types.entrypoint import EntrypointType

from flows.running.deployments import deployments, serve
from flows.running.worker import POOL
from tests.flows.toy import toy


def made(name: str, **variables: object) -> RunnerDeployment:
    """A deployment of the toy."""
    found = toy.to_deployment(
        name, work_pool_name=POOL, job_variables=variables, entrypoint_type=EntrypointType.MODULE_PATH
    )
    assert not isinstance(found, Coroutine)
    return found


if __name__ == "__main__":
    serve(*deployments(), made("varm", warm=True), made("toy"))
