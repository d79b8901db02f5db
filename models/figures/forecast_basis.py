"""What the forecast stands on, gathered from ledger, agreements and incidents as of any day."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, and_, col, func, or_, select

from config.catalogue import catalogue
from models.case.agreement import Agreement, AgreementStatus
from models.case.facility import Facility
from models.case.funding import FundingDecision, PoolApplication
from models.figures.estimates import kr_per_year_of
from models.figures.forecast import Basis, Standing, WhatIf, YearAhead, first_break, look_ahead
from models.figures.incident_belief import Belief, believe
from models.figures.operating import Span, spans_on
from models.operation.incident import Incident
from models.pool.funding_need import needs_of
from models.pool.ledger import EFFECT, Kind, LedgerEntry
from models.refusal import BadInput

MOST_YEARS = 30
MOST_ADDED = 1_000


def forecast(
    session: Session,
    on: date,
    years: int,
    what_if: WhatIf | None = None,
    *,
    proposal: Facility | None = None,
    agreement: Agreement | None = None,
) -> list[YearAhead]:
    """The forecast from the year of `on`; with `proposal` and its `agreement` as if it were granted.

    Raises:
        BadInput: years, a type, a number or a rate out of bounds.
    """
    if not 1 <= years <= MOST_YEARS:
        raise BadInput("years", f"skriv hele år fra 1 til {MOST_YEARS}.")
    if what_if is not None:
        _check(what_if)
    basis = basis_on(session, on, years, proposal=proposal, agreement=agreement)
    return look_ahead(basis, what_if, simulations=catalogue().pool.forecast.simulations)


def _check(what_if: WhatIf) -> None:
    for type_key, count in what_if.add.items():
        if type_key not in catalogue().types:
            known = ", ".join(catalogue().types)
            raise BadInput("add", f'"{type_key[:40]}" er ikke en anlægstype. Vælg en af: {known}.')
        if not 0 <= count <= MOST_ADDED:
            raise BadInput("add", f"skriv et antal fra 0 til {MOST_ADDED}.")
    if not 0 <= what_if.group_loss < 1:
        raise BadInput("group_loss", "skriv procent fra 0 til under 100, fx 20 for 20 %.")
    if what_if.indexation is not None and not -0.1 <= what_if.indexation <= 0.2:
        raise BadInput("indexation", "skriv procent fra -10 til 20, fx 3 for 3 %.")


def basis_on(
    session: Session, on: date, years: int, *, proposal: Facility | None = None, agreement: Agreement | None = None
) -> Basis:
    """All that was known on that day, for `years` years from its own on."""
    rules, ahead = catalogue().pool.forecast, tuple(range(on.year, on.year + years))
    put_in: dict[int, int] = defaultdict(int)
    budget: dict[int, int] = defaultdict(int)
    booked: dict[int, int] = defaultdict(int)
    saved: dict[int, int] = defaultdict(int)
    spent: dict[int, int] = defaultdict(int)
    replaced: dict[int, set[int]] = defaultdict(set)
    indexed = on.year
    for year, kind, facility_id, amount_ore in _sums_on(session, on):
        into, _, committed, used = EFFECT[kind]
        put_in[year] += into * amount_ore
        booked[year] += (committed + used) * amount_ore
        spent[year] += used * amount_ore
        if kind is Kind.APPROPRIATION:
            budget[year] += amount_ore
        elif facility_id is None:  # of the pool as a whole
            if kind is Kind.INDEXATION:
                indexed = max(indexed, year)
        elif kind in (Kind.RESERVE, Kind.RESERVE_CARRIED):
            saved[facility_id] += amount_ore
        elif kind is Kind.REPLACEMENT:
            saved[facility_id] -= amount_ore
            replaced[facility_id].add(year)
    level = budget[max(budget)] if budget and rules.later_years == "as_last_year" else 0
    decided = {year for year in ahead if budget.get(year)}
    money = {year: put_in[year] + (0 if year in decided else level) for year in ahead}
    rule, before = catalogue().pool.carry_over, on.year - 1
    is_settled = _what_is_left_is_decided(session, before, on)
    left = 0 if is_settled else rule.allowed_ore(max(0, put_in[before] - spent[before]))
    spans = spans_on(session, on)
    # a renewal stands in the place of the agreement it follows
    standing = _standing(session, on, spans, saved, replaced, but=proposal)
    if proposal is not None and agreement is not None:
        for year, ore in needs_of(session, agreement).items():
            booked[year] += ore
        span = next((s for s in spans if s.facility.id == proposal.id), None)
        standing.append(_as_standing(proposal, agreement, span, saved, replaced))
    return Basis(
        on=on,
        years=ahead,
        money=money,
        assumed=frozenset(ahead) - decided if level else frozenset(),
        booked={year: booked[year] for year in ahead},
        standing=tuple(standing),
        beliefs=beliefs_on(session, on, spans),
        price_year=indexed,
        indexation=round(rules.indexation_percent * 100) / 10_000,
        hourly_rate_kr=catalogue().municipality.hourly_rate_kr,
        estimates_ore={key: kr_per_year_of(session, key, on) * 100 for key in catalogue().types},
        carried_in=left,
        carry_over=rule,
        agreements_are_renewed=rules.agreements_are_renewed,
        pool_pays_replacement=rules.pool_pays_replacement,
    )


def _sums_on(session: Session, on: date) -> Iterator[tuple[int, Kind, int | None, int]]:
    """What was booked by the end of that day: year, kind, the facility's id, and øre; not entry by entry."""
    what = col(LedgerEntry.year), col(LedgerEntry.kind), col(LedgerEntry.facility_id)
    sums = select(*what, func.sum(LedgerEntry.amount_ore)).where(LedgerEntry.on <= on)
    for year, kind, facility_id, ore in session.exec(sums.group_by(*what)):
        yield year, kind, facility_id, int(ore)


