"""Læring: what a type was estimated to cost, compared with what it did cost; a new estimate is proposed.

A facility-year is one facility in operation through one whole calendar year. Money is kroner from the
ledger's spending with its corrections, as it was booked.
"""

from datetime import date
from statistics import median_low
from typing import NamedTuple

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, func, select

from config.catalogue import catalogue
from models import text
from models.danish import kr
from models.database import Numbered, insert_new, word_column
from models.figures.operating import paid_by_pool_on
from models.journal import write_journal
from models.pool.ledger import Kind, LedgerEntry
from models.post.outbox import tell
from models.refusal import BadInput, Refusal
from models.role import Door, Role, may_decide
from models.said import Said

LEAST_FACILITY_YEARS = 3
OFF_BY_PERCENT = 25
ROUNDED_TO_KR = 100
MAY_TAKE = (Role.OPERATIONS, Role.OPERATIONS_MANAGER)


class EstimateProposal(Numbered, SQLModel, table=True):
    """A new value for a type's kroner a year, and what operations decided; `taken` is None while open."""

    __tablename__ = "estimate_proposal"
    __table_args__ = (UniqueConstraint("type_key", "year"),)

    id: int | None = Field(default=None, primary_key=True)
    type_key: str = Field(max_length=32)
    year: int
    old_kr: int
    new_kr: int
    facility_years: int
    proposed_on: date
    taken: bool | None = None
    reason: str = ""
    decided_on: date | None = None
    decided_by: Role | None = word_column(Role, default=None, nullable=True)


class Experience(NamedTuple):
    """What a type has cost: øre of each facility-year, and the estimate in øre a year."""

    type_key: str
    estimate_ore: int
    years: tuple[tuple[str, int, int], ...]
    """Facility's reference, calendar year, øre."""

    @property
    def median_ore(self) -> int:
        """The middle cost; of an even number the lower of the two in the middle. 0 when there is none."""
        return median_low([ore for _, _, ore in self.years]) if self.years else 0

    @property
    def is_off(self) -> bool:
        """Whether there are enough facility-years and their median is off by more than 25 %."""
        off = abs(self.median_ore - self.estimate_ore) * 100
        return len(self.years) >= LEAST_FACILITY_YEARS and off > OFF_BY_PERCENT * self.estimate_ore


def kr_per_year_of(session: Session, type_key: str, on: date) -> int:
    """What a year of a type's operation is estimated to cost on that day, in kroner.

    The newest estimate that operations has taken, for as long as `config/facility_types.yaml` still says
    what it said before; once somebody writes another figure there, the file has the word.
    """
    in_file = catalogue().type(type_key).kr_per_year
    taken = session.exec(
        select(EstimateProposal)
        .where(
            EstimateProposal.type_key == type_key,
            col(EstimateProposal.taken).is_(True),
            col(EstimateProposal.decided_on) <= on,
        )
        .order_by(col(EstimateProposal.decided_on), col(EstimateProposal.id))
    ).all()
    file_is_as_before = in_file in {each.old_kr for each in taken}
    return taken[-1].new_kr if file_is_as_before else in_file


def experience(session: Session, until_year: int) -> list[Experience]:
    """What each type has cost in the whole years up to and including `until_year`, and the estimate then."""
    last = date(until_year, 12, 31)
    rows = (
        select(col(LedgerEntry.facility_id), LedgerEntry.year, func.sum(LedgerEntry.amount_ore))
        .where(
            col(LedgerEntry.kind).in_((Kind.SPENDING, Kind.CORRECTION)),
            col(LedgerEntry.facility_id).is_not(None),
            LedgerEntry.year <= until_year,
        )
        .group_by(col(LedgerEntry.facility_id), col(LedgerEntry.year))
    )
    costs = {(facility_id, year): int(ore) for facility_id, year, ore in session.exec(rows)}
    found: dict[str, list[tuple[str, int, int]]] = {key: [] for key in catalogue().types}
    for span in paid_by_pool_on(session, last):
        for year in range(span.from_on.year, until_year + 1):
            first, end = date(year, 1, 1), date(year, 12, 31)
            if span.days_in(first, end) == (end - first).days + 1:
                ore = costs.get((span.facility.number, year), 0)
                found.setdefault(span.facility.type_key, []).append((span.facility.reference, year, ore))
    return [Experience(key, kr_per_year_of(session, key, last) * 100, tuple(found[key])) for key in catalogue().types]


