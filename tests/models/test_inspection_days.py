"""The days of the inspections: the worked example by hand, odd days, and many handovers against a day-by-day counter."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import add_working_days
from models.case.builder import BuiltBy
from models.case.inspection import InspectionKind
from models.case.silence import SILENCE_WORKING_DAYS, TOLD_AFTER_WORKING_DAYS, Silence
from models.operation.inspection import claims_end_on, days_of, earliest_after_summons, kinds_for, latest_after_summons

HOLIDAYS = country_holidays("DK")
HANDOVERS = st.dates(date(2018, 1, 1), date(2040, 12, 31))


TABLE = yaml.safe_load((Path(__file__).parents[1] / "cases" / "inspection_days.yaml").read_text("utf-8"))


@pytest.mark.parametrize("row", TABLE["inspections"], ids=lambda row: str(row["handed_over_on"]))
def test_the_days_are_those_that_were_reckoned_by_hand(row: dict[str, Any]):
    for kind in (InspectionKind.FIVE_YEAR, InspectionKind.ONE_YEAR):
        assert days_of(kind, row["handed_over_on"])._asdict() == row[kind.value], row["why"]
    assert claims_end_on(row["handed_over_on"]) == row["claims_end_on"]


@pytest.mark.parametrize("row", TABLE["silences"], ids=lambda row: str(row["finished_on"]))
def test_silence_is_a_yes_on_the_day_that_was_reckoned_by_hand(row: dict[str, Any]):
    clock = Silence(row["finished_on"], add_working_days(row["finished_on"], SILENCE_WORKING_DAYS))

    assert clock.ends_on == row["ends_on"], row["why"]
    assert [clock.told_on(days) for days in TOLD_AFTER_WORKING_DAYS] == row["told_on"]


@given(HANDOVERS)
def test_thirty_working_days_lie_between_the_last_lawful_day_and_the_end_of_the_five_years(handed_over_on: date):
    end = _anniversary(handed_over_on, 5)

    days = days_of(InspectionKind.FIVE_YEAR, handed_over_on)

    assert _working_days(days.last_on, end) == 30
    assert _is_working_day(days.last_on)
    assert claims_end_on(handed_over_on) == end


@given(HANDOVERS, st.sampled_from([InspectionKind.ONE_YEAR, InspectionKind.FIVE_YEAR]))
def test_a_summons_on_its_last_day_is_just_in_time_and_operations_is_told_forty_working_days_before(
    handed_over_on: date, kind: InspectionKind
):
    days = days_of(kind, handed_over_on)
    assert days.summon_by_on is not None

    assert _working_days(days.summon_by_on, days.last_on) == 20
    assert _working_days(days.tell_on, days.last_on) == 60
    assert earliest_after_summons(days.summon_by_on) >= days.last_on - timedelta(days=10)
    assert days.last_on <= latest_after_summons(days.tell_on) + timedelta(days=10)


@given(HANDOVERS)
def test_a_day_later_is_too_late_to_summon(handed_over_on: date):
    days = days_of(InspectionKind.FIVE_YEAR, handed_over_on)
    assert days.summon_by_on is not None

    assert earliest_after_summons(days.summon_by_on) <= days.last_on
    assert earliest_after_summons(days.summon_by_on + timedelta(days=1)) >= days.last_on
    assert earliest_after_summons(_next_working_day(days.summon_by_on)) > days.last_on


def test_only_a_firm_or_somebody_unknown_is_summoned():
    assert InspectionKind.FIVE_YEAR in kinds_for(BuiltBy.FIRM)
    assert InspectionKind.FIVE_YEAR in kinds_for(None)
    assert kinds_for(BuiltBy.VOLUNTEERS) == (InspectionKind.FIRST_WEEKS, InspectionKind.FRIENDLY_LOOK)


def test_volunteers_are_visited_after_four_to_six_weeks():
    days = days_of(InspectionKind.FIRST_WEEKS, date(2026, 6, 8))

    assert (days.tell_on, days.summon_by_on, days.last_on) == (date(2026, 7, 6), None, date(2026, 7, 20))


def _is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def _working_days(first: date, last: date) -> int:
    """How many working days one counts from `first` on, without `last`; one day after the other."""
    count, day = 0, first
    while day < last:
        count += _is_working_day(day)
        day += timedelta(days=1)
    return count


def _next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not _is_working_day(day):
        day += timedelta(days=1)
    return day


def _anniversary(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
