"""What can be typed after an option: days, money, numbers and words, read as Danes write them."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import click

from channels.command_line.shown import whole
from config.catalogue import catalogue
from models import text
from models.calendar import day_part
from models.refusal import BadInput

MAX_POOL_KR = 1_000_000_000
_WHOLE = re.compile(r"-?[0-9]{1,12}|-?[0-9]{1,3}(\.[0-9]{3}){1,3}")
_AMOUNT = re.compile(r"([0-9]{1,10}|[0-9]{1,3}(?:\.[0-9]{3}){1,3})(?:[,.]([0-9]{1,2}))?")
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:[.,][0-9]{1,12})?")

Param = click.Parameter | None
Ctx = click.Context | None


class Day(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: Param, ctx: Ctx) -> date:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        day = day_or_none(value)
        if day is None or not 2000 <= day.year <= 2199:
            self.fail(f"“{value[:40]}” er ikke en dato. Skriv den som 2026-04-01.", param, ctx)
        return day


def day_or_none(value: str) -> date | None:
    """The date of YYYY-MM-DD, or None when it is no date; a time of day behind it changes nothing."""
    value = day_part(value)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


class Kroner(click.ParamType[int]):
    """An amount in kroner, kept in øre: 6500, 6.500 or 6500,50."""

    name = "KR"

    def convert(self, value: Any, param: Param, ctx: Ctx) -> int:
        if isinstance(value, int):
            return value
        found = _AMOUNT.fullmatch(value.strip())
        if found is None:
            self.fail(f"“{value[:40]}” er ikke et beløb. Skriv kroner, fx 6500.", param, ctx)
        ore = int(Decimal(f"{found[1].replace('.', '')}.{found[2] or 0}") * 100)
        if not 100 <= ore <= MAX_POOL_KR * 100:
            self.fail(f"skriv et beløb fra 1 til {whole(MAX_POOL_KR)} kr.", param, ctx)
        return ore


class Whole(click.ParamType[int]):
    """A whole number within bounds; 6.500 is read as people mean it. `unit` is a Danish plural."""

    def __init__(self, least: int, most: int, unit: str, *, name: str = "TAL") -> None:
        self.name, self.least, self.most, self.unit = name, least, most, unit

    def convert(self, value: Any, param: Param, ctx: Ctx) -> int:
        if isinstance(value, int):
            return value
        number = int(value.replace(".", "")) if _WHOLE.fullmatch(value.strip()) else None
        if number is None or not self.least <= number <= self.most:
            bounds = f"fra {self._shown(self.least)} til {self._shown(self.most)}"
            self.fail(f"“{value[:40]}” kan ikke bruges. Skriv hele {self.unit} {bounds}.", param, ctx)
        return number

    def _shown(self, number: int) -> str:
        return str(number) if self.unit == "årstal" else whole(number)


class RunningNumber(click.ParamType[int]):
    """The number of a check, an incident, a condition or a defect."""

    name = "TAL"

    def convert(self, value: Any, param: Param, ctx: Ctx) -> int:
        if isinstance(value, int):
            return value
        if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) == 0:
            self.fail(f"“{value[:40]}” er ikke et nummer. Skriv fx 1.", param, ctx)
        return int(value)


class Degrees(click.ParamType[float]):
    """A coordinate in degrees; a comma will do."""

    name = "GRADER"

    def convert(self, value: Any, param: Param, ctx: Ctx) -> float:
        if isinstance(value, float):
            return value
        if not _DEGREES.fullmatch(value.strip()):
            self.fail(f"“{value[:40]}” er ikke et tal. Skriv grader, fx 55.04.", param, ctx)
        return float(value.replace(",", "."))


class OneOf(click.Choice[str]):
    """One of a few words. Who writes another is shown them all with what they mean in Danish."""

    def __init__(self, danish: Mapping[str, str]) -> None:
        super().__init__(list(danish))
        self.danish = danish

    def convert(self, value: Any, param: Param, ctx: Ctx) -> str:
        if value in self.danish:
            return str(value)
        self.fail(_choose(value, self.danish), param, ctx)


class CatalogueKey(click.ParamType[str]):
    """A key of the municipality's own lists, which are read only when it is needed."""

    def __init__(self, name: str, keys: Callable[[], Mapping[str, str]]) -> None:
        self.name, self.keys = name, keys

    def convert(self, value: Any, param: Param, ctx: Ctx) -> str:
        known = self.keys()
        if value not in known:
            self.fail(_choose(value, known), param, ctx)
        return str(value)


class OwnKey(click.ParamType[str]):
    """A key of the caller's own, by which the same thing isn't created twice. Never empty."""

    name = "NØGLE"

    def convert(self, value: Any, param: Param, ctx: Ctx) -> str:
        try:
            return text.name(value, "--key")
        except BadInput as bad:
            self.fail(bad.sentence.removeprefix("--key: "), param, ctx)


def _choose(value: str, danish: Mapping[str, str]) -> str:
    words = [f"{word} ({meaning})" if meaning else word for word, meaning in danish.items()]
    return f"“{value[:40]}” kan ikke bruges. Vælg en af: {', '.join(words)}."


def choice(words: type[StrEnum], *, without: tuple[StrEnum, ...] = ()) -> OneOf:
    """The values of an enum as what may be typed."""
    return OneOf({w.value: getattr(w, "danish", "").lower() for w in words if w not in without})


DAY = Day()
KRONER = Kroner()
KEY = OwnKey()
NUMBER = RunningNumber()
DEGREES = Degrees()
YEAR = Whole(2000, 2199, "årstal", name="ÅR")
FACILITY_TYPE = CatalogueKey("TYPE", lambda: {k: t.name for k, t in catalogue().types.items()})
PAPER = CatalogueKey("PAPIR", lambda: {k: p.name for k, p in catalogue().papers.items()})
