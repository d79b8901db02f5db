"""What can be built and what looking after it takes: facility types and their care tasks."""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from config.entry import Entry, MonthDay, key, own_key, whole, words, words_or_empty
from config.error import shown, wrong

DAYS_A_YEAR = 365

_MONTHS = (
    *("januar", "februar", "marts", "april", "maj", "juni"),
    *("juli", "august", "september", "oktober", "november", "december"),
)


class Who(StrEnum):
    """Who does a care task."""

    VOLUNTEERS = "volunteers"
    MUNICIPALITY = "municipality"
    BOTH = "both"
    EXTERNAL = "external"

    @property
    def danish(self) -> str:
        """The word people see, as it fits in a sentence."""
        return _WHO_DANISH[self]


_WHO_DANISH = {
    Who.VOLUNTEERS: "gruppen",
    Who.MUNICIPALITY: "driften",
    Who.BOTH: "gruppen og driften",
    Who.EXTERNAL: "et firma",
}
_WHO_REMEDY = f"Brug et eller flere af ordene {', '.join(Who)}."


class Season(Entry):
    """The part of the year in which a task is due, both days included; it may span New Year.

    Written `{from: "04-01", to: "10-31"}`. 29 February is the last day of February in other years
    when it ends a season, and 1 March when it begins one.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    from_: MonthDay = Field(alias="from", description='Skriv første dag som måned og dag, fx "04-01".')
    to: MonthDay = Field(description='Skriv sidste dag som måned og dag, fx "10-31".')

    @property
    def from_month(self) -> int:
        """The month of its first day, 1 to 12."""
        return int(self.from_[:2])

    @property
    def from_day(self) -> int:
        """The day of the month of its first day."""
        return int(self.from_[3:])

    @property
    def to_month(self) -> int:
        """The month of its last day, 1 to 12."""
        return int(self.to[:2])

    @property
    def to_day(self) -> int:
        """The day of the month of its last day."""
        return int(self.to[3:])

    def contains(self, day: date) -> bool:
        """Whether the season is on that day."""
        return _is_within(f"{day:%m-%d}", self.from_, self.to)

    @property
    def days(self) -> int:
        """How many days it lasts in a year of 365."""
        return _days_from_to(self.from_, self.to)

    @property
    def danish(self) -> str:
        """april til oktober, maj, 15. april til 1. maj; "hele året" when no day is left out."""
        if self.days == DAYS_A_YEAR:
            return "hele året"
        first, last = _MONTHS[self.from_month - 1], _MONTHS[self.to_month - 1]
        if self.from_day == 1 and self.to_day >= monthrange(2025, self.to_month)[1]:
            return first if first == last else f"{first} til {last}"
        if self.from_ == self.to:
            return f"{self.from_day}. {first}"
        return f"{self.from_day}. {first} til {self.to_day}. {last}"


def _is_within(today: str, first: str, last: str) -> bool:
    if first <= last:
        return first <= today <= last
    return today >= first or today <= last


@cache
def _days_from_to(first: str, last: str) -> int:
    days = (date(2025, 1, 1) + timedelta(days=number) for number in range(DAYS_A_YEAR))
    return sum(_is_within(f"{day:%m-%d}", first, last) for day in days)


class TaskType(Entry):
    """One recurring care task as it is proposed for a new agreement."""

    key: str = key("opgavens nøgle")
    name: str = words('opgaven i bydemåde, fx "Tøm skraldespanden",')
    every_days: int | None = whole("antal dage mellem to gange", 1, 730, default=None)
    every_months: int | None = whole("antal måneder mellem to gange", 1, 120, default=None)
    season: Season | None = Field(
        default=None, description='Skriv sæsonen som {from: "04-01", to: "10-31"}, eller slet den for hele året.'
    )
    minutes: int = whole("minutter", 1, 2880)
    who: Who = Field(description=f"Skriv, hvem der gør det: {', '.join(Who)}.")
    may: tuple[Who, ...] = Field(min_length=1, description=_WHO_REMEDY)
    fine_when: str = words("hvornår det er i orden", longest=400)
    certificate: str = words_or_empty(
        "hvad opgaven hedder, når den kræver en sagkyndigs rapport,", longest=40, default=""
    )
    material: str = Field(
        default="",
        max_length=400,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="Skriv på en linje, hvor materialerne er, højst 400 tegn, eller slet linjen.",
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.every_days is None) == (self.every_months is None):
            both = "har både every_days og every_months" if self.every_days else "har intet interval"
            raise wrong(both, "Skriv enten every_days eller every_months.")
        if self.who not in self.may:
            raise wrong(f"{self.who} står i who, men ikke i may", f"Skriv {self.who} i may, eller ret who.", at="may")
        return self

    @property
    def interval_danish(self) -> str:
        """How often, as it stands in the agreement: hver 14. dag, hver måned, en gang om året."""
        if self.every_days is not None:
            named = {1: "hver dag", 7: "hver uge"}
            return named.get(self.every_days, f"hver {self.every_days}. dag")
        months = self.every_months or 0
        if months % 12 == 0:
            return "en gang om året" if months == 12 else f"hvert {months // 12}. år"
        return "hver måned" if months == 1 else f"hver {months}. måned"

    @property
    def times_per_year(self) -> float:
        """How often in an average year; once a season at most if the interval is longer."""
        interval = self.every_days or (self.every_months or 0) * DAYS_A_YEAR / 12
        days = self.season.days if self.season else DAYS_A_YEAR
        return days / interval if interval <= days else min(1.0, DAYS_A_YEAR / interval)

    @property
    def minutes_per_year(self) -> int:
        """The minutes it takes in an average year, to the nearest whole one."""
        return int(self.times_per_year * self.minutes + 0.5)


class FacilityType(Entry):
    """A kind of facility with its planning values; all of them are the municipality's to set."""

    key: str = own_key()
    name: str = words("navnet, fx Shelter,", longest=60)
    definite: str = words("navnet i bestemt form, fx shelteret,", longest=60)
    code: str = words_or_empty("GeoFA-koden", longest=20)
    theme: Literal["t_5800_fac_pkt", "t_5802_fac_li"] = Field(
        default="t_5800_fac_pkt",
        description="Skriv GeoFA-temaet: t_5800_fac_pkt for punkter eller t_5802_fac_li for linjer, eller slet linjen.",
    )
    kle: str = words_or_empty("KLE-nummeret", longest=20)
    life_years: int = whole("levetiden i år", 1, 100)
    hours_per_year: int = whole("driftens timer om året", 0, 10_000)
    kr_per_year: int = whole("driftens kroner om året (uden punktum og øre)", 0, 10_000_000)
    replacement_kr: int = whole("genanskaffelsen i kroner (uden punktum og øre)", 0, 100_000_000)
    permits: tuple[str, ...] = Field(description="Skriv en liste af nøgler fra permits.yaml, eller [].")
    papers: tuple[str, ...] = Field(description="Skriv en liste af nøgler fra papers.yaml, eller [].")
    agreement_template: str = Field(
        pattern=r"^[a-z0-9_]+$", description="Skriv navnet på en fil i templates/agreements, fx shelter."
    )
    tasks: tuple[TaskType, ...] = Field(min_length=1, description="Skriv mindst en opgave, hver med en streg foran.")
    source: str = words("kilden til tallene", longest=400)

    @model_validator(mode="after")
    def _has_each_task_once(self) -> Self:
        seen: set[str] = set()
        for number, task in enumerate(self.tasks):
            if task.key in seen:
                place = f"tasks[{number}].key"
                raise wrong(f"{shown(task.key)} står på to opgaver", "Giv den ene opgave en anden nøgle.", at=place)
            seen.add(task.key)
        return self

    def task(self, key: str) -> TaskType:
        """The task with that key.

        Raises:
            KeyError: the type has no such task.
        """
        for task in self.tasks:
            if task.key == key:
                return task
        raise KeyError(key)
