"""How a page of the desk is put together: `templates/staff`, with what stands around every page."""

from typing import Any

from starlette.responses import Response

from channels.page.show import show
from channels.staff.visitor import Visitor
from models.refusal import BadInput, Refusal


def show_staff(template: str, visitor: Visitor | None, *, status: int = 200, **told: Any) -> Response:
    """A page of `templates/staff`; `visitor` is None where somebody came by a role's link, which opens nothing else."""
    return show(f"staff/{template}", status=status, visitor=visitor, **told)


def status_of(refusal: Refusal | None) -> int:
    """The status of a form that is shown again: 422 for what was typed, 409 for a rule's no."""
    return 200 if refusal is None else 422 if isinstance(refusal, BadInput) else 409
