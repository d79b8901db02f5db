"""prefect.yaml, for work pools, says what flows/running/deployments.py says for one machine."""

from pathlib import Path
from typing import Any

import yaml
from prefect import Flow
from prefect.deployments.runner import RunnerDeployment
from prefect.flows import load_flow_from_entrypoint

from flows.running.deployments import deployments, prefect_yaml

HOUSE = Path(__file__).resolve().parent.parent.parent


def in_the_file() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((HOUSE / "prefect.yaml").read_text())["deployments"]
    return found


def loaded(entry: dict[str, Any]) -> Flow[Any, Any]:
    path, _, name = entry["entrypoint"].partition(":")
    return load_flow_from_entrypoint(f"{HOUSE / path}:{name}")


def told_in_the_file(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": f"{loaded(entry).name}/{entry['name']}",
        "entrypoint": entry["entrypoint"],
        "description": entry["description"],
        "tags": entry["tags"],
        "schedules": [(s["cron"], s["timezone"]) for s in entry.get("schedules", [])],
    }


def told_in_the_code(made: RunnerDeployment) -> dict[str, Any]:
    module, _, name = (made.entrypoint or "").rpartition(".")
    schedules = [each.schedule for each in made.schedules or []]
    return {
        "name": f"{made.flow_name}/{made.name}",
        "entrypoint": f"{module.replace('.', '/')}.py:{name}",
        "description": made.description,
        "tags": made.tags,
        "schedules": [(s.cron, s.timezone) for s in schedules],  # type: ignore[union-attr]
    }


def test_the_file_for_work_pools_names_the_deployments_that_up_serves() -> None:
    in_file = [told_in_the_file(entry) for entry in in_the_file()]

    in_code = [told_in_the_code(made) for made in deployments()]

    assert in_file == in_code


def test_every_deployment_in_the_file_goes_to_the_pool_driftsklar() -> None:
    pools = {entry["work_pool"]["name"] for entry in in_the_file()}

    assert pools == {"driftsklar"}


def test_the_file_is_just_what_the_command_writes() -> None:
    in_file = (HOUSE / "prefect.yaml").read_text(encoding="utf-8")

    assert in_file == prefect_yaml(), "python -m flows.running.deployments --write"
