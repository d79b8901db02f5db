"""The places where something becomes lasting, counted as they are passed; at one of them we are killed.

Before and after each commit, each message handed to the mail server, and each file that gets its name.
The code under test knows nothing of this: the points are put in from outside, in the process that dies.
"""

import os
import signal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from channels.post.mail_transport import SmtpTransport


class Points:
    """Counts the points passed, by name; kills the process with -9 at number `kill_at` (from 1).

    Where `kill_at` is a name, it is killed before or after the first commit.
    """

    def __init__(self, kill_at: int | str | None = None) -> None:
        self.kill_at = kill_at
        self.passed: list[str] = []

    def pass_by(self, name: str) -> None:
        """One point; the process may end here as if the power went."""
        self.passed.append(name)
        if self.kill_at in (len(self.passed), self._of_first_commit(name)):
            os.kill(os.getpid(), signal.SIGKILL)

    def _of_first_commit(self, name: str) -> str:
        """The name of a point that is the first commit's; whatever came before only looked."""
        is_first = name == "before commit" or "before commit" in self.passed[:-1]
        return name if is_first else ""

    def watch(self, engine: Engine) -> None:
        """Put the points into this process."""
        event.listen(engine, "commit", lambda _connection: self.pass_by("before commit"))
        # a connection that comes back to the pool has committed (or rolled back) what it had
        event.listen(engine.pool, "reset", lambda *_: self.pass_by("after commit"))
        _around(SmtpTransport, "send", self, "mail")
        _around(Path, "replace", self, "file")


def _around(owner: Any, name: str, points: Points, what: str) -> None:
    real = getattr(owner, name)

    def with_points(self: Any, *arguments: Any) -> Any:
        points.pass_by(f"before {what}")
        result = real(self, *arguments)
        points.pass_by(f"after {what}")
        return result

    setattr(owner, name, with_points)
