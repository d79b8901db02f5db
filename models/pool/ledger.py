"""Puljen: money for the operation of co-created facilities, as a ledger that is only ever added to.

Every entry moves an amount between three pots of one fiscal year (the calendar year): free, committed
and spent. So what was put in = free + committed + spent, always. Amounts are integer øre. What moves
between years is two entries, one minus and one plus. A closing is an entry, too: after it the year
takes nothing but corrections.
"""

from datetime import date, datetime
from enum import StrEnum
from functools import cache
from time import monotonic
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, Update, bindparam, func, update
from sqlmodel import Field, Session, SQLModel, col, select

from models.danish import dato, kr
from models.database import Numbered, columns_of, dialect_of, insert_new, now, word_column
from models.discretion import insert_discreetly, inserting_of_nobody, naming_nobody
from models.prepared_statements import Written
from models.refusal import Refusal, Remedy
from models.role import Door, Role
from models.said import Said
from models.text import NAME_LENGTH


class Kind(StrEnum):
    """What an entry does to its year."""

    APPROPRIATION = "appropriation"
    SUPPLEMENTARY = "supplementary"
    TRANSFER = "transfer"
    CARRY_OVER = "carry_over"
    COMMITMENT = "commitment"
    SUPPLEMENT = "supplement"
    INDEXATION = "indexation"
    RELEASE = "release"
    RESERVE = "reserve"
    RESERVE_CARRIED = "reserve_carried"
    REPLACEMENT = "replacement"
    WORK_RESERVED = "work_reserved"
    WORK_CARRIED = "work_carried"
    SPENDING = "spending"
    CORRECTION = "correction"
    CORRECTION_PUT_IN = "correction_put_in"
    CLOSING = "closing"

    @property
    def danish(self) -> str:
        """The kind as finance people say it."""
        return {
            "appropriation": "bevilling",
            "supplementary": "tillægsbevilling",
            "transfer": "flytning mellem år",
            "carry_over": "overførsel",
            "commitment": "tilsagn",
            "supplement": "tillægstilsagn",
            "indexation": "P/L-regulering",
            "release": "frigivet tilsagn",
            "reserve": "opsparing til udskiftning",
            "reserve_carried": "opsparing flyttet med",
            "replacement": "udskiftning",
            "work_reserved": "reserveret til arbejde",
            "work_carried": "reservation flyttet med",
            "spending": "forbrug",
            "correction": "rettelse af forbrug",
            "correction_put_in": "rettelse af bevilling",
            "closing": "årets lukning",
        }[self.value]


POTS = ("put_in_ore", "free_ore", "committed_ore", "spent_ore")
#: What one øre of an entry does to the pots.
EFFECT: dict[Kind, tuple[int, int, int, int]] = {
    Kind.APPROPRIATION: (1, 1, 0, 0),
    Kind.SUPPLEMENTARY: (1, 1, 0, 0),
    Kind.TRANSFER: (1, 1, 0, 0),
    Kind.CARRY_OVER: (1, 1, 0, 0),
    Kind.COMMITMENT: (0, -1, 1, 0),
    Kind.SUPPLEMENT: (0, -1, 1, 0),
    Kind.INDEXATION: (0, -1, 1, 0),
    Kind.RELEASE: (0, 1, -1, 0),
    Kind.RESERVE: (0, -1, 1, 0),
    Kind.RESERVE_CARRIED: (1, 0, 1, 0),
    Kind.REPLACEMENT: (0, 0, -1, 1),
    # an earmark inside what is committed already (`models.pool.reservation`)
    Kind.WORK_RESERVED: (0, 0, 0, 0),
    Kind.WORK_CARRIED: (1, 0, 1, 0),
    Kind.SPENDING: (0, 0, -1, 1),
    Kind.CORRECTION: (0, -1, 0, 1),
    Kind.CORRECTION_PUT_IN: (1, 1, 0, 0),
    Kind.CLOSING: (0, 0, 0, 0),
}

