"""`driftsklar export …`: maps, calendars and lists for the municipality's other programs. Only looks."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import click

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import show, whole
from channels.command_line.typed import OneOf, choice, day_or_none
from channels.views.shapes.files import CalendarWritten, ListWritten, MapWritten
from config.file_modes import for_everybody, make_private
from config.settings import settings
from models.case.facility import find
from models.case.volunteer_group import find_group
from models.refusal import BadInput
from models.role import PEOPLE, Door, Role
from models.said import Said
from models.stage import Stage

ALARM_AT = timedelta(hours=8)
"""When calendars ring on the day [assume]."""
_CRS = {"25832": "ETRS89/UTM 32N", "4326": "WGS84"}
_LISTS = {"facilities": "anlæg", "checks": "tjek", "ledger": "puljens poster", "groups": "grupper"}

Command = Callable[..., Any]


@click.group()
def export() -> None:
    """Kort, kalendere og lister til kommunens andre programmer."""


def _out(suffix: str) -> Callable[[Command], Command]:
    return click.option(
        "--out",
        required=True,
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FIL",
        help=f"Filen, fx anlaeg{suffix}. Den skrives forfra hver gang.",
    )


def _map_options(suffix: str, crs: str) -> Callable[[Command], Command]:
    def with_options(command: Command) -> Command:
        for option in (
            json_option,
            click.option("--stage", type=choice(Stage), help="Kun anlæg i dette trin."),
            click.option("--crs", type=OneOf(_CRS), default=crs, show_default=True, help="Koordinaterne."),
            _out(suffix),
        ):
            command = option(command)
        return command

    return with_options


@export.command("geojson")
@_map_options(".geojson", "4326")
def export_geojson(out: Path, crs: str, stage: str | None, as_json: bool) -> None:
    """Anlæggene som GeoJSON."""
    _export_map(out, crs, stage, as_json, ".geojson")


@export.command("gpkg")
@_map_options(".gpkg", "25832")
def export_gpkg(out: Path, crs: str, stage: str | None, as_json: bool) -> None:
    """Anlæggene som GeoPackage, med farver og navne til QGIS."""
    _export_map(out, crs, stage, as_json, ".gpkg")


def _export_map(out: Path, crs: str, stage: str | None, as_json: bool, suffix: str) -> None:
    from channels.views.maps import pins, write_geojson, write_geopackage

    _must_end(out, (suffix, ".json") if suffix == ".geojson" else (suffix,))
    with looking() as session:
        found = pins(session, int(crs), Stage(stage) if stage else None)
    write = write_geopackage if suffix == ".gpkg" else write_geojson
    with for_everybody():
        write(out, found, int(crs))
    nowhere = sum(pin.point is None for pin in found)
    text = f"{whole(len(found))} anlæg er skrevet i {out} (EPSG:{crs})."
    if nowhere:
        text += f" {whole(nowhere)} af dem har kun en adresse og intet punkt."
    document = MapWritten(file=str(out), crs=int(crs), facilities=len(found), without_point=nowhere)
    show(document, as_json, text)


@export.command("geofa")
@_out(".geojson")
@click.option("--user", default="Driftsklar", show_default=True, help="Hvem der indberetter (bruger_id i GeoFA).")
@click.option("--lines", "is_lines", is_flag=True, help="Stierne som linjer (tema 5802) i stedet for punkterne.")
@json_option
def export_geofa(out: Path, user: str, is_lines: bool, as_json: bool) -> None:
    """Anlæggene, som GeoFA vil have dem indberettet: MULTIPOINT (eller LINESTRING) i EPSG:25832 med temaets felter."""
    from channels.views.geofa import handed_in, write_geofa
    from channels.views.geofa_fields import LINES, POINTS
    from channels.views.shapes.geofa import GeofaWritten

    _must_end(out, (".geojson", ".json"))
    with looking() as session:
        theme = LINES if is_lines else POINTS
        found = handed_in(session, user=user.strip(), theme=theme)
    if found.faults:
        more = f" og {whole(len(found.faults) - 5)} til" if len(found.faults) > 5 else ""
        raise BadInput("--out", f"filen kan ikke indberettes: {'; '.join(found.faults[:5])}{more}.")
    with for_everybody():
        write_geofa(out, found, theme)
    text = f"{whole(len(found.features))} anlæg er skrevet i {out}."
    if found.left_out:
        text += "\nIkke med:\n" + "\n".join(found.left_out)
    show(GeofaWritten(file=str(out), facilities=len(found.features), left_out=found.left_out), as_json, text)


@export.command("ics")
@click.option("--group", help="Gruppens opgaver, fx G-0001.")
@click.option("--facility", help="Alle opgaver på et anlæg, fx VK-2026-0007.")
@click.option(
    "--role",
    type=OneOf({role.value: role.danish for role in PEOPLE if role is not Role.VOLUNTEER}),
    help="Rollens frister; for driften også dens opgaver.",
)
@_out(".ics")
@on_option
@json_option
def export_ics(group: str | None, facility: str | None, role: str | None, out: Path, on: date, as_json: bool) -> None:
    """Opgaver og frister det næste år som kalender, med påmindelse klokken 8."""
    from channels.views.calendar import (
        MAX_EVENTS,
        calendar_of,
        occasions_at,
        occasions_of,
        occasions_of_role,
        uid_domain,
    )
    from config.catalogue import Who

    _must_end(out, (".ics",))
    if sum(said is not None for said in (group, facility, role)) != 1:
        raise BadInput("--group/--facility/--role", "skriv én af dem.")
    with looking() as session:
        if group is not None:
            whose = find_group(session, group)
            name, occasions = whose.name, occasions_of(session, whose, on=on)
        elif facility is not None:
            place = find(session, facility)
            name = place.name
            occasions = occasions_at(session, place, tuple(Who), on=on, most=MAX_EVENTS)
        else:
            asked = Role(role or "")
            name, occasions = asked.danish.capitalize(), occasions_of_role(session, asked, on=on)
    moment = datetime.combine(on, time(), UTC)
    made = calendar_of(occasions, name=f"Driftsklar: {name}", domain=uid_domain(), moment=moment, alarm_at=ALARM_AT)
    with for_everybody():
        out.write_bytes(made)
    text = f"{whole(len(occasions))} dage er skrevet i {out}."
    show(CalendarWritten(file=str(out), events=len(occasions)), as_json, text)


@export.command("finance")
@click.option("--month", required=True, metavar="ÅÅÅÅ-MM", help="Måneden, fx 2026-11. Den skal være forbi.")
@click.option(
    "--layout",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FIL",
    help="Økonomiafdelingens opsætning, hvis det ikke er finance.yaml.",
)
@_out(".csv")
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def export_finance(month: str, layout: Path | None, out: Path, on: date, by: str, as_json: bool) -> None:
    """Månedens forbrug til økonomi. Hver post er i én måneds fil, og filen er den samme hver gang."""
    from channels.sheets.finance import export_month
    from channels.views.shapes.files import FinanceWritten
    from config.finance import LAYOUT, read_layout

    first = day_or_none(f"{month}-01")
    if first is None:
        raise BadInput("--month", "skriv måneden som 2026-11.")
    wanted = read_layout(layout or settings().config_dir / LAYOUT)
    with recording() as session:
        made, content, count, late = export_month(session, first, wanted, Said(on, Role(by), Door.CLI))
        document = FinanceWritten(file=str(out), month=made.month, made=made.made_on, rows=count, late=late)
    # after the commit: what is handed over is noted, and the same command writes the same file again
    make_private(out)
    out.write_bytes(content)
    text = f"{made.month}: {whole(count)} poster er skrevet i {out}."
    if late:
        text += f" {whole(late)} af dem er efterposteringer for tidligere måneder."
    show(document, as_json, text)


def _list_options(suffix: str) -> Callable[[Command], Command]:
    def with_options(command: Command) -> Command:
        for option in (
            json_option,
            click.option(
                "--with-contacts",
                is_flag=True,
                help="Kun grupper: en række for hver kontakt, med navn, mail og telefon.",
            ),
            _out(suffix),
            click.argument("what", metavar="LISTE", type=OneOf(_LISTS)),
        ):
            command = option(command)
        return command

    return with_options


@export.command("csv")
@_list_options(".csv")
def export_csv(what: str, out: Path, with_contacts: bool, as_json: bool) -> None:
    """En liste som CSV: facilities, checks, ledger eller groups."""
    _export_list(what, out, with_contacts, as_json, ".csv")


@export.command("xlsx")
@_list_options(".xlsx")
def export_xlsx(what: str, out: Path, with_contacts: bool, as_json: bool) -> None:
    """En liste som regneark: facilities, checks, ledger eller groups."""
    _export_list(what, out, with_contacts, as_json, ".xlsx")


def _export_list(what: str, out: Path, with_contacts: bool, as_json: bool, suffix: str) -> None:
    from channels.sheets.writing import write_list
    from channels.views.lists import CONTACTS, LISTS

    _must_end(out, (suffix,))
    if with_contacts and what != "groups":
        raise BadInput("--with-contacts", "kun listen groups har kontakter.")
    wanted = CONTACTS if with_contacts else LISTS[what]
    with looking() as session, nullcontext() if with_contacts else for_everybody():
        if with_contacts:
            make_private(out)
        written = write_list(out, wanted.title, wanted.columns, wanted.rows(session))
    text = f"{whole(written)} rækker er skrevet i {out}."
    if with_contacts:
        text += " Den har personers navne og numre: slet den, når den er brugt."
    show(ListWritten(file=str(out), rows=written), as_json, text)


def _must_end(out: Path, suffixes: tuple[str, ...]) -> None:
    if out.suffix.lower() not in suffixes:
        raise BadInput("--out", f"skriv et filnavn, der ender på {suffixes[0]}.")
