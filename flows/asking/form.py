"""Asking a person: a flow run is suspended with a form, and asks again when a rule refuses the answer.

A suspended run costs nothing. When it is resumed its whole body runs again from the top, so an
answer that was refused must not be tried once more: it could be right by now, and nobody meant it
any longer. Each attempt therefore has its own key in Prefect, and a run begins at its last one.

A refusal is said where people look: in the run's name, its log, its state's message and on top of the
form that asks again, which holds what was typed.
"""

import json
import re
from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import pydantic
from prefect import get_run_logger, suspend_flow_run
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.input import RunInput

from channels.questions.fields import with_values
from flows.engine.prefect_client import prefect
from flows.engine.run_input import answers_of, input_of

FOREVER_SECONDS = 400 * 86_400  # a form must end some day; every deadline of ours comes long before
AGAIN = "Svar igen · "
"""What the name of a run begins with while its last answer could not be used."""
FORGOTTEN = "Grunden står i kørslens log."
"""What is said on top when the process that knew the reason has died."""

Form = TypeVar("Form", bound=pydantic.BaseModel)
Decision = TypeVar("Decision")


def form(model: type[Form], description: str, **values: Any) -> type[Form]:
    """Prefect's copy of a plain form, with these values filled in, and every bound and title kept.

    Prefect's own `with_initial_data` loses what `Field` says. The description is Markdown; Prefect draws it
    above the first field, and a field's own description as plain text.
    """
    filled: Any = with_values(model, **values)
    bases = filled if issubclass(filled, RunInput) else (filled, RunInput)
    made: type[Form] = _described(pydantic.create_model(model.__name__, __base__=bases), description)
    return made


def with_typed(asked: type[Form], typed: Mapping[str, Any]) -> type[Form]:
    """The form as it is shown with what was typed before (JSON values), as far as it still fits.

    Only what is shown changes: a field that is emptied now stays empty, as Prefect sends nothing for it.
    """
    fields: dict[str, Any] = {}
    for name, value in typed.items():
        field = asked.model_fields.get(name)
        if field is None or value in ("", None, []) or not _fits(field.annotation, value):
            continue
        info = copy(field)
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        info.json_schema_extra = {**extra, "default": value}
        fields[name] = (info.annotation, info)
    before: Any = asked
    made: type[Form] = _described(pydantic.create_model(asked.__name__, __base__=before, **fields), said_above(before))
    return made


def said_above(asked: Any) -> str:
    """What stands above the fields of a form that `form` made; Markdown."""
    return str(asked._description)


def _described(made: Any, description: str) -> Any:
    made._description = description  # Prefect reads it from the class
    return made


def ask(
    key: str,
    make_form: Callable[[str], type[Form]],
    decide: Callable[[Form], Decision],
    *,
    refused: type[Exception],
    given: Form | None = None,
    discreet: Callable[[str], str] = str,
) -> Decision:
    """Suspend the current flow run until `decide` accepts what a person answers.

    `make_form` gets the sentence to show on top: empty the first time, then why the last answer
    was refused. `key` is unique within the flow. `decide` may see an accepted answer again after a
    crash and must be harmless when repeated; it never sees a refused answer again, unless the
    process died before the refusal reached Prefect.

    `given` is what the run was started with: it is tried first, and asked about only when it is refused.
    `discreet` takes out of a text what may not be shown in Prefect.

    Only a run of a deployment can be suspended. An answer without any value is no answer.
    """
    context = _current_run()
    run_id = context.id
    stem = _stem(key)
    attempt, typed = _where_we_are(run_id, stem)
    told = FORGOTTEN if typed else ""
    if given is not None and attempt == 0:
        try:
            return decide(given)
        except refused as refusal:
            told = str(refusal)
            _say_refused(run_id, told)
    if given is not None and not typed:
        told, typed = told or FORGOTTEN, given.model_dump(mode="json")
    attempt = max(attempt, 1)
    while True:
        asked = make_form(told)
        shown = with_typed(asked, _discreetly(typed, discreet)) if told else asked
        try:  # an unanswered attempt ends the process here
            decision = decide(_suspend(shown, f"{stem}-{attempt}", told))
        except refused as refusal:
            told = str(refusal)
        except pydantic.ValidationError as error:  # Prefect took it, our model does not
            told = f"{field_of(asked, error)}: det kan ikke bruges. Skriv det igen."
        else:
            if context.name.startswith(AGAIN):
                _call(run_id, context.name.removeprefix(AGAIN))
            return decision
        typed = _answer_to(run_id, stem, attempt) or typed
        attempt += 1
        _say_refused(run_id, told)


