"""The roles as the file says them at this moment: who was taken out of it is out, without anything being restarted."""

from functools import lru_cache
from pathlib import Path

from config.roles import Roles
from config.settings import settings
from config.yaml_file import read_as


def roles_now() -> Roles:
    """What `roles.yaml` says now; it is read again only when the file has changed.

    Raises:
        ConfigurationError: the file can't be used. Then nobody is let in on what it said before.
    """
    path = settings().config_dir / "roles.yaml"
    try:
        there = path.stat()
        mark = (there.st_mtime_ns, there.st_size, there.st_ino)
    except OSError:
        mark = (0, 0, 0)  # reading it says what is wrong
    return _read(path, mark)


def names_are_known() -> bool:
    """Whether the desk knows who decides: there are persons, or the municipality's own sign-in."""
    return bool(roles_now().persons) or settings().oidc_issuer is not None


@lru_cache(maxsize=4)
def _read(path: Path, _mark: tuple[int, int, int]) -> Roles:
    return read_as(Roles, path)
