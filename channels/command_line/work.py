"""`driftsklar work`: what operations or a firm must do, from the order until it is done or dropped."""

from datetime import date

import click
from sqlmodel import Session

from channels.command_line.door import by_option, find_if_said, json_option, looking, on_option, recording
from channels.command_line.shown import day, short_day, show, show_recorded, table
from channels.command_line.typed import DAY, KEY, NUMBER, Whole
from channels.views.work import work_line, work_lines
from models.calendar import today
from models.case.agreement_version import cost_of
from models.case.facility import find
from models.danish import kr as in_kroner
from models.operation.minutes_correction import correct_work_minutes
from models.operation.work import MAX_KR, MAX_MINUTES, drop_work, finish_work, take_work
from models.operation.work_by_hand import order_by_hand
from models.operation.work_order import WorkOrder, find_work, work_of
from models.role import Door, Role
from models.said import Said

MINUTES, KR = Whole(0, MAX_MINUTES, "minutter"), Whole(0, MAX_KR, "kroner")


@click.group()
def work() -> None:
    """Arbejde: det, driften eller et firma skal gøre."""


@work.command("list")
@click.option("--facility", "reference", help="Kun dette anlæg.")
@click.option("--open", "only_open", is_flag=True, help="Kun det, der ikke er gjort eller droppet.")
@click.option("--late", "only_late", is_flag=True, help="Kun det, hvis frist er overskredet.")
@click.option("--area", default="", help="Kun steder med denne tekst i navn eller adresse.")
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
    text = table(rows, columns, fold="about", right=("minutes_estimated",)) if rows else "Der er intet arbejde."
    show(lines, as_json, text)


@work.command()
@click.argument("work_id", metavar="ID", type=NUMBER)
@on_option
@by_option(Role.OPERATIONS)
@json_option
def take(work_id: int, on: date, by: str, as_json: bool) -> None:
    """Tag et arbejde: vi gør det."""
    with recording() as session:
        found = take_work(session, find_work(session, work_id), Said(on, Role(by), Door.CLI))
        _show(session, found, on, as_json, f"Arbejde nr. {work_id} er taget: {found.what}.")


@work.command()
@click.argument("work_id", metavar="ID", type=NUMBER)
@click.option("--minutes", required=True, type=MINUTES, help="Tiden, det tog.")
@click.option("--kr", type=KR, show_default="timerne til timepris", help="Alt, det kostede, timerne med.")
@click.option("--note", default="", help="En bemærkning.")
@click.option("--invoice", default="", help="Fakturaens nummer.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def done(work_id: int, minutes: int, kr: int | None, note: str, invoice: str, on: date, by: str, as_json: bool) -> None:
    """Et arbejde er gjort; hvad det tog, bogføres."""
    with recording() as session:
        ore = cost_of(minutes) if kr is None else kr * 100
        found = finish_work(
            session,
            find_work(session, work_id),
            Said(on, Role(by), Door.CLI),
            minutes=minutes,
            ore=ore,
            note=note,
            invoice=invoice,
        )
        text = f"Arbejde nr. {work_id} er gjort: {found.what}. {minutes} minutter, {in_kroner(ore)}"
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
        _show(session, found, on, as_json, f"Arbejde nr. {work_id} er droppet: {found.what}.")


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
        text = f"Arbejde nr. {made.id} er bestilt: {made.what}, senest {day(made.due_on)}."
        if made.is_billed and made.ore_estimated and made.reserved_year is None and made.is_open:
            text += "\nPuljen har ikke penge til det endnu. Puljeforvalteren har fået besked."
        _show(session, made, on, as_json, text)


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
