"""Does the forecast's 80 % range hold the truth eight times of ten? Asked of 1,000 made-up municipalities.

Each gets facilities, a true rate and a true cost of incidents for each type (drawn from the configured belief),
a past that is lived by chance, and a forecast that knows the past alone. Then the future happens.

    python -m benchmarks.forecast_range [--municipalities 1000] [--seed 1]

Prints JSON; the share should lie between 0.76 and 0.84. docs/forecast.md keeps the result.
"""

import argparse
import json
from datetime import date

import numpy as np

from config.catalogue import catalogue
from models.figures.forecast import Basis, Standing, look_ahead, price_factor
from models.figures.incident_belief import believe

YEARS = 10
TYPES = ("shelter", "baenk", "badebro", "legeredskab", "baalplads")
ON = date(2030, 1, 1)


def municipality(chance: np.random.Generator, simulations: int) -> list[bool]:
    """Whether each year's truth fell within the range that was forecast."""
    beliefs, standing, truth = {}, [], np.zeros(YEARS)
    for key in TYPES:
        prior = catalogue().pool.incident_rate(key)
        before = believe(prior, incidents=0, years=0, costs_ore=[])
        rate = chance.gamma(before.rate_shape, 1 / before.rate_years)
        cost_rate = chance.gamma(before.mean_shape, 1 / before.mean_ore)
        number = int(chance.integers(5, 40))
        past_years = float(chance.integers(0, 8)) * number
        happened = int(chance.poisson(rate * past_years))
        costs = chance.gamma(before.cost_shape, 1 / cost_rate, size=happened)
        beliefs[key] = believe(prior, incidents=happened, years=past_years, costs_ore=[round(c) for c in costs])
        standing += [
            Standing(
                type_key=key,
                from_on=date(2025, 1, 1),
                paid_until=date(2050, 12, 31),
                kr_per_year_ore=0,
                volunteer_minutes=0,
                life_years=100,
                replacement_ore=0,
                ends_in=2125,
            )
        ] * number
        counts = chance.poisson(rate * number, size=YEARS)
        truth += chance.standard_gamma(counts * before.cost_shape) / cost_rate
    years = tuple(range(ON.year, ON.year + YEARS))
    basis = Basis(
        on=ON,
        years=years,
        money={},
        assumed=frozenset(),
        booked=dict.fromkeys(years, 10_000_000),
        standing=tuple(standing),
        beliefs=beliefs,
        price_year=ON.year,
        indexation=0.025,
        hourly_rate_kr=425,
    )
    ahead = look_ahead(basis, simulations=simulations, seed=int(chance.integers(1, 2**31)))
    real = [(10_000_000 + truth[n]) * price_factor(basis, year) for n, year in enumerate(years)]
    return [each.low_ore <= real[n] <= each.high_ore for n, each in enumerate(ahead)]


def main() -> None:
    """Run it and print what came out."""
    said = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    said.add_argument("--municipalities", type=int, default=1_000)
    said.add_argument("--simulations", type=int, default=2_000)
    said.add_argument("--seed", type=int, default=1)
    options = said.parse_args()
    chance = np.random.default_rng(options.seed)
    held = np.array([municipality(chance, options.simulations) for _ in range(options.municipalities)])
    by_year = held.mean(axis=0)
    document = {
        "municipalities": options.municipalities,
        "simulations": options.simulations,
        "seed": options.seed,
        "held": round(float(held.mean()), 4),
        "held_by_year": [round(float(share), 3) for share in by_year],
        "between_76_and_84": bool(0.76 <= held.mean() <= 0.84 and (by_year >= 0.76).all() and (by_year <= 0.84).all()),
    }
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
