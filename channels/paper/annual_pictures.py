"""What is drawn in the annual report: a year's facts as bars, pins and costs."""

from collections.abc import Mapping
from datetime import date

from channels.paper import pictures
from channels.paper.pictures import Picture
from config.catalogue import catalogue
from models.figures.annual import Case, Year
from models.stage import ROAD, Stage

PAST_YEARS, AHEAD_SHOWN = 2, 6


def draw(facts: Year) -> dict[str, Picture]:
    """The pictures of a year by the names the template calls them."""
    names = {key: kind.name for key, kind in catalogue().types.items()}
    drawn = {"funnel": pictures.stage_funnel(stage_bars(facts, {}))}
    if bars := pool_bars(facts):
        drawn["pool"] = pictures.pool_by_year(bars)
    if placed := [case for case in facts.cases if case.facility.is_placed]:
        drawn["map"] = pictures.map_of([_pin(facts, case) for case in placed])
    if any(total for _, _, total in facts.checks):
        drawn["checks"] = pictures.checks_on_time(facts.checks)
    if costs := costs_by_type(facts):
        drawn["cost"] = pictures.cost_against_estimate(
            [pictures.CostBar(names[key], estimate, cost) for key, estimate, cost, _ in costs]
        )
    return drawn


def pool_bars(facts: Year) -> list[pictures.PoolBar]:
    """The last years and the next ones, in øre; the range for each year that isn't over."""
    ahead = {each.year: each for each in facts.ahead}
    until = facts.year if facts.period.last == date(facts.year, 12, 31) else facts.year - 1
    bars = []
    for year in range(facts.year - PAST_YEARS, facts.year + AHEAD_SHOWN + 1):
        pots, each = facts.pool.get(year), ahead.get(year)
        over = year <= until
        if pots is None and (over or each is None):
            continue
        money = pots.put_in_ore if over and pots else each.available_ore if each else 0
        bars.append(
            pictures.PoolBar(
                year,
                money,
                pots.spent_ore if pots else 0,
                pots.committed_ore if pots else 0,
                None if over or each is None else each.expected_ore,
                None if over or each is None else each.low_ore,
                None if over or each is None else each.high_ore,
            )
        )
    return bars


def stage_bars(facts: Year, waits_for: Mapping[Stage, str]) -> list[pictures.StageBar]:
    """How many cases are in each open stage, and for how many days on average."""
    bars = []
    for stage in (*ROAD[1:], Stage.WINDING_DOWN):
        days = [(facts.period.last - case.stage_since).days for case in facts.cases if case.stage is stage]
        mean = round(sum(days) / len(days)) if days else 0
        bars.append(pictures.StageBar(stage.danish, len(days), mean, waits_for.get(stage, "")))
    return bars


def _pin(facts: Year, case: Case) -> pictures.Pin:
    well = "Arvet, i drift" if case.is_inherited else "I drift"
    state = {
        Stage.OPERATION: "Åben skade" if case.facility.id in facts.damaged else well,
        Stage.WINDING_DOWN: "Ophører",
        Stage.CLOSED: "Nedlagt",
        Stage.REFUSED: Stage.REFUSED.danish,
        Stage.WITHDRAWN: Stage.WITHDRAWN.danish,
    }.get(case.stage, "På vej")
    return pictures.Pin(case.facility.reference, case.facility.utm_east, case.facility.utm_north, state)


def costs_by_type(facts: Year) -> list[tuple[str, int, int, float]]:
    """Type, estimate and cost of one facility-year in øre, and over how many; at least half a year."""
    return [
        (each.type_key, round(each.estimate_ore / each.years), round(each.cost_ore / each.years), each.years)
        for each in facts.costs
        if each.years >= 0.5
    ]
