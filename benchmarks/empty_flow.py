"""Runs that do next to nothing, served beside the real deployments: in a process, the least one can cost, and warm."""

from collections.abc import Coroutine
from typing import Any

from prefect import Flow, flow
from prefect.deployments.runner import RunnerDeployment
from prefect.input import RunInput
from prefect.types.entrypoint import EntrypointType
from pydantic import Field

from flows.asking.form import ask, form
from flows.running.deployments import WARM, deployments, serve
from flows.running.worker import POOL

IN_A_PROCESS = "Tom kørsel/tom"
IN_THE_WORKER = "Tom kørsel/varm"
A_QUESTION = "Tomt spørgsmål/varm"


@flow(name="Tom kørsel")
def empty() -> None:
    """Nothing."""


class Answer(RunInput):
    """The shortest answer."""

    svar: str = Field(default="Ja", title="Svar", max_length=10)


class Never(Exception):
    """No answer is refused."""


@flow(name="Tomt spørgsmål")
def asking() -> str:
    """Ask, and believe everything."""
    answered: str = ask("tom", lambda told: form(Answer, f"{told}### Ja?"), lambda answer: answer.svar, refused=Never)
    return answered


def _made(name: str, does: Flow[[], Any], variables: dict[str, bool]) -> RunnerDeployment:
    module = EntrypointType.MODULE_PATH
    made = does.to_deployment(name, work_pool_name=POOL, job_variables=variables, entrypoint_type=module)
    assert not isinstance(made, Coroutine)
    # not `__main__`, which is another module in a process of its own
    made.entrypoint = f"benchmarks.empty_flow.{does.fn.__name__}"
    return made


if __name__ == "__main__":
    serve(*deployments(), _made("varm", empty, WARM), _made("varm", asking, WARM), _made("tom", empty, {}))
