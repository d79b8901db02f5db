"""What we ask of Prefect: to start a run, find it, cancel it, revive it, and to show a page.

Plain functions that can be called from anywhere; all of them raise `PrefectOutOfReach`.
"""

import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.client.schemas.filters import (
    ArtifactCollectionFilter,
    ArtifactCollectionFilterKey,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterIdempotencyKey,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import ArtifactCollection, FlowRun, State, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.client.schemas.sorting import FlowRunSort
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter, EventResourceFilter
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings
from prefect.states import Cancelled, Cancelling, Completed, Scheduled

from flows.engine.prefect_client import prefect
from flows.engine.prefect_environment import answers
from flows.engine.run_input import has_form

PAGE_ROWS = 200  # the server gives no more at a time
PAGES_AT_A_TIME = 2
CANCEL_SECONDS = 10.0
ENDED = [StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED]
OPEN = [state for state in StateType if state not in ENDED]
TAKEN_UP = "Taget op igen"
"""What the state of a run says that starts over."""
REMEMBERED_SECONDS = 60.0
_addresses: dict[tuple[str, str], tuple[float, UUID]] = {}
"""By server and key: when a page's number was seen last, and the number."""
OWNED = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]  # a process should be at work


class AnswerRejected(Exception):
    """Prefect did not take the answer: the form's bounds, or the run waits for none. In English."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_up() -> bool:
    """Whether the server answers, within two seconds."""
    url = get_current_settings().api.url
    return url is not None and answers(url)


def wait_until_up() -> None:
    """Return as soon as the server answers."""
    while not is_up():
        time.sleep(0.2)


def start(deployment: str, *, key: str, name: str, tags: list[str], parameters: dict[str, Any]) -> FlowRun:
    """Start a run of `deployment` ("flow/deployment"), or find the one that already has this key.

    The same key gives the same run for ever, also when it has ended in whatever way.
    """
    with prefect() as client:
        found = client.read_deployment_by_name(deployment)
        return client.create_flow_run_from_deployment(
            found.id, parameters=parameters, name=name, tags=tags, idempotency_key=key
        )


def is_switched_off(deployment: str) -> bool:
    """Whether a deployment ("flow/deployment") is paused, or one of its schedules is; False when it isn't there."""
    with prefect() as client:
        try:
            found = client.read_deployment_by_name(deployment)
        except ObjectNotFound:
            return False
    return found.paused or not all(schedule.active for schedule in found.schedules)


def switch_on(deployment: str) -> None:
    """Let the calendar start a deployment again."""
    with prefect() as client:
        found = client.read_deployment_by_name(deployment)
        for schedule in found.schedules:
            client.update_deployment_schedule(found.id, schedule.id, active=True)
        client.resume_deployment(found.id)


def open_runs(tag: str) -> list[FlowRun]:
    """All runs with this tag that have not ended, newest first."""
    with_tag = FlowRunFilterTags(any_=[tag])
    # The first page, mostly the only one, by the open states: an index finds them among all that ended. Any further
    # one by what it isn't: it is read along the order of the pages then, where the index has all sorted anew for each.
    return _runs(FlowRunFilter(tags=with_tag, state=_in(OPEN)), FlowRunFilter(tags=with_tag, state=_in_none_of(ENDED)))


def runs_by_key(prefix: str, *, tag: str) -> list[FlowRun]:
    """All runs with this tag whose key begins with `prefix`, ended or not, newest first.

    Prefect can't search a part of a key: the tag (the facility's reference) narrows it down.
    """
    runs = _runs(FlowRunFilter(tags=FlowRunFilterTags(all_=[tag])))
    return [run for run in runs if (run.idempotency_key or "").startswith(prefix)]


def run_with_key(key: str) -> FlowRun | None:
    """The run that was started with exactly this key."""
    runs = _runs(FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=[key])))
    return runs[0] if runs else None


def orphans() -> list[FlowRun]:
    """Runs at which a process should be at work. Ask only while no runner lives: then none is.

    Prefect does not see that a whole runner died; such runs would be "Running" for ever.
    """
    runs = _runs(FlowRunFilter(state=_in(OWNED)))
    return [run for run in runs if run.deployment_id is not None]


def adopt_orphans() -> int:
    """Let every orphan run again, or finish its cancelling; returns how many. See `orphans`."""
    return adopt(orphans())


