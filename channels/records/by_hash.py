"""Files that are named by the hash of what is in them: the same file twice is one."""

import hashlib

from channels.paper.agreement_paper import write_once
from config.settings import settings


def keep_by_hash(folder: str, content: bytes, ending: str, *, in_parts: bool = False) -> tuple[str, str]:
    """Keep it in a folder under `var`, `in_parts` by the hash's first two signs; its hash and its path under `var`.

    One that was there is new again: what nobody has any more is swept away by its age, and it may be on its way now.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = f"{folder}/{sha256[:2]}/{sha256}.{ending}" if in_parts else f"{folder}/{sha256}.{ending}"
    write_once(settings().var_dir / path, content)
    (settings().var_dir / path).touch()
    return sha256, path
