"""`driftsklar weather …`: a storm or a fire ban is set off, and taken back, by a person or by a file."""

from datetime import date
from pathlib import Path

import click
from sqlmodel import col, select

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import show, show_recorded, table
from channels.command_line.typed import DAY, choice
from channels.views.shapes.group import WarningsRead, WarningTaken
from channels.views.weather import weather_line
from models.operation.weather import Weather, WeatherKind, area_called, end_weather, start_weather, weather_now
from models.operation.weather_warning import take_warning
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said


@click.group()
def weather() -> None:
    """Vejret: efter en storm, og når der er afbrændingsforbud."""


@weather.command()
@click.argument("kind", metavar="HVAD", type=choice(WeatherKind))
@click.option("--text", "words", default="", help="Hvad grupperne får at vide; ellers teksten i weather.yaml.")
@click.option("--area", default="", metavar="OMRÅDE", help="Kun et af kommunens områder; ellers hele kommunen.")
@click.option("--until", type=DAY, help="Den sidste dag; uden den gælder et forbud, til det tages tilbage.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def start(kind: str, words: str, area: str, until: date | None, on: date, by: str, as_json: bool) -> None:
    """Meld storm eller afbrændingsforbud: ekstra tjek eller lukkede steder, og besked til grupperne."""
    with recording() as session:
        said = Said(on, Role(by), Door.CLI)
        made = start_weather(session, WeatherKind(kind), said, words=words, area=area, until=until)
        line = weather_line(session, made)
        what = (
            f"{len(line.checks)} ekstra tjek" if made.kind is WeatherKind.STORM else f"{len(line.places)} steder lukket"
        )
        show_recorded(session, line, as_json, f"{made.kind.danish.capitalize()}{made.where} er meldt: {what}.")


@weather.command()
@click.argument("kind", metavar="HVAD", type=choice(WeatherKind))
@click.option("--area", metavar="OMRÅDE", help="Området, når det er meldt i flere.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def end(kind: str, area: str | None, on: date, by: str, as_json: bool) -> None:
    """Tag det tilbage: steder åbner igen, og ubesvarede ekstra tjek bortfalder."""
    with recording() as session:
        wanted = area_called(area) if area is not None else None
        found = [each for each in weather_now(session, WeatherKind(kind)) if wanted in (None, each.area)]
        if not found:
            raise Refusal("weather.none", f"Der er ikke meldt {WeatherKind(kind).danish}. Se: driftsklar weather list.")
        if len(found) > 1:
            areas = ", ".join(each.area or "hele kommunen" for each in found)
            raise Refusal("weather.several", f"Det er meldt flere steder: {areas}. Skriv hvilket med --area.")
        ended = end_weather(session, found[0], Said(on, Role(by), Door.CLI))
        text = f"{ended.kind.danish.capitalize()}{ended.where} er taget tilbage."
        show_recorded(session, weather_line(session, ended), as_json, text)


@weather.command()
@click.argument("file", metavar="FIL", type=click.Path(path_type=Path))
@on_option
@by_option(Role.COORDINATOR)
@json_option
def read(file: Path, on: date, by: str, as_json: bool) -> None:
    """Læs varsler fra en fil (CSV, Excel, JSON): nummer, hvad, område, fra, til. Hvert varsel sker én gang."""
    from channels.sheets.weather import warnings_in

    warned = warnings_in(file)
    with recording() as session:
        lines = []
        for each in warned:
            became, found = take_warning(session, each, Said(on, Role(by), Door.CLI))
            line = weather_line(session, found) if found is not None else None
            lines.append(WarningTaken(reference=each.reference, became=became, weather=line))
        rows = [{"reference": each.reference, "became": each.became.danish} for each in lines]
        words = table(rows, {"reference": "Nummer", "became": "Hvad der blev af det"})
        show_recorded(
            session, WarningsRead(warnings=lines), as_json, words if lines else "Der er ingen varsler i filen."
        )


@weather.command("list")
@json_option
def list_weather(as_json: bool) -> None:
    """Det, der er meldt, det nyeste først."""
    with looking() as session:
        found = session.exec(select(Weather).order_by(col(Weather.id).desc())).all()
        lines = [weather_line(session, each) for each in found]
    rows = [
        dict(line)
        | {"kind": line.kind.danish, "area": line.area or "hele kommunen", "ended_on": line.ended_on or "gælder nu"}
        for line in lines
    ]
    columns = {"number": "Nr.", "kind": "Hvad", "area": "Hvor", "began_on": "Fra", "ended_on": "Til"}
    show(lines, as_json, table(rows, columns) if rows else "Der er ikke meldt noget om vejret.")
