"""docs/scaling.md has the figures that the simulation of the country gives, from the measured rates that are stored."""

import pytest

from benchmarks import country
from benchmarks.country import Country


@pytest.fixture(scope="module")
def counted() -> Country:
    """The five years, counted once."""
    return country.simulate()


def test_the_page_is_what_the_command_writes(counted: Country):
    assert country.PAGE.read_text("utf-8") == country.page_of(counted), "run: python -m benchmarks.country"


def test_a_year_of_a_municipality_is_what_its_configuration_says(counted: Country):
    """A shelter is looked after some 23 times a year, a bench fewer: held against the rules by hand, within a fifth."""
    places = country.PLACES * (1 + country.GROWTH) ** (country.YEARS / 2)
    checks_of_a_place = counted.a_year("due") / places

    tasks = {key: country.catalogue().type(key).tasks for key in country.KINDS}
    by_hand = sum(share * sum(_times_a_year(task) for task in tasks[key]) for key, share in country.KINDS.items())

    assert checks_of_a_place == pytest.approx(by_hand, rel=0.2)


def test_every_check_of_volunteers_ends_answered_or_as_work(counted: Country):
    work, answers = counted.a_year("work"), counted.a_year("answers")

    assert work / (work + answers) == pytest.approx(1 - country.ANSWERED - country.AFTER_FIRST - country.AFTER_SECOND)


def test_the_model_comes_near_a_measurement_it_is_not_made_from():
    measured = country.rate_of("a day of many municipalities, a database each", "postgresql")

    assert country.MUNICIPALITIES * country.day_of_one() == pytest.approx(measured["ours"], rel=0.5)


def _times_a_year(task: country.TaskType) -> float:
    """By the rule alone: the days of its season, one in each interval."""
    if task.every_months:
        return 12 / task.every_months
    season = task.season
    days = 365.0
    if season is not None:
        begin = season.from_month * 30.4 + season.from_day
        end = season.to_month * 30.4 + season.to_day
        days = end - begin if end > begin else 365 - begin + end
    return days / (task.every_days or 365)
