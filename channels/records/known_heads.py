"""The chain's heads that are known from before: in `var/heads.log`, in backups, in Prefect's nightly runs.

A chain that was written anew fits in itself; only a head kept outside the database shows it. So each nightly run and each
backup adds a line to the log, but never while the last one doesn't stand: a fault stays one until somebody has looked.
"""

import json
import os
import tarfile
from pathlib import Path

from sqlalchemy import Connection, Engine

from config.file_modes import make_folder
from config.settings import settings
from models.chain import Head, head_of, stands
from models.database import now
from models.refusal import BadInput

LOG = "heads.log"
MANIFEST = "manifest.json"
HEAD = "chain_head"


def read_head(said: str, field: str) -> Head:
    """A head as people hand it in: `812:5e3a…`.

    Raises:
        BadInput: that is no head.
    """
    number, _, hash_ = said.strip().partition(":")
    is_hash = len(hash_) == 64 and set(hash_) <= set("0123456789abcdef")
    # isdecimal also knows digits that aren't ours
    if not (number.isascii() and number.isdecimal() and len(number) < 19 and is_hash):
        raise BadInput(field, "skriv kædens hoved som NUMMER:HASH, fx fra en nattekørsel (64 tegn i hashen).")
    return Head(int(number), hash_)


def head_in(backup: Path) -> Head:
    """The head a backup's manifest carries.

    Raises:
        BadInput: the file is no backup, or one from before there was a chain.
    """
    try:
        with tarfile.open(backup, "r:gz") as archive:
            file = archive.extractfile(MANIFEST)
            manifest = json.loads(file.read()) if file else {}
        said = manifest.get(HEAD)
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError, AttributeError) as broken:
        raise BadInput("--backup", f"{backup} er ikke en hel sikkerhedskopi.") from broken
    if not isinstance(said, str):
        raise BadInput("--backup", f"{backup} er fra før kæden og har intet hoved at sammenligne med.")
    return read_head(said, "--backup")


def last_known() -> Head | None:
    """The head the log's last line tells; None when there is no log yet.

    Raises:
        BadInput: the last line can't be read.
    """
    try:
        lines = (settings().var_dir / LOG).read_text(errors="replace").split("\n")
    except FileNotFoundError:
        return None
    told = [line for line in lines if line.strip()]
    return read_head(told[-1].split()[-1], LOG) if told else None


def rewritten(connection: Connection, head: Head) -> str:
    """What is wrong where the chain isn't the one that had this head, in Danish; "" when it is."""
    if stands(connection, head):
        return ""
    return f"det, der stod indtil led {head.number}, står ikke uændret"


def differs_from_last_known(connection: Connection) -> str:
    """The same for the last head in the log."""
    try:
        head = last_known()
    except BadInput:
        return f"den sidste linje i {LOG} kan ikke læses"
    return rewritten(connection, head) if head else ""


def keep_head(engine: Engine, why: str) -> Head:
    """Take the chain's head, and add it to the log if the last one there stands."""
    head = head_of(engine)
    with engine.execution_options(reading=True).connect() as connection:
        is_sound = not differs_from_last_known(connection)
    if is_sound:
        write_down(head, why)
    return head


def write_down(head: Head, why: str, folder: Path | None = None) -> None:
    """Add a line to the log in var (or `folder`): moment (UTC), why, head. Only its owner reads and writes it."""
    path = (folder or settings().var_dir) / LOG
    make_folder(path.parent)
    line = f"{now().isoformat(timespec='seconds')} {why} {head}\n"
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.fchmod(file, 0o600)
        os.write(file, line.encode())
        os.fsync(file)
    finally:
        os.close(file)
