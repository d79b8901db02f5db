"""Operatør: who sits at the command line, as an id and the roles they may act in. Never a name.

Without operators in `config/roles.yaml` anybody may act in any role, as before there were any.
"""

from typing import NamedTuple

from sqlmodel import Session

from config.catalogue import catalogue
from models.refusal import Refusal
from models.role import PEOPLE, Role
from models.said import Said

_KEY = "operator"


class Operator(NamedTuple):
    """An id for the journal, and the roles; none for somebody who may only look."""

    id: str
    roles: frozenset[Role]


EVERYBODY = Operator("", frozenset(PEOPLE))


def operator_of(user: str) -> Operator:
    """Who a user of the operating system is."""
    known = catalogue().roles.operators
    if not known:
        return EVERYBODY
    if user not in known:
        return Operator("", frozenset())
    return Operator(known[user].id, frozenset(Role(role) for role in known[user].roles))


def act_as(session: Session, operator: Operator) -> None:
    """Let this transaction record only what the operator may."""
    session.info[_KEY] = operator


def require_operator(session: Session, by: Role) -> str:
    """The id of whoever records something as `by`; empty where nobody is known.

    Raises:
        Refusal: `operator.not_allowed`, with the ids of those who may.
    """
    operator: Operator = session.info.get(_KEY, EVERYBODY)
    if by in PEOPLE and by not in operator.roles:
        there = catalogue().roles.operators.values()
        may = sorted(each.id for each in there if by.value in each.roles)
        whom = f"Det kan {', '.join(may)}." if may else "Det kan ingen i roles.yaml."
        raise Refusal(
            "operator.not_allowed",
            f"{operator.id or 'Du'} må ikke handle som {by.danish}. {whom} Roller gives i roles.yaml.",
        )
    return operator.id


def person_of(session: Session, said: Said) -> str:
    """The short id of whoever decides: said by the door, or the operator at the command line; empty where unknown.

    Raises:
        Refusal: whoever sits at the command line may not act as `said.by`.
    """
    return said.person or require_operator(session, said.by)
