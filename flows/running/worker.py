"""The worker: question runs in one process that has everything loaded, all other runs in a process each.

`driftsklar up` starts it (`python -m flows.running.deployments`), and each of several machines does
(`python -m flows.running.worker`). Prefect's engine and its states are the same as in a process of a run's own; what is
saved is the start of Python twice an answer.

A deployment says by its job variable `warm` that its runs are short: they wait for a person, and what they do between
is done in a second. Such a run has `longest_seconds`, and needs no heartbeat. One that takes longer can't be ended
inside a process, so the process ends: it marks what it had in hand as crashed, and who keeps it starts another. What is
taken up again after such a fall gets a process of its own, where it harms nobody.
"""

import argparse
import asyncio
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, Protocol
from uuid import UUID

import anyio
import anyio.abc
import httpx
from prefect import Flow
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import DeploymentResponse, SetStateStatus
from prefect.context import SyncClientContext
from prefect.exceptions import Abort, InfrastructureNotFound, Pause
from prefect.flow_engine import run_flow
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, get_current_settings, temporary_settings
from prefect.states import Cancelled, Crashed, Pending
from prefect.utilities.processutils import command_to_string
from prefect.workers.process import ProcessJobConfiguration, ProcessVariables, ProcessWorker, ProcessWorkerResult
from pydantic import Field, PrivateAttr

from config.settings import settings
from flows.engine import engine
from flows.engine.engine import TAKEN_UP
from flows.engine.far_knock import hear_from_afar, is_far
from flows.engine.knock import WORKER, hear, listen
from flows.engine.paths import TAG

POOL = "driftsklar"
AT_ONCE = 8
"""How many runs at the same time, warm or in a process of 100 MB each."""
WARM_AT_ONCE = 3
"""How many of them in the worker's process: more would only wait for each other, and for Prefect's database."""
LONGEST_SECONDS = 120.0
"""For a run of a question, which takes half a second; it must be less than the silence that the reconcile waits for."""
MOST_MB = 600.0
"""Memory after which the worker lets another one take its place."""
MOST_RUNS = 2_000
"""Runs in its process, after which it does so, too: each leaves some 5 KB behind (`benchmarks/warm_memory.py`)."""
AT_ONCE_IF_TIMES = 2.0
"""So many times that memory is no time to wait for others."""
LEAVE_SECONDS = 60.0
"""How long one that is to leave waits for a moment when nothing is at work."""
GOODBYE_SECONDS = 5.0
"""The same when it is told to stop."""
NEIGHBOUR_SECONDS = 2.0
"""… and for what is beside the runs: long enough for the mail that is under way."""
WATCH_SECONDS = 1.0
LOOK_SECONDS = 0.05
FROM_BEFORE_SECONDS = 2.0
SCHEDULED = StateType.SCHEDULED
LEFT = 75
"""The exit code of a worker that wants to be started again."""


@cache
def _settings_of_this_process() -> dict[str, str]:
    return get_current_settings().to_environment_variables(exclude_unset=True)


class Configuration(ProcessJobConfiguration):
    """What a deployment says of its runs."""

    warm: bool = Field(default=False)
    longest_seconds: float = Field(default=LONGEST_SECONDS)

    _entrypoint: str = PrivateAttr(default="")

    @property
    def entrypoint(self) -> str:
        """Where the flow is, as its deployment says."""
        return self._entrypoint

    @classmethod
    def _base_environment(cls) -> dict[str, str]:
        """The worker's settings, which don't change while it lives: to write them down for each run took 0.1 s."""
        return dict(_settings_of_this_process())

    def prepare_for_flow_run(
        self, flow_run: FlowRun, deployment: DeploymentResponse | None = None, *told: Any, **named: Any
    ) -> None:
        """A process of a run's own is started by the worker's Python, in its folder: its settings may name files there."""
        self._entrypoint = (deployment.entrypoint if deployment is not None else None) or ""
        self.command = self.command or command_to_string([sys.executable, "-m", "prefect.engine"])
        self.working_dir = self.working_dir or Path.cwd()
        super().prepare_for_flow_run(flow_run, deployment, *told, **named)


class Variables(ProcessVariables):
    """What a deployment may say of its runs, as Prefect's page about the pool shows it."""

    warm: bool = Field(default=False, title="I arbejderens egen proces", description="For korte kørsler, der spørger.")
    longest_seconds: float = Field(default=LONGEST_SECONDS, gt=0, title="Længste tid for en kort kørsel, i sekunder")


