"""Our own flows, and beside them the toy, whose runs need not know ours: so they begin a second sooner."""

from collections.abc import Coroutine

from prefect import serve

from flows.running.deployments import AT_ONCE, deployments
from tests.flows.toy import toy

if __name__ == "__main__":
    served = toy.to_deployment("toy")
    assert not isinstance(served, Coroutine)
    serve(served, *deployments(), pause_on_shutdown=False, limit=AT_ONCE)
