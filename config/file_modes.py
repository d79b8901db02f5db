"""Who may read what we write: its owner alone, whatever the machine's umask; and what was there before is tightened.

Names, links and keys lie in files. Only what is meant for others (a sign, a map) is as readable as people are used to.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE_UMASK = 0o077
OTHERS = 0o077
NOT_OURS = ("config", "templates")
"""What `driftsklar init` may have put into the same folder (a container's /data): it is no secret."""

_usual: list[int] = []


def keep_private() -> None:
    """What this process and its children make from now on is for its owner alone."""
    before = os.umask(PRIVATE_UMASK)
    if not _usual:
        _usual.append(before)


@contextmanager
def for_everybody() -> Iterator[None]:
    """What is made meanwhile is as readable as the umask of who called us says."""
    before = os.umask(_usual[0] if _usual else PRIVATE_UMASK)
    if not _usual:
        os.umask(before)
    try:
        yield
    finally:
        os.umask(before)


def make_folder(folder: Path) -> None:
    """Make a folder, and those it lies in, where they aren't there: each its owner's alone.

    Raises:
        OSError: it can't be made.
    """
    if folder.is_dir():
        return
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)


def make_private(path: Path) -> None:
    """Make a file that is about to be written its owner's alone, also when it is there already.

    Raises:
        OSError: it is another's, or can't be made.
    """
    number = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        if stat.S_ISREG(os.fstat(number).st_mode):
            os.fchmod(number, 0o600)
    finally:
        os.close(number)


def open_to_others(var_dir: Path, database_url: str) -> Iterator[Path]:
    """The files and folders of this installation that the group or everybody may read or write."""
    for path in _kept(var_dir, database_url):
        with suppress(OSError):  # gone meanwhile
            mode = path.lstat().st_mode
            if (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and mode & OTHERS:
                yield path


def tighten(var_dir: Path, database_url: str) -> int:
    """Take them from everybody but their owner; how many there were. What is another's stays, and doctor says so."""
    done = 0
    for path in open_to_others(var_dir, database_url):
        with suppress(OSError):
            path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~OTHERS)
            done += 1
    return done


def tighten_the_door(var_dir: Path, database_url: str) -> None:
    """The folder and the database alone, which is quick: nobody comes through to what lies inside."""
    for path in (var_dir, *_database_files(database_url)):
        with suppress(OSError):
            mode = path.lstat().st_mode
            if mode & OTHERS and not mode & stat.S_ISVTX and not stat.S_ISLNK(mode):
                path.chmod(stat.S_IMODE(mode) & ~OTHERS)


def _kept(var_dir: Path, database_url: str) -> Iterator[Path]:
    yield from _database_files(database_url)
    if not var_dir.is_dir() or var_dir.stat().st_mode & stat.S_ISVTX:  # /tmp is everybody's
        return
    yield var_dir
    for path in sorted(var_dir.iterdir()):
        if path.name in NOT_OURS or path.is_symlink():
            continue
        if path.is_dir() and (path / "pyvenv.cfg").exists():
            continue  # the program itself, where it shares the folder
        yield path
        if path.is_dir():
            for folder, folders, files in os.walk(path):
                yield from (Path(folder) / name for name in (*folders, *files))


def _database_files(database_url: str) -> list[Path]:
    from sqlalchemy.engine import make_url  # `driftsklar --help` does without

    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return []
    file = Path(url.database)
    names = (file, *(file.with_name(f"{file.name}{end}") for end in ("-wal", "-shm", "-journal")))
    return [each for each in names if each.exists()]
