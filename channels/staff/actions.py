"""What one may do with a facility's case: each thing once, with who may, and the sentence that says why not now.

A page behind a button adds its line to `ACTIONS`; the case's page draws what is there.
"""

from collections.abc import Callable
from typing import NamedTuple

from sqlmodel import Session

from channels.addresses import question_path
from channels.questions.table import question_of
from channels.staff.who_may import MAY_SEE_CONTACTS, one_of
from models.case.facility import Facility
from models.overview.passed_on import passed_on
from models.overview.waiting import waits_of
from models.role import Role


class Action(NamedTuple):
    """One thing that can be done: where, in which words, by whom, and whether the case allows it now."""

    path: str
    """Below the root, with `{reference}` in it."""
    words: str
    roles: tuple[Role, ...]
    why_not: Callable[[Session, Facility], str]
    """A Danish sentence, or nothing where it is allowed."""


class Offered(NamedTuple):
    """The same for one visitor and one case: a button where `why_not` is empty."""

    path: str
    words: str
    why_not: str
    is_answer: bool = False


def always(session: Session, facility: Facility) -> str:
    """What can be done whatever the case is at."""
    return ""


#: In the order they are drawn, after the answers to what waits.
ACTIONS: list[Action] = [
    Action("/opgaver/sag/{reference}/arkiv", "Hent sagen til arkivet (zip)", MAY_SEE_CONTACTS, always),
]


def offered(session: Session, facility: Facility, roles: frozenset[Role]) -> list[Offered]:
    """All that can be done with the case: what waits first, then each of `ACTIONS`."""
    found = _answers(session, facility, roles)
    for each in ACTIONS:
        allowed = not roles.isdisjoint(each.roles)
        why_not = each.why_not(session, facility) if allowed else f"Det kan {one_of(each.roles)}."
        found.append(Offered(each.path.format(reference=facility.reference), each.words, why_not))
    return found


def _answers(session: Session, facility: Facility, roles: frozenset[Role]) -> list[Offered]:
    waits = waits_of(session, facility)
    passed = passed_on(session, (wait.key for wait in waits))
    found: list[Offered] = []
    for wait in waits:
        question = question_of(wait)
        asked = passed[wait.key].to if wait.key in passed else wait.role
        may = roles & {*question.roles, asked}
        why_not = "" if may else f"Det venter på {asked.danish}."
        words = f"Svar: {question.word}" if may else f"{question.word}: {wait.what}"
        found.append(Offered(question_path(wait.key), words, why_not, is_answer=True))
    return found
