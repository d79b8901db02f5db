"""What a run has been asked and what was answered, as Prefect keeps it beside the run."""

import json
from datetime import datetime
from typing import Any
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
    return next((row["value"] for row in _beside(client, run_id, key) if row["key"] == key), None)


def answers_of(client: SyncPrefectClient, run_id: UUID, prefix: str) -> list[tuple[dict[str, Any], datetime]]:
    """The answers under keys that begin with `prefix`, each with the moment it was given (UTC)."""
    rows = [row for row in _beside(client, run_id, prefix) if row["key"].endswith("-response")]
    return [(dict(json.loads(row["value"]) or {}), datetime.fromisoformat(row["created"])) for row in rows]


def _beside(client: SyncPrefectClient, run_id: UUID, prefix: str) -> list[dict[str, Any]]:
    # the client's own read_flow_run_input raises for what is not there, after a wrapped 404; unasked the server gives one
    found: list[dict[str, Any]] = client.request(
        "POST", "/flow_runs/{id}/input/filter", path_params={"id": run_id}, json={"prefix": prefix, "limit": 1_000}
    ).json()
    return found
