"""The whole country for five years, counted day by day: what falls on one day, and what of it breaks first.

    python -m benchmarks.country [--json]

98 municipalities with the types, tasks, seasons, quiet days and steps of the real configuration. Nothing is run: what
falls on each day is counted, and divided by what was measured for it (`benchmarks/results.json`). What the configuration can't
know, how many places there are and what people do, stands below and in the page. Writes the figures of docs/scaling.md
(tests/reference/test_country.py holds it to that).
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from channels.questions.table import ALL
from config.catalogue import FacilityType, Who, catalogue
from config.facility_types import TaskType
from models.calendar import due_day, is_working_day, next_nominal, next_working_day, spread_nominal, week_end
from models.daily.check_steps import VOLUNTEERS_TAKE_PART

ROOT = Path(__file__).resolve().parent.parent
RESULTS, PAGE = ROOT / "benchmarks" / "results.json", ROOT / "docs" / "scaling.md"
BEGIN, END = "<!-- figures: written by `python -m benchmarks.country` -->", "<!-- end of figures -->"

MUNICIPALITIES = 98
PLACES = 30_000
GROWTH = 0.05
"""How many more places there are each year; each is a case that goes the whole road."""
YEARS = 5
BEGUN = date(2027, 1, 1)
KINDS = {"shelter": 0.4, "baenk": 0.6}
"""Of the places, by the types that are shipped."""
PHASES = 28
"""Into so many equal parts the places are spread over their first intervals."""
ANSWERED, AFTER_FIRST, AFTER_SECOND = 0.70, 0.15, 0.08
"""Of the volunteers' checks: answered before a reminder, after the first, after the second; the rest becomes work."""
TOLD_AT_A_REMINDER = 2
"""The contact and the deputy."""
DAMAGE_A_YEAR = 0.5
"""Reports of damage for each place; each is a decision, and its work another."""
ROLES_TOLD = 3
"""Mailboxes of roles that get a mail of the day, for each municipality."""
BUSIEST_HOUR = 0.2
"""Of a day's answers, how many come in its busiest hour."""
DESK_SECONDS = 8 * 3600


Days = defaultdict[date, float]
"""How many of a thing fall on each day; parts of one, since places are spread evenly."""


@dataclass(frozen=True)
class Resource:
    """One thing that has only so much time for a day's work."""

    name: str
    what: str
    """Which events it works through."""
    window_seconds: float
    window: str
    seconds_each: float
    seconds_besides: float = 0.0
    """What each day takes whatever falls on it."""
    share: float = 1.0
    """Of the day's events, how many fall in the window."""
    rate: str = ""
    """Which measured row says so."""

    def seconds(self, events: float) -> float:
        """What a day with so many events takes."""
        return events * self.share * self.seconds_each + self.seconds_besides

    def holds(self, events: float) -> float:
        """How many such countries it carries, all of whose busiest days are the same."""
        return self.window_seconds / self.seconds(events)


@dataclass(frozen=True)
class Country:
    """What five years bring: each event by day, and the resources that meet them."""

    days: dict[str, Days]
    resources: list[Resource]

    def peak(self, what: str) -> tuple[date, float]:
        """The day with the most of it, and how many."""
        return max(self.days[what].items(), key=lambda each: each[1])

    def a_year(self, what: str) -> float:
        """How many in an average year."""
        return sum(self.days[what].values()) / YEARS


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures, and write no page")
    told = parser.parse_args()
    country = simulate()
    if told.json:
        found = {what: {"a_year": round(country.a_year(what)), "peak": round(country.peak(what)[1])} for what in WHAT}
        print(json.dumps(found, indent=1))
        return
    PAGE.write_text(page_of(country), encoding="utf-8")
    print(figures_of(country))


WHAT = {
    "due": "checks due",
    "mails": "mails",
    "answers": "answers on the volunteers' page",
    "questions": "questions to staff (a Prefect run each)",
    "work": "work orders for what nobody did",
    "rows": "rows written (check, answer, messages and their items, journal)",
}
"""What is counted, in words."""


def simulate() -> Country:
    """Count the years; the same each time."""
    days: dict[str, Days] = defaultdict(lambda: defaultdict(float))
    for key, share in KINDS.items():
        for phase in range(PHASES):
            _live(days, catalogue().type(key), phase, PLACES * share / PHASES)
    _decide(days)
    for day in _all_days():
        days["mails"][day] += MUNICIPALITIES * ROLES_TOLD
        days["rows"][day] += MUNICIPALITIES * ROLES_TOLD
    return Country(dict(days), _resources())


