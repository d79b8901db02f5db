"""Fremskrivning: what the pool must carry in the years ahead, with the range it lies in eight times of ten.

Expected values are computed, not simulated: what is booked, agreements that go on, incidents, replacements.
Only the range comes from a seeded Monte Carlo. Incidents follow a Gamma-Poisson model: a belief about the
rate (`config/pool.yaml`) is updated by what happened, so two burned shelters count but don't rule. The cost
of an incident is Gamma with a known spread and an uncertain mean. Amounts are øre in the prices of each
year. docs/forecast.md says the formulas, and how often the range held the truth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from config.catalogue import CarryOver, Who, catalogue
from models.calendar import days_360
from models.figures.incident_belief import ORE_PER_KR, Belief, simulate_incidents

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Amounts = npt.NDArray[np.float64]

SEED = 20260401
LOW, HIGH = 0.1, 0.9
"""The 80 % range: one time of ten below it, one time of ten above."""


class WhatIf(NamedTuple):
    """What is tried: new facilities by type from next year on, groups lost a year (0 to 1), another P/L."""

    add: Mapping[str, int] = {}
    group_loss: float = 0.0
    indexation: float | None = None


@dataclass(frozen=True)
class Standing:
    """One facility as the forecast sees it. After `paid_until` its operation costs the pool what it does now.

    `ends_in` is the first year in which a lifetime ends in our time.
    """

    type_key: str
    from_on: date
    paid_until: date
    kr_per_year_ore: int
    volunteer_minutes: int
    life_years: int
    replacement_ore: int
    ends_in: int
    saved_ore: int = 0
    replaced_in: frozenset[int] = frozenset()
    """The years in which it was replaced and that is booked already."""


@dataclass(frozen=True)
class Basis:
    """All that the forecast of one day stands on: øre by year, facilities, beliefs."""

    on: date
    years: tuple[int, ...]
    money: Mapping[int, int]
    assumed: frozenset[int]
    booked: Mapping[int, int]
    standing: tuple[Standing, ...]
    beliefs: Mapping[str, Belief]
    price_year: int
    indexation: float
    hourly_rate_kr: int
    estimates_ore: Mapping[str, int] = field(default_factory=dict)
    """A year of operation by type, where what was learned says otherwise than the configuration."""
    carried_in: int = 0
    """What the year before the first one is expected to leave, by the rule, if that isn't decided yet."""
    carry_over: CarryOver | None = None
    agreements_are_renewed: bool = True
    pool_pays_replacement: bool = True


@dataclass(frozen=True)
class YearAhead:
    """One year of the forecast, in øre of that year. `expected_ore` is the sum of the six parts.

    `money_ore` is put in or assumed; `carried_ore` what the years before are expected to leave by the rule.
    """

    year: int
    money_ore: int
    carried_ore: int
    money_is_assumed: bool
    booked_ore: int
    renewals_ore: int
    incidents_ore: int
    replacement_ore: int
    added_ore: int
    group_loss_ore: int
    low_ore: int
    high_ore: int
    chance_of_break: float

    @property
    def expected_ore(self) -> int:
        """What the pool must be expected to carry."""
        return (
            self.booked_ore
            + self.renewals_ore
            + self.incidents_ore
            + self.replacement_ore
            + self.added_ore
            + self.group_loss_ore
        )

    @property
    def available_ore(self) -> int:
        """What there is to pay with."""
        return self.money_ore + self.carried_ore

    @property
    def breaks(self) -> bool:
        """Whether more is expected than there is money for."""
        return self.expected_ore > self.available_ore


def first_break(ahead: Sequence[YearAhead]) -> int | None:
    """The first year in which the pool breaks, if it does."""
    return next((each.year for each in ahead if each.breaks), None)


def look_ahead(basis: Basis, what_if: WhatIf | None = None, *, simulations: int, seed: int = SEED) -> list[YearAhead]:
    """The forecast year by year; the same basis, options and seed give the same figures."""
    what_if = what_if or WhatIf()
    if what_if.indexation is not None:
        basis = replace(basis, indexation=what_if.indexation)
    added = _added(basis, what_if)
    everybody = basis.standing + added
    exposure = _exposure(basis, everybody)
    ranges = _simulate(basis, everybody, exposure, what_if, simulations, seed)
    ahead: list[YearAhead] = []
    carried = basis.carried_in
    chances = ranges[0] * 0 + carried  # what each simulation has carried over
    for number, year in enumerate(basis.years):
        price = price_factor(basis, year)
        incidents = sum(
            basis.beliefs[kind].per_year * basis.beliefs[kind].cost_ore * years[number]
            for kind, years in exposure.items()
        )
        lost = 1 - (1 - what_if.group_loss) ** number
        fixed = {
            "booked": basis.booked.get(year, 0) * price,
            "renewals": _operation(basis, basis.standing, year) * price,
            "replacement": _replacements(basis, everybody, year),
            "added": _operation(basis, added, year) * price,
        }
        parts = {
            **fixed,
            "incidents": incidents * price,
            "group_loss": lost * _volunteer_cost(basis, everybody, year) * price,
        }
        ore = {name: round(value) for name, value in parts.items()}
        need = ranges[number] + sum(fixed.values())
        low, high = _quantiles(need)
        money = basis.money.get(year, 0)
        available = chances + money
        ahead.append(
            YearAhead(
                year=year,
                money_ore=money,
                carried_ore=carried,
                money_is_assumed=year in basis.assumed,
                booked_ore=ore["booked"],
                renewals_ore=ore["renewals"],
                incidents_ore=ore["incidents"],
                replacement_ore=ore["replacement"],
                added_ore=ore["added"],
                group_loss_ore=ore["group_loss"],
                low_ore=round(low),
                high_ore=round(high),
                chance_of_break=float((need > available).mean()),
            )
        )
        left = max(0, ahead[-1].available_ore - ahead[-1].expected_ore)
        carried = basis.carry_over.allowed_ore(left) if basis.carry_over else 0
        chances = _carried(basis.carry_over, (available - need).clip(0))
    return ahead


