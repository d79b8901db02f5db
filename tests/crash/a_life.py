"""One life in a process of its own, so that it can be killed."""

import os
from pathlib import Path

from channels.paper.documents import pdf_of  # noqa: F401 - loaded once in the server, not in every life
from config.settings import settings
from models.database import engine_for
from tests.crash.lifecycle import live
from tests.crash.points import Points
from tests.own_process import SERVER


def in_a_process(url: str, *, kill_at: int | None = None, counted: Path | None = None) -> int:
    """Live it in the database at `url`; the signal that ended it, 0 for none.

    With `kill_at` it is killed at that point; with `counted` the points it passed are written there.
    """
    life = SERVER.Process(target=_live, args=(dict(os.environ), url, kill_at, counted))
    life.start()
    life.join()
    code = life.exitcode or 0
    assert code <= 0, "the life itself failed"
    return -code


def _live(environment: dict[str, str], url: str, kill_at: int | None, counted: Path | None) -> None:
    os.environ.update(environment)
    settings.cache_clear()
    points = Points(kill_at=kill_at)
    engine = engine_for(url)
    points.watch(engine)
    live(engine)
    if counted:
        counted.write_text("\n".join(points.passed))
