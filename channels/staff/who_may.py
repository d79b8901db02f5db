"""Who may see persons: those who must be able to reach a group's contacts, and nobody else."""

from collections.abc import Iterable

from models.role import Role

MAY_SEE_CONTACTS = (Role.COORDINATOR, Role.OPERATIONS, Role.OPERATIONS_MANAGER)


def may_see_contacts(roles: frozenset[Role]) -> bool:
    """Whether somebody in these roles sees who a group's contacts are, and what was written to them."""
    return not roles.isdisjoint(MAY_SEE_CONTACTS)


def one_of(roles: Iterable[Role]) -> str:
    """Roles in a sentence: "driften, driftslederen eller chefen"."""
    *first, last = [role.danish for role in roles]
    return f"{', '.join(first)} eller {last}" if first else last
