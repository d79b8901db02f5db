"""Vejret, as programs read it."""

from sqlmodel import Session

from channels.views.shapes.group import WeatherLine
from models.operation.check import OPEN_STATES
from models.operation.weather import Weather, checks_of_weather, places_of_weather


def weather_line(session: Session, found: Weather) -> WeatherLine:
    """A storm or a fire ban, with the places it is about while it lasts."""
    lasts, checks = found.ended_on is None, checks_of_weather(session, found)
    return WeatherLine(
        number=found.number,
        kind=found.kind,
        began_on=found.began_on,
        ended_on=found.ended_on,
        words=found.words,
        area=found.area,
        until=found.until_on,
        reference=found.reference,
        places=[each.reference for each in places_of_weather(session, found.kind, found.area)] if lasts else [],
        checks=[each.number for each in checks],
        open_checks=sum(each.state in OPEN_STATES for each in checks),
    )
