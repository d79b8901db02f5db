"""`driftsklar up`: all of it on one machine. Starts what must run, restarts what dies, stops it all.

This process imports no Prefect, so there is little in it that can die. On Linux `up` splits its children off from
itself (see `forked`), so that what all of them need is in memory once. They carry a mark (see `leftovers`): before a
child is started, whatever is left of its predecessor is ended, so a flow run can never have two processes at work.
"""

import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn, Protocol

from channels.domain import engine as database
from config.file_modes import PRIVATE_UMASK, make_folder, tighten
from config.settings import settings
from flows.engine.prefect_door import link_to
from flows.engine.prefect_environment import answers, api_url, prefect_environment, shorten_certificates
from flows.engine.prefect_key import FILE, LOOPBACK, as_environment, make_key
from flows.running import leftovers
from flows.running.forked import can_fork, fork

HOUSE = Path(__file__).resolve().parents[2]
TICK_SECONDS = 0.4
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # having lived so long, a child may die again without a longer pause
STOP_SECONDS = 10.0
LOG_BYTES = 10_000_000
LOCK = "up.lock"
OUT_OF_REACH = 3  # exit code

RUNNER = "flows.running.deployments"
BEFORE_PREFECT = ("fastapi", "uvicorn", "httpx")
"""What Prefect's server needs that isn't Prefect's own."""
THE_HOUSE = ("channels.page.app", "channels.page.__main__")
"""What the page needs, and most of what the worker does: the rules and every way in and out."""

#: Everything loaded while the server starts; then what the last runner left behind, and the new one: in one process,
#: so nothing is between.
_ADOPT_AND_SERVE = (
    "import runpy, sys; import flows.running.deployments; from flows.engine.engine import adopt_orphans, wait_until_up;"
    "wait_until_up(); adopt_orphans(); runpy.run_module(sys.argv[1], run_name='__main__', alter_sys=True)"
)


class CannotStart(Exception):
    """Why it can't be started here: a Danish sentence with the remedy."""


class Process(Protocol):
    """A process as its supervisor sees it."""

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def returncode(self) -> int | None:
        """How it ended, once `poll` or `wait` has seen it."""

    def poll(self) -> int | None:
        """How it ended; None while it lives."""

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, as soon as it has."""


@dataclass
class Child:
    """One process that must run as long as `driftsklar up` does."""

    name: str
    argv: list[str]
    env: dict[str, str]
    log: Path
    loaded: tuple[str, ...] = ()  # modules that are shared with it where it is split off
    process: Process | None = None
    starts: int = 0
    pause_seconds: float = 0.0
    started_at: float = 0.0  # of the monotonic clock
    next_at: float = 0.0

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass
class Supervisor:
    """Keeps the children alive, in the order given; stops them in the opposite order."""

    children: list[Child]
    mark: str  # NAME=value, carried by all that ours start
    tell: Callable[[str], None] = print
    stopping: threading.Event = field(default_factory=threading.Event)
    splits: bool = False
    """Whether children are split off from this process: it has one thread then, and that runs us."""

    def run(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Return when `stopping` is set or `is_over` says so, with every child and grandchild ended."""
        watchdog = None
        try:
            while not (self.stopping.is_set() or is_over()):
                watchdog = watchdog or self._watchdog()
                for child in self.children if watchdog else ():
                    self._look_after(child)
                self.stopping.wait(TICK_SECONDS)
        finally:
            self._stop()
            if watchdog is not None:
                assert watchdog.stdin is not None
                watchdog.stdin.close()
                watchdog.wait()

    def _watchdog(self) -> subprocess.Popen[bytes] | None:
        """Who ends the children if we are killed; None when the machine has no room for it now."""
        try:
            return subprocess.Popen(
                [sys.executable, "-m", "flows.running.leftovers", self.mark],
                cwd=HOUSE,
                stdin=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError:
            return None

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.is_alive:
            return
        if child.process is not None:  # it has just died
            if now - child.started_at > STEADY_SECONDS:
                child.pause_seconds = 0.0
            self._pause(child, f"standsede (kode {child.process.returncode})")
            child.process = None
        if now >= child.next_at:
            try:
                self._start(child)
            except OSError as error:  # no memory or process left: there may be, soon
                self._pause(child, f"kunne ikke startes ({error.strerror})")

    def _pause(self, child: Child, why: str) -> None:
        child.pause_seconds = min(LONGEST_PAUSE_SECONDS, child.pause_seconds * 2 or 1.0)
        child.next_at = time.monotonic() + child.pause_seconds
        self.tell(f"{child.name} {why} og startes igen om {child.pause_seconds:.0f} s. Se {child.log}")

    def _start(self, child: Child) -> None:
        own = f"DRIFTSKLAR_CHILD={child.name}"
        leftovers.end(self.mark, own)
        mark_name, _, mark_value = self.mark.partition("=")
        marked = {mark_name: mark_value, "DRIFTSKLAR_CHILD": child.name}
        with open_log(child.log) as log:
            if self.splits:
                child.process = fork(child.name, child.argv, child.env | marked, log, child.loaded)
            else:
                child.process = subprocess.Popen(
                    child.argv,
                    env=child.env | marked,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    umask=PRIVATE_UMASK,  # Prefect's home and the logs
                    start_new_session=True,  # Ctrl-C comes to us alone, and we stop them in order
                )
        child.started_at = time.monotonic()
        child.starts += 1

    def _stop(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self.children):  # the server last: the others still talk to it
            if child.process is not None and child.is_alive:
                with suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.1, deadline - time.monotonic()))
        leftovers.end(self.mark)
        for child in self.children:
            if child.process is not None:
                with suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()