def _live(days: dict[str, Days], kind: FacilityType, phase: int, places: float) -> None:
    """What the places of one type and one phase bring: checks, mails of the week, reminders, answers, work."""
    told_on: dict[date, float] = {}
    for task in kind.tasks:
        is_theirs = task.who in VOLUNTEERS_TAKE_PART
        for due_on in _due_days(task, phase):
            many = places * _grown(due_on)
            days["due"][due_on] += many
            days["rows"][due_on] += 3 * many  # the check, its answer, a line in the journal
            if not is_theirs:
                continue
            told_on[_monday_of(due_on)] = many
            days["rows"][_monday_of(due_on)] += many  # an item of the week's mail
            _answer(days, due_on, many)
    for day, many in told_on.items():
        days["mails"][day] += many
        days["rows"][day] += many


def _answer(days: dict[str, Days], due_on: date, many: float) -> None:
    """What becomes of so many checks of volunteers: answered, reminded, done by operations in the end."""
    steps = catalogue().escalation
    waits = many
    for after, answered in (
        (0, ANSWERED),
        (steps.reminder_days_after, AFTER_FIRST),
        (steps.second_reminder_days_after, AFTER_SECOND),
    ):
        day = due_on + timedelta(days=after)
        if after:
            days["mails"][day] += waits * TOLD_AT_A_REMINDER
            days["rows"][day] += 2 * waits * TOLD_AT_A_REMINDER
        days["answers"][day] += many * answered
        waits -= many * answered
    days["work"][due_on + timedelta(days=steps.work_order_days_after)] += waits


def _decide(days: dict[str, Days]) -> None:
    """The questions to staff: new cases on their road, and damage, spread over the working days."""
    off = catalogue().municipality.days_off
    working = [day for day in _all_days() if is_working_day(day, off)]
    road = len(ALL[:6])  # consultation, agreement, funding, insurance, building, handover
    a_year = len(working) / YEARS
    for day in working:
        places = PLACES * _grown(day)
        days["questions"][day] += places * (GROWTH * road + DAMAGE_A_YEAR * 2) / a_year
        days["mails"][day] += places * (GROWTH * road * 2 + DAMAGE_A_YEAR * 2) / a_year
    for day, orders in list(days["work"].items()):  # each is asked of operations when it is late
        days["questions"][next_working_day(day, off)] += orders
    for day, asked in list(days["questions"].items()):
        days["rows"][day] += 6 * asked


def _due_days(task: TaskType, phase: int) -> Iterator[date]:
    """The days of five years on which a task of a place of this phase is asked for."""
    season = task.season
    days = (season.from_month, season.from_day, season.to_month, season.to_day) if season is not None else None
    rule = (task.every_days, task.every_months, days)
    municipality = catalogue().municipality
    day = spread_nominal(BEGUN - timedelta(days=1), *rule, number=phase * _step_of(task))
    while day < _end():
        yield due_day(
            day,
            working_days_only=task.who in (Who.MUNICIPALITY, Who.EXTERNAL),
            weekend=municipality.volunteers_prefer_weekend,
            days_off=municipality.days_off,
            quiet=catalogue().mails.quiet_days,
        )
        day = next_nominal(day, *rule)


def _step_of(task: TaskType) -> int:
    """How far apart two phases are, so that all of them fill the interval."""
    days = task.every_days or 30 * (task.every_months or 1)
    return max(1, round(days / PHASES))


@cache
def _monday_of(due_on: date) -> date:
    """The day on which the week's mail tells of it."""
    return week_end(due_on, catalogue().mails.weekly_day) - timedelta(days=6)


@cache
def _grown(day: date) -> float:
    """How many places there are for each at the beginning."""
    return float((1 + GROWTH) ** ((day - BEGUN).days / 365))


def _end() -> date:
    return date(BEGUN.year + YEARS, 1, 1)


def _all_days() -> Iterator[date]:
    return (BEGUN + timedelta(days=number) for number in range((_end() - BEGUN).days))


# -- what was measured ----------------------------------------------------------------------------


@cache
def _measured() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"]
    return rows


def rate_of(name: str, database: str, size: int | None = None) -> dict[str, Any]:
    """What was measured: the row of a benchmark; the largest size, unless one is named."""
    found = [r for r in _measured() if r["name"] == name and r["database"] == database and size in (None, r["size"])]
    return max(found, key=lambda row: int(row["size"]))


