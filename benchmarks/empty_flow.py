"""A run that does nothing, served beside the real deployments: in a process, the least a run can cost, and warm."""

from collections.abc import Coroutine

from prefect import flow
from prefect.deployments.runner import RunnerDeployment
from prefect.types.entrypoint import EntrypointType

from flows.running.deployments import WARM, deployments, serve
from flows.running.worker import POOL

IN_A_PROCESS = "Tom kørsel/tom"
IN_THE_WORKER = "Tom kørsel/varm"


@flow(name="Tom kørsel")
def empty() -> None:
    """Nothing."""


def _made(name: str, **variables: bool) -> RunnerDeployment:
    made = empty.to_deployment(
        name, work_pool_name=POOL, job_variables=variables, entrypoint_type=EntrypointType.MODULE_PATH
    )
    assert not isinstance(made, Coroutine)
    return made


if __name__ == "__main__":
    serve(*deployments(), _made("tom"), _made("varm", **WARM))