#: What a closed year still takes.
CORRECTIONS = (Kind.CORRECTION, Kind.CORRECTION_PUT_IN)


class PoolYear(SQLModel, table=True):
    """One year's balances, kept in step with the ledger in the same transaction; never below zero.

    `closed_on` is set by the closing entry.
    """

    __tablename__ = "pool_year"
    __table_args__ = (
        CheckConstraint("free_ore >= 0", name="free_not_negative"),
        CheckConstraint("committed_ore >= 0", name="committed_not_negative"),
        CheckConstraint("spent_ore >= 0", name="spent_not_negative"),
    )

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    put_in_ore: int = Field(default=0, sa_type=BigInteger)
    free_ore: int = Field(default=0, sa_type=BigInteger)
    committed_ore: int = Field(default=0, sa_type=BigInteger)
    spent_ore: int = Field(default=0, sa_type=BigInteger)
    closed_on: date | None = None


class LedgerEntry(Numbered, SQLModel, table=True):
    """One movement of money. `key` is its natural key: the same one can't be booked twice.

    `decided_on` and `case_number` say where the decision behind it was taken, when it isn't our own.
    """

    __tablename__ = "ledger_entry"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=160)
    year: int = Field(index=True)
    facility_id: int | None = Field(default=None, foreign_key="facility.id", index=True)
    kind: Kind = word_column(Kind)
    amount_ore: int = Field(sa_type=BigInteger)
    what: str = ""
    on: date
    recorded_at: datetime = Field(default_factory=now)
    by: Role = word_column(Role)
    door: Door = word_column(Door)
    decided_on: date | None = None
    case_number: str = Field(default="", max_length=NAME_LENGTH)


def book(
    session: Session,
    kind: Kind,
    year: int,
    amount_ore: int,
    said: Said,
    *,
    key: str,
    facility_id: int | None,
    what: str,
    decided_on: date | None = None,
    case_number: str = "",
) -> bool:
    """Book one entry: first the entry by its key, then one conditional update of the year's balances.

    Returns False, and changes nothing, when the key is booked already. The ledger is kept for ever, so the
    text is put in without the persons people wrote into their reasons.

    Raises:
        Refusal: `pool.too_little`: a pot of the year doesn't hold the amount; `pool.closed`: the year is
            closed and this is no correction. Nothing is booked then once the transaction is rolled
            back, which the door does.
    """
    row = {
        "key": key,
        "year": year,
        "facility_id": facility_id,
        "kind": kind,
        "amount_ore": amount_ore,
        "what": what,
        "on": said.on,
        "recorded_at": now(),
        "by": said.by,
        "door": said.door,
        "decided_on": decided_on,
        "case_number": case_number,
    }
    # all that needs no database comes first: from the first statement on, others may wait
    named, steps = naming_nobody(row), _steps(kind, row)
    dialect_name = dialect_of(session)
    moving = _moving(kind, dialect_name)
    moves = moving.bound(steps)
    is_new = has_moved = False
    if dialect_name == "postgresql" and named is not None and not _is_wanted(year):
        both = _entering_and_moving(kind, dialect_name)
        both_bound = both.bound(named | steps)
        entry, moved = both.first(session.connection(), both_bound) or (None, None)
        is_new, has_moved = entry is not None, moved is not None
        named = None  # tried: it is booked, or may name a contact
        if is_new and not has_moved:
            _wanted[year] = monotonic() + WANTED_SECONDS
    if not is_new and not insert_discreetly(session, LedgerEntry, row, named):
        return False
    connection = session.connection()
    if not has_moved and not moving.count(connection, moves):
        # it may be the first of its year, here or in another transaction at the same moment
        insert_new(session, PoolYear, [{"year": year} | dict.fromkeys(POTS, 0)])
        if not moving.count(connection, moves):
            raise _why_not(session, kind, year, amount_ore)
    return True


