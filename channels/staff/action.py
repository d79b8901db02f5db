"""Gøremål: what staff may do about a facility or a group without being asked, each as a form and the rule it calls.

One action is one value: its form is a plain pydantic model, drawn and read as a question's is (`channels.staff.forms`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlmodel import Session

from channels.staff.doubts import Minutes
from models.case.attached_paper import StoredPaper
from models.case.facility import Facility
from models.case.photo import StoredPhoto
from models.role import Role
from models.said import Said
from models.stages.attached_paper import add_paper

MAY_BRING = (
    Role.LEADER,
    Role.POOL_MANAGER,
    Role.COORDINATOR,
    Role.OPERATIONS_MANAGER,
    Role.PROJECT_LEAD,
    Role.COMMITTEE,
)
"""Who brings a matter before the committee."""


class Given(NamedTuple):
    """What a form brought: its values, the photos, and a key that makes the second press the same action."""

    form: Any
    photos: list[StoredPhoto]
    key: str
    papers: tuple[StoredPaper, ...] = ()


def always(_session: Session, _facility: Facility) -> str:
    """Nothing stands in the way."""
    return ""


def lay_in_case(session: Session, facility: Facility, given: Given, said: Said, *, what: str, kind: str = "") -> None:
    """Keep the files that came along with the case.

    Raises:
        Refusal: see `models.stages.attached_paper.add_paper`.
    """
    for stored in given.papers:
        add_paper(session, facility, stored, said, what=what, kind=kind)


@dataclass(frozen=True)
class Action:
    """Something one may do.

    `why_not` says in a sentence what stands in the way, for this facility as it is; empty for nothing. `do` calls the
    rule in models/ and says what was done; it is harmless when repeated with the same key.
    """

    path: str
    words: str
    """What its button says."""
    roles: tuple[Role, ...]
    form: Callable[[Session, Facility], type[BaseModel]]
    do: Callable[[Session, Facility, Given, Said], str]
    why_not: Callable[[Session, Facility], str] = always
    first: str = ""
    """The field that is asked before all others: what the rest is about."""
    help: str = ""
    """A sentence above the form."""
    takes_photos: bool = False
    takes_papers: bool = False
    """Files may come along, to be laid in the case."""
    needs_papers: bool = False
    """There must be one."""
    minutes: Callable[[Session, Facility, Any], Minutes | None] | None = None
    """How many minutes the form says and how many were planned, so that a slip of the finger is asked about."""
    is_dated: bool = False
    """It may have happened on a day before today, which is asked for."""
    asks_where: bool = False
    """Has the field `sted`, which the browser may fill in (`channels.staff.here`)."""
    is_ending: bool = False
    """Drawn as a warning: it ends something."""