@dataclass
class AtWork:
    """A warm run now."""

    flow_run: FlowRun
    is_stuck: bool = False
    why: str = "Kørslens proces endte."
    """What is said of it, should it not have come to its end when the process has."""


class Neighbour(Protocol):
    """What else is done in the worker's process, in a thread of its own."""

    def start(self, is_busy: Callable[[], bool]) -> None:
        """Begin; what can wait lets the worker go first while it `is_busy`."""

    def end(self, seconds: float) -> None:
        """Come to an end, within these seconds."""


class Worker(ProcessWorker):
    """Prefect's process worker, with runs of questions in its own process."""

    type = "driftsklar"
    job_configuration = Configuration
    job_configuration_variables = Variables  # type: ignore[assignment]
    _display_name = "Driftsklar"
    _description = "Korte kørsler i én proces, hvor alt er indlæst; andre i hver sin."
    _documentation_url = ""
    _logo_url = ""

    def __init__(
        self, *, most_mb: float = MOST_MB, most_runs: int = MOST_RUNS, beside: Neighbour | None = None, **told: Any
    ) -> None:
        super().__init__(work_pool_name=POOL, prefetch_seconds=0, **{"limit": AT_ONCE} | told)
        self._most_mb, self._most_runs, self._beside = most_mb, most_runs, beside
        self._ran = 0
        self._warm: dict[UUID, AtWork] = {}
        self._in_processes: set[UUID] = set()
        self._knocked = asyncio.Event()
        self._places = anyio.CapacityLimiter(WARM_AT_ONCE)
        self._looks = 0
        self._is_closing = False
        self._leave_at: float | None = None

    async def run(
        self,
        flow_run: FlowRun,
        configuration: ProcessJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> ProcessWorkerResult:
        """One run, to its end or until it waits for a person."""
        looks = self._looks
        try:
            if isinstance(configuration, Configuration) and configuration.warm and not was_taken_up(flow_run):
                return await self._run_here(flow_run, configuration, task_status)
            self._in_processes.add(flow_run.id)
            return await super().run(flow_run, configuration, task_status)
        finally:
            self._in_processes.discard(flow_run.id)
            # who looked meanwhile passed by what had no place, and this run, if its answer came before it was out
            if self._looks != looks:
                self._knocked.set()

    async def kill_infrastructure(
        self, infrastructure_pid: str, configuration: ProcessJobConfiguration, grace_seconds: int = 30
    ) -> None:
        """Nothing: a run that hasn't begun has no process, and one that has sees for itself that it is cancelled."""
        raise InfrastructureNotFound(infrastructure_pid)

    async def _run_here(
        self, flow_run: FlowRun, configuration: Configuration, task_status: anyio.abc.TaskStatus[int] | None
    ) -> ProcessWorkerResult:
        where = f"{socket.gethostname()}:{os.getpid()}"
        if task_status is not None:
            task_status.started(os.getpid())
        async with self._places:
            try:
                flow = flow_at(configuration.entrypoint)
            except Exception as error:  # whatever stands in the module that the deployment names
                await self._fall(flow_run, f"Kørslens modul kan ikke indlæses: {type(error).__name__}: {error}")
                return ProcessWorkerResult(status_code=0, identifier=where)
            code = await self._run_within(configuration.longest_seconds, flow_run, flow)
        return ProcessWorkerResult(status_code=code, identifier=where)

    async def _run_within(self, seconds: float, flow_run: FlowRun, flow: Flow[..., Any]) -> int:
        work = self._warm[flow_run.id] = AtWork(flow_run)
        code, has_ended = 0, False
        with anyio.move_on_after(seconds) as patience:
            # a thread can't be ended: one that is stuck is left behind, and its process with it
            code, has_ended = await anyio.to_thread.run_sync(partial(run_warm, flow_run, flow), abandon_on_cancel=True)
        if patience.cancelled_caught:
            work.is_stuck = True  # and may come to its end yet; else it is told to have crashed when we leave
            work.why = f"Kørslen var ikke færdig efter {seconds:.0f} s."
            self.leave(f"{flow_run.name} is stuck")
            return 0
        del self._warm[flow_run.id]
        self._ran += 1
        if self._ran >= self._most_runs:
            self.leave(f"{self._ran} runs")
        if not has_ended:
            await self._end_cancelled(flow_run)
        return code

    async def _end_cancelled(self, flow_run: FlowRun) -> None:
        """A run that was cancelled while it was at work couldn't be stopped; it is cancelled now."""
        now = (await self.client.read_flow_run(flow_run.id)).state
        if now is not None and now.is_cancelling():
            await self.client.set_flow_run_state(flow_run.id, Cancelled(message=now.message), force=True)

    async def _fall(self, flow_run: FlowRun, why: str) -> None:
        with suppress(httpx.HTTPError):
            now = (await self.client.read_flow_run(flow_run.id)).state
            if now is None or not (now.is_final() or now.is_paused()):
                await self.client.set_flow_run_state(flow_run.id, Crashed(message=why), force=True)

    def leave(self, why: str) -> None:
        """Let another take this one's place, at the next quiet moment and after a minute at the latest."""
        if self._leave_at is None:
            self._leave_at = time.monotonic() + LEAVE_SECONDS
            self._logger.warning("This worker leaves: %s", why)

    @property
    def is_leaving(self) -> bool:
        """Whether another is to take its place."""
        return self._leave_at is not None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is at work but what is stuck."""
        return not self._in_processes and all(work.is_stuck for work in self._warm.values())

    async def serve(self, var_dir: Path | None = None, database_url: str = "") -> None:
        """Work until told to stop, or until it is time to let another take over; ends the process then.

        Knocks come from the server in `var_dir`, and by the database from those on other machines.
        """
        ending = asyncio.Event()
        for one in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(one, ending.set)
        door = listen(var_dir, WORKER) if var_dir is not None else None
        if door is not None:
            hear(door, self._knocked)
        if database_url and is_far(database_url):
            here = asyncio.get_running_loop()

            def knocked() -> None:
                here.call_soon_threadsafe(self._knocked.set)

            hear_from_afar(database_url, WORKER, knocked)
        if self._beside is not None:
            self._beside.start(lambda: any(not work.is_stuck for work in list(self._warm.values())))
        async with self, anyio.create_task_group() as loops:
            loops.start_soon(self._look_for_runs)
            loops.start_soon(self._look_for_runs_from_before)
            loops.start_soon(self._say_that_it_lives)
            loops.start_soon(self._watch)
            self._logger.info("Worker %r started", self.name)
            await ending.wait()
            self._is_closing = True
            with anyio.move_on_after(GOODBYE_SECONDS):
                while not self.is_quiet:
                    await anyio.sleep(LOOK_SECONDS)
            await self._go(0)

    async def _look_for_runs(self) -> None:
        while not self._is_closing:
            self._knocked.clear()
            self._looks += 1
            await self._tried(self.get_and_submit_flow_runs)
            with anyio.move_on_after(get_current_settings().worker.query_seconds):
                await self._knocked.wait()

    async def _look_for_runs_from_before(self) -> None:
        """Questions that were asked before there was a pool: they are in no queue, so the pool's list never has them."""
        open_runs = await anyio.to_thread.run_sync(engine.open_runs, TAG)
        before = [run.id for run in open_runs if run.work_queue_id is None and not is_ahead(run)]
        while before and not self._is_closing:
            await self._tried(partial(self._run_from_before, before))
            await anyio.sleep(FROM_BEFORE_SECONDS)

    async def _run_from_before(self, before: list[UUID]) -> None:
        """Run those of them that were answered; who has come to its end is left out from now on."""
        ready = FlowRunFilter(
            id=FlowRunFilterId(any_=before), state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[SCHEDULED]))
        )
        for run in await self.client.read_flow_runs(flow_run_filter=ready):
            if (await self.client.set_flow_run_state(run.id, Pending())).status is SetStateStatus.ACCEPT:
                plan = Configuration(warm=True)
                plan.prepare_for_flow_run(run, await self.client.read_deployment(run.deployment_id))  # type: ignore[arg-type]
                await self._run_here(run, plan, None)
                now = (await self.client.read_flow_run(run.id)).state
                if now is None or now.is_final():
                    before.remove(run.id)

    async def _say_that_it_lives(self) -> None:
        while True:
            await anyio.sleep(self.heartbeat_interval_seconds)
            await self._tried(self.sync_with_backend)

    async def _tried(self, what: Callable[[], Any]) -> None:
        try:
            await what()
        except Exception as trouble:  # mostly that the server is away: the next look is soon
            self._logger.warning("%s: %s", type(trouble).__name__, trouble)
            await anyio.sleep(1)

    async def _watch(self) -> None:
        while True:
            await anyio.sleep(WATCH_SECONDS)
            used = resident_mb()
            if used > self._most_mb:
                self.leave(f"{used:.0f} MB in use")
            if self._leave_at is None:
                continue
            if self.is_quiet or time.monotonic() > self._leave_at or used > AT_ONCE_IF_TIMES * self._most_mb:
                await self._go(LEFT)

    async def _go(self, code: int) -> None:
        for work in sorted(self._warm.values(), key=lambda each: each.is_stuck):
            await self._fall(work.flow_run, work.why)
        if self._beside is not None:
            await anyio.to_thread.run_sync(self._beside.end, NEIGHBOUR_SECONDS)
        end(code)


