"""Bring a backup into an empty installation: all of it, or nothing.

Everything is unpacked aside, in the folder where it will be used, and looked at. Only then is it renamed to
its place, the database last: without it, there is no installation. A restore that was killed leaves a
note of what it had put in place, and the next one takes that back first.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from channels.records.backup_archive import DATABASES, FOLDERS, SECRET, unpack
from channels.records.backup_database import SQLITE_ENDS, is_empty, look_at_database, put_dump
from channels.records.known_heads import HEAD, LOG, read_head, write_down
from config.file_modes import make_folder, tighten
from config.settings import settings
from models.database import engine_for
from models.refusal import BadInput, Refusal

ASIDE = ".restore"
NOTE = "placed.json"
KEPT_FREE = 64 * 1024**2
"""Bytes left on the disk, whatever a backup says it needs."""


def restore(source: Path) -> dict[str, Any]:
    """Bring a backup into an empty installation; returns its manifest, and how many facilities came.

    Raises:
        BadInput: the file isn't there, or isn't a whole backup.
        Refusal: there is something already that would be overwritten, or it is for another database.
    """
    if not source.is_file():
        raise BadInput("FIL", f"{source} findes ikke.")
    var_dir, url = settings().var_dir, make_url(settings().database_url)
    aside, file = var_dir / ASIDE, _file_of(url)
    with _folders(var_dir, *([file.parent] if file else [])) as made, _alone(var_dir) as lock:
        if not is_empty(url):
            # a restore that was killed when the database, its last step, was in its place
            shutil.rmtree(aside, ignore_errors=True)
            raise Refusal("restore.not_empty", "Databasen er ikke tom. Gendan kun i en tom database.")
        _take_back(var_dir, file)
        _must_be_empty(var_dir)
        aside.mkdir(mode=0o700)
        try:
            room = shutil.disk_usage(var_dir).free - KEPT_FREE
            manifest = unpack(source, aside, max(0, room))
            _must_fit(url, manifest)
            if manifest.get(HEAD) is not None:
                write_down(read_head(str(manifest[HEAD]), "FIL"), "gendannet", aside)
            database = aside / DATABASES[manifest["database"]]
            look_at_database(source, database, manifest["revision"])
            os.sync()  # what gets its name from here on is on the disk
            _put_in_place(var_dir, database, file, url, lock)
            made.clear()
        finally:
            _take_back(var_dir, file)
    tighten(var_dir, settings().database_url)
    return manifest | {"facilities": _facilities()}


def _file_of(url: URL) -> Path | None:
    return Path(url.database or "").absolute() if url.get_backend_name() == "sqlite" else None


def _must_fit(url: URL, manifest: dict[str, Any]) -> None:
    kind = url.get_backend_name()
    if manifest["database"] != kind:
        raise Refusal(
            "restore.other_database",
            f"Kopien er fra {manifest['database']}, men DRIFTSKLAR_DATABASE_URL er {kind}. "
            "Sæt den til samme slags database.",
        )


def _must_be_empty(var_dir: Path) -> None:
    for name in (*FOLDERS, SECRET):
        path = var_dir / name
        there = next((each for each in path.rglob("*") if not each.is_dir()), None)
        if path.is_symlink() or path.is_file() or there:
            raise Refusal(
                "restore.not_empty",
                f"{var_dir} har allerede {(there or path).relative_to(var_dir)}. Gendan kun i en tom mappe.",
            )


def _put_in_place(var_dir: Path, database: Path, file: Path | None, url: URL, lock: int) -> None:
    aside = var_dir / ASIDE
    moves = [(aside / name, var_dir / name) for name in (*FOLDERS, SECRET, LOG)]
    moves = [(part, place) for part, place in moves if part.exists()]
    if file is not None:
        _bring_beside(database, _beside(file))
    _note(aside, moves)
    for part, place in moves:
        if place.is_dir():
            _remove_empty(place)
        part.replace(place)
    if file is None:
        put_dump(url, database, lock)
    else:
        for end in SQLITE_ENDS:
            file.with_name(f"{file.name}{end}").unlink(missing_ok=True)
        _beside(file).replace(file)
    (aside / NOTE).unlink()


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}{ASIDE}")


def _bring_beside(database: Path, beside: Path) -> None:
    """Put the unpacked database on the file system where it will be used, under a name that nobody opens."""
    beside.unlink(missing_ok=True)
    try:
        database.replace(beside)
    except OSError:  # another disk
        number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as file, database.open("rb") as source:
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())


def _note(aside: Path, moves: list[tuple[Path, Path]]) -> None:
    """Write down what is about to be put where, so that a killed restore can be taken back."""
    placed = {str(place.absolute()): part.stat().st_ino for part, place in moves}
    half = aside / f"{NOTE}.half"
    with half.open("w") as file:
        json.dump(placed, file)
        file.flush()
        os.fsync(file.fileno())
    half.replace(aside / NOTE)


def _take_back(var_dir: Path, file: Path | None) -> None:
    """Remove what a restore left that didn't come to its end: aside, and in place."""
    if file is not None:
        _beside(file).unlink(missing_ok=True)
    aside = var_dir / ASIDE
    if not aside.is_dir() or aside.is_symlink():
        return
    with suppress(FileNotFoundError):
        for name, number in json.loads((aside / NOTE).read_text()).items():
            place = Path(name)
            if place.exists() and place.stat().st_ino == number:  # no other's of the same name
                shutil.rmtree(place) if place.is_dir() else place.unlink()
    shutil.rmtree(aside)


def _remove_empty(folder: Path) -> None:
    for each in sorted(folder.rglob("*"), reverse=True):
        each.rmdir()
    folder.rmdir()


@contextmanager
def _folders(*wanted: Path) -> Iterator[list[Path]]:
    """The folders, which are made if they aren't there; what was made and is still empty goes again."""
    new = [each for folder in wanted for each in (folder, *folder.parents) if not each.exists()]
    for folder in wanted:
        make_folder(folder)
    try:
        yield new
    finally:
        for each in new:
            with suppress(OSError):
                each.rmdir()


@contextmanager
def _alone(var_dir: Path) -> Iterator[int]:
    number = os.open(var_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield number
    except BlockingIOError:
        raise Refusal(
            "restore.running", f"En anden gendannelse er i gang i {var_dir}. Vent, til den er færdig."
        ) from None
    finally:
        os.close(number)


def _facilities() -> int:
    engine = engine_for(settings().database_url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM facility")).scalar_one())
    finally:
        engine.dispose()