def _what_is_left_is_decided(session: Session, year: int, on: date) -> bool:
    """Whether the year was closed by then, or what was left of it carried over."""
    carried = and_(LedgerEntry.kind == Kind.CARRY_OVER, col(LedgerEntry.key).endswith(":out"))
    rows = select(LedgerEntry.id).where(
        LedgerEntry.year == year, LedgerEntry.on <= on, or_(LedgerEntry.kind == Kind.CLOSING, carried)
    )
    return session.exec(rows.limit(1)).first() is not None


def beliefs_on(session: Session, on: date, spans: list[Span]) -> dict[str, Belief]:
    """What is believed of each type's incidents on that day."""
    began = date(2000, 1, 1)
    years: dict[str, float] = defaultdict(float)
    types = {}
    for span in spans:
        years[span.facility.type_key] += span.years_in(began, on)
        types[span.facility.id] = span.facility.type_key
    counts: dict[str, int] = defaultdict(int)
    costs: dict[str, list[int]] = defaultdict(list)
    for incident in session.exec(select(Incident).where(Incident.reported_on <= on)):
        if (type_key := types.get(incident.facility_id)) is None:
            continue
        counts[type_key] += 1
        if incident.decided_on is not None and incident.decided_on <= on:
            costs[type_key].append(incident.kr_ore)
    return {
        key: believe(catalogue().pool.incident_rate(key), incidents=counts[key], years=years[key], costs_ore=costs[key])
        for key in catalogue().types
    }