def is_ahead(flow_run: FlowRun) -> bool:
    """Whether the calendar has put it there for a later time."""
    return flow_run.state is not None and flow_run.state.is_scheduled() and flow_run.auto_scheduled


def was_taken_up(flow_run: FlowRun) -> bool:
    """Whether this run fell before, and somebody lets it start over."""
    return flow_run.state is not None and flow_run.state.message == TAKEN_UP


def run_warm(flow_run: FlowRun, flow: Flow[..., Any]) -> tuple[int, bool]:
    """Run it by Prefect's engine in this thread; the exit code its own process would have had, and whether it ended."""
    try:
        with SyncClientContext.get_or_create():
            state = run_flow(flow, flow_run=flow_run, parameters=flow_run.parameters, return_type="state")
    except Pause:  # it waits for a person
        return 0, True
    except Abort:  # Prefect says that it mustn't run
        return 0, False
    except BaseException:  # what would have ended its process; a failure has been told to Prefect before
        traceback.print_exc()
        return 1, False
    return 0, isinstance(state, State) and state.is_final()


def flow_at(entrypoint: str) -> Flow[..., Any]:
    """The flow that a deployment names, by module (`flows.work.work`) or by file (`flows/work.py:work`)."""
    file, _, name = entrypoint.partition(":")
    module = file.removesuffix(".py").replace("/", ".").lstrip(".") if name else entrypoint.rpartition(".")[0]
    found: Flow[..., Any] = getattr(import_module(module), name or entrypoint.rpartition(".")[2])
    return found


