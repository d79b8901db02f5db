"""What a run has been asked and what was answered, as Prefect keeps it beside the run."""

from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun


def has_form(client: SyncPrefectClient, flow_run: FlowRun) -> bool:
    """Whether a suspended run has the form it waits for, so that a person can answer.

    Prefect takes the state first and the form after: a process killed between the two leaves a run
    that nobody can resume. `engine.engine.revive` lets it ask again.
    """
    keys = flow_run.state.state_details.run_input_keyset if flow_run.state else None
    return keys is not None and input_of(client, flow_run.id, keys["schema"]) is not None


def input_of(client: SyncPrefectClient, run_id: UUID, key: str) -> str | None:
    """What lies under a key beside the run, as JSON text; None when nothing does."""
    # the client's own read_flow_run_input raises for what is not there, after a wrapped 404
    found = client.request(
        "POST", "/flow_runs/{id}/input/filter", path_params={"id": run_id}, json={"prefix": key}
    ).json()
    return next((row["value"] for row in found if row["key"] == key), None)