WANTED_SECONDS = 0.5
_wanted: dict[int, float] = {}
"""The years whose pots somebody else held a moment ago, until when that counts, by the clock of `monotonic`.

There the entry and the pots are two statements from the start: to find in one that the pots are held costs more than it saves.
"""


def _is_wanted(year: int) -> bool:
    return _wanted.get(year, 0.0) > monotonic()


def _steps(kind: Kind, row: dict[str, Any]) -> dict[str, Any]:
    moves = zip(POTS, EFFECT[kind], strict=True)
    steps = {f"{pot}_step": step * row["amount_ore"] for pot, step in moves}
    named = {**steps, "of": row["year"]}
    if kind is Kind.CLOSING:
        named["closes_on"] = row["on"]
    return named


@cache
def _entering_and_moving(kind: Kind, dialect_name: str) -> Written:
    """Both at once, in PostgreSQL's words: the entry's number, and the year if nobody stood in the way of its pots.

    Who does is waited for in a statement of its own, since PostgreSQL begins a whole one anew after a wait.
    """
    pots = columns_of(PoolYear)
    year = select(pots.year).where(pots.year == bindparam("of")).with_for_update(skip_locked=True)
    entry = inserting_of_nobody(dialect_name, LedgerEntry, 0).cte("entry")
    moved = (
        _movement(kind)
        .where(select(entry.c.id).exists(), pots.year == year.scalar_subquery())
        .returning(pots.year)
        .cte("moved")
    )
    found = (select(made).scalar_subquery() for made in (entry.c.id, moved.c.year))
    return Written(select(*found), dialect_name)


@cache
def _moving(kind: Kind, dialect_name: str) -> Written:
    return Written(_movement(kind), dialect_name)


def _movement(kind: Kind) -> Update:
    columns = columns_of(PoolYear)
    steps = {pot: bindparam(f"{pot}_step", type_=BigInteger) for pot in POTS}
    holds = [columns.year == bindparam("of")]
    holds += [columns[pot] + steps[pot] >= 0 for pot in POTS[1:]]
    if kind not in CORRECTIONS:
        # a column of the row that is locked, so that nothing slips in beside a closing
        holds.append(columns.closed_on.is_(None))
    moved = {pot: columns[pot] + step for pot, step in steps.items()}
    if kind is Kind.CLOSING:
        moved["closed_on"] = bindparam("closes_on", type_=Date)
    return update(PoolYear).where(*holds).values(moved)


def _why_not(session: Session, kind: Kind, year: int, amount_ore: int) -> Refusal:
    pots = year_of(session, year)
    if pots.closed_on is not None and kind not in CORRECTIONS:
        return year_is_closed(pots)
    if amount_ore < 0 and kind is Kind.CORRECTION:
        return Refusal("pool.too_little", f"Der er kun brugt {kr(pots.spent_ore)} i {year}. Ret højst det.")
    return Refusal("pool.too_little", f"Puljen har ikke {kr(abs(amount_ore))} fri i {year}.")


def year_is_closed(year: PoolYear) -> Refusal:
    """Why nothing is booked in a closed year, and what can be done instead."""
    closed = dato(year.closed_on) if year.closed_on else ""
    return Refusal(
        "pool.closed",
        f"{year.year} blev lukket {closed}. Der kan kun rettes med en begrundelse.",
        remedy=Remedy.CORRECT_THE_POOL,
    )


def is_closed(session: Session, year: int) -> bool:
    """Whether the year takes nothing but corrections."""
    return year_of(session, year).closed_on is not None


def year_of(session: Session, year: int) -> PoolYear:
    """The year's balances, zeros when nothing was ever booked in it."""
    row = session.exec(select(PoolYear).where(PoolYear.year == year).execution_options(populate_existing=True)).first()
    return row or PoolYear(year=year)