def should_be_at_work(run: FlowRun) -> bool:
    """Whether there should be a process at this run."""
    return run.state is not None and run.state.type in OWNED


def gave_a_sign_since(run: FlowRun, moment: datetime) -> bool:
    """Whether the process at this run has said since `moment` (UTC) that it lives, as Prefect lets it every three minutes."""
    of_this_run = EventResourceFilter(id=[f"prefect.flow-run.{run.id}"])
    signs = EventFilter(
        event=EventNameFilter(name=["prefect.flow-run.heartbeat"]),
        resource=of_this_run,
        occurred=EventOccurredFilter(since=moment),
    )
    with prefect() as client:
        return bool(client.read_events(signs, limit=1).events)


def crashed_after(moment: datetime, *, tag: str) -> list[FlowRun]:
    """Runs with this tag that went down after `moment` (UTC)."""
    crashed, then = _in([StateType.CRASHED]), FlowRunFilterEndTime(after_=moment)
    return _runs(FlowRunFilter(tags=FlowRunFilterTags(all_=[tag]), state=crashed, end_time=then))


def adopt(found: list[FlowRun]) -> int:
    """Let these runs, at which nobody is at work, run again or finish their cancelling; how many."""
    for run in found:
        if run.state is not None and run.state.is_cancelling():
            with prefect() as client:
                client.set_flow_run_state(run.id, Cancelled(message=run.state.message), force=True)
        else:
            revive(run)
    return len(found)


def cancel(run: FlowRun, why: str) -> None:
    """End this run as Cancelled with the reason. A process at work on it is stopped first.

    A run that has ended already is left as it is.
    """
    _end(run, Cancelled(message=why), why)


def settle(run: FlowRun, name: str, why: str) -> None:
    """End this run as Completed under a name, as if it had seen for itself that its question is settled.

    A run that has ended already is left as it is.
    """
    _end(run, Completed(name=name, message=why), why)


def _end(run: FlowRun, end: State, why: str) -> None:
    with prefect() as client:
        state = client.read_flow_run(run.id).state
        if state is not None and state.is_final():
            return
        if state is not None and state.is_running():
            client.set_flow_run_state(run.id, Cancelling(message=why))
            _wait_for_end(client, run.id)  # the runner stops the process
        state = client.read_flow_run(run.id).state
        if state is None or not state.is_final() or state.is_cancelled():
            client.set_flow_run_state(run.id, end, force=True)


def revive(run: FlowRun) -> None:
    """Let this run start over: for orphans, crashed and failed runs, and a form that got lost.

    By force, since only so Prefect remembers which questions have been answered: those answers
    are read again, not asked for anew.
    """
    with prefect() as client:
        client.set_flow_run_state(run.id, Scheduled(message=TAKEN_UP), force=True)


def resume(run_id: UUID, values: dict[str, Any]) -> None:
    """Answer the form of a suspended run, as the Resume button does.

    Raises:
        AnswerRejected: the run waits for no answer, or the form refuses it; nothing has changed.
    """
    with prefect() as client:
        result = client.resume_flow_run(run_id, run_input=values)
    if result.status != SetStateStatus.ACCEPT:
        raise AnswerRejected(getattr(result.details, "reason", None) or str(result.status))


def rename(run_id: UUID | str, name: str, tags: list[str]) -> None:
    """Give a run the name and tags that were not known when it started."""
    with prefect() as client:
        client.update_flow_run(UUID(str(run_id)), name=name, tags=tags)


def ended_before(moment: datetime) -> list[FlowRun]:
    """All runs that ended, in whatever way, before `moment` (UTC)."""
    return _runs(FlowRunFilter(state=_in(ENDED), end_time=FlowRunFilterEndTime(before_=moment)))


def forget(run: FlowRun) -> None:
    """Remove a run with its states, answers and logs; harmless when it is gone already."""
    with prefect() as client, suppress(ObjectNotFound):
        client.delete_flow_run(run.id)


def formless_runs(runs: list[FlowRun], seen: set[UUID] | None = None) -> list[FlowRun]:
    """The suspended ones among `runs` whose form got lost (see `form.has_form`).

    `seen` remembers the states whose form was there: it stays as long as the state, and is asked for once.
    """
    seen = set() if seen is None else seen
    suspended = {run.state.id: run for run in runs if run.state is not None and run.state.is_paused()}
    seen &= suspended.keys()
    unseen = suspended.keys() - seen
    if not unseen:
        return []
    with prefect() as client:
        seen |= {state_id for state_id in unseen if has_form(client, suspended[state_id])}
    return [run for state_id, run in suspended.items() if state_id not in seen]


