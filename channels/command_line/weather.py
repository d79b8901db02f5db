"""`driftsklar weather …`: a storm or a fire ban is set off, and taken back."""

from datetime import date

import click
from sqlmodel import Session, col, select

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import show, show_recorded, table
from channels.command_line.typed import choice
from channels.views.shapes.group import WeatherLine
from models.operation.weather import (
    Weather,
    WeatherKind,
    checks_of_weather,
    end_weather,
    places_of_weather,
    start_weather,
    weather_now,
)
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said


@click.group()
def weather() -> None:
    """Vejret: efter en storm, og når der er afbrændingsforbud."""


@weather.command()
@click.argument("kind", metavar="HVAD", type=choice(WeatherKind))
@click.option("--text", "words", default="", help="Hvad grupperne får at vide; ellers teksten i weather.yaml.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def start(kind: str, words: str, on: date, by: str, as_json: bool) -> None:
    """Meld storm eller afbrændingsforbud: ekstra tjek eller lukkede steder, og besked til grupperne."""
    with recording() as session:
        made = start_weather(session, WeatherKind(kind), Said(on, Role(by), Door.CLI), words=words)
        line = _line(session, made)
        what = (
            f"{len(line.checks)} ekstra tjek" if made.kind is WeatherKind.STORM else f"{len(line.places)} steder lukket"
        )
        show_recorded(session, line, as_json, f"{made.kind.danish.capitalize()} er meldt: {what}.")


@weather.command()
@click.argument("kind", metavar="HVAD", type=choice(WeatherKind))
@on_option
@by_option(Role.COORDINATOR)
@json_option
def end(kind: str, on: date, by: str, as_json: bool) -> None:
    """Tag det tilbage: steder åbner igen, og ubesvarede ekstra tjek bortfalder."""
    with recording() as session:
        found = weather_now(session, WeatherKind(kind))
        if not found:
            raise Refusal("weather.none", f"Der er ikke meldt {WeatherKind(kind).danish}. Se: driftsklar weather list.")
        ended = end_weather(session, found[0], Said(on, Role(by), Door.CLI))
        text = f"{ended.kind.danish.capitalize()} er taget tilbage."
        show_recorded(session, _line(session, ended), as_json, text)


@weather.command("list")
@json_option
def list_weather(as_json: bool) -> None:
    """Det, der er meldt, det nyeste først."""
    with looking() as session:
        lines = [_line(session, each) for each in session.exec(select(Weather).order_by(col(Weather.id).desc())).all()]
    rows = [dict(line) | {"kind": line.kind.danish, "ended_on": line.ended_on or "gælder nu"} for line in lines]
    columns = {"number": "Nr.", "kind": "Hvad", "began_on": "Fra", "ended_on": "Til"}
    show(lines, as_json, table(rows, columns) if rows else "Der er ikke meldt noget om vejret.")


def _line(session: Session, found: Weather) -> WeatherLine:
    return WeatherLine(
        number=found.number,
        kind=found.kind,
        began_on=found.began_on,
        ended_on=found.ended_on,
        words=found.words,
        places=[each.reference for each in places_of_weather(session, found.kind)] if found.ended_on is None else [],
        checks=[each.number for each in checks_of_weather(session, found)],
    )
