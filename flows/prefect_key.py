"""The key to Prefect: who reaches its pages may decide in any role, so beyond this machine they ask for a code.

Prefect's own basic authentication. The code is made the first time and lies in the data folder, readable by
its owner alone; an administrator who has set `PREFECT_SERVER_API_AUTH_STRING` has the word.
"""

import os
import secrets
from pathlib import Path

from config.file_modes import make_folder

USER = "driftsklar"
FILE = "prefect.key"
LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"


def key_in(var_dir: Path) -> str | None:
    """The "user:code" that Prefect asks for here; None where it was never opened beyond this machine."""
    if told := os.environ.get("PREFECT_SERVER_API_AUTH_STRING"):
        return told
    try:
        return (Path(var_dir) / FILE).read_text().strip() or None
    except FileNotFoundError:
        return None


def make_key(var_dir: Path) -> bool:
    """Make the key where there is none; whether it is new, and so must be told to somebody."""
    if key_in(var_dir) is not None:
        return False
    make_folder(Path(var_dir))
    path = Path(var_dir) / FILE
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{USER}:{secrets.token_urlsafe(24)}\n")
    return True


def as_environment(key: str | None, *, locked: bool) -> dict[str, str]:
    """What the server must know to ask for the key, and all who talk to it to have it."""
    if key is None or not locked:
        return {}
    return {"PREFECT_SERVER_API_AUTH_STRING": key, "PREFECT_API_AUTH_STRING": key}
