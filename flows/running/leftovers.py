"""No process outlives `driftsklar up`: every one of ours carries a mark, and who carries it can be ended.

Prefect's runner gives its flow runs process groups of their own, so a group alone does not reach
them; an environment variable does. Read from /proc, so on Linux; elsewhere nothing is found and
the process groups must do.

`python -m flows.running.leftovers MARK` waits until its standard input closes, which happens in whatever
way the supervisor ends, also by kill -9, and then ends all that carry the mark.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path


def carrying(*marks: str) -> list[int]:
    """The processes with all these `NAME=value` in the environment they were started with."""
    wanted = {mark.encode() for mark in marks}
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended meanwhile, or not ours to read
            carried = set((folder / "environ").read_bytes().split(b"\0"))
            if wanted <= carried and int(folder.name) != os.getpid():
                found.append(int(folder.name))
    return found


def end(*marks: str) -> int:
    """Kill them, and what they start while we look; returns how many there were."""
    ended: set[int] = set()
    while fresh := set(carrying(*marks)) - ended:
        for pid in fresh:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        ended |= fresh
    return len(ended)


if __name__ == "__main__":
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_IGN)  # it ends last of all, when the pipe closes
    sys.stdin.buffer.read()
    end(sys.argv[1])
