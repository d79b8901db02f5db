"""Sikkerhedskopi: database, documents and photos in one file, taken while everything runs.

The database is copied first, the files after it: files are only ever added and named by their content, so
every file the copied database names is there. What comes back is looked at by `channels.records.restore`.
"""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from channels.records.backup_archive import FOLDERS, MANIFEST, SECRET
from channels.records.backup_database import copy_database
from channels.records.known_heads import HEAD, keep_head
from channels.records.restore import restore
from config.file_modes import make_private
from config.settings import settings
from models.database import engine_for, now
from models.migration import newest_revision, revision_of
from models.refusal import BadInput

__all__ = ["back_up", "restore"]


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
        make_private(half)  # it holds persons and the key that links are made from
        with tempfile.TemporaryDirectory() as folder, tarfile.open(half, "w:gz") as archive:
            copied = copy_database(make_url(settings().database_url), Path(folder))
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
