"""A child that is split off from a process which has loaded much of what it needs: the two hold it in memory once.

`driftsklar up` starts its children so on Linux: what it has loaded itself (the database's library, the pages, the
rules) costs three processes no more than one. Only a process with a single thread may be split, and none that has
Prefect loaded: its engine would wait for threads that aren't there any more. So Prefect comes after the split.
"""

import ctypes
import gc
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from importlib import import_module
from typing import IO, NoReturn

from config.file_modes import PRIVATE_UMASK

DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's prctl(2)."""
LOOK_SECONDS = 0.02
NAME_LENGTH = 15
"""What the kernel keeps of a process's name."""


class Forked:
    """The child, seen by its parent; as much of `subprocess.Popen` as a supervisor needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it lives."""
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, as soon as there is one.

        Raises:
            TimeoutExpired: it lives still after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout if timeout is not None else None
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(LOOK_SECONDS)
        return code


def can_fork() -> bool:
    """Whether this process may be split: on Linux, with one thread, without Prefect."""
    return sys.platform == "linux" and threading.active_count() == 1 and "prefect" not in sys.modules


def fork(name: str, argv: list[str], env: dict[str, str], log: IO[bytes], loaded: tuple[str, ...] = ()) -> Forked:
    """Start `python -m module …` or `python -c program …` as a child that shares what we have loaded.

    `loaded` are modules to load first, so that they are shared. The child dies with us, by whatever way we end.

    Raises:
        OSError: the machine has no room for it now.
    """
    for module in loaded:
        with suppress(Exception):  # whatever is wrong with it, the child meets it too, and its log says so
            import_module(module)
    gc.collect()
    gc.freeze()  # for good: the collector writes into what it looks at, and what is written to isn't shared any more
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return Forked(pid)
    _be(name, argv[1:], env, log.fileno(), parent)


def _be(name: str, arguments: list[str], env: dict[str, str], log: int, parent: int) -> NoReturn:
    """The child's whole life. It must never return: what called us is the parent's."""
    code = 1
    try:
        _leave_the_parent(name, log, parent)
        os.environ.clear()
        os.environ.update(env)
        _forget_what_was_configured()
        how, what, *told = arguments
        sys.argv = [what if how == "-m" else how, *told]
        if how == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(compile(what, "<driftsklar>", "exec"), {"__name__": "__main__"})
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _leave_the_parent(name: str, log: int, parent: int) -> None:
    """A session, a log and signals of its own, and none of the parent's files: a lock or pipe would stay open with us."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we could ask for that
        os._exit(1)
    os.setsid()
    os.umask(PRIVATE_UMASK)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    with suppress(OSError), open("/proc/self/comm", "w") as known_as:
        known_as.write(f"ds-{name}"[:NAME_LENGTH])


def _forget_what_was_configured() -> None:
    """The settings are read anew from the child's environment, and the database is opened anew."""
    from channels import domain
    from config.settings import settings

    settings.cache_clear()
    domain.engine.cache_clear()
