"""How a page of the desk is put together: `templates/staff`, with what stands around every page."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from channels.page.show import show
from channels.prefect_sign import prefect_away_since
from channels.staff.visitor import Visitor
from models.calendar import COPENHAGEN
from models.refusal import BadInput, Refusal


def show_staff(template: str, visitor: Visitor | None, *, status: int = 200, **told: Any) -> Response:
    """A page of `templates/staff`; `visitor` is None where somebody came by a role's link, which opens nothing else."""
    return show(f"staff/{template}", status=status, visitor=visitor, **told)


def away_since(moment: datetime) -> datetime | None:
    """The Danish moment since when Prefect is away; None while it is there. Decisions need no Prefect."""
    since = prefect_away_since(moment)
    return since.astimezone(ZoneInfo(COPENHAGEN)) if since is not None else None


def status_of(refusal: Refusal | None) -> int:
    """The status of a form that is shown again: 422 for what was typed, 409 for a rule's no."""
    return 200 if refusal is None else 422 if isinstance(refusal, BadInput) else 409