def _stem(key: str) -> str:
    """As much of a question's key as Prefect takes in its own."""
    return re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")


def _suspend(asked: type[Form], key: str, told: str) -> Form:
    """The answer to this form; Prefect ends the process here as long as there is none."""
    run_input: Any = asked
    try:
        return suspend_flow_run(wait_for_input=run_input, timeout=FOREVER_SECONDS, key=key)  # type: ignore[no-any-return]
    except Pause as pause:
        if told and pause.state is not None:
            _say_in_state(pause.state, told)
        raise


def _say_in_state(suspended: State, told: str) -> None:
    """Let the state in which a run waits say why it waits again: Prefect writes none of its own."""
    with prefect() as client:
        run_id = suspended.state_details.flow_run_id
        if run_id is None or client.read_flow_run(run_id).state_id != suspended.id:
            return  # somebody was faster than we
        message = f"Svaret kunne ikke bruges. {told}"
        again = suspended.fresh_copy().model_copy(update={"message": message})
        # by force: the rules would not let a suspended run be suspended
        client.set_flow_run_state(run_id, again, force=True)


def _say_refused(run_id: UUID, told: str) -> None:
    """Say in the run's log and in its name that an answer was refused."""
    get_run_logger().warning("Svaret kunne ikke bruges. %s", told)
    with prefect() as client:
        name = client.read_flow_run(run_id).name
        if not name.startswith(AGAIN):
            client.update_flow_run(run_id, name=f"{AGAIN}{name}")


def _call(run_id: UUID, name: str) -> None:
    with prefect() as client:
        client.update_flow_run(run_id, name=name)


def _discreetly(typed: Mapping[str, Any], discreet: Callable[[str], str]) -> dict[str, Any]:
    return {name: discreet(value) if isinstance(value, str) else value for name, value in typed.items()}


def _fits(annotation: Any, value: Any) -> bool:
    try:
        pydantic.TypeAdapter(annotation).validate_python(value)
    except pydantic.ValidationError:
        return False
    return True


def field_of(asked: type[pydantic.BaseModel], error: pydantic.ValidationError) -> str:
    """The title of the first field that the model would not take, as people see it."""
    name = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else ""
    field = asked.model_fields.get(name)
    return (field.title if field else None) or name or "Svaret"


def _where_we_are(run_id: UUID, stem: str) -> tuple[int, dict[str, Any]]:
    """The attempt to begin at, 0 when nothing was asked yet, and what was typed in the one that was refused last.

    It is the last one asked, or the one after if that got no answer: Prefect takes a suspension that has been,
    for one that has been answered, and would then hand us the form's own values as if a person had sent them.
    """
    with prefect() as client:
        asked = client.read_flow_run(run_id).empirical_policy.pause_keys or set()
    numbers = [int(k.rpartition("-")[2]) for k in asked if re.fullmatch(rf"{stem}-\d+", k)]
    if not numbers:
        return 0, {}
    last = max(numbers)
    begin_at = last if _answer_to(run_id, stem, last) is not None else last + 1
    before = (_answer_to(run_id, stem, number) for number in range(begin_at - 1, 0, -1))
    return begin_at, next(filter(None, before), {})


def _answer_to(run_id: UUID, stem: str, attempt: int) -> dict[str, Any] | None:
    """What was answered in this attempt; None when it got no answer."""
    with prefect() as client:
        stored = input_of(client, run_id, f"suspended-{stem}-{attempt}-response")
    return None if stored is None else dict(json.loads(stored) or {})


def last_answer(key: str) -> tuple[dict[str, Any], datetime] | None:
    """What was answered last in the current run's question `key`, and when (UTC); None when nothing was."""
    run_id = _current_run().id
    with prefect() as client:
        answers = answers_of(client, run_id, f"suspended-{_stem(key)}-")
    return max(answers, key=lambda each: each[1], default=None)


def _current_run() -> FlowRun:
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("a person can only be asked from within a flow run")
    return context.flow_run
