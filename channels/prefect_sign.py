"""Whether Prefect is there, as far as pages can tell without asking it: the reconcile leaves a sign after each look."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.settings import settings

AWAY_AFTER = timedelta(minutes=2)
"""A reconcile looks every half minute, and a long pass takes a minute."""


def note_prefect() -> None:
    """Prefect answered just now."""
    _sign().parent.mkdir(parents=True, exist_ok=True)
    _sign().touch(mode=0o600)


def prefect_away_since(moment: datetime) -> datetime | None:
    """When Prefect was last there (UTC), if that is too long ago; None while it is there, or was never here."""
    try:
        seen = datetime.fromtimestamp(_sign().stat().st_mtime, UTC)
    except OSError:
        return None
    return seen if moment - seen > AWAY_AFTER else None


def _sign() -> Path:
    return settings().var_dir / "prefect-seen"
