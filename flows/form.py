"""Asking a person: a flow run is suspended with a form, and asks again when a rule refuses the answer.

A suspended run costs nothing. When it is resumed its whole body runs again from the top, so an
answer that was refused must not be tried once more: it could be right by now, and nobody meant it
any longer. Each attempt therefore has its own key in Prefect, and a run begins at its last one.
"""

import re
from collections.abc import Callable
from copy import copy
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

import pydantic
from prefect import suspend_flow_run
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.input import RunInput

from flows.fields import Shown
from flows.prefect_client import prefect

FOREVER_SECONDS = 400 * 86_400  # a form must end some day; every deadline of ours comes long before

Form = TypeVar("Form", bound=RunInput)
Decision = TypeVar("Decision")


def form(model: type[Form], description: str, **values: Any) -> type[Form]:
    """A copy of `model` with these values filled in, and every bound and title kept.

    Prefect's own `with_initial_data` loses what `Field` says. The description is Markdown.
    """
    fields: dict[str, Any] = {}
    for name, value in values.items():
        info = copy(model.model_fields[name])
        info.default = value
        info.default_factory = None
        fields[name] = (info.annotation, info)
    made = pydantic.create_model(model.__name__, __base__=model, **fields)
    if issubclass(made, Shown):
        made.above = description  # shown above the first field, see `fields`
    else:
        made._description = description  # Prefect reads it from the class
    return made


def ask(
    key: str,
    make_form: Callable[[str], type[Form]],
    decide: Callable[[Form], Decision],
    *,
    refused: type[Exception],
) -> Decision:
    """Suspend the current flow run until `decide` accepts what a person answers.

    `make_form` gets the sentence to show on top: empty the first time, then why the last answer
    was refused. `key` is unique within the flow. `decide` may see an accepted answer again after a
    crash and must be harmless when repeated; it never sees a refused answer again, unless the
    process died before the refusal reached Prefect.

    Only a run of a deployment can be suspended. An answer without any value is no answer.
    """
    run_id = _current_run_id()
    stem = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")  # all that Prefect takes in a key
    told = ""
    for attempt in count(
        _last_attempt(run_id, stem)
    ):  # an unanswered attempt ends the process here
        asked = make_form(told)
        try:
            return decide(
                suspend_flow_run(
                    wait_for_input=asked, timeout=FOREVER_SECONDS, key=f"{stem}-{attempt}"
                )
            )
        except refused as refusal:
            told = str(refusal)
        except pydantic.ValidationError as error:  # Prefect took it, our model does not
            told = f"{_field_of(asked, error)}: det kan ikke bruges. Skriv det igen."
    raise AssertionError("count() ends never")


def _field_of(asked: type[RunInput], error: pydantic.ValidationError) -> str:
    name = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else ""
    field = asked.model_fields.get(name)
    return (field.title if field else None) or name or "Svaret"


def has_form(client: SyncPrefectClient, flow_run: FlowRun) -> bool:
    """Whether a suspended run has the form it waits for, so that a person can answer.

    Prefect takes the state first and the form after: a process killed between the two leaves a run
    that nobody can resume. `engine.revive` lets it ask again.
    """
    keys = flow_run.state.state_details.run_input_keyset if flow_run.state else None
    return keys is not None and _input(client, flow_run.id, keys["schema"]) is not None


def _last_attempt(run_id: UUID, stem: str) -> int:
    """The attempt to begin at: the last one asked, or the one after if that got no answer.

    Prefect takes a suspension that has been, for one that has been answered, and would then hand
    us the form's own values as if a person had sent them.
    """
    with prefect() as client:
        asked = client.read_flow_run(run_id).empirical_policy.pause_keys or set()
        numbers = [int(k.rpartition("-")[2]) for k in asked if re.fullmatch(rf"{stem}-\d+", k)]
        if not numbers:
            return 1
        last = max(numbers)
        answered = _input(client, run_id, f"suspended-{stem}-{last}-response") is not None
        return last if answered else last + 1


def _input(client: SyncPrefectClient, run_id: UUID, key: str) -> str | None:
    # the client's own read_flow_run_input raises for what is not there, after a wrapped 404
    found = client.request(
        "POST", "/flow_runs/{id}/input/filter", path_params={"id": run_id}, json={"prefix": key}
    ).json()
    return next((row["value"] for row in found if row["key"] == key), None)


def _current_run_id() -> UUID:
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("a person can only be asked from within a flow run")
    return context.flow_run.id
