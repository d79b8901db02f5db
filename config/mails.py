"""How often people are written to, and about what; the steps of a check are in `config.municipality`."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from config.entry import Entry, MonthDay, whole
from config.error import wrong
from config.facility_types import Season

_MONTH_DAY = 'Skriv måned og dag som "03-01" for 1. marts.'


def _a_map(link: str) -> str:
    if not link:
        return link
    if not link.startswith("https://") or any(part not in link for part in ("{lat}", "{lon}")):
        raise wrong("er ikke en kortadresse", 'Skriv https://… med {lat} og {lon}, eller "".')
    try:
        link.format(lat=0, lon=0)
    except (KeyError, IndexError, ValueError):
        raise wrong("har andet end {lat} og {lon} i krøllede parenteser", "Skriv kun {lat} og {lon}.") from None
    return link


class Mails(Entry):
    """The mail economy: one mail a week, none at Christmas, what falls together on one day."""

    weekly_day: int = whole("ugens dag for gruppernes mail, 1 for mandag,", 1, 7)
    quiet: Season | None = Field(
        default=None, description='Skriv den stille tid som {from: "12-20", to: "01-02"}, eller slet linjen.'
    )
    together_days: int = whole("dage, som samles til en,", 0, 14)
    long_task_minutes: int = whole("minutter, fra hvilke en opgave er lang,", 1, 2880)
    told_ahead_days: int = whole("dage, en lang opgave siges i forvejen,", 7, 90)
    season_letters: tuple[MonthDay, ...] = Field(
        max_length=4, description='Skriv dage som ["03-01", "11-01"], eller [].'
    )
    new_year_letter: MonthDay = Field(description=_MONTH_DAY)
    correction_days: int = whole("dage, et svar kan rettes,", 0, 60)
    map_link: Annotated[str, AfterValidator(_a_map)] = Field(
        max_length=300, description='Skriv kortets adresse med {lat} og {lon}, eller "".'
    )

    @model_validator(mode="after")
    def _letters_keep_the_quiet(self) -> Self:
        for at, days in (("season_letters", self.season_letters), ("new_year_letter", (self.new_year_letter,))):
            if any(self.is_quiet(day) for day in days):
                raise wrong("ligger i den stille tid", "Vælg en dag uden for quiet.", at=at)
        return self

    @property
    def quiet_days(self) -> tuple[int, int, int, int] | None:
        """The quiet time as from month, from day, to month, to day; None where there is none."""
        quiet = self.quiet
        return (quiet.from_month, quiet.from_day, quiet.to_month, quiet.to_day) if quiet is not None else None

    def is_quiet(self, month_day: str) -> bool:
        """Whether a day of the year ("12-24") lies in the quiet time."""
        if self.quiet is None:
            return False
        if self.quiet.from_ <= self.quiet.to:
            return self.quiet.from_ <= month_day <= self.quiet.to
        return month_day >= self.quiet.from_ or month_day <= self.quiet.to
