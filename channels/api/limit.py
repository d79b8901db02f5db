"""So many requests a minute for each key, counted in memory."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock

MINUTE = 60.0
MOST_CALLERS = 10_000


class Minute:
    """The last minute of each caller; `clock` counts seconds."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, caller: str) -> int:
        """Count one more; how many seconds the caller must wait, 0 when it may go on."""
        moment = self._clock()
        with self._lock:
            times = self._seen.setdefault(caller, deque())
            self._seen.move_to_end(caller)
            while times and moment - times[0] >= MINUTE:
                times.popleft()
            if len(times) >= self._most:
                return max(1, math.ceil(MINUTE - (moment - times[0])))
            times.append(moment)
            if len(self._seen) > MOST_CALLERS:
                self._seen.popitem(last=False)
            return 0
