"""The pool's money: split over the years to the last øre, booked once, moved on at the year's end."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calendar import days_360
from models.case.agreement_version import last_day
from models.pool.funding_need import split_over_years
from models.pool.ledger import Kind
from models.refusal import Refusal
from models.role import Role
from tests.city import City

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("from_on", "years", "kr_per_year", "kr"),
    [
        ("2026-04-01", 5, 6_500, {2026: 4_875, 2027: 6_500, 2028: 6_500, 2029: 6_500, 2030: 6_500, 2031: 1_625}),
        ("2026-01-01", 2, 900, {2026: 900, 2027: 900}),
        ("2026-12-31", 1, 360, {2026: 1, 2027: 359}),
        ("2028-02-29", 1, 360, {2028: 302, 2029: 58}),
        ("2028-02-29", 3, 2_500, {2028: 2_097.22, 2029: 2_500, 2030: 2_500, 2031: 402.78}),
        ("2026-04-01", 1, 0, {2026: 0}),
    ],
)
def test_what_each_fiscal_year_costs(from_on: str, years: int, kr_per_year: int, kr: dict):
    begin = date.fromisoformat(from_on)

    parts = split_over_years(kr_per_year * 100, begin, last_day(begin, years))

    assert {year: ore / 100 for year, ore in parts.items()} == kr


@given(per_year=st.integers(0, 10**9), begin=DAYS, days=st.integers(0, 3_700))
def test_the_years_sum_to_the_whole(per_year: int, begin: date, days: int):
    end = begin + timedelta(days=days)

    parts = split_over_years(per_year, begin, end)

    whole = per_year * days_360(begin, end + timedelta(days=1)) // 360
    if (begin.month, begin.day) == (2, 29):  # what whole years cost is another test's
        assert sum(parts.values()) >= whole
        return
    assert sum(parts.values()) == whole
    assert all(ore >= 0 for ore in parts.values())
    assert set(parts) <= set(range(begin.year, end.year + 1))


@settings(max_examples=30, deadline=None)
@given(per_year=st.integers(0, 10**9).map(lambda ore: 2 * ore + 1), years=st.integers(1, 15))
def test_whole_years_cost_the_years_times_the_price_from_any_day(per_year: int, years: int):
    for days in range((date(2033, 1, 1) - date(2025, 1, 1)).days):  # two 29 Februaries among them
        begin = date(2025, 1, 1) + timedelta(days=days)
        end = last_day(begin, years)

        parts = split_over_years(per_year, begin, end)

        assert sum(parts.values()) == per_year * years, begin
        assert set(parts) <= set(range(begin.year, end.year + 1)), begin
        between = [parts[year] for year in range(begin.year + 1, end.year)]
        assert between == [per_year] * len(between), begin
        assert all(0 <= ore <= per_year for ore in parts.values()), begin
        first = per_year * days_360(begin, date(begin.year + 1, 1, 1)) // 360
        assert parts[begin.year] in (first, per_year), begin


def test_the_balances_are_the_sum_of_the_entries(city: City):
    shelter = city.in_operation("shelter", years=2, from_=date(2026, 4, 1), money=10_000)
    city.mend(city.damage(shelter), kr=9_000)

    assert city.pot(2026) == (10_000 - 9_000, 0, 9_000)
    assert [(e.kind, e.amount_ore) for e in city.ledger(year=2026)] == [
        (Kind.APPROPRIATION, 1_000_000),
        (Kind.COMMITMENT, 487_500),
        (Kind.SUPPLEMENT, 412_500),
        (Kind.WORK_RESERVED, 900_000),
        (Kind.SPENDING, 900_000),
        (Kind.WORK_RESERVED, -900_000),
    ]
    assert city.wrong() == []


def test_free_money_is_moved_to_the_next_year_once(city: City):
    city.appropriate(2026, 1_000)
    city.today = date(2027, 2, 1)

    city.carry_over(2026, 400)

    assert (city.pot(2026)[0], city.pot(2027)[0]) == (600, 400)
    before = city.dump()
    city.carry_over(2026, 400)
    with pytest.raises(Refusal, match="allerede overført 400 kr"):
        city.carry_over(2026, 500)
    assert city.dump() == before
    assert city.wrong() == []


@pytest.mark.parametrize(
    ("kr", "on", "by", "says"),
    [
        (1_100, date(2027, 2, 1), Role.POOL_MANAGER, r"kun 1\.000 kr\. fri i 2026"),
        (500, date(2026, 12, 31), Role.POOL_MANAGER, "2026 er ikke slut"),
        (-5, date(2027, 2, 1), Role.POOL_MANAGER, "negativt"),
        (500, date(2027, 2, 1), Role.COORDINATOR, "puljeforvalteren"),
    ],
)
def test_a_carry_over_that_cannot_be_changes_nothing(city: City, kr, on, by, says):
    city.appropriate(2026, 1_000)
    before = city.dump()

    with pytest.raises(Refusal, match=says):
        city.carry_over(2026, kr, on=on, by=by)

    assert city.dump() == before


def test_carrying_over_nothing_is_a_decision_too(city: City):
    city.appropriate(2026, 1_000)
    city.today = date(2027, 2, 1)

    city.carry_over(2026, 0)

    with pytest.raises(Refusal, match="allerede"):
        city.carry_over(2026, 100)
