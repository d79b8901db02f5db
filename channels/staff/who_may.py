"""Who may see persons: those who must be able to reach a group's contacts, and nobody else."""

from collections.abc import Iterable

from models.role import Role

MAY_SEE_CONTACTS = (Role.COORDINATOR, Role.OPERATIONS, Role.OPERATIONS_MANAGER)

MAY_SEE_PAPERS = (*MAY_SEE_CONTACTS, Role.PROJECT_LEAD)
"""A consent or a warranty may name a person; the project lead is who fetches them from the builder."""


def may_see_contacts(roles: frozenset[Role]) -> bool:
    """Whether somebody in these roles sees who a group's contacts are, and what was written to them."""
    return not roles.isdisjoint(MAY_SEE_CONTACTS)


def one_of(roles: Iterable[Role]) -> str:
    """Roles in a sentence: "driften, driftslederen eller chefen"."""
    *first, last = [role.danish for role in roles]
    return f"{', '.join(first)} eller {last}" if first else last
