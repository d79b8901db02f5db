"""Where things are in Prefect's own pages: the paths behind its address, in the UI that people get (V2).

The same paths without `/v2` open the old UI, which nobody is led to any more.
"""

from urllib.parse import urlencode
from uuid import UUID

TAG = "driftsklar"
"""What all runs of ours carry."""


def what_waits() -> str:
    """All runs that wait for a person, however long: a range of days would hide the old ones."""
    return "/v2/runs?" + urlencode({"state": "Suspended", "tags": TAG})


def run_page(run_id: UUID | str) -> str:
    """One run; its ⋮ menu has Resume."""
    return f"/v2/runs/flow-run/{run_id}"


def artifact_page(artifact_id: UUID | str) -> str:
    """One page of ours, as a case file."""
    return f"/v2/artifacts/artifact/{artifact_id}"