def resident_mb() -> float:
    """What this process has in memory, by the kernel's account; 0 where it gives none."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def main() -> None:
    """One worker on a machine of several, until it is told to stop (`python -m flows.running.worker`)."""
    parser = argparse.ArgumentParser(description="Driftsklars arbejder på en af flere maskiner.")
    parser.add_argument("--name", default=socket.gethostname())
    parser.add_argument("--limit", type=int, default=AT_ONCE)
    parser.add_argument("--make-pool", action="store_true", help="kun lave puljen i Prefect, eller bringe den ajour")
    told = parser.parse_args()
    if told.make_pool:
        make_pool()
        return
    import_module("flows.running.deployments")  # all flows, before the first of them is asked for
    work(name=told.name, limit=told.limit)


def make_pool() -> None:
    """Have the pool in Prefect, with what our deployments may say of their runs."""
    pool = WorkPoolCreate(name=POOL, type=Worker.type, base_job_template=Worker.get_default_base_job_template())
    with SyncClientContext.get_or_create() as prefect:
        prefect.client.create_work_pool(pool, overwrite=True)


def work(var_dir: Path | None = None, beside: Neighbour | None = None, **told: Any) -> None:
    """Be a worker; with the folder whose server knocks, where there is one on this machine."""

    async def begin() -> None:
        await Worker(beside=beside, **told).serve(var_dir, settings().database_url if var_dir is None else "")

    _settings_of_this_process()  # those of runs with a process each, which have a heartbeat
    # a warm run that ends before its first heartbeat is due would still wait for the heartbeat's thread, a second
    try:
        with (
            temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
            SyncClientContext(),  # one client for all warm runs: each would read certificates and open a connection
        ):
            asyncio.run(begin())
    except BaseException:  # a server that went away in the midst of it; who keeps us starts another
        traceback.print_exc()
        end(LEFT)


def end(code: int) -> NoReturn:
    """End this process, whatever hangs in it: a thread that is stuck would keep it for ever."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