def _carried(rule: CarryOver | None, left: "Amounts") -> "Amounts":
    """What moves on of what is left, in each simulation."""
    if rule is None:
        return left * 0
    if rule.rule == "all":
        return left
    part = left * rule.percent / 100
    if rule.rule == "share" or rule.at_most_kr is None:
        return part
    return part.clip(max=rule.at_most_kr * ORE_PER_KR)


def price_factor(basis: Basis, year: int) -> float:
    """What a krone of the price year costs in `year`; years that are indexed already aren't again."""
    return float((1 + basis.indexation) ** max(0, year - basis.price_year))


def _added(basis: Basis, what_if: WhatIf) -> tuple[Standing, ...]:
    """The facilities that are tried: from 1 January next year, by the planning values of their type."""
    begin = date(basis.on.year + 1, 1, 1)
    found = []
    for type_key, count in what_if.add.items():
        kind = catalogue().type(type_key)
        minutes = sum(task.minutes_per_year for task in kind.tasks if task.who is Who.VOLUNTEERS)
        found += [
            Standing(
                type_key=type_key,
                from_on=begin,
                paid_until=date(begin.year - 1, 12, 31),
                kr_per_year_ore=basis.estimates_ore.get(type_key, kind.kr_per_year * ORE_PER_KR),
                volunteer_minutes=minutes,
                life_years=kind.life_years,
                replacement_ore=kind.replacement_kr * ORE_PER_KR,
                ends_in=begin.year + kind.life_years,
            )
        ] * count
    return tuple(found)


def _share(year: int, from_on: date) -> float:
    """The part of the year that comes on or after the day, by days (30/360)."""
    begin, end = date(year, 1, 1), date(year + 1, 1, 1)
    return days_360(min(max(begin, from_on), end), end) / 360


def _exposure(basis: Basis, standing: Sequence[Standing]) -> dict[str, list[float]]:
    """Facility-years by type and year that are still to come."""
    found: dict[str, list[float]] = {}
    for each in standing:
        years = found.setdefault(each.type_key, [0.0] * len(basis.years))
        for number, year in enumerate(basis.years):
            years[number] += _share(year, max(each.from_on, basis.on))
    return dict(sorted(found.items()))


def _operation(basis: Basis, standing: Sequence[Standing], year: int) -> float:
    """What operation costs after the agreements that are paid for, in øre of the price year."""
    if not basis.agreements_are_renewed:
        return 0.0
    return sum(
        each.kr_per_year_ore * _share(year, max(_day_after(each.paid_until), each.from_on, basis.on))
        for each in standing
    )


def _replacements(basis: Basis, standing: Sequence[Standing], year: int) -> float:
    """What is replaced at the end of its life in the year, less what is saved up; in øre of the year."""
    if not basis.pool_pays_replacement:
        return 0.0
    cost = 0.0
    for each in standing:
        if not _is_worn_out(basis, each, year):
            continue
        # the savings are used by the first one that comes
        earlier = any(_is_worn_out(basis, each, before) for before in basis.years if before < year)
        saved = 0 if earlier else each.saved_ore
        cost += max(0.0, each.replacement_ore * price_factor(basis, year) - saved)
    return cost


def _is_worn_out(basis: Basis, each: Standing, year: int) -> bool:
    """Whether one of its lifetimes ends in the year, and it isn't replaced yet.

    A lifetime that ended before the first year and wasn't paid for is due in the first year.
    """
    if year < each.ends_in:
        return False
    ended = year - (year - each.ends_in) % each.life_years
    is_replaced = any(ended <= other < ended + each.life_years for other in each.replaced_in)
    return (ended == year or year == basis.years[0]) and not is_replaced


def _volunteer_cost(basis: Basis, standing: Sequence[Standing], year: int) -> float:
    """What it would cost if operations did all that volunteers do, in øre of the price year."""
    rate = basis.hourly_rate_kr * ORE_PER_KR / 60
    return sum(each.volunteer_minutes * rate * _share(year, max(each.from_on, basis.on)) for each in standing)


def _simulate(
    basis: Basis,
    standing: Sequence[Standing],
    exposure: Mapping[str, Sequence[float]],
    what_if: WhatIf,
    simulations: int,
    seed: int,
) -> "Amounts":
    """What chance costs: one row a year, one column a simulation; øre of each year."""
    import numpy as np  # 0.1 s that only the forecast needs

    chance = np.random.default_rng(seed)
    cost = np.zeros((len(basis.years), simulations))
    prices = np.array([price_factor(basis, year) for year in basis.years])
    for kind, years in exposure.items():
        cost += simulate_incidents(chance, basis.beliefs[kind], np.array(years), simulations)
    if what_if.group_loss > 0:
        rate = basis.hourly_rate_kr * ORE_PER_KR / 60
        lost_in = chance.geometric(what_if.group_loss, size=(len(standing), simulations))
        for number, year in enumerate(basis.years):
            yearly = np.array(
                [each.volunteer_minutes * rate * _share(year, max(each.from_on, basis.on)) for each in standing]
            )
            cost[number] += yearly @ (lost_in <= number)
    priced: Amounts = cost * prices[:, None]
    return priced


def _quantiles(need: "Amounts") -> tuple[float, float]:
    import numpy as np

    low, high = np.quantile(need, [LOW, HIGH])
    return float(low), float(high)


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
