"""Danish days: what is a working day, when a deadline falls, when a task is due next."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.command_line.typed import day_or_none
from channels.page.desk import Form
from channels.questions.fields import day_of
from models.calendar import (
    add_months,
    add_working_days,
    days_360,
    due_day,
    first_nominal,
    in_season,
    is_working_day,
    nearest_weekend_day,
    next_nominal,
    next_working_day,
)

DAYS_OFF = ("06-05", "12-24", "12-31")
SUMMER, WINTER, MAY = (4, 1, 10, 31), (11, 1, 3, 31), (5, 1, 5, 31)
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "what", "works"),
    [
        ("2026-01-01", "nytårsdag", False),
        ("2026-04-02", "skærtorsdag", False),
        ("2026-04-03", "langfredag", False),
        ("2026-04-06", "2. påskedag", False),
        ("2023-05-05", "store bededag, den sidste", False),
        ("2024-04-26", "store bededag is none any more", True),
        ("2026-05-01", "1 May, where nothing is agreed", True),
        ("2026-05-14", "kristi himmelfartsdag", False),
        ("2026-05-15", "the day after it", True),
        ("2026-05-25", "2. pinsedag", False),
        ("2026-06-05", "grundlovsdag, by the configuration", False),
        ("2026-12-24", "juleaftensdag, by the configuration", False),
        ("2026-12-25", "juledag", False),
        ("2026-12-28", "a Monday between", True),
        ("2026-08-15", "a Saturday", False),
        ("2026-08-16", "a Sunday", False),
        ("2028-02-29", "leap day, a Tuesday", True),
    ],
)
def test_working_days(day: str, what: str, works: bool):
    assert is_working_day(date.fromisoformat(day), DAYS_OFF) is works, what


@pytest.mark.parametrize(
    ("day", "count", "deadline"),
    [
        ("2026-01-05", 20, "2026-02-02"),
        ("2026-01-05", 10, "2026-01-19"),
        ("2026-03-30", 5, "2026-04-09"),  # Easter lies between
        ("2024-04-24", 2, "2024-04-26"),  # store bededag would have been on the 26th
        ("2026-12-22", 2, "2026-12-28"),
        ("2026-01-10", 0, "2026-01-10"),
        ("2026-01-10", 1, "2026-01-12"),
    ],
)
def test_deadlines_count_working_days(day: str, count: int, deadline: str):
    assert add_working_days(date.fromisoformat(day), count, DAYS_OFF) == date.fromisoformat(deadline)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-11-01", 3, "2027-02-01"),
    ],
)
def test_months_later(day: str, months: int, later: str):
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(later)


def test_a_season_that_spans_new_year_is_one_season():
    inside = [date(2026, 11, 1), date(2026, 12, 31), date(2027, 1, 1), date(2027, 3, 31)]
    outside = [date(2026, 10, 31), date(2027, 4, 1), date(2027, 7, 1)]

    assert all(in_season(day, WINTER) for day in inside)
    assert not any(in_season(day, WINTER) for day in outside)


def nominal_dates(start: date, count: int, task: tuple) -> list[str]:
    days = [first_nominal(start, *task)]
    while len(days) < count:
        days.append(next_nominal(days[-1], *task))
    return [day.isoformat() for day in days]


@pytest.mark.parametrize(
    ("name", "start", "task", "dates"),
    [
        (
            "every 30 days in a winter that spans New Year",
            date(2026, 10, 10),
            (30, None, WINTER),
            ["2026-11-09", "2026-12-09", "2027-01-08", "2027-02-07", "2027-03-09", "2027-11-01"],
        ),
        ("every 30 days of the year, over leap day", date(2028, 1, 30), (30, None, None), ["2028-02-29", "2028-03-30"]),
        ("yearly from leap day", date(2027, 2, 28), (None, 12, None), ["2028-02-28", "2029-02-28"]),
        ("every month from the 31st", date(2026, 1, 31), (None, 1, None), ["2026-02-28", "2026-03-28"]),
        ("yearly in May, taken over in April", date(2026, 4, 1), (None, 12, MAY), ["2026-05-01", "2027-05-01"]),
        ("yearly in May, taken over in June", date(2026, 6, 1), (None, 12, MAY), ["2027-05-01"]),
        ("every second year in May", date(2026, 4, 1), (None, 24, MAY), ["2026-05-01", "2028-05-01"]),
        (
            "every 60 days in summer, taken over in winter",
            date(2026, 1, 1),
            (60, None, SUMMER),
            ["2026-04-01", "2026-05-31", "2026-07-30", "2026-09-28", "2027-04-01"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_when_a_task_is_due(name: str, start: date, task: tuple, dates: list[str]):
    assert nominal_dates(start, len(dates), task) == dates


@given(
    start=DAYS,
    every=st.one_of(st.tuples(st.integers(1, 400), st.none()), st.tuples(st.none(), st.integers(1, 60))),
    season=st.sampled_from([None, SUMMER, WINTER, MAY, (2, 29, 2, 29)]),
)
def test_the_next_date_is_always_later_and_in_season(start: date, every: tuple, season):
    day = first_nominal(start, *every, season)
    following = next_nominal(day, *every, season)

    assert start < day < following
    assert in_season(day, season)
    assert in_season(following, season)


@pytest.mark.parametrize(
    ("nominal", "who", "due"),
    [
        ("2026-05-14", "operations", "2026-05-15"),
        ("2026-12-24", "operations", "2026-12-28"),
        ("2026-05-14", "volunteers", "2026-05-14"),
        ("2026-05-14", "volunteers who prefer the weekend", "2026-05-16"),
        ("2026-05-11", "volunteers who prefer the weekend", "2026-05-10"),
        ("2026-05-13", "volunteers who prefer the weekend", "2026-05-16"),
        ("2026-05-16", "volunteers who prefer the weekend", "2026-05-16"),
    ],
)
def test_the_day_people_are_asked_for(nominal: str, who: str, due: str):
    day = due_day(
        date.fromisoformat(nominal), working_days_only=who == "operations", weekend="weekend" in who, days_off=DAYS_OFF
    )

    assert day == date.fromisoformat(due)


@given(DAYS)
def test_moved_days_stay_near_and_fall_right(day: date):
    working, weekend = next_working_day(day, DAYS_OFF), nearest_weekend_day(day)

    assert is_working_day(working, DAYS_OFF)
    assert timedelta(0) <= working - day <= timedelta(days=6)
    assert weekend.weekday() >= 5
    assert abs(weekend - day) <= timedelta(days=3)


def test_budget_days_are_thirty_a_month():
    assert days_360(date(2026, 4, 1), date(2027, 1, 1)) == 270
    assert days_360(date(2026, 1, 1), date(2027, 1, 1)) == 360
    assert days_360(date(2026, 1, 31), date(2026, 2, 1)) == 1


@pytest.mark.parametrize(
    "written",
    [
        "2019-05-03",
        "2019-05-03T12:30:00",
        "2019-05-03 23:59",
        "2019-05-03T00:00:00.000Z",
        "2019-05-03T23:30:00+02:00",
        " 2019-05-03 kl. 9.30",
    ],
)
def test_a_time_of_day_is_that_day_wherever_a_day_is_typed(written: str):
    form = Form({"from": written}, {})

    assert day_or_none(written) == date(2019, 5, 3)
    assert form.day("from") == date(2019, 5, 3)
    assert day_of(written, "Dato") == date(2019, 5, 3)


@pytest.mark.parametrize("written", ["2019-05-03T25:00", "2019-02-30T10:00", "T10:00", "2019-05-0312:30"])
def test_what_only_looks_like_a_day_with_a_time_is_none(written: str):
    assert day_or_none(written) is None
