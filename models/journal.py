"""The journal: who did what, when, and through which door. Never edited, never deleted."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple, Protocol

from sqlalchemy import insert
from sqlmodel import Field, Session, SQLModel, select

from models.database import Numbered, now, word_column
from models.discretion import insert_discreetly, naming_nobody, without_persons
from models.operator import person_of, require_operator
from models.role import Door, Role
from models.said import Said
from models.stage import Stage


class JournalEntry(Numbered, SQLModel, table=True):
    """One line of a case. `on` is the day it counts for, `recorded_at` the moment it was written (UTC).

    `operator` is the short id of who did it, where the door knows one: at the command line the operator's, of
    another system its key's.
    """

    __tablename__ = "journal"

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int | None = Field(default=None, foreign_key="facility.id", index=True)
    on: date = Field(index=True)
    recorded_at: datetime = Field(default_factory=now)
    stage: str = Field(max_length=32)
    what: str
    by: Role = word_column(Role)
    door: Door = word_column(Door)
    operator: str = Field(default="", max_length=12)


class Case(Protocol):
    """What a line is about: a facility, which this module knows no more of."""

    @property
    def id(self) -> int | None:
        """Its number."""

    @property
    def stage(self) -> Stage:
        """Where it stands."""


class CaseByNumber(NamedTuple):
    """A case of which only the number is at hand."""

    id: int
    stage: Stage


def write_journal(session: Session, case: Case | None, what: str, said: Said) -> int:
    """Add one line (Danish, a whole sentence) to a case, or to none; returns its number.

    Every change people can notice writes one.

    It can never be erased, so persons are left out of it, whatever was typed.

    Raises:
        Refusal: whoever sits at the command line may not act as `by`; the decision isn't kept then.
    """
    row = {
        "facility_id": case.id if case is not None else None,
        "on": said.on,
        "recorded_at": now(),
        "stage": case.stage if case is not None else "",
        "what": what,
        "by": said.by,
        "door": said.door,
        "operator": person_of(session, said),
    }
    session.info["written"] = session.info.get("written", 0) + 1
    return insert_discreetly(session, JournalEntry, row, naming_nobody(row))


def write_journal_lines(session: Session, lines: Iterable[tuple[int, str, str]], said: Said) -> None:
    """The same for many cases at once: the facility's number, its stage, and what happened.

    Raises:
        Refusal: whoever sits at the command line may not act as `said.by`.
    """
    known: dict[str, str] = {}
    operator, moment = require_operator(session, said.by), now()
    rows = []
    for facility_id, stage, what in lines:
        if what not in known:
            known[what] = without_persons(session, what)
        rows.append(
            {
                "facility_id": facility_id,
                "stage": stage,
                "what": known[what],
                "on": said.on,
                "recorded_at": moment,
                "by": said.by,
                "door": said.door,
                "operator": operator,
            }
        )
    if rows:
        session.connection().execute(insert(JournalEntry), rows)
        session.info["written"] = session.info.get("written", 0) + len(rows)


def anything_written(session: Session) -> bool:
    """Whether this transaction changed anything; a repeated decision doesn't."""
    return bool(session.info.get("written"))


def journal_of(session: Session, facility_id: int) -> list[JournalEntry]:
    """A case's lines in the order they happened."""
    lines = select(JournalEntry).where(JournalEntry.facility_id == facility_id)
    return sorted(session.exec(lines), key=lambda line: line.number)
