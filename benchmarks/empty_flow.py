"""A run that does nothing, served beside the real deployments: in a process, the least one can cost, and warm."""

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
    module = EntrypointType.MODULE_PATH
    made = empty.to_deployment(name, work_pool_name=POOL, job_variables=variables, entrypoint_type=module)
    assert not isinstance(made, Coroutine)
    made.entrypoint = "benchmarks.empty_flow.empty"  # not `__main__`, which is another module in a process of its own
    return made


if __name__ == "__main__":
    serve(*deployments(), _made("varm", **WARM), _made("tom"))
