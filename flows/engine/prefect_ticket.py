"""Proofs of the key that don't hold it: a link that opens Prefect once, and the session of a browser.

Each says until when it holds, and is signed with the key; so every server that has the key knows them.
"""

import hmac
import os
import secrets
from contextlib import suppress
from enum import Enum
from pathlib import Path

LINK, SESSION = "link", "session"
SECONDS = {LINK: 10 * 60, SESSION: 12 * 60 * 60}
"""How long each holds: a link until somebody has opened it, a session for a working day."""
SPENT = "prefect-links"
"""The folder, in the data folder, where spent links are noted, so that a restart doesn't forget them."""


class Standing(Enum):
    """What a proof is worth now."""

    HOLDS = "holds"
    TOO_OLD = "too old"
    FALSE = "false"


def proof(key: str, purpose: str, moment: float) -> str:
    """A fresh proof for a purpose, from `moment` (seconds since 1970) on."""
    said = f"{int(moment) + SECONDS[purpose]}.{secrets.token_hex(16)}"
    return f"{said}.{_signature(key, purpose, said)}"


def standing(key: str, purpose: str, told: str, moment: float) -> Standing:
    """Whether this is a proof for the purpose, and not too old."""
    said, _, signature = told.rpartition(".")
    if not hmac.compare_digest(_signature(key, purpose, said).encode(), signature.encode()):
        return Standing.FALSE
    return Standing.HOLDS if moment < int(said.partition(".")[0]) else Standing.TOO_OLD


def spend(var_dir: Path, told: str, moment: float) -> bool:
    """Use a link that holds; whether it was the first time. Notes on links that are too old go away."""
    folder = Path(var_dir) / SPENT
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for note in folder.iterdir():
        if int(note.name.partition(".")[0]) < moment:
            note.unlink(missing_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(folder / told.rpartition(".")[0], os.O_CREAT | os.O_EXCL, 0o600))
        return True
    return False


def _signature(key: str, purpose: str, said: str) -> str:
    return hmac.new(key.encode(), f"driftsklar {purpose} {said}".encode(), "sha256").hexdigest()
