"""The forecast's 10,000 possible futures of 1,000 facilities, beside the same draws in bare numpy and a Python loop."""

import time
from collections.abc import Iterator
from datetime import date

import numpy as np

from benchmarks.measure import Row, in_turn, rates
from config.catalogue import catalogue
from models.figures.forecast import Basis, Standing, look_ahead
from models.figures.incident_belief import believe

RUNS, FACILITIES, YEARS = 10_000, 1_000, 10
TYPES = ("shelter", "baenk", "badebro", "legeredskab", "baalplads")
ON = date(2030, 1, 1)


def basis() -> Basis:
    """A thousand facilities of five types."""
    beliefs = {
        key: believe(catalogue().pool.incident_rate(key), incidents=3, years=100, costs_ore=[200_000] * 3)
        for key in TYPES
    }
    standing = tuple(
        Standing(
            type_key=TYPES[n % 5],
            from_on=date(2025, 1, 1),
            paid_until=date(2050, 12, 31),
            kr_per_year_ore=0,
            volunteer_minutes=0,
            life_years=100,
            replacement_ore=0,
            ends_in=2125,
        )
        for n in range(FACILITIES)
    )
    years = tuple(range(ON.year, ON.year + YEARS))
    return Basis(
        on=ON,
        years=years,
        money={},
        assumed=frozenset(),
        booked=dict.fromkeys(years, 10_000_000),
        standing=standing,
        beliefs=beliefs,
        price_year=ON.year,
        indexation=0.025,
        hourly_rate_kr=425,
    )


def rows(*, quick: bool) -> Iterator[Row]:
    """One row."""
    known = basis()

    def ours() -> float:
        begun = time.perf_counter()
        look_ahead(known, simulations=RUNS, seed=1)
        return time.perf_counter() - begun

    def limit() -> float:
        """A rate, a count and a cost for each type, year and run: what no forecast by simulation can do without."""
        begun = time.perf_counter()
        chance = np.random.default_rng(1)
        for belief in known.beliefs.values():
            rate = chance.gamma(belief.rate_shape, 1 / belief.rate_years, size=RUNS)
            mean = chance.gamma(belief.mean_shape, 1 / belief.mean_ore, size=RUNS)
            counts = chance.poisson(rate[:, None] * (FACILITIES / 5), size=(RUNS, YEARS))
            total = chance.standard_gamma(counts * belief.cost_shape) / mean[:, None]
            np.quantile(total, (0.1, 0.9), axis=0)
        return time.perf_counter() - begun

    ours()
    seconds = in_turn(2 if quick else 5, ours=ours, limit=limit)
    loop = _in_a_loop(known, 20) * RUNS / 20
    yield rates(
        "forecast of 1,000 facilities",
        "–",
        RUNS,
        seconds,
        unit="runs/s",
        must="≥ 0.5",
        limit_name="bare numpy",
        peer_name="a Python loop (20 runs, extrapolated)",
        peer_seconds=loop,
    )


def _in_a_loop(known: Basis, runs: int) -> float:
    chance = np.random.default_rng(1)
    begun = time.perf_counter()
    for _ in range(runs):
        for belief in known.beliefs.values():
            rate = chance.gamma(belief.rate_shape, 1 / belief.rate_years)
            for _ in known.years:
                for _ in range(FACILITIES // 5):
                    for _ in range(chance.poisson(rate)):
                        chance.gamma(belief.cost_shape, belief.mean_ore)
    return time.perf_counter() - begun
