"""Several machines on loopback, as docs/administrator.md describes them, each a process that can be killed.

PostgreSQL with both databases, Redis, two of Prefect's API servers behind nginx, its background services apart, two
workers on the work pool of prefect.yaml, and one reconcile.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from flows.engine.prefect_key import USER, as_environment
from flows.running import leftovers
from flows.running.up import HOUSE, free_port
from tests import patience

LIMIT = 4
"""How many runs the pool has at work at the same time, on all workers together."""
RUN_AT_ONCE = 2
"""… and on each of them."""


def patiently(look: Callable[[], Any], what: str) -> Any:
    """What `look` finds, as soon as it is true."""
    deadline = time.monotonic() + patience.SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.5)
    return found


@dataclass
class Machines:
    """All that runs; `environment` is what each of our processes is started with."""

    folder: Path
    environment: dict[str, str]
    port: int
    servers: tuple[int, int]
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *argv: str, **more: str) -> None:
        """One process in a group of its own, marked, so that all it starts can be found."""
        with open(self.folder / f"{name}.log", "ab") as log:
            self._processes[name] = subprocess.Popen(
                argv,
                cwd=HOUSE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=self.environment | {"DRIFTSKLAR_CHILD": name} | more,
            )

    def prefect(self, *arguments: str) -> None:
        """One command of Prefect's own, to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
            cwd=HOUSE,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-2000:]}"

    def running_in(self, name: str) -> int:
        """How many processes a machine has."""
        return len(leftovers.carrying(self.mark, f"DRIFTSKLAR_CHILD={name}"))

    def pid_of(self, name: str) -> int:
        """The process a machine was started with."""
        return self._processes[name].pid

    def kill(self, name: str) -> int:
        """The power goes: everything of that machine at once, with -9. How many processes that were."""
        killed = leftovers.end(self.mark, f"DRIFTSKLAR_CHILD={name}")
        _end_group(self._processes[name])
        return killed

    def answers(self, port: int) -> bool:
        """Whether Prefect's API is there."""
        try:
            return httpx.get(f"http://127.0.0.1:{port}/api/health", timeout=patience.ONE_LOOK_SECONDS).is_success
        except httpx.HTTPError:
            return False

    @property
    def mark(self) -> str:
        """What all of ours carry."""
        return f"DRIFTSKLAR_STACK={self.folder}"

    def close(self) -> None:
        """All of it ends."""
        leftovers.end(self.mark)
        for process in self._processes.values():
            _end_group(process)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Redis and nginx write their titles where their environment was: the mark doesn't find those."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _postgresql(made: Machines) -> None:
    """Debian's server: Prefect wants `pg_trgm`, which the wheel of the other tests doesn't bring."""
    data, port = made.folder / "data", made.environment["PGPORT"]
    data.mkdir()
    lower: tuple[str, ...] = ()
    if os.geteuid() == 0:  # the server refuses to be root
        shutil.chown(data, "postgres", "postgres")
        lower = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
    bin_ = _postgresql_bin()
    new = (*lower, f"{bin_}/initdb", "-D", str(data), "-U", "driftsklar", "-A", "trust", "-N")
    subprocess.run(new, cwd=made.folder, check=True, stdout=subprocess.DEVNULL)
    sockets = ("-c", "unix_socket_directories=", "-c", "max_connections=200")
    made.start("postgresql", *lower, f"{bin_}/postgres", "-D", str(data), "-p", port, *sockets)
    server = f"postgresql://driftsklar@127.0.0.1:{port}/postgres"

    def answers() -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(server, autocommit=True) as here:
            for name in ("prefect", "driftsklar"):
                here.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
            return True
        return False

    patiently(answers, "PostgreSQL")


def _postgresql_bin() -> Path | None:
    """Where Debian puts the newest server's programs."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


def missing() -> list[str]:
    """What of all this isn't installed."""
    there = {name: shutil.which(name) is not None for name in ("redis-server", "nginx")}
    there["postgresql"] = _postgresql_bin() is not None
    there["prefect-redis"] = importlib.util.find_spec("prefect_redis") is not None
    return [name for name, is_there in there.items() if not is_there]


