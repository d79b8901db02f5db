"""A run that does nothing, served beside the real deployments by the same runner: the least a run can cost."""

from collections.abc import Coroutine

from prefect import flow, serve

from flows.running.deployments import AT_ONCE, deployments

NAME = "Tom kørsel/tom"


@flow(name="Tom kørsel")
def empty() -> None:
    """Nothing."""


if __name__ == "__main__":
    made = empty.to_deployment("tom")
    assert not isinstance(made, Coroutine)
    serve(*deployments(), made, limit=AT_ONCE, print_starting_message=False)
