"""The forecast: seeded, honest about chance, and clear about when the pool breaks."""

import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from config.catalogue import IncidentRate
from models.case.agreement import last_agreement
from models.case.facility import find
from models.database import reading
from models.figures.forecast import Basis, Standing, WhatIf, first_break, look_ahead
from models.figures.forecast_basis import forecast, with_and_without
from models.figures.incident_belief import believe
from models.refusal import BadInput
from models.stage import Stage
from tests.city import City

PRIOR = IncidentRate(per_100_years=10, weight_years=20, kr=12_000, weight_incidents=5, spread_percent=100)


def basis(**changes: object) -> Basis:
    """Ten shelters that are paid for, and money enough."""
    shelter = Standing("shelter", date(2020, 1, 1), date(2050, 12, 31), 6_500_00, 600, 15, 60_000_00, 2035)
    made = Basis(
        on=date(2026, 1, 1),
        years=tuple(range(2026, 2036)),
        money=dict.fromkeys(range(2026, 2036), 200_000_00),
        assumed=frozenset(),
        booked=dict.fromkeys(range(2026, 2036), 65_000_00),
        standing=(shelter,) * 10,
        beliefs={"shelter": believe(PRIOR, incidents=0, years=0, costs_ore=[])},
        price_year=2026,
        indexation=0.0,
        hourly_rate_kr=425,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_two_burned_shelters_count_but_dont_rule():
    before = believe(PRIOR, incidents=0, years=0, costs_ore=[])
    after = believe(PRIOR, incidents=2, years=5, costs_ore=[30_000_00, 30_000_00])

    assert before.per_year == pytest.approx(0.10)
    assert after.per_year == pytest.approx((2 + 2) / (20 + 5))  # 0,16: not the 0,40 of two in five years
    assert after.cost_ore == pytest.approx((5 * 12_000_00 + 60_000_00) / 7)


def test_the_same_seed_gives_the_same_figures_and_the_range_lies_around_the_mean():
    first, again = (look_ahead(basis(), simulations=2_000) for _ in range(2))
    other = look_ahead(basis(), simulations=2_000, seed=1)

    assert first == again
    assert [a.expected_ore for a in other] == [a.expected_ore for a in first]
    assert first[0].incidents_ore == 10 * 12_000_00 // 10
    assert all(a.low_ore < a.expected_ore < a.high_ore for a in first)


def test_replacement_comes_at_the_end_of_the_life_in_the_prices_of_its_year():
    ahead = {a.year: a.replacement_ore for a in look_ahead(basis(indexation=0.02), simulations=200)}

    assert ahead[2035] == round(10 * 60_000_00 * 1.02**9)
    assert sum(ahead.values()) == ahead[2035]


def test_what_is_tried_shows_in_its_own_column():
    plain = look_ahead(basis(), simulations=500)
    tried = look_ahead(basis(), WhatIf({"shelter": 2}, 0.2, 0.03), simulations=500)

    assert (tried[0].added_ore, tried[0].group_loss_ore) == (0, 0)
    assert tried[1].added_ore == round(2 * 6_500_00 * 1.03)
    assert tried[1].group_loss_ore > 0
    assert tried[1].booked_ore == round(plain[1].booked_ore * 1.03)
    assert tried[1].incidents_ore == round(plain[1].incidents_ore * 12 / 10 * 1.03)


def test_the_pool_breaks_in_the_first_year_that_needs_more_than_there_is():
    money = dict.fromkeys(range(2026, 2036), 80_000_00) | {2029: 70_000_00}
    ahead = look_ahead(basis(money=money), simulations=500)

    assert first_break(ahead) == 2029
    assert 0.2 < ahead[3].chance_of_break < 0.8
    assert ahead[0].chance_of_break < ahead[3].chance_of_break
    assert first_break(look_ahead(basis(), simulations=500)) == 2035  # ten replacements


def test_numpy_isnt_loaded_before_it_is_needed():
    code = (
        "import sys, models.tables, models.figures.forecast_basis, models.stages.funding, channels.command_line.pool, "
        "flows.pool_funding; sys.exit(any(m in sys.modules for m in ('numpy', 'altair', 'vl_convert')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_funding_form_says_when_the_pool_breaks_without_and_with_the_proposal(city: City):
    for year in range(2026, 2029):
        city.appropriate(year, 1_000, key=f"{year}")
    place = city.to_stage(Stage.FUNDING, "shelter", years=2, start_on=date(2026, 4, 1))

    with reading(city.engine) as session:
        facility = find(session, place.reference)
        agreement = last_agreement(session, facility)
        assert agreement is not None
        seen = with_and_without(session, facility, agreement, city.today)

    assert seen.sentence == "Uden dette forslag holder puljen til og med 2035. Med det brister den i 2026."
    assert seen.including[0].booked_ore == 4_875_00
    assert seen.including[2].renewals_ore > 0  # from 1 April 2028 the agreement is thought to go on


@pytest.mark.parametrize(
    ("years", "what_if", "why"),
    [
        (0, WhatIf(), "fra 1 til 30"),
        (31, WhatIf(), "fra 1 til 30"),
        (5, WhatIf({"slot": 1}), "ikke en anlægstype"),
        (5, WhatIf({"shelter": -1}), "fra 0 til"),
        (5, WhatIf({}, 1.0), "under 1"),
        (5, WhatIf({}, 0.0, 0.5), "fx 3 for 3 %"),
    ],
)
def test_an_absurd_question_is_refused(city: City, years: int, what_if: WhatIf, why: str):
    with reading(city.engine) as session, pytest.raises(BadInput, match=why):
        forecast(session, city.today, years, what_if)


def test_what_follows_costs_more_once_operations_does_the_tasks(city: City):
    bench = city.in_operation(from_=date(2026, 4, 1), years=1)

    def renewals() -> int:
        with reading(city.engine) as session:
            return forecast(session, city.today, 3)[2].renewals_ore

    before = renewals()
    city.today = date(2026, 6, 1)
    city.end(bench, "operations")

    assert renewals() > before > 0