def up(
    prefect_port: int,
    page_port: int,
    *,
    var_dir: Path = Path("var"),
    host: str = LOOPBACK,
    quiet: bool = False,
    page_module: str | None = None,
) -> None:
    """Run everything until Ctrl-C or SIGTERM. Ends the process with 3 when it can't be started.

    Says how to open Prefect: by a link that works once. The key itself is told nowhere.
    """

    def tell(sentence: str) -> None:
        if not quiet:
            print(sentence, flush=True)

    try:
        with _stack(
            prefect_port, page_port, var_dir=var_dir, host=host, tell=tell, runner=RUNNER, page_module=page_module
        ) as stack:
            told: list[int] = []  # a signal comes in the midst of anything: what it does must take no lock
            for ending in (signal.SIGINT, signal.SIGTERM):
                signal.signal(ending, lambda number, _: told.append(number))
            tell(f"Det venter {way_in(var_dir, api_url(prefect_port))}")
            tell("           Linket virker én gang, i 10 minutter; et nyt fås med driftsklar open.")
            if host != LOOPBACK:
                tell(f"           Fra andre maskiner spørges om koden i {Path(var_dir) / FILE}.")
            if page_module:
                tell(f"Opgaver    http://127.0.0.1:{page_port}/opgaver")
                tell(f"Siden      http://127.0.0.1:{page_port}")
            tell(f"Logfiler   {Path(var_dir).resolve() / 'log'}")
            tell("Stop med Ctrl-C.")
            database().dispose()  # a connection can't be shared
            stack.splits = can_fork()

            def is_over() -> bool:
                if told:
                    tell("Standser …")
                return bool(told)

            stack.run(is_over)
    except CannotStart as error:
        print(error, file=sys.stderr)
        sys.exit(OUT_OF_REACH)
    tell("Alt er standset.")


@contextmanager
def running(
    prefect_port: int,
    page_port: int | None = None,
    *,
    var_dir: Path,
    host: str = LOOPBACK,
    tell: Callable[[str], None] = lambda _: None,
    runner: str | None = RUNNER,
    page_module: str | None = None,
) -> Iterator[Supervisor]:
    """The whole stack in the background, for as long as the block lasts.

    `runner` is a module that serves deployments; without it the server runs alone.

    Raises:
        CannotStart: a port is taken, or the stack already runs on this `var_dir`.
    """
    with _stack(
        prefect_port, page_port, var_dir=var_dir, host=host, tell=tell, runner=runner, page_module=page_module
    ) as stack:
        thread = threading.Thread(target=stack.run, name="supervisor")
        thread.start()
        try:
            yield stack
        finally:
            stack.stopping.set()
            thread.join()


@contextmanager
def running_apart(
    prefect_port: int, page_port: int, *, var_dir: Path, tell: Callable[[str], None], page_module: str
) -> Iterator[None]:
    """As `running`, with the supervisor in a process of its own: its children share what it has loaded.

    It stops them when the block ends, and when we die. Only a process that may be split can do so (`can_fork`).

    Raises:
        CannotStart: as `running`.
    """
    with _stack(
        prefect_port, page_port, var_dir=var_dir, host=LOOPBACK, tell=tell, runner=RUNNER, page_module=page_module
    ) as stack:
        ours, theirs = os.pipe()  # nobody writes; that we are gone, or done, is its end
        sys.stdout.flush()
        supervisor = os.fork()
        if not supervisor:
            _supervise(stack, ours, theirs)
        os.close(ours)
        try:
            yield
        finally:
            os.close(theirs)
            os.waitpid(supervisor, 0)


def _supervise(stack: Supervisor, until_closed: int, theirs: int) -> NoReturn:
    """The supervisor's whole life, which ends when the other end of the pipe is closed."""
    code = 1
    try:
        os.close(theirs)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the one who started us
        stack.splits = True
        stack.run(lambda: bool(select.select([until_closed], [], [], 0)[0]))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


