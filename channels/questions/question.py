"""What every question consists of; the doors know a question by this alone."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlmodel import Session

from channels.questions.facts import Facts
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from models.case.attached_paper import StoredPaper
from models.case.facility import Facility
from models.overview.waiting import Wait
from models.role import Door, Role
from models.said import Said


class Outcome(NamedTuple):
    """How a question ended, in words for people. A refusal is an outcome, never a failure."""

    name: str
    message: str


class Way(NamedTuple):
    """One way to answer: what a button says that it does, and the fields of the form that only this answer needs."""

    key: str
    """The name of the member in the form's leading choice."""
    words: str
    fields: tuple[str, ...]
    is_no: bool = False
    folded: tuple[str, ...] = ()
    """Those of the fields that hardly anybody needs; `folded_words` is what one opens to see them."""
    folded_words: str = ""
    folded_send: str = ""
    """What the button says that sends those instead, where they make it another answer."""


@dataclass(frozen=True)
class Question:
    """One thing that a role can be asked about a facility.

    `facts` and `form` look and change nothing; `decide` calls the rule in models/, raises its `Refusal`, and is
    harmless when repeated. `command` is what one types instead, from what waits and from the case.
    """

    topic: str
    """The middle of a wait's key (`Wait.topic`)."""
    word: str
    """What people call it; the runs that ask it begin with the word."""
    asked_by: str
    """The flow that asks it, which is a module of its own under this name."""
    waits_for: str
    """What its run waits for, in one sentence."""
    roles: tuple[Role, ...]
    """Who may answer."""
    who: str
    """How a door that doesn't know who answers asks for the role; empty where there is only one."""
    facts: Callable[[Session, Facility, Wait], Facts]
    form: Callable[[Session, Facility, Wait], type[BaseModel]]
    decide: Callable[[Session, Facility, Wait, Any, Said], Outcome]
    command: Callable[[Waits, FacilityCase], str]
    ends_as: Callable[[Mapping[str, Any]], str]
    """The name of the outcome that `decide` gives to such an answer, from the form's values as they are sent."""
    why_not_correct: Callable[[Session, Facility, Wait], str]
    """Why the answer that was given can't be put right, in a sentence that says what to do instead; empty where it can."""
    doors: tuple[Door, ...] = (Door.PREFECT, Door.CLI, Door.API)
    """Where it can be answered."""
    papers: Callable[[Facility], dict[str, str]] | None = None
    """The papers that can come along as files, by their key, where a door takes files; None where none can."""
    attach: Callable[[Session, Facility, Mapping[str, Sequence[StoredPaper]], Said], None] | None = None
    """Keeps those that came, by their key, once the answer is decided."""
    minutes: Callable[[Session, Facility, Wait, Any], tuple[int, int] | None] | None = None
    """How many minutes an answer says, and how many were planned (0 is not known), for a door that asks about a slip."""
    correct: Callable[[Session, Facility, Wait, Any, Said], Outcome] | None = None
    """Takes back the answer for another, where `why_not_correct` says nothing; None where it never can be."""
    correct_form: Callable[[Session, Facility, Wait], type[BaseModel]] | None = None
    """The form of another answer, where it isn't the question's own."""
    answered: Callable[[Session, Facility], dict[str, str]] | None = None
    """What was answered, by the names of the form's fields as they are typed, for whoever puts it right."""
    left: Callable[[Session, Facility], list[str]] | None = None
    """What the answer left to be done that waits for no answer, in sentences."""
    dated: tuple[type[BaseModel], ...] = ()
    """The forms that tell what has happened, perhaps on a day before today: a door without a date of its own asks for it."""
    not_now: Callable[[Session, Facility], Collection[str]] | None = None
    """Members of the leading choice that are said already, and needn't be offered as buttons."""
    not_at_the_desk: tuple[str, ...] = ()
    """Members of the leading choice that are somebody else's where it is known who answers."""
    ways: tuple[Way, ...] = ()
    """The answers as buttons that say what they do; empty where each member of the leading choice is one, with all fields."""


def stands(instead: str) -> Callable[[Session, Facility, Wait], str]:
    """An answer that isn't taken back, as something follows from it at once; `instead` says what one does."""
    return lambda _session, _facility, _wait: instead


def by_choice(names: Mapping[str, str] | None = None, otherwise: str = "") -> Callable[[Mapping[str, Any]], str]:
    """An outcome is called what stands in `names` for the form's leading choice, else `otherwise`, else as the choice."""

    def named(values: Mapping[str, Any]) -> str:
        chosen = str(values.get("svar") or values.get("haendelse") or "")
        return (names or {}).get(chosen, otherwise or chosen)

    return named
