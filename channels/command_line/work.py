"""`driftsklar work`: what operations or a firm must do, from the order until it is done or dropped."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import BinaryIO, TypeVar

import click
from sqlmodel import Session

from channels.command_line.door import by_option, find_if_said, json_option, looking, on_option, recording
from channels.command_line.shown import day, short_day, show, show_recorded, table
from channels.command_line.typed import DAY, KEY, NUMBER, Whole
from channels.records.certificates import keep_certificate
from channels.records.photos import keep_photos
from channels.views.work import work_line, work_lines
from config.catalogue import catalogue
from models.calendar import today
from models.case.agreement_version import cost_of
from models.case.facility import find
from models.case.photo import StoredPhoto, add_photos
from models.danish import kr as in_kroner
from models.danish import punktum
from models.operation.minutes_correction import correct_work_minutes
from models.operation.work import MAX_KR, MAX_MINUTES, drop_work, finish_work, take_work
from models.operation.work_by_hand import order_by_hand
from models.operation.work_certificate import add_certificate
from models.operation.work_order import WorkOrder, find_work, work_of
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said

Kept = TypeVar("Kept")
FILE = click.Path(path_type=Path, dir_okay=False)
MINUTES, KR = Whole(0, MAX_MINUTES, "minutter"), Whole(0, MAX_KR, "kroner")


@click.group()
def work() -> None:
    """Arbejde: det, driften eller et firma skal gøre."""


@work.command("list")
@click.option("--facility", "reference", help="Kun dette anlæg.")
@click.option("--open", "only_open", is_flag=True, help="Kun det, der ikke er gjort eller droppet.")
@click.option("--late", "only_late", is_flag=True, help="Kun det, hvis frist er overskredet.")
@click.option("--area", default="", help="Kun dette område, eller steder med denne tekst i navn eller adresse.")
@click.option("--on", type=DAY, default=today, show_default="i dag", help="Dagen, fristerne ses fra.")
@json_option
def list_work(reference: str | None, only_open: bool, only_late: bool, area: str, on: date, as_json: bool) -> None:
    """Arbejde efter frist."""
    with looking() as session:
        orders = [
            order
            for order in work_of(session, find_if_said(session, reference))
            if (order.is_open or not only_open) and (order.is_late(on) or not only_late)
        ]
        lines = work_lines(session, orders, on, area=area)
    rows = [
        dict(line)
        | {
            "day": short_day(line.due_on),
            "danish": "over fristen" if line.late else line.state.danish,
            "about": f"{line.what} ({line.kind.danish})",
        }
        for line in lines
    ]
    columns = {
        "id": "Nr.",
        "facility": "Anlæg",
        "day": "Senest",
        "danish": "Tilstand",
        "minutes_estimated": "Min.",
        "about": "Arbejde",
    }
    known = list(catalogue().municipality.districts)
    nothing = "Der er intet arbejde."
    if area and known:
        nothing = f"Der er intet arbejde i “{area[:40]}”. Kommunens områder er: {', '.join(known)}."
    text = table(rows, columns, fold="about", right=("minutes_estimated",)) if rows else nothing
    show(lines, as_json, text)


@work.command()
@click.argument("work_id", metavar="ID", type=NUMBER)
@click.option("--photo", "photos", multiple=True, type=FILE, help="Et billede af, hvordan det er før. Kan gentages.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def take(work_id: int, photos: tuple[Path, ...], on: date, by: str, as_json: bool) -> None:
    """Tag et arbejde: vi gør det."""
    before = _photos("--photo", photos)
    with recording() as session:
        found = take_work(session, find_work(session, work_id), Said(on, Role(by), Door.CLI))
        add_photos(session, before, work_id=found.number, shows_before=True, on=on)
        _show(session, found, on, as_json, f"Arbejde nr. {work_id} er taget: {punktum(found.what)}")


@work.command()
@click.argument("work_id", metavar="ID", type=NUMBER)
@click.option("--minutes", required=True, type=MINUTES, help="Tiden, det tog.")
@click.option("--kr", type=KR, show_default="timerne til timepris", help="Alt, det kostede, timerne med.")
@click.option("--note", default="", help="En bemærkning.")
@click.option("--invoice", default="", help="Fakturaens nummer.")
@click.option("--photo", "photos", multiple=True, type=FILE, help="Et billede af, hvordan det blev. Kan gentages.")
@click.option("--photo-before", "before", multiple=True, type=FILE, help="Et billede af, hvordan det var.")
@click.option("--certificate", type=FILE, help="Den sagkyndiges rapport (PDF eller billede), hvor arbejdet kræver en.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def done(
    work_id: int,
    minutes: int,
    kr: int | None,
    note: str,
    invoice: str,
    photos: tuple[Path, ...],
    before: tuple[Path, ...],
    certificate: Path | None,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Et arbejde er gjort; hvad det tog, bogføres."""
    shown = [(True, _photos("--photo-before", before)), (False, _photos("--photo", photos))]
    report = _kept("--certificate", certificate, keep_certificate) if certificate is not None else None
    with recording() as session:
        ore = cost_of(minutes) if kr is None else kr * 100
        found = find_work(session, work_id)
        if report is not None and found.is_open:
            add_certificate(session, found, report, on=on)
        said = Said(on, Role(by), Door.CLI)
        finish_work(session, found, said, minutes=minutes, ore=ore, note=note, invoice=invoice)
        for shows_before, kept in shown:
            add_photos(session, kept, work_id=found.number, shows_before=shows_before, on=on)
        text = f"Arbejde nr. {work_id} er gjort: {punktum(found.what)} {minutes} minutter, {in_kroner(ore)}"
        if found.is_billed and ore and found.booked_on is None:
            text += "\nPuljen har ikke penge til det endnu. Puljeforvalteren har fået besked."
        _show(session, found, on, as_json, text)


