"""Hændelser: what other systems are told of the cases, one for each journal line and each movement of money.

They are numbered in the order in which they were committed, from the chain: within a strand (`models/chain.py`) the
numbers grow by commit, so nothing that is committed later can come before what was told already. They are gathered
when somebody wants them; who has neither a webhook nor a key pays nothing for them.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BigInteger, Select, UniqueConstraint, and_, func, insert, or_, select, text
from sqlmodel import Field, Session, SQLModel, col

from models.case.facility import Facility
from models.chain import LOCK, STRANDS, ChainLink
from models.database import Numbered, columns_of, dialect_of
from models.journal import JournalEntry
from models.pool.ledger import LedgerEntry

AT_ONCE = 1_000
_GATHERING = 1_000
"""The advisory lock's second number; the strands have the small ones."""
Row = TypeVar("Row", JournalEntry, LedgerEntry, Facility)
JOURNAL, LEDGER = "journal", "ledger_entry"


class Event(Numbered, SQLModel, table=True):
    """One event: where its entry stands in the chain, and which stage the case was in before.

    `id` is what others remember: all with a greater one are newer.
    """

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("strand", "chain_number"),)

    id: int | None = Field(default=None, primary_key=True)
    strand: int
    chain_number: int = Field(sa_type=BigInteger)
    entry: str = Field(max_length=16)
    entry_id: int
    facility_id: int | None = Field(default=None, foreign_key="facility.id", index=True)
    stage_before: str = Field(default="", max_length=32)


class Told(NamedTuple):
    """An event with the entry it is about; one of the two is there."""

    event: Event
    facility: Facility | None
    line: JournalEntry | None
    movement: LedgerEntry | None


def gather_events(session: Session) -> int:
    """Number what was committed since the last time; returns how many there were. One at a time does it."""
    if dialect_of(session) == "postgresql":
        session.connection().execute(text(f"SELECT pg_advisory_xact_lock({LOCK}, {_GATHERING})"))
    gathered = 0
    while rows := _next_links(session):
        _number(session, rows)
        gathered += len(rows)
    return gathered


def _next_links(session: Session) -> Sequence[ChainLink]:
    event, link = columns_of(Event), columns_of(ChainLink)
    newer = []
    for strand in range(1, STRANDS + 1 if dialect_of(session) == "postgresql" else 2):
        last = session.execute(select(func.max(event.chain_number)).where(event.strand == strand)).scalar()
        newer.append(and_(link.strand == strand, link.number > (last or 0)))
    rows = select(ChainLink).where(or_(*newer)).order_by(link.number).limit(AT_ONCE)
    return session.execute(rows).scalars().all()


def _number(session: Session, links: Sequence[ChainLink]) -> None:
    lines, movements = columns_of(JournalEntry), columns_of(LedgerEntry)
    said = {
        number: (facility, stage)
        for number, facility, stage in session.execute(
            select(lines.id, lines.facility_id, lines.stage).where(
                lines.id.in_([link.entry_id for link in links if link.entry == JOURNAL])
            )
        )
    }
    paid = _pairs(
        session,
        select(movements.id, movements.facility_id).where(
            movements.id.in_([link.entry_id for link in links if link.entry == LEDGER])
        ),
    )
    stages = _stages(session, {facility for facility, _ in said.values() if facility is not None})
    rows = []
    for link in links:
        facility, stage = said.get(link.entry_id, (None, "")) if link.entry == JOURNAL else (None, "")
        if link.entry == LEDGER:
            facility = paid.get(link.entry_id)
        before = ""
        if facility is not None and stage:
            before = stages.get(facility, "")
            stages[facility] = stage
        rows.append(
            {
                "strand": link.strand,
                "chain_number": link.number,
                "entry": link.entry,
                "entry_id": link.entry_id,
                "facility_id": facility,
                "stage_before": before,
            }
        )
    session.connection().execute(insert(Event), rows)


def _stages(session: Session, facilities: set[int]) -> dict[int, str]:
    """The stage each case was in by the last line that was told."""
    event, line = columns_of(Event), columns_of(JournalEntry)
    newest = (
        select(func.max(event.id))
        .where(event.facility_id.in_(facilities), event.entry == JOURNAL)
        .group_by(event.facility_id)
    )
    rows = select(event.facility_id, line.stage).where(event.entry_id == line.id, event.id.in_(newest))
    return _pairs(session, rows)


def _pairs(session: Session, rows: Select[tuple[Any, Any]]) -> dict[Any, Any]:
    return {row[0]: row[1] for row in session.execute(rows)}


def events_after(session: Session, after: int, *, most: int, facility: Facility | None = None) -> list[Told]:
    """What happened after the event with that number, the oldest first."""
    rows = select(Event).where(col(Event.id) > after)
    if facility is not None:
        rows = rows.where(col(Event.facility_id) == facility.id)
    return _told(session, rows.order_by(col(Event.id)).limit(most))


def told_of(session: Session, event_id: int) -> Told:
    """One event with its entry."""
    return _told(session, select(Event).where(col(Event.id) == event_id))[0]


def last_event(session: Session) -> int:
    """The number of the newest event; 0 when there is none."""
    return session.execute(select(func.max(columns_of(Event).id))).scalar() or 0


def first_event_on(session: Session, day: date) -> int:
    """The number of the first event whose entry counts for that day or a later one; one more than all when none does."""
    event, line, movement = columns_of(Event), columns_of(JournalEntry), columns_of(LedgerEntry)
    found = [
        session.execute(
            select(func.min(event.id)).where(event.entry == kind, event.entry_id == entry.id, entry.on >= day)
        ).scalar()
        for kind, entry in ((JOURNAL, line), (LEDGER, movement))
    ]
    return min((each for each in found if each is not None), default=last_event(session) + 1)


def _told(session: Session, wanted: Select[Any]) -> list[Told]:
    events: list[Event] = list(session.execute(wanted).scalars())
    lines = _by_id(session, JournalEntry, {each.entry_id for each in events if each.entry == JOURNAL})
    movements = _by_id(session, LedgerEntry, {each.entry_id for each in events if each.entry == LEDGER})
    places = _by_id(session, Facility, {each.facility_id for each in events if each.facility_id is not None})
    return [
        Told(
            each,
            places.get(each.facility_id) if each.facility_id is not None else None,
            lines.get(each.entry_id) if each.entry == JOURNAL else None,
            movements.get(each.entry_id) if each.entry == LEDGER else None,
        )
        for each in events
    ]


def _by_id(session: Session, table: type[Row], numbers: set[int]) -> dict[int, Row]:
    if not numbers:
        return {}
    rows = session.execute(select(table).where(columns_of(table).id.in_(numbers))).scalars()
    return {each.number: each for each in rows}
