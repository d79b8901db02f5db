"""What the calendar says and writes down, in one place."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, String, cast, exists, literal
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from models.case.facility import Facility
from models.journal import write_journal, write_journal_lines
from models.post.outbox import Fact, MessageItem, add_to_daily
from models.role import Door, Role
from models.said import Said


def tell_once(
    session: Session, facility: Facility, role: Role, kind: str, key: str, context: dict[str, Fact], on: date
) -> bool:
    return add_to_daily(
        session, contact_id=None, role=role, kind=kind, facility_id=facility.number, key=key, context=context, on=on
    )


def is_told(what: str, number: Mapped[int | None], role: Mapped[Role] | ColumnElement[str]) -> ColumnElement[bool]:
    """Whether `tell_once` told a role of it by the key `what` and its number; to be asked of many at once."""
    key = literal(what) + cast(number, String) + ":" + cast(role, String)
    return exists().where(col(MessageItem.key) == key)


def note(session: Session, facility: Facility, what: str, on: date) -> None:
    write_journal(session, facility, what, Said(on, Role.CALENDAR, Door.CALENDAR))


def note_many(session: Session, lines: Iterable[tuple[int, str, str]], on: date) -> None:
    """The same for many cases: each facility's number, its stage, and what happened."""
    write_journal_lines(session, lines, Said(on, Role.CALENDAR, Door.CALENDAR))