def pots_on(session: Session, on: date) -> dict[int, PoolYear]:
    """Every year's balances as they were at the end of that day, from the entries."""
    what = col(LedgerEntry.year), col(LedgerEntry.kind)
    rows = (
        select(*what, func.sum(LedgerEntry.amount_ore), func.max(LedgerEntry.on))
        .where(LedgerEntry.on <= on)
        .group_by(*what)
    )
    found: dict[int, PoolYear] = {}
    for year, kind, amount_ore, last_on in session.exec(rows):
        pots = found.setdefault(year, PoolYear(year=year, put_in_ore=0, free_ore=0, committed_ore=0, spent_ore=0))
        put_in, free, committed, spent = (step * int(amount_ore) for step in EFFECT[kind])
        pots.put_in_ore += put_in
        pots.free_ore += free
        pots.committed_ore += committed
        pots.spent_ore += spent
        if kind is Kind.CLOSING:
            pots.closed_on = last_on
    return dict(sorted(found.items()))


def years(session: Session) -> list[int]:
    """The years that have entries."""
    return list(session.exec(select(PoolYear.year).order_by(col(PoolYear.year))))


def ledger(session: Session, *, year: int | None = None, facility_id: int | None = None) -> list[LedgerEntry]:
    """The entries in the order they were booked."""
    rows = select(LedgerEntry).order_by(col(LedgerEntry.id))
    if year is not None:
        rows = rows.where(LedgerEntry.year == year)
    if facility_id is not None:
        rows = rows.where(LedgerEntry.facility_id == facility_id)
    return list(session.exec(rows))


def sums_of(session: Session, facility_id: int) -> dict[int, dict[Kind, int]]:
    """What was booked for one facility: øre by year and kind."""
    rows = session.exec(
        select(LedgerEntry.year, LedgerEntry.kind, func.sum(LedgerEntry.amount_ore))
        .where(LedgerEntry.facility_id == facility_id)
        .group_by(col(LedgerEntry.year), col(LedgerEntry.kind))
    )
    sums: dict[int, dict[Kind, int]] = {}
    for year, kind, amount in rows:
        sums.setdefault(year, {})[Kind(kind)] = int(amount)
    return sums


def promised(sums: dict[Kind, int]) -> int:
    """What a year's commitment to a facility is, spent or not, after indexation and releases."""
    given = (Kind.COMMITMENT, Kind.SUPPLEMENT, Kind.INDEXATION, Kind.WORK_CARRIED)
    return sum(sums.get(kind, 0) for kind in given) - sums.get(Kind.RELEASE, 0)


def left_of(sums: dict[Kind, int]) -> int:
    """What is left of a year's commitment to a facility.

    What is reserved for work isn't in it, nor what is saved for its replacement.
    """
    return promised(sums) - sums.get(Kind.SPENDING, 0) - reserved(sums)


def reserved(sums: dict[Kind, int]) -> int:
    """What of a year's commitment to a facility is held for work that was ordered and isn't done."""
    return sums.get(Kind.WORK_RESERVED, 0) + sums.get(Kind.WORK_CARRIED, 0)


def saved(sums: dict[Kind, int]) -> int:
    """What lies in a year for the replacement of a facility, after what was paid of it."""
    put_aside = sums.get(Kind.RESERVE, 0) + sums.get(Kind.RESERVE_CARRIED, 0)
    return put_aside - sums.get(Kind.REPLACEMENT, 0)


def wrong_years(session: Session) -> list[int]:
    """The years whose balances or closing aren't what their entries say; there should be none."""
    added_up = pots_on(session, date.max)
    rows = session.exec(select(PoolYear).execution_options(populate_existing=True))
    kept = {row.year: row for row in rows}
    return sorted(
        year for year in set(added_up) | set(kept) if _pots_of(kept.get(year)) != _pots_of(added_up.get(year))
    )


def _pots_of(year: PoolYear | None) -> tuple[Any, ...]:
    return () if year is None else tuple(getattr(year, name) for name in (*POTS, "closed_on"))
