"""The start of a command: `driftsklar --help` beside a Python that does nothing."""

import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.measure import Row, in_turn, rates


def rows(*, quick: bool) -> Iterator[Row]:
    """One row."""

    def start(*words: str) -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun

    help_ = ("-c", "import driftsklar, sys; sys.argv = ['driftsklar', '--help']; driftsklar.main()")
    start(*help_)
    seconds = in_turn(
        5 if quick else 15, ours=lambda: start(*help_), limit=lambda: start("-c", "pass")
    )
    yield rates("driftsklar --help", "–", 1, seconds, unit="s", must="≤ 8", limit_name="python -c pass")  # fmt: skip
