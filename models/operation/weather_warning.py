"""Varslet: what a file or another system says of the weather, each once by its number; and what is over by itself.

A storm is over when all its extra checks are closed; one that asked for none, when the days for them have passed. A fire
ban is over on the day after its last one, where that was said, and else stands until somebody takes it back: nobody opens
a fire pit because nothing was heard.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Session, select

from config.catalogue import catalogue
from models import text
from models.journal import write_journal
from models.operation.check import OPEN_STATES
from models.operation.weather import (
    MAY_SAY,
    Weather,
    WeatherKind,
    area_called,
    checks_of_weather,
    end_weather,
    start_weather,
    weather_now,
)
from models.refusal import Refusal
from models.role import Door, Role, may_decide
from models.said import Said


class Warned(NamedTuple):
    """One warning, as a line of a file or a request says it. `reference` is the sender's own number for it."""

    reference: str
    kind: WeatherKind
    begins: date | None = None
    until: date | None = None
    area: str = ""
    words: str = ""
    is_taken_back: bool = False


class Became(StrEnum):
    """What came of a warning."""

    STARTED = "started"
    LASTS = "lasts"
    OTHER_WORDS = "other_words"
    MOVED = "moved"
    ENDED = "ended"
    OVER = "over"
    NOT_YET = "not_yet"

    @property
    def danish(self) -> str:
        """As people say it."""
        return {
            "started": "meldt",
            "lasts": "gælder allerede",
            "other_words": "gælder allerede; den nye besked er ikke sendt til grupperne",
            "moved": "gælder til en anden dag",
            "ended": "taget tilbage",
            "over": "er forbi",
            "not_yet": "begynder senere; læs filen igen den dag",
        }[self.value]


def take_warning(session: Session, warned: Warned, said: Said) -> tuple[Became, Weather | None]:
    """Set off or take back what a warning says. The same again changes nothing, however often it is read.

    What lasts already in that area under another number isn't set off twice.

    Raises:
        Refusal: the role may not, or the number stands for another kind or area.
        BadInput: the number or the area can't be used.
    """
    may_decide(said.by, MAY_SAY, "Vejret")
    reference, area = text.name(warned.reference, "reference"), area_called(warned.area)
    known = session.exec(select(Weather).where(Weather.reference == reference).with_for_update()).first()
    if known is not None:
        return _known_before(session, known, warned, area, said), known
    if warned.is_taken_back or (warned.until is not None and warned.until < said.on):
        return Became.OVER, None
    if warned.begins is not None and warned.begins > said.on:
        return Became.NOT_YET, None
    there = [each for each in weather_now(session, warned.kind) if each.area in ("", area)]
    if there:
        return _lasts(there[0], warned), there[0]
    made = start_weather(
        session, warned.kind, said, words=warned.words, area=area, until=warned.until, reference=reference
    )
    return Became.STARTED, made


def _known_before(session: Session, known: Weather, warned: Warned, area: str, said: Said) -> Became:
    if (known.kind, known.area) != (warned.kind, area):
        raise Refusal(
            "weather.another",
            f"{warned.reference} er allerede meldt som {known.kind.danish}{known.where}. Giv varslet et nyt nummer.",
        )
    if known.ended_on is not None:
        return Became.OVER
    if warned.is_taken_back or (warned.until is not None and warned.until < said.on):
        end_weather(session, known, said)
        return Became.ENDED
    if warned.until != known.until_on:
        known.until_on = warned.until
        session.flush()
        return _lasts(known, warned, otherwise=Became.MOVED)
    return _lasts(known, warned)


def _lasts(there: Weather, warned: Warned, *, otherwise: Became = Became.LASTS) -> Became:
    """What comes of words for something that lasts: the groups were told, and aren't told again, which is said aloud."""
    words = text.text(warned.words, "words", required=False)
    return otherwise if words in ("", there.words) else Became.OTHER_WORDS


def end_what_is_over(session: Session, on: date) -> None:
    """The calendar's part: what is over by itself ends, and the journal says why. Twice a day changes nothing."""
    said = Said(on, Role.CALENDAR, Door.CALENDAR)
    for weather in weather_now(session):
        if _is_over(session, weather, on):
            why = "alle ekstra tjek er besvaret" if weather.kind is WeatherKind.STORM else "den sidste dag er gået"
            end_weather(session, weather, said)
            write_journal(session, None, f"{weather.kind.danish.capitalize()}{weather.where} er forbi: {why}.", said)


def _is_over(session: Session, weather: Weather, on: date) -> bool:
    if weather.until_on is not None and on <= weather.until_on:
        return False
    if weather.kind is WeatherKind.FIRE_BAN:
        return weather.until_on is not None
    checks = checks_of_weather(session, weather)
    if not checks:
        return on > weather.began_on + timedelta(days=catalogue().weather.storm.within_days)
    return on > weather.began_on and all(check.state not in OPEN_STATES for check in checks)
