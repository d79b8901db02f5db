"""What the annual report and the forecast count in the ledger, entry by entry, as of any day."""

from datetime import date

import pytest
from sqlmodel import Session

from models.database import reading, transaction
from models.figures.estimates import experience
from models.figures.forecast_basis import basis_on
from models.figures.indicators import Period, cost_by_type
from models.pool.ledger import EFFECT, Kind, LedgerEntry, PoolYear, ledger, pots_on
from models.role import Door, Role
from tests.city import City

AT_LAST = date(2027, 6, 30)


def booked(session: Session, kind: Kind, on: date, ore: int, facility_id: int | None = None, *, key: str = "") -> None:
    session.add(
        LedgerEntry(
            key=key or f"{kind} {on} {facility_id}",
            year=on.year,
            facility_id=facility_id,
            kind=kind,
            amount_ore=ore,
            on=on,
            by=Role.POOL_MANAGER,
            door=Door.CLI,
        )
    )


@pytest.fixture
def bench(city: City) -> int:
    """In operation since New Year 2026, with entries of every kind around `AT_LAST`; its number."""
    city.today = date(2025, 12, 1)
    number = city.in_operation(from_=date(2026, 1, 1), start_on=date(2026, 1, 1)).facility.number
    with transaction(city.engine) as session:
        for place, kind in enumerate(Kind):
            whose = None if kind in (Kind.APPROPRIATION, Kind.CLOSING, Kind.CARRY_OVER) else number
            for on in (date(2026, 3, 1), date(2026, 9, 1), AT_LAST, date(2027, 7, 1)):
                if kind not in (Kind.CLOSING, Kind.CARRY_OVER):
                    booked(session, kind, on, 10**place % 999_983 + on.month, whose)
        booked(session, Kind.APPROPRIATION, date(2026, 2, 1), 90_000_00)
        booked(session, Kind.SPENDING, date(2026, 5, 1), 7_77)  # nobody's
    return number


def test_the_pots_of_a_day_are_the_sum_of_the_entries_until_then(city: City, bench: int):
    with transaction(city.engine) as session:
        booked(session, Kind.CLOSING, date(2026, 12, 30), 0)

    with reading(city.engine) as session:
        found = pots_on(session, AT_LAST)
        entries = [entry for entry in ledger(session) if entry.on <= AT_LAST]

    def sums(year: int) -> list[int]:
        of_year = [entry for entry in entries if entry.year == year]
        return [sum(EFFECT[e.kind][pot] * e.amount_ore for e in of_year) for pot in range(4)]

    def kept(pots: PoolYear) -> list[int]:
        return [pots.put_in_ore, pots.free_ore, pots.committed_ore, pots.spent_ore]

    assert {year: kept(pots) for year, pots in found.items()} == {
        year: sums(year) for year in {entry.year for entry in entries}
    }
    assert (found[2026].closed_on, found[2027].closed_on) == (date(2026, 12, 30), None)


def test_what_a_place_has_cost_is_its_spending_with_the_corrections(city: City, bench: int):
    with reading(city.engine) as session:
        (cost,) = cost_by_type(session, Period(date(2026, 1, 1), date(2026, 12, 31)))
        seen = next(each for each in experience(session, 2026) if each.type_key == "baenk")
        entries = ledger(session, year=2026, facility_id=bench)

    paid = sum(e.amount_ore for e in entries if e.kind in (Kind.SPENDING, Kind.CORRECTION))
    assert (cost.type_key, cost.cost_ore, cost.years) == ("baenk", paid, 1)
    assert [(year, ore) for _, year, ore in seen.years] == [(2026, paid)]


def test_the_forecast_knows_what_is_saved_and_replaced(city: City, bench: int):
    with reading(city.engine) as session:
        (standing,) = basis_on(session, AT_LAST, 3).standing
        entries = [e for e in ledger(session, facility_id=bench) if e.on <= AT_LAST]

    signs = {Kind.RESERVE: 1, Kind.RESERVE_CARRIED: 1, Kind.REPLACEMENT: -1}
    assert standing.saved_ore == sum(signs.get(e.kind, 0) * e.amount_ore for e in entries)
    assert standing.replaced_in == {2026, 2027}


@pytest.mark.parametrize(
    ("kind", "key", "is_decided"),
    [
        (Kind.SUPPLEMENTARY, "nothing:out", False),
        (Kind.CARRY_OVER, "carry:2025:in", False),
        (Kind.CARRY_OVER, "carry:2026:out", True),
        (Kind.CLOSING, "closing:2026", True),
    ],
)
def test_what_is_left_of_last_year_is_expected_until_it_is_decided(
    city: City, bench: int, kind: Kind, key: str, is_decided: bool
):
    with transaction(city.engine) as session:
        booked(session, kind, date(2026, 12, 31), 0, key=key)

    with reading(city.engine) as session:
        basis = basis_on(session, AT_LAST, 3)

    assert (basis.carried_in == 0) is is_decided
