"""A supervisor with two children that are split off from it, in a process of its own (`python -m tests.flows.split_off FOLDER`)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from flows.running.up import Child, Supervisor

PARENTS_OWN = "OF_THE_PARENT"


def main(folder: Path) -> None:
    """One child that lives, with a child of its own, and one that ends at once."""
    theirs = {name: value for name, value in os.environ.items() if name != PARENTS_OWN}
    me = "tests.flows.split_off"
    lives = Child(
        "barn",
        [sys.executable, "-m", me, str(folder), "child"],
        theirs,
        folder / "barn.log",
        loaded=("no_such_module",),
    )
    ends = Child("kort", [sys.executable, "-c", "import sys; sys.exit('nej')"], theirs, folder / "kort.log")
    supervisor = Supervisor([lives, ends], f"DRIFTSKLAR_STACK={folder}", splits=True)
    signal.signal(signal.SIGTERM, lambda *_: supervisor.stopping.set())
    supervisor.run()


def child(folder: Path) -> None:
    """Say what it was given, and stay."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    print(os.environ["DRIFTSKLAR_CHILD"], PARENTS_OWN in os.environ, flush=True)
    (folder / "pid").write_text(str(os.getpid()))
    time.sleep(600)


if __name__ == "__main__":
    (child if sys.argv[2:] else main)(Path(sys.argv[1]))
