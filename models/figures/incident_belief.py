"""Skader, som de ventes: a belief about rate and cost, updated by what happened (Gamma-Poisson).

So two burned shelters count but don't rule. The cost of an incident is Gamma with a known spread and an
uncertain mean. Amounts are øre. docs/forecast.md says the formulas.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from config.catalogue import IncidentRate

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Amounts = npt.NDArray[np.float64]

ORE_PER_KR = 100


class Belief(NamedTuple):
    """What is believed of one type's incidents after what has happened.

    Rate a facility-year ~ Gamma(`rate_shape`, `rate_years`); an incident's cost ~ Gamma with shape
    `cost_shape` and a rate that is itself ~ Gamma(`mean_shape`, `mean_ore`).
    """

    rate_shape: float
    rate_years: float
    cost_shape: float
    mean_shape: float
    mean_ore: float

    @property
    def per_year(self) -> float:
        """Expected incidents in a facility-year."""
        return self.rate_shape / self.rate_years

    @property
    def cost_ore(self) -> float:
        """Expected cost of one incident, in øre."""
        return self.cost_shape * self.mean_ore / (self.mean_shape - 1)


def believe(prior: IncidentRate, *, incidents: int, years: float, costs_ore: Sequence[int]) -> Belief:
    """The configured prior, updated by `incidents` in `years` facility-years and by what they cost.

    The expected rate is then (prior incidents + incidents) / (prior years + years), the expected cost
    the mean of the prior's and the observed costs, each by its weight.
    """
    # a Gamma distribution needs a positive shape: a prior of "never" is one in a million years
    shape = max(prior.per_100_years / 100 * prior.weight_years, 1e-6)
    cost_shape = (100 / prior.spread_percent) ** 2
    return Belief(
        rate_shape=shape + incidents,
        rate_years=prior.weight_years + years,
        cost_shape=cost_shape,
        mean_shape=cost_shape * (prior.weight_incidents + len(costs_ore)) + 1,
        mean_ore=float(prior.kr * ORE_PER_KR * prior.weight_incidents + sum(costs_ore)),
    )


def simulate_incidents(chance: "np.random.Generator", belief: Belief, years: "Amounts", simulations: int) -> "Amounts":
    """Costs of a type's incidents: one row for each of `years` (facility-years), one column a simulation."""
    rate = chance.gamma(belief.rate_shape, 1 / belief.rate_years, size=simulations)
    # a sum of n costs that are Gamma with one rate is Gamma with n times the shape
    cost_rate = chance.gamma(belief.mean_shape, 1 / max(belief.mean_ore, 1e-9), size=simulations)
    count = chance.poisson(years[:, None] * rate)
    cost: Amounts = chance.standard_gamma(count * belief.cost_shape) / cost_rate
    return cost
