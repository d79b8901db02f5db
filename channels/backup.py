"""Sikkerhedskopi: database, documents and photos in one file, taken while everything runs.

The database is copied first, the files after it: files are only ever added and named by their content, so
every file the copied database names is there. A restore never overwrites, and checks every byte first.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect
from sqlalchemy.engine import URL, make_url

from channels.known_heads import HEAD, MANIFEST, keep_head, read_head, write_down
from config.settings import settings
from models.database import engine_for, now
from models.migration import newest_revision, revision_of
from models.refusal import BadInput, Refusal

FOLDERS = ("documents", "photos")
SECRET = "secret.key"


def back_up(to: Path) -> dict[str, Any]:
    """Write a backup to a new file; returns its manifest (revision, moment, head of the chain, sha256 of each part).

    Raises:
        BadInput: the file is there already, or can't be written.
        Refusal: pg_dump is needed and isn't installed, or fails.
    """
    if to.exists():
        raise BadInput("--to", f"{to} findes allerede. Vælg et nyt navn.")
    if not to.absolute().parent.is_dir():
        raise BadInput("--to", f"mappen {to.absolute().parent} findes ikke. Opret den først.")
    engine = engine_for(settings().database_url)
    try:
        revision = revision_of(engine)
        # before the copy, so that all that has this head is in it; an older database has no chain
        head = str(keep_head(engine, "kopi")) if revision == newest_revision() else None
    finally:
        engine.dispose()
    half = to.with_name(f".{to.name}.{os.getpid()}")
    manifest: dict[str, Any] = {
        "made_at": now().isoformat(timespec="seconds"),
        "revision": revision,
        "database": make_url(settings().database_url).get_backend_name(),
        HEAD: head,
        "sha256": {},
    }
    try:
        with tempfile.TemporaryDirectory() as folder, tarfile.open(half, "w:gz") as archive:
            copied = _copy_database(Path(folder))
            for path, name in [(copied, copied.name), *_files(settings().var_dir)]:
                archive.add(path, arcname=name)
                manifest["sha256"][name] = _sha256(path)
            _add_text(archive, MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2))
        with half.open("rb") as written:
            os.fsync(written.fileno())
        half.replace(to)
    finally:
        half.unlink(missing_ok=True)
    return manifest


def restore(source: Path) -> dict[str, Any]:
    """Bring a backup into an empty installation; returns its manifest.

    Raises:
        BadInput: the file isn't there, isn't a backup, or a part of it is damaged.
        Refusal: there is something already that would be overwritten.
    """
    if not source.is_file():
        raise BadInput("FIL", f"{source} findes ikke.")
    _must_be_empty()
    with tempfile.TemporaryDirectory() as folder:
        manifest = _unpack(source, Path(folder))
        kind = make_url(settings().database_url).get_backend_name()
        if manifest["database"] != kind:
            raise Refusal(
                "restore.other_database",
                f"Kopien er fra {manifest['database']}, men DRIFTSKLAR_DATABASE_URL er {kind}. "
                "Sæt den til samme slags database.",
            )
        for name in manifest["sha256"]:
            if name.partition("/")[0] in FOLDERS or name == SECRET:
                target = settings().var_dir / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(Path(folder) / name, target)
        _restore_database(Path(folder))
    if manifest.get(HEAD):
        write_down(read_head(manifest[HEAD], "FIL"), "gendannet")
    return manifest


def _files(var_dir: Path) -> list[tuple[Path, str]]:
    found = [
        (path, str(path.relative_to(var_dir)))
        for folder in FOLDERS
        for path in sorted((var_dir / folder).rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    secret = var_dir / SECRET
    return found + ([(secret, SECRET)] if secret.is_file() else [])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def _copy_database(folder: Path) -> Path:
    url = make_url(settings().database_url)
    if url.get_backend_name() == "sqlite":
        target = folder / "database.sqlite"
        source = sqlite3.connect(f"file:{url.database}?mode=ro", uri=True)
        copy = sqlite3.connect(target)
        with copy:
            source.backup(copy)  # SQLite's own online backup: whole, while others write
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.close()
        source.close()
        return target
    target = folder / "database.dump"
    _run("pg_dump", url, "--format=custom", "--no-owner", f"--file={target}")
    return target


def _restore_database(folder: Path) -> None:
    url = make_url(settings().database_url)
    if url.get_backend_name() == "sqlite":
        target = Path(url.database or "")
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / "database.sqlite", target)
        return
    _run(
        "pg_restore",
        url,
        "--no-owner",
        "--single-transaction",
        "--exit-on-error",
        str(folder / "database.dump"),
    )


def _run(program: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's own tools; the password goes by environment, not by the command line."""
    found = shutil.which(program)
    if found is None:
        raise Refusal(
            "backup.no_tool",
            f"Programmet {program} findes ikke. Installér PostgreSQLs klientprogrammer.",
        )
    env = dict(os.environ)
    if url.password:
        env["PGPASSWORD"] = str(url.password)
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    done = subprocess.run(
        [found, f"--dbname={plain}", *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refusal(
            "backup.tool_failed",
            f"{program} lykkedes ikke: {done.stderr.strip().splitlines()[-1:]}",
        )


def _must_be_empty() -> None:
    var_dir = settings().var_dir
    there = [name for _, name in _files(var_dir)]
    if there:
        raise Refusal(
            "restore.not_empty", f"{var_dir} har allerede {there[0]}. Gendan kun i en tom mappe."
        )
    url = make_url(settings().database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return
    engine: Engine = engine_for(settings().database_url)
    try:
        if inspect(engine).get_table_names():
            raise Refusal(
                "restore.not_empty", "Databasen er ikke tom. Gendan kun i en tom database."
            )
    finally:
        engine.dispose()
    if url.get_backend_name() == "sqlite":
        Path(url.database or "").unlink(missing_ok=True)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup and check every part of it against its manifest."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        wrong = [name for name, sha in manifest["sha256"].items() if _sha256(folder / name) != sha]
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError) as broken:
        raise BadInput(
            "FIL", f"{source} er ikke en hel sikkerhedskopi ({type(broken).__name__})."
        ) from broken
    if wrong:
        raise BadInput("FIL", f"{source} er beskadiget: {wrong[0]} passer ikke.")
    if manifest["revision"] is not None and manifest["revision"] > newest_revision():
        raise Refusal(
            "restore.newer", "Kopien er fra en nyere version af Driftsklar. Opgradér først."
        )
    return manifest