def latest_artifact(key: str) -> ArtifactCollection | None:
    """The page that Prefect shows under this key now."""
    return _latest_artifacts([key]).get(key)


def artifact_address(key: str) -> UUID | None:
    """The number of the page under this key, as it was at most `REMEMBERED_SECONDS` ago; None when there was none.

    A page keeps its number for as long as Prefect keeps its database, so a link needn't ask for it each time.
    """
    moment, number = _addresses.get((_server(), key), (0.0, None))
    if number is not None and time.monotonic() - moment < REMEMBERED_SECONDS:
        return number
    found = latest_artifact(key)
    return found.latest_id if found else None


def put_artifact(key: str, markdown: str, description: str) -> bool:
    """Show this page under the key (a–z, 0–9, -); returns False when it already says just that.

    The page keeps its address: it is changed, not added to, so links to it stay good.
    """
    return put_artifacts({key: (markdown, description)}) == 1


def put_artifacts(pages: Mapping[str, tuple[str, str]]) -> int:
    """Show these pages, each Markdown with a description by its key; how many didn't say so already."""
    there = _latest_artifacts(list(pages))
    changed = {
        key: page
        for key, page in pages.items()
        if key not in there or (there[key].data, there[key].description) != page
    }
    with prefect() as client:
        for key, (markdown, description) in changed.items():
            if key in there:
                client.update_artifact(there[key].latest_id, ArtifactUpdate(data=markdown, description=description))
            else:
                made = ArtifactCreate(key=key, type="markdown", data=markdown, description=description)
                _remember(key, client.create_artifact(made).id)
    return len(changed)


def _latest_artifacts(keys: list[str]) -> dict[str, ArtifactCollection]:
    with prefect() as client:
        found = client.read_latest_artifacts(
            artifact_filter=ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=keys)), limit=len(keys)
        )
    for each in found:
        _remember(each.key, each.latest_id)
    return {each.key: each for each in found}


def _remember(key: str, number: UUID) -> None:
    _addresses[_server(), key] = time.monotonic(), number


def _server() -> str:
    return get_current_settings().api.url or ""


def _in(types: list[StateType]) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=types))


def _in_none_of(types: list[StateType]) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(not_any_=types))


def _runs(wanted: FlowRunFilter, after_a_page: FlowRunFilter | None = None) -> list[FlowRun]:
    """All runs that are wanted, newest first; `after_a_page` wants the same in the words for a long list."""
    with prefect() as client:
        found = _page(client, wanted, 0)
        if len(found) == PAGE_ROWS:
            found += _further_pages(client, after_a_page or wanted)
    runs = {run.id: run for run in found}  # what starts meanwhile moves a run on to the next page
    return sorted(runs.values(), key=lambda run: run.created, reverse=True)  # type: ignore[arg-type,return-value]


def _further_pages(client: SyncPrefectClient, wanted: FlowRunFilter) -> list[FlowRun]:
    """What is on the second page and those after it; Prefect writes the next one while we read this one."""
    found: list[FlowRun] = []
    numbers = count(1)
    with ThreadPoolExecutor(PAGES_AT_A_TIME) as readers:
        asked = deque(readers.submit(_page, client, wanted, next(numbers)) for _ in range(PAGES_AT_A_TIME))
        while len(page := asked.popleft().result()) == PAGE_ROWS:
            found += page
            asked.append(readers.submit(_page, client, wanted, next(numbers)))
    return found + page


def _page(client: SyncPrefectClient, wanted: FlowRunFilter, number: int) -> list[FlowRun]:
    return client.read_flow_runs(
        flow_run_filter=wanted, sort=FlowRunSort.ID_DESC, limit=PAGE_ROWS, offset=number * PAGE_ROWS
    )


def _wait_for_end(client: SyncPrefectClient, run_id: UUID) -> None:
    deadline = time.monotonic() + CANCEL_SECONDS
    while time.monotonic() < deadline:
        state = client.read_flow_run(run_id).state
        if state is not None and state.is_final():
            return
        time.sleep(0.2)