def _resources() -> list[Resource]:
    sweep = rate_of("daily sweep, 100 % due", "postgresql", 10_000)
    one = day_of_one()
    mails = rate_of("mails out, one sender, marked each", "postgresql")
    page = rate_of("page, POST", "postgresql")
    get, post = rate_of("desk, question GET", "postgresql"), rate_of("desk, answer POST", "postgresql")
    run = rate_of("answer in the form to next stage waiting", "sqlite")
    desk_each = get["ours"] / get["size"] + post["ours"] / post["size"]
    return [
        Resource(
            "the daily runs, one after the other",
            "due",
            1800,
            "half an hour from 6:30",
            1 / sweep["ours"],
            MUNICIPALITIES * one,
            rate=f"{sweep['ours']:g} tasks/s, and {one * 1000:.0f} ms for each municipality",
        ),
        Resource(
            "mail, one sender",
            "mails",
            3600,
            "an hour in the morning",
            1 / mails["ours"],
            rate=f"{mails['ours']:g} mails/s",
        ),
        Resource(
            "the volunteers' page, one process",
            "answers",
            3600,
            "the busiest hour",
            2 / page["ours"],
            share=BUSIEST_HOUR,
            rate=f"{page['ours']:g} answers/s, and a look before each",
        ),
        Resource(
            "the staff's desk, one process",
            "questions",
            3600,
            "the busiest hour",
            desk_each,
            share=BUSIEST_HOUR,
            rate=f"{desk_each * 1000:.0f} ms a question",
        ),
        Resource(
            "Prefect, one worker, one run at a time",
            "questions",
            DESK_SECONDS,
            "a working day",
            run["ours"],
            rate=f"{run['ours']:g} s from an answer to the next question",
        ),
        Resource(
            "rows in one PostgreSQL",
            "rows",
            24 * 3600,
            "a day",
            1 / sweep["ours"] / 3,
            rate="as the daily run writes them, three a task",
        ),
    ]


def day_of_one() -> float:
    """Seconds that the daily run of a municipality takes, by the sweep of a thousand tasks a tenth of which are due."""
    small = rate_of("daily sweep, 10 % due", "postgresql", 1_000)
    return float(small["size"] / small["ours"])


# -- the page -------------------------------------------------------------------------------------


def page_of(country: Country) -> str:
    """docs/scaling.md with these figures in it."""
    page = PAGE.read_text(encoding="utf-8")
    return f"{page.split(BEGIN)[0]}{BEGIN}\n\n{figures_of(country)}\n{END}{page.split(END)[1]}"


def figures_of(country: Country) -> str:
    """What is counted, and what breaks first, as Markdown."""
    lines = [
        f"{MUNICIPALITIES} municipalities, {PLACES:,} places and {GROWTH:.0%} more each year, {YEARS} years from {BEGUN.year}.",
        "",
        "| what | one municipality, a year | the country, a year | the country's busiest day | which day |",
        "|---|---|---|---|---|",
    ]
    for what, danish in WHAT.items():
        day, most = country.peak(what)
        year = country.a_year(what)
        lines.append(f"| {danish} | {_told(year / MUNICIPALITIES)} | {_told(year)} | {_told(most)} | {day:%a} {day} |")
    lines += [
        "",
        "| what must be done | in | measured | the busiest day takes | so many such countries |",
        "|---|---|---|---|---|",
    ]
    ranked = sorted(country.resources, key=lambda each: each.holds(country.peak(each.what)[1]))
    for each in ranked:
        most = country.peak(each.what)[1]
        lines.append(
            f"| {each.name} | {each.window} | {each.rate} | {_told(each.seconds(most))} s | {each.holds(most):.3g} |"
        )
    first = ranked[0]
    carried = first.holds(country.peak(first.what)[1])
    lines += [
        "",
        f"**It breaks first at {first.name}**: {first.window} holds {carried:.2g} × the country's busiest day.",
        "",
        _checked(),
    ]
    return "\n".join(lines) + "\n"


def _checked() -> str:
    """The model held against a measurement that it isn't made from."""
    measured = rate_of("a day of many municipalities, a database each", "postgresql")
    reckoned = MUNICIPALITIES * day_of_one()
    share = reckoned / measured["ours"]
    return (
        f"Held against a measurement: a day of {measured['size']} municipalities with 50 tasks due in each, a database each, is reckoned here "
        f"at {reckoned:.1f} s (from the sweep of a thousand tasks); measured were {measured['ours']:.1f} s, so {share:.2f} of it."
    )


def _told(number: float) -> str:
    """Three figures, since more would be a claim."""
    return f"{float(f'{number:.3g}'):,.0f}" if number >= 10 else f"{number:.2g}"


if __name__ == "__main__":
    main()
