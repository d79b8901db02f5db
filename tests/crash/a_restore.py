"""A restore in a process of its own, killed at one of the places where something gets its name."""

import os
import signal
from pathlib import Path

from channels.records import restore as under_test
from config.settings import settings
from tests.own_process import SERVER


def in_a_process(source: Path, kill_at: int | None = None, counted: Path | None = None) -> int:
    """Restore it; the signal that ended it, 0 for none. With `counted`, how many points it passed is written there."""
    there = SERVER.Process(target=_restore, args=(dict(os.environ), source, kill_at, counted))
    there.start()
    there.join()
    code = there.exitcode or 0
    assert code <= 0, "the restore itself failed"
    return -code


def _restore(environment: dict[str, str], source: Path, kill_at: int | None, counted: Path | None) -> None:
    os.environ.update(environment)
    settings.cache_clear()
    passed = 0

    def pass_by() -> None:
        nonlocal passed
        passed += 1
        if passed == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for owner, name in (
        (os, "open"),  # each file that is unpacked
        (Path, "replace"),
        (Path, "unlink"),
        (Path, "mkdir"),
        (under_test, "look_at_database"),
        (under_test, "put_dump"),
        (under_test.shutil, "rmtree"),
    ):
        _around(owner, name, pass_by)
    under_test.restore(source)
    if counted:
        counted.write_text(str(passed))


def _around(owner: object, name: str, pass_by: object) -> None:
    real = getattr(owner, name)

    def with_points(*arguments: object, **options: object) -> object:
        pass_by()  # type: ignore[operator]
        result = real(*arguments, **options)
        pass_by()  # type: ignore[operator]
        return result

    setattr(owner, name, with_points)
