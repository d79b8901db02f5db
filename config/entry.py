"""One block of a configuration file: strict, frozen, each field with its remedy in Danish.

The description of a field is the remedy that people read when its value is wrong.
"""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from config.error import FROM_THE_KEY, shown, wrong

#: A leap year, so that 29 February is a day one may write.
_LEAP_YEAR = 2024
_ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
_KEY = r"^[a-z][a-z0-9_]{0,39}$"


class Entry(BaseModel):
    """A block whose keys are all known and whose values are never converted or changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def whole(what: str, lowest: int, highest: int, **options: Any) -> Any:
    """A whole number within bounds; `what` is Danish and carries the unit."""
    remedy = f"Skriv {what} som et helt tal fra {lowest} til {highest}."
    return Field(ge=lowest, le=highest, description=remedy, **options)


def _percent_as_written(value: object) -> object:
    """ "2,5 %" is the number 2.5; anything else stays as it is, for the field to judge."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(-?[0-9]{1,3})(?:[.,]([0-9]{1,2}))? ?%", value.strip())
    return float(f"{found[1]}.{found[2] or 0}") if found else value


#: A percentage as a number (2.5) or as people write it ("2,5 %"); a field made with `percent` bounds it.
Percentage = Annotated[float, BeforeValidator(_percent_as_written)]


def percent(what: str, lowest: float, highest: float) -> Any:
    """A percentage within bounds; `what` is Danish."""
    remedy = f'Skriv {what} i procent fra {lowest:g} til {highest:g}, fx 2.5 eller "2,5 %".'
    return Field(ge=lowest, le=highest, allow_inf_nan=False, description=remedy)


def words(what: str, *, longest: int = 200) -> Any:
    """A text on one line that isn't empty."""
    remedy = f"Skriv {what} som tekst på en linje, højst {longest} tegn."
    return Field(min_length=1, max_length=longest, pattern=_ONE_LINE, description=remedy)


def words_or_empty(what: str, *, longest: int = 200, **options: Any) -> Any:
    """A text on one line, or "" while it isn't known."""
    remedy = f'Skriv {what} som tekst i anførselstegn, eller "" hvis I ikke kender det endnu.'
    return Field(max_length=longest, pattern=_ONE_LINE, description=remedy, **options)


def own_key() -> Any:
    """The key of the block itself; given by the file's structure and not written again."""
    return Field(pattern=_KEY, description=FROM_THE_KEY)


def key(what: str) -> Any:
    """A short word for programs."""
    remedy = f"Skriv {what} med små bogstaver a-z, tal og _, fx look_summer."
    return Field(pattern=_KEY, description=remedy)


def _a_day_of_the_year(value: str) -> str:
    if not re.fullmatch(r"[0-9]{2}-[0-9]{2}", value):
        raise wrong(f"{shown(value)} er ikke en dag i året", 'Skriv måned og dag som "04-01" for 1. april.')
    try:
        date(_LEAP_YEAR, int(value[:2]), int(value[3:]))
    except ValueError:
        raise wrong(f"{shown(value)} findes ikke", 'Skriv måned og dag som "04-01" for 1. april.') from None
    return value


#: "MM-DD": a day of any year, 29 February among them. Sorts as it comes in the year.
MonthDay = Annotated[str, AfterValidator(_a_day_of_the_year)]