def _standing(
    session: Session,
    on: date,
    spans: list[Span],
    saved: dict[int, int],
    replaced: dict[int, set[int]],
    *,
    but: Facility | None,
) -> list[Standing]:
    """The facilities in operation, and those that are granted money but aren't built yet."""
    last: dict[int, Agreement] = {}
    rows = (
        select(Agreement)
        .join(PoolApplication, col(PoolApplication.agreement_id) == Agreement.id)
        .where(PoolApplication.decision == FundingDecision.GRANT, col(PoolApplication.decided_on) <= on)
        .order_by(col(Agreement.version))
    )
    for agreement in session.exec(rows):
        last[agreement.facility_id] = agreement
    begun = {span.facility.id: span for span in spans}
    versions = _versions(session)
    found = []
    for facility_id, agreement in sorted(last.items()):
        facility = session.get_one(Facility, facility_id)
        if but is not None and but.id == facility_id:
            continue
        span = begun.get(facility_id)
        if span is not None and span.until_on is not None:
            continue
        if span is None and not facility.stage.is_open:
            continue
        standing = _as_standing(facility, agreement, span, saved, replaced)
        # where operations has taken over, what follows costs what it costs now
        now = _in_force(versions[facility_id])
        if now is not None and now.version > agreement.version and now.drafted_on <= on:
            standing = replace(
                standing, kr_per_year_ore=now.kr_per_year_ore, volunteer_minutes=now.volunteer_minutes_per_year
            )
        found.append(standing)
    for span in spans:
        promised = span.facility.id in last or (but is not None and but.id == span.facility.id)
        if span.is_inherited and span.until_on is None and not promised:
            care = _in_force(versions[span.facility.number]) or versions[span.facility.number][-1]
            found.append(_unpromised(care, span, saved, replaced))
    return found


def _versions(session: Session) -> dict[int, list[Agreement]]:
    """The agreements of every facility, by its number, the first version first."""
    found: dict[int, list[Agreement]] = defaultdict(list)
    for agreement in session.exec(select(Agreement).order_by(col(Agreement.facility_id), col(Agreement.version))):
        found[agreement.facility_id].append(agreement)
    return found


def _in_force(versions: list[Agreement]) -> Agreement | None:
    """The version that binds both sides now."""
    return next((each for each in versions if each.status is AgreementStatus.IN_FORCE), None)


def _unpromised(care: Agreement, span: Span, saved: dict[int, int], replaced: dict[int, set[int]]) -> Standing:
    """An inherited facility the pool has promised nothing: damage and its end come to the pool, not its care."""
    return replace(_as_standing(span.facility, care, span, saved, replaced), kr_per_year_ore=0)


def _as_standing(
    facility: Facility, agreement: Agreement, span: Span | None, saved: dict[int, int], replaced: dict[int, set[int]]
) -> Standing:
    """The facility as it is expected to go on; `span` is None until it is in operation."""
    facility_id = facility.number
    from_on = agreement.from_on if span is None else span.from_on
    return Standing(
        type_key=facility.type_key,
        from_on=from_on,
        paid_until=agreement.until_on,
        kr_per_year_ore=agreement.kr_per_year_ore,
        volunteer_minutes=agreement.volunteer_minutes_per_year,
        life_years=facility.life_years,
        replacement_ore=facility.replacement_ore,
        saved_ore=saved.get(facility_id, 0),
        replaced_in=frozenset(replaced.get(facility_id, ())),
        ends_in=from_on.year + facility.life_years if span is None else span.ends_in,
    )


FORM_YEARS = 10


class Difference(NamedTuple):
    """The forecast without a proposal, and with it."""

    without: list[YearAhead]
    including: list[YearAhead]

    @property
    def sentence(self) -> str:
        """When the pool breaks, without and with it, as it stands in the funding form."""
        before, after = first_break(self.without), first_break(self.including)
        last = self.without[-1].year
        if before is None and after is None:
            return f"Puljen holder til og med {last}, også med dette forslag."
        if before is None:
            return f"Uden dette forslag holder puljen til og med {last}. Med det brister den i {after}."
        if after == before:
            return f"Puljen brister i {before}, med og uden dette forslag."
        return f"Uden dette forslag brister puljen i {before}. Med det brister den i {after}."


def with_and_without(session: Session, facility: Facility, agreement: Agreement, on: date) -> Difference:
    """What the funding form shows before the decision: ten years, without the proposal and with it."""
    return Difference(
        forecast(session, on, FORM_YEARS), forecast(session, on, FORM_YEARS, proposal=facility, agreement=agreement)
    )
