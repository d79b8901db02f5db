"""Danish days: working days, public holidays, seasons, and when a care task is due next.

Pure functions of dates. Public holidays come from the `holidays` package (Store Bededag is none from
2024); days the municipality is closed besides are in `config/municipality.yaml`.
"""

import re
from datetime import date, timedelta
from functools import lru_cache

import pendulum

COPENHAGEN = "Europe/Copenhagen"
Season = tuple[int, int, int, int]
"""From month, from day, to month, to day; both ends included; may span New Year."""


def today() -> date:
    """The date in Denmark now. Only doors call this; rules are told what day it is."""
    return pendulum.now(COPENHAGEN).date()


_TIME_OF_DAY = re.compile(
    r"(?<=[0-9])(?:[T ]| kl\.? ?)(?:[01]?[0-9]|2[0-4])[:.][0-5][0-9](?:[:.][0-5][0-9](?:[.,][0-9]+)?)?"
    r" ?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$"
)


def day_part(written: str) -> str:
    """The day of what may be a day with a time behind it: "2019-05-03T12:30:00" is "2019-05-03".

    The day is the one that is written, whatever the clock and its zone say.
    """
    return _TIME_OF_DAY.sub("", written.strip())


@lru_cache(maxsize=256)
def _public_holidays(year: int) -> frozenset[date]:
    from holidays import country_holidays  # 0.1 s that only deadlines and the daily run need

    return frozenset(country_holidays("DK", years=year))


def is_working_day(day: date, days_off: tuple[str, ...] = ()) -> bool:
    """Monday to Friday, no public holiday and none of the municipality's own days off ("MM-DD")."""
    return day.weekday() < 5 and day not in _public_holidays(day.year) and f"{day:%m-%d}" not in days_off


def next_working_day(day: date, days_off: tuple[str, ...] = ()) -> date:
    """`day` itself when it is a working day, otherwise the first one after it."""
    while not is_working_day(day, days_off):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int, days_off: tuple[str, ...] = ()) -> date:
    """The working day that is `count` working days after `day`; deadlines are counted so."""
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1), days_off)
    return day


def subtract_working_days(day: date, count: int, days_off: tuple[str, ...] = ()) -> date:
    """The working day that is `count` working days before `day`, which itself needn't be one."""
    for _ in range(count):
        day -= timedelta(days=1)
        while not is_working_day(day, days_off):
            day -= timedelta(days=1)
    return day


def nearest_weekend_day(day: date) -> date:
    """The Saturday or Sunday nearest to `day`, for volunteers who ask for it."""
    return day + timedelta(days=(-1, -2, 3, 2, 1, 0, 0)[day.weekday()])


def add_months(day: date, months: int) -> date:
    """The same day `months` later; the month's last day where it has no such day (29 February)."""
    return pendulum.instance(pendulum.datetime(day.year, day.month, day.day)).add(months=months).date()


def day_in_year(year: int, month: int, day: int) -> date:
    """That day of the year; 28 February where 29 February doesn't exist."""
    if (month, day) == (2, 29) and not pendulum.datetime(year, 1, 1).is_leap_year():
        day = 28
    return date(year, month, day)


def in_season(day: date, season: Season | None) -> bool:
    """Whether the day lies in the season; no season is the whole year."""
    if season is None:
        return True
    begin, end = day_in_year(day.year, *season[:2]), day_in_year(day.year, *season[2:])
    if season[:2] <= season[2:]:
        return begin <= day <= end
    return day >= begin or day <= end


def season_start_after(day: date, season: Season) -> date:
    """The first day of the first season that begins after `day`."""
    begin = day_in_year(day.year, *season[:2])
    return begin if begin > day else day_in_year(day.year + 1, *season[:2])


def next_nominal(after: date, every_days: int | None, every_months: int | None, season: Season | None) -> date:
    """When a task that was nominally due on `after` is nominally due next.

    A date outside the season waits for the season's first day. Nominal dates don't move for weekends,
    so a yearly task can't drift out of its season.
    """
    day = after + timedelta(days=every_days) if every_days else add_months(after, every_months or 1)
    if season is None or in_season(day, season):
        return day
    return season_start_after(day, season)


def first_nominal(start: date, every_days: int | None, every_months: int | None, season: Season | None) -> date:
    """When a task is nominally due for the first time in a facility taken over on `start`.

    One interval later; a task that runs by months and has a season waits for the first season that
    begins after the start instead, so that a yearly task in May isn't put off for two years.
    """
    if every_months and season is not None:
        return season_start_after(start, season)
    return next_nominal(start, every_days, every_months, season)


def spread_nominal(
    start: date, every_days: int | None, every_months: int | None, season: Season | None, *, number: int
) -> date:
    """When a task of one of many facilities taken in on `start` is nominally due for the first time.

    As `first_nominal`, but the places are spread over the first interval (or the season, where it is
    shorter) by their `number`, so that 40 taken in on one day aren't all due on one.
    """
    interval = every_days or (add_months(start, every_months or 1) - start).days
    day = start + timedelta(days=1 + number % interval)
    if season is None or (every_days and in_season(day, season)):
        return day
    begin = season_start_after(start, season)
    width = 1
    while width < interval and in_season(begin + timedelta(days=width), season):
        width += 1
    return begin + timedelta(days=number % width)


def due_day(
    nominal: date, *, working_days_only: bool, weekend: bool, days_off: tuple[str, ...], quiet: Season | None = None
) -> date:
    """The day people are asked for: operations on working days, volunteers as they like, and after the quiet time."""
    if working_days_only:
        return next_working_day(nominal, days_off)
    day = nearest_weekend_day(nominal) if weekend else nominal
    while quiet is not None and in_season(day, quiet):
        day += timedelta(days=1)
    return day


def week_end(day: date, first_weekday: int) -> date:
    """The last day of the week that `day` lies in, where weeks begin on that weekday (Monday is 1)."""
    return day + timedelta(days=6 - (day.isoweekday() - first_weekday) % 7)


def days_360(begin: date, end: date) -> int:
    """Days from `begin` up to but not including `end`, all months counted as 30 days (30E/360).

    So 1 April to the end of the year is 270 of 360 days, the 9/12 a budget counts with.
    """
    return (end.year - begin.year) * 360 + (end.month - begin.month) * 30 + (min(end.day, 30) - min(begin.day, 30))


def term_days_360(begin: date, last: date) -> int:
    """Days of a term from `begin` to its last day, both included, counted as `days_360` does.

    A term of whole years is whole years: one that begins on 29 February ends where 28 February would
    begin in a common year, and isn't a day short for it.
    """
    end = last + timedelta(days=1)
    is_anniversary = end == day_in_year(end.year, begin.month, begin.day)
    return (end.year - begin.year) * 360 if is_anniversary else days_360(begin, end)
