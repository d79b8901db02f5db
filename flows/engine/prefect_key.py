"""The key to Prefect: who reaches its pages may decide in any role, so everybody is asked for a code.

The code is made the first time and lies in the data folder, readable by its owner alone: another user of the machine
can't decide. An administrator who has set `PREFECT_SERVER_API_AUTH_STRING` has the word.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from config.file_modes import make_folder

USER = "driftsklar"
FILE = "prefect.key"
LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"


def key_in(var_dir: Path) -> str | None:
    """The "user:code" that Prefect asks for here; None where none was made yet.

    Raises:
        PermissionError: the key lies there, but for somebody else.
    """
    if told := os.environ.get("PREFECT_SERVER_API_AUTH_STRING"):
        return told
    try:
        return (Path(var_dir) / FILE).read_text().strip() or None
    except FileNotFoundError:
        return None


def make_key(var_dir: Path) -> str:
    """The key, made where there is none; of two that make it at once, both get the first one's."""
    if (key := key_in(var_dir)) is not None:
        return key
    path, fresh = Path(var_dir) / FILE, Path(var_dir) / f".{FILE}.{secrets.token_hex(8)}"
    make_folder(path.parent)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{USER}:{secrets.token_urlsafe(24)}\n")
    if path.exists() and not path.read_text().strip():  # a disk that was full once
        path.unlink()
    with suppress(FileExistsError):
        os.link(fresh, path)  # whole, or not at all
    fresh.unlink()
    made = key_in(var_dir)
    assert made is not None
    return made


def as_environment(key: str) -> dict[str, str]:
    """What the server must know to ask for the key, and all who talk to it to have it."""
    return {"PREFECT_SERVER_API_AUTH_STRING": key, "PREFECT_API_AUTH_STRING": key}