@contextmanager
def machines() -> Iterator[Machines]:
    """All of it, ready for work."""
    folder = Path(tempfile.mkdtemp(prefix="driftsklar-scale-"))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        made = _described(folder)
        ends.callback(made.close)
        _start(made)
        yield made


def _described(folder: Path) -> Machines:
    database = free_port()

    def address(driver: str, name: str) -> str:
        return f"{driver}://driftsklar@127.0.0.1:{database}/{name}"

    redis, port, servers = free_port(), free_port(), (free_port(), free_port())
    ours = {
        "DRIFTSKLAR_STACK": str(folder),
        "DRIFTSKLAR_DATABASE_URL": address("postgresql", "driftsklar"),
        "DRIFTSKLAR_VAR_DIR": str(folder / "var"),
        "DRIFTSKLAR_PREFECT_PORT": str(port),
        "PYTHONPATH": str(HOUSE),
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        **as_environment(f"{USER}:{secrets.token_urlsafe(24)}"),
        "PREFECT_API_DATABASE_CONNECTION_URL": address("postgresql+asyncpg", "prefect"),
        "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
        "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
        "PREFECT_REDIS_MESSAGING_URL": f"redis://127.0.0.1:{redis}/0",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
        "PREFECT_SERVER_DOCKET_URL": f"redis://127.0.0.1:{redis}/1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_API_DATABASE_MIGRATE_ON_START": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "DO_NOT_TRACK": "1",
        "REDIS_PORT": str(redis),
        "PGPORT": str(database),
    }
    (folder / "var").mkdir()
    return Machines(folder, os.environ | ours, port, servers)


def _start(made: Machines) -> None:
    _postgresql(made)
    redis = made.environment["REDIS_PORT"]
    made.start("redis", "redis-server", "--port", redis, "--bind", "127.0.0.1", "--dir", str(made.folder))
    made.prefect("server", "database", "upgrade", "--yes")
    prefect = (sys.executable, "-m", "prefect")
    for number, port in enumerate(made.servers, 1):
        made.start(
            f"server-{number}",
            sys.executable,
            "-m",
            "flows.engine.prefect_server",
            "--no-services",
            "--port",
            str(port),
        )
        # one after the other: both at once would each write Prefect's block types into an empty database
        patiently(lambda port=port: made.answers(port), f"server-{number}")  # type: ignore[misc]
    made.start("services", *prefect, "server", "services", "start")
    made.start("nginx", "nginx", "-c", str(_nginx(made)), "-g", "daemon off;")
    patiently(lambda: made.answers(made.port), "nginx")
    worker = (sys.executable, "-m", "flows.running.worker")
    subprocess.run([*worker, "--make-pool"], cwd=HOUSE, env=made.environment, check=True)
    made.prefect("work-pool", "set-concurrency-limit", "driftsklar", str(LIMIT))
    made.prefect("deploy", "--all")
    for number in (1, 2):
        made.start(f"worker-{number}", *worker, "--name", f"worker-{number}", "--limit", str(RUN_AT_ONCE))
    made.start("reconcile", sys.executable, "-m", "flows.running.reconcile", "--loop")


def _nginx(made: Machines) -> Path:
    """The file an administrator includes, with our ports, in the least there must be around it."""
    described = (HOUSE / "deploy" / "nginx-prefect-servers.conf").read_text()
    for theirs, ours in zip((4201, 4202, 4200), (*made.servers, made.port), strict=True):
        described = described.replace(f"127.0.0.1:{theirs}", f"127.0.0.1:{ours}")
    folder = made.folder / "nginx"
    folder.mkdir()
    paths = "\n".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        f"pid {folder}/pid;\nerror_log {folder}/error.log;\nuser root;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}\n{described}\n}}\n"
    )
    return whole
