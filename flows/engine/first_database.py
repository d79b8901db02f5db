"""Prefect's own database file as its first start makes it, without any run (`python -m flows.engine.first_database`).

Two hundred migrations take a small machine twelve seconds, its kinds of blocks two more, and 30 MB stay behind in the
process that has run them. So it is made once, when Driftsklar is installed, and each new house takes a copy. Where nobody made it beforehand (`pip install`), the first
start runs them in a child that is gone afterwards. Whatever becomes of it: the server looks at its database itself.
"""

import asyncio
import ctypes
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path

DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's prctl(2)."""


def ready_made() -> Path:
    """Where the empty one lies: with the program, by Prefect's version, so another version never takes it."""
    return Path(sys.prefix) / "share" / "driftsklar" / f"prefect-{version('prefect')}.db"


def make_first_database() -> None:
    """Have Prefect's file where its home says and there is none yet; nothing where it keeps its data elsewhere."""
    home = os.environ.get("PREFECT_HOME")
    elsewhere = any(name.endswith("DATABASE_CONNECTION_URL") for name in os.environ)
    if home is None or elsewhere or (Path(home) / "prefect.db").exists():
        return
    if not _copied(Path(home)):
        _migrated_apart()


def _copied(home: Path) -> bool:
    """Whether there was a ready one to take; it stands whole or not at all."""
    if not ready_made().is_file():
        return False
    home.mkdir(parents=True, exist_ok=True)
    half = home / f"prefect.db.{os.getpid()}"
    try:
        shutil.copyfile(ready_made(), half)
        half.replace(home / "prefect.db")
    except OSError:  # no room, or it isn't ours to read: then by the long way, which says why
        with suppress(OSError):
            half.unlink()
        return False
    return True


def _migrated_apart() -> None:
    if sys.platform != "linux" or threading.active_count() > 1:
        return  # only one that has a single thread may be split
    parent = os.getpid()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() == parent:
            _migrate()
    finally:
        os._exit(0)


def _migrate() -> None:
    from prefect.server.database import provide_database_interface

    asyncio.run(provide_database_interface().create_db())


async def _register_blocks() -> None:
    """The server does it at its first start, and finds them there now."""
    from prefect.server.database import provide_database_interface
    from prefect.server.models.block_registration import run_block_auto_registration

    async with await provide_database_interface().session() as session:
        await run_block_auto_registration(session=session)


def main() -> None:
    """Make it and keep it, for all houses that this installation starts."""
    if ready_made().is_file():
        return
    with tempfile.TemporaryDirectory() as home:
        os.environ["PREFECT_HOME"] = home  # before Prefect is imported
        for name in [name for name in os.environ if name.endswith("DATABASE_CONNECTION_URL")]:
            del os.environ[name]
        _migrate()
        asyncio.run(_register_blocks())
        half = ready_made().with_suffix(f".{os.getpid()}")
        half.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(Path(home) / "prefect.db")) as base:
            base.execute("VACUUM INTO ?", (str(half),))  # with what still stands in its log, in one file
        half.replace(ready_made())


if __name__ == "__main__":
    main()
