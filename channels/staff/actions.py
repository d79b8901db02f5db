"""What one may do with a facility's case: each thing once, with who may, and the sentence that says why not now.

What is done by a form stands in `PLACE_ACTIONS`; a page of its own adds a line to `ACTIONS`. The case's page draws both.
"""

from collections.abc import Callable
from typing import NamedTuple

from sqlmodel import Session

from channels.addresses import question_path
from channels.questions.table import question_of
from channels.staff.action import MAY_BRING, always
from channels.staff.correcting_actions import CORRECTING_ACTIONS
from channels.staff.inspection_actions import INSPECTION_ACTIONS
from channels.staff.place_actions import PLACE_ACTIONS
from channels.staff.standing_actions import STANDING_ACTIONS
from channels.staff.who_may import MAY_SEE_CONTACTS, one_of
from models.case.facility import Facility
from models.overview.passed_on import passed_on
from models.overview.waiting import waits_of
from models.role import Role
from models.stages.committee_case import asked_of_committee


class Link(NamedTuple):
    """One thing that can be done on a page of its own: where, in which words, by whom, and whether the case allows it."""

    path: str
    """Below the case's own path."""
    words: str
    roles: tuple[Role, ...]
    why_not: Callable[[Session, Facility], str]
    """A Danish sentence, or nothing where it is allowed."""
    is_ending: bool = False


class Offered(NamedTuple):
    """The same for one visitor and one case: a button where `why_not` is empty."""

    path: str
    words: str
    why_not: str
    is_answer: bool = False
    is_ending: bool = False


def nothing_to_ask(session: Session, facility: Facility) -> str:
    """Why the committee has nothing to decide about the place now."""
    if asked_of_committee(session, facility):
        return ""
    return "Udvalget kan spørges om en ansøgning uden svar, eller om et sted i drift skal tages ned."


#: In the order they are drawn, after the answers to what waits.
EVERY_ACTION = (*PLACE_ACTIONS, *STANDING_ACTIONS, *CORRECTING_ACTIONS, *INSPECTION_ACTIONS)
ACTIONS: list[Link] = [
    *(Link(f"goer/{each.path}", each.words, each.roles, each.why_not, each.is_ending) for each in EVERY_ACTION),
    Link("udvalg.docx", "Hent sagen til udvalget (Word)", MAY_BRING, nothing_to_ask),
    Link("udvalg.pdf", "Hent sagen til udvalget (PDF)", MAY_BRING, nothing_to_ask),
    Link("arkiv", "Hent sagen til arkivet (zip)", MAY_SEE_CONTACTS, always),
]


def offered(session: Session, facility: Facility, roles: frozenset[Role]) -> list[Offered]:
    """All that can be done with the case: what waits first, then each of `ACTIONS`."""
    found = _answers(session, facility, roles)
    for each in ACTIONS:
        allowed = not roles.isdisjoint(each.roles)
        why_not = each.why_not(session, facility) if allowed else f"Det kan {one_of(each.roles)}."
        path = f"/opgaver/sag/{facility.reference}/{each.path}"
        found.append(Offered(path, each.words, why_not, is_ending=each.is_ending))
    return found


def done_words(path: str) -> str:
    """What was done, by the last part of its path, as the case's page thanks for it; empty for what isn't known."""
    known = {each.path: each.words for each in EVERY_ACTION} | {"forslag": "Forslaget er oprettet"}
    return known.get(path, "")


def _answers(session: Session, facility: Facility, roles: frozenset[Role]) -> list[Offered]:
    waits = waits_of(session, facility)
    passed = passed_on(session, (wait.key for wait in waits))
    found: list[Offered] = []
    topics = [wait.topic for wait in waits]
    for wait in waits:
        question = question_of(wait)
        asked = passed[wait.key].to if wait.key in passed else wait.role
        may = roles & {*question.roles, asked}
        why_not = "" if may else f"Det venter på {asked.danish}."
        which = wait.what if topics.count(wait.topic) > 1 else question.word  # two of a kind are told apart
        words = f"Svar: {which}" if may else f"{question.word}: {wait.what}"
        found.append(Offered(question_path(wait.key), words, why_not, is_answer=True))
    return found