def propose_estimates(session: Session, year: int, *, on: date) -> list[EstimateProposal]:
    """Propose a new estimate for each type that is off, once a type and year; returns those of the year.

    Raises:
        BadInput: the year isn't over.
    """
    if on.year <= year:
        raise BadInput("year", f"{year} er ikke slut.")
    for seen in experience(session, year):
        if not seen.is_off:
            continue
        new_kr = round(seen.median_ore / 100 / ROUNDED_TO_KR) * ROUNDED_TO_KR
        row = {
            "type_key": seen.type_key,
            "year": year,
            "old_kr": seen.estimate_ore // 100,
            "new_kr": new_kr,
            "facility_years": len(seen.years),
            "proposed_on": on,
            "reason": "",
        }
        if insert_new(session, EstimateProposal, [row]):
            name = catalogue().type(seen.type_key).name
            write_journal(
                session,
                None,
                f"Nyt overslag foreslået for {name}: {kr(new_kr * 100)} om året i stedet for "
                f"{kr(seen.estimate_ore)}, fordi medianen af {len(seen.years)} anlægsår er {kr(seen.median_ore)}",
                Said(on, Role.CALENDAR, Door.CALENDAR),
            )
    return proposals_of(session, year)


def proposals_of(session: Session, year: int | None = None, *, only_open: bool = False) -> list[EstimateProposal]:
    """Proposed estimates, the oldest first."""
    rows = select(EstimateProposal).order_by(col(EstimateProposal.id))
    if year is not None:
        rows = rows.where(EstimateProposal.year == year)
    if only_open:
        rows = rows.where(col(EstimateProposal.taken).is_(None))
    return list(session.exec(rows))


def decide_estimate(
    session: Session, type_key: str, year: int, said: Said, *, take: bool, reason: str
) -> EstimateProposal:
    """Take or leave a proposed estimate. Taken, it holds for new proposals at once (`kr_per_year_of`).

    The file is the administrator's: a letter asks that it be written there, too.

    Raises:
        Refusal: nothing is proposed, the role may not, or it is decided otherwise.
        BadInput: leaving it without a reason.
    """
    may_decide(said.by, MAY_TAKE, "Et nyt overslag")
    reason = text.text(reason, "reason", required=False)
    there = session.exec(
        select(EstimateProposal)
        .where(EstimateProposal.type_key == type_key, EstimateProposal.year == year)
        .with_for_update()
    ).first()
    if there is None:
        raise Refusal("estimate.not_proposed", f"Der er intet nyt overslag for {type_key[:40]} i {year}.")
    if there.taken is not None:
        if (there.taken, there.reason) == (take, reason):
            return there
        done = "taget" if there.taken else "ikke taget"
        raise Refusal("estimate.decided", f"Overslaget for {type_key} {year} er allerede {done}.")
    if not take and not reason:
        raise BadInput("reason", "skriv, hvorfor overslaget ikke skal ændres.")
    there.taken, there.reason, there.decided_on, there.decided_by = take, reason, said.on, said.by
    name = catalogue().type(type_key).name
    about = f" {reason}" if reason else ""
    if take:
        what = (
            f"Nyt overslag for {name}: {kr(there.new_kr * 100)} om året (før {kr(there.old_kr * 100)}), "
            f"af {there.facility_years} anlægsår.{about}"
        )
        tell(
            session,
            None,
            Role.PROJECT_LEAD,
            "estimate_taken",
            said.on,
            key=f"estimate:{type_key}:{year}",
            context={"type_key": type_key, "type_name": name, "old_kr": there.old_kr, "new_kr": there.new_kr},
        )
    else:
        what = f"Overslaget for {name} beholdes på {kr(there.old_kr * 100)} om året.{about}"
    write_journal(session, None, what, said)
    session.flush()
    return there
