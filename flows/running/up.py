"""`driftsklar up`: all of it on one machine. Starts what must run, restarts what dies, stops it all.

This process imports no Prefect, so it stays small, and there is little in it that can die. Its
children carry a mark (see `leftovers`): before a child is started, whatever is left of its
predecessor is ended, so a flow run can never have two processes at work.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.file_modes import PRIVATE_UMASK, make_folder, tighten
from config.settings import settings
from flows.engine.prefect_door import link_to
from flows.engine.prefect_environment import answers, api_url, prefect_environment, shorten_certificates
from flows.engine.prefect_key import FILE, LOOPBACK, as_environment, make_key
from flows.running import leftovers

HOUSE = Path(__file__).resolve().parents[2]
TICK_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # having lived so long, a child may die again without a longer pause
STOP_SECONDS = 10.0
LOG_BYTES = 10_000_000
LOCK = "up.lock"
OUT_OF_REACH = 3  # exit code

RUNNER = "flows.running.deployments"
RECONCILE = ("-m", "flows.running.reconcile", "--loop")

#: First what the last runner left behind, then the new one: in one process, so nothing is between.
_ADOPT_AND_SERVE = (
    "import runpy, sys; from flows.engine.engine import adopt_orphans; adopt_orphans();"
    "runpy.run_module(sys.argv[1], run_name='__main__', alter_sys=True)"
)


class CannotStart(Exception):
    """Why it can't be started here: a Danish sentence with the remedy."""


@dataclass
class Child:
    """One process that must run as long as `driftsklar up` does."""

    name: str
    argv: list[str]
    env: dict[str, str]
    log: Path
    may_start: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None
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

    def run(self) -> None:
        """Return when `stopping` is set, with every child and grandchild ended."""
        watchdog = None
        try:
            while not self.stopping.is_set():
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
        if now >= child.next_at and child.may_start():
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

    ended = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: ended.set())
    try:
        with running(prefect_port, page_port, var_dir=var_dir, host=host, tell=tell, page_module=page_module):
            tell(f"Det venter {way_in(var_dir, api_url(prefect_port))}")
            tell("           Linket virker én gang, i 10 minutter; et nyt fås med driftsklar open.")
            if host != LOOPBACK:
                tell(f"           Fra andre maskiner spørges om koden i {Path(var_dir) / FILE}.")
            if page_module:
                tell(f"Opgaver    http://127.0.0.1:{page_port}/opgaver")
                tell(f"Siden      http://127.0.0.1:{page_port}")
            tell(f"Logfiler   {Path(var_dir).resolve() / 'log'}")
            tell("Stop med Ctrl-C.")
            ended.wait()
            tell("Standser …")
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
    reconcile: tuple[str, ...] | None = RECONCILE,
    page_module: str | None = None,
) -> Iterator[Supervisor]:
    """The whole stack in the background, for as long as the block lasts.

    `runner` is a module that serves deployments, `reconcile` the arguments of its Python process;
    without them the server runs alone.

    Raises:
        CannotStart: a port is taken, or the stack already runs on this `var_dir`.
    """
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
        env = os.environ | prefect_environment(var_dir, prefect_port, host)
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HOUSE), env.get("PYTHONPATH")]))
        env["DRIFTSKLAR_VAR_DIR"] = str(var_dir)
        # said once for all children, wherever a run's process may stand
        env["DRIFTSKLAR_CONFIG_DIR"] = str(settings().config_dir.resolve())
        env["DRIFTSKLAR_TEMPLATES_DIR"] = str(settings().templates_dir.resolve())
        env["DRIFTSKLAR_PREFECT_PORT"] = str(prefect_port)
        if page_port is not None:
            env["DRIFTSKLAR_PAGE_PORT"] = str(page_port)

        def python(name: str, *arguments: str, alone: bool = False) -> Child:
            may_start = (lambda: True) if alone else (lambda: is_healthy(prefect_port))
            log = var_dir / "log" / f"{name}.log"
            return Child(name, [sys.executable, *arguments], env, log, may_start)

        children = [python("prefect-server", "-m", "flows.engine.prefect_server", alone=True)]
        if runner:
            children.append(python("runner", "-c", _ADOPT_AND_SERVE, runner))
        if reconcile:
            children.append(python("reconcile", *reconcile))
        if page_module:
            where = ("--port", str(page_port), "--host", host)
            page = python("page", "-m", page_module, *where, alone=True)
            keys = as_environment("")  # who serves strangers has no business with Prefect
            page.env = {name: value for name, value in env.items() if name not in keys}
            children.append(page)
        stack = Supervisor(children, mark, tell)
        thread = threading.Thread(target=stack.run, name="supervisor")
        thread.start()
        try:
            yield stack
        finally:
            stack.stopping.set()
            thread.join()


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
