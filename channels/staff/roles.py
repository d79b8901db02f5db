"""The role somebody speaks in, where they have several that may."""

from channels.page.desk import Form
from channels.staff.visitor import Visitor
from models.refusal import BadInput
from models.role import Role


def as_role(visitor: Visitor, form: Form, allowed: tuple[Role, ...]) -> Role:
    """The only role of the visitor that may, or the one they chose.

    Raises:
        Refusal: `role.not_held`, they have none of them.
        BadInput: they have several, and chose none.
    """
    mine = [role for role in allowed if role in visitor.roles]
    if not mine:
        visitor.must_be(*allowed)
    if len(mine) == 1:
        return mine[0]
    chosen = next((role for role in mine if role.name == form["hvem"]), None)
    if chosen is None:
        raise BadInput("hvem", "vælg den rolle, du taler for.")
    return chosen


def role_choice(visitor: Visitor, allowed: tuple[Role, ...]) -> list[tuple[str, str]]:
    """What a form asks about it; empty where there is nothing to choose."""
    mine = [role for role in allowed if role in visitor.roles]
    return [(role.name, role.danish.capitalize()) for role in mine] if len(mine) > 1 else []