@work.command()
@click.argument("work_id", metavar="ID", type=NUMBER)
@click.option("--reason", required=True, help="Hvorfor det ikke gøres.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def drop(work_id: int, reason: str, on: date, by: str, as_json: bool) -> None:
    """Et arbejde bliver ikke gjort, fordi …"""
    with recording() as session:
        found = drop_work(session, find_work(session, work_id), Said(on, Role(by), Door.CLI), reason=reason)
        _show(session, found, on, as_json, f"Arbejde nr. {work_id} er droppet: {punktum(found.what)}")


@work.command()
@click.argument("reference", metavar="REF")
@click.option("--what", required=True, help="Hvad der skal gøres.")
@click.option("--due", required=True, type=DAY, help="Fristen.")
@click.option("--minutes", default=0, type=MINUTES, show_default=True, help="Tiden, det ventes at tage.")
@click.option("--kr", type=KR, show_default="timerne til timepris", help="Alt, det ventes at koste, timerne med.")
@click.option("--firm", default="", help="Firmaet, der skal gøre det, fx F-0001; ellers gør driften det.")
@click.option("--key", type=KEY, help="Jeres egen nøgle: samme nøgle giver samme arbejde.")
@on_option
@by_option(Role.OPERATIONS_MANAGER)
@json_option
def order(
    reference: str,
    what: str,
    due: date,
    minutes: int,
    kr: int | None,
    firm: str,
    key: str | None,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Bestil et arbejde; det, det ventes at koste, reserveres i puljen."""
    with recording() as session:
        made = order_by_hand(
            session,
            find(session, reference),
            what,
            due,
            Said(on, Role(by), Door.CLI),
            key=key,
            minutes=minutes,
            ore=None if kr is None else kr * 100,
            firm=firm,
        )
        text = f"Arbejde nr. {made.id} er bestilt: {made.what.rstrip('.')}, senest {day(made.due_on)}."
        if made.is_billed and made.ore_estimated and made.reserved_year is None and made.is_open:
            text += "\nPuljen har ikke penge til det endnu. Puljeforvalteren har fået besked."
        _show(session, made, on, as_json, text)


def _photos(option: str, files: tuple[Path, ...]) -> list[StoredPhoto]:
    """The photos of some files, kept; which file can't be used stands in the refusal."""
    return [photo for file in files for photo in _kept(option, file, lambda opened: keep_photos([opened]))]


def _kept(option: str, file: Path, keep: Callable[[BinaryIO], Kept]) -> Kept:
    try:
        with file.open("rb") as opened:
            return keep(opened)
    except OSError as broken:
        raise BadInput(option, f"{file} kan ikke læses: {broken.strerror}.") from broken
    except BadInput as bad:
        raise BadInput(option, f"{file}: {bad.sentence.removeprefix(f'{bad.field}: ')}") from bad


def _show(session: Session, order: WorkOrder, on: date, as_json: bool, text: str) -> None:
    session.flush()
    show_recorded(session, work_line(session, order, on), as_json, text)


@work.command()
@click.argument("work_id", metavar="ID", type=NUMBER)
@click.option("--minutes", required=True, type=MINUTES, help="De rigtige minutter.")
@click.option("--reason", required=True, help="Hvorfor det rettes.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def correct(work_id: int, minutes: int, reason: str, on: date, by: str, as_json: bool) -> None:
    """Ret, hvor længe et gjort arbejde tog. Pengene står, som de er bogført: pool correct."""
    with recording() as session:
        said = Said(on, Role(by), Door.CLI)
        found = correct_work_minutes(session, find_work(session, work_id), minutes, said, reason=reason)
        _show(session, found, on, as_json, f"Arbejde nr. {work_id} tog {minutes} minutter.")
