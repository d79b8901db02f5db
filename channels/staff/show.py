"""How a page of the desk is put together: `templates/staff`, with what stands around every page."""

from typing import Any

from starlette.responses import Response

from channels.page.show import show
from channels.staff.visitor import Visitor


def show_staff(template: str, visitor: Visitor | None, *, status: int = 200, **told: Any) -> Response:
    """A page of `templates/staff`; `visitor` is None where somebody came by a role's link, which opens nothing else."""
    return show(f"staff/{template}", status=status, visitor=visitor, **told)