@contextmanager
def _stack(
    prefect_port: int,
    page_port: int | None,
    *,
    var_dir: Path,
    host: str,
    tell: Callable[[str], None],
    runner: str | None,
    page_module: str | None,
) -> Iterator[Supervisor]:
    """Who supervises the whole stack, and has yet to run; nobody else may on this `var_dir` meanwhile."""
    var_dir = Path(var_dir).resolve()
    make_folder(var_dir / "log")
    tighten(var_dir, settings().database_url)
    with _alone_in(var_dir, api_url(prefect_port)):
        mark = f"DRIFTSKLAR_STACK={var_dir}"
        leftovers.end(mark)  # of a machine that lost power, or a watchdog that was killed as well
        _must_be_free(prefect_port, "--prefect-port")
        if page_module and page_port is not None:
            _must_be_free(page_port, "--page-port")
        shorten_certificates(var_dir)
        env = _environment(var_dir, prefect_port, page_port, host)
        children = _server_and_worker(var_dir, env, runner)
        if page_module:
            children.append(_page(var_dir, env, page_module, str(page_port), host))
        yield Supervisor(children, mark, tell)


def _environment(var_dir: Path, prefect_port: int, page_port: int | None, host: str) -> dict[str, str]:
    """What all children are told, wherever a run's process may stand."""
    env = os.environ | prefect_environment(var_dir, prefect_port, host)
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HOUSE), env.get("PYTHONPATH")]))
    env["DRIFTSKLAR_VAR_DIR"] = str(var_dir)
    env["DRIFTSKLAR_CONFIG_DIR"] = str(settings().config_dir.resolve())
    env["DRIFTSKLAR_TEMPLATES_DIR"] = str(settings().templates_dir.resolve())
    env["DRIFTSKLAR_PREFECT_PORT"] = str(prefect_port)
    if page_port is not None:
        env["DRIFTSKLAR_PAGE_PORT"] = str(page_port)
    return env


def _server_and_worker(var_dir: Path, env: dict[str, str], runner: str | None) -> list[Child]:
    """Prefect's server, and the worker, which waits for its answer."""
    children = [_python(var_dir, env, "prefect-server", "-m", "flows.engine.prefect_server", loaded=BEFORE_PREFECT)]
    if runner:
        adopt_and_serve = ("-c", _ADOPT_AND_SERVE, runner)
        children.append(_python(var_dir, env, "runner", *adopt_and_serve, loaded=THE_HOUSE))
    return children


def _page(var_dir: Path, env: dict[str, str], module: str, port: str, host: str) -> Child:
    """The volunteers' page, without Prefect's keys: who serves strangers has no business with it."""
    keys = as_environment("")
    without = {name: value for name, value in env.items() if name not in keys}
    return _python(var_dir, without, "page", "-m", module, "--port", port, "--host", host, loaded=THE_HOUSE)


def _python(var_dir: Path, env: dict[str, str], name: str, *arguments: str, loaded: tuple[str, ...] = ()) -> Child:
    return Child(name, [sys.executable, *arguments], env, var_dir / "log" / f"{name}.log", loaded=loaded)


def way_in(var_dir: Path, api: str) -> str:
    """A fresh link that opens, once, the page of what waits for people, where they see it."""
    seen = os.environ.get("PREFECT_SERVER_UI_API_URL", "")
    ui = (seen if "://" in seen else api).removesuffix("/").removesuffix("/api")
    return link_to(ui, make_key(var_dir), time.time())


def is_healthy(prefect_port: int) -> bool:
    """Whether Prefect's server answers on this port, within two seconds."""
    return answers(api_url(prefect_port))


def free_port() -> int:
    """A port on loopback that nobody used a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _must_be_free(port: int, option: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CannotStart(f"Port {port} er optaget af et andet program. Vælg en anden med {option}.") from None


def api_of(var_dir: Path) -> str | None:
    """The address of the Prefect that runs for this `var_dir` now; None when none does."""
    try:
        with open(var_dir / LOCK) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:  # held by the one that runs
                return lock.read() or None
            return None
    except FileNotFoundError:
        return None


@contextmanager
def _alone_in(var_dir: Path, url: str) -> Iterator[None]:
    with open_log(var_dir / LOCK) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart(
                f"Driftsklar kører allerede på {var_dir}. Stop den først, eller vælg en anden"
                " mappe med DRIFTSKLAR_VAR_DIR."
            ) from None
        lock.truncate(0)
        lock.write(url.encode())
        lock.flush()
        yield


def open_log(path: Path) -> IO[bytes]:
    """A log to write on, closed to others whatever the umask; one that has grown too long is put aside first."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
