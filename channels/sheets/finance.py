"""A month's bookings as the finance department's layout says: the same bytes whenever and wherever it is written."""

import csv
import io
from datetime import date
from hashlib import sha256

from sqlmodel import Session, select

from config.finance import Column, FinanceLayout
from models.case.facility import Facility
from models.figures.accounting import Marks, marks_of
from models.journal import write_journal
from models.outside.finance_export import Booking, FinanceExport, bookings_of, export_of, keep_export
from models.refusal import Refusal
from models.role import Role, may_decide
from models.said import Said

MAY_EXPORT = (Role.POOL_MANAGER, Role.LEADER)
_FREE_TEXT = ("text", "place", "invoice", "case_number")


def export_month(
    session: Session, month: date, layout: FinanceLayout, said: Said
) -> tuple[FinanceExport, bytes, int, int]:
    """The month's file: the export, its bytes, and how many bookings are in it and how many of them are late.

    The first time it is noted which bookings are in it; ever after the file is the same, or the same bookings in another
    layout.

    Raises:
        Refusal: the role may not, the month isn't over, a later one was exported, or a booking has no account.
    """
    may_decide(said.by, MAY_EXPORT, "Udlæsningen til økonomi")
    bookings = bookings_of(session, month, on=said.on, first_month=layout.first_day)
    late = sum(each.is_late for each in bookings)
    there, name = export_of(session, month), sha256(layout.model_dump_json().encode()).hexdigest()
    if there is not None:
        content = there.content if there.layout == name else written(session, bookings, layout)
        return there, content, len(bookings), late
    content = written(session, bookings, layout)
    made = keep_export(session, month, bookings, content, layout=name, on=said.on)
    more = f", heraf {late} efterposteringer" if late else ""
    write_journal(session, None, f"{made.month} er udlæst til økonomi: {len(bookings)} poster{more}.", said)
    return made, content, len(bookings), late


def written(session: Session, bookings: list[Booking], layout: FinanceLayout) -> bytes:
    """The bookings as the layout says.

    Raises:
        Refusal: `finance.no_account`, a booking has none and the layout asks for it.
    """
    places = {each.id: each for each in session.exec(select(Facility))}
    marks = marks_of(session, [booking.entry for booking in bookings])
    if any(column.value == "account" for column in layout.columns):
        _refuse_without_account(bookings, marks)
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=layout.separator, lineterminator="\r\n" if layout.line_end == "crlf" else "\n")
    if layout.heading:
        sheet.writerow([column.name for column in layout.columns])
    for line, booking in enumerate(bookings, 1):
        facility_id = booking.entry.facility_id
        place = places.get(facility_id) if facility_id is not None else None
        mark = marks[booking.entry.key]
        sheet.writerow([_cell(column, layout, line, booking, place, mark) for column in layout.columns])
    return out.getvalue().encode(layout.encoding, errors="replace")


def _cell(
    column: Column, layout: FinanceLayout, line: int, booking: Booking, place: Facility | None, mark: Marks
) -> str:
    entry = booking.entry
    said = {
        "account": mark.account,
        "amount": _amount(entry.amount_ore, layout),
        "amount_turned": _amount(-entry.amount_ore, layout),
        "debit": _amount(max(entry.amount_ore, 0), layout),
        "credit": _amount(max(-entry.amount_ore, 0), layout),
        "day": layout.day_as(entry.on),
        "month": f"{entry.on:%m}",
        "year": f"{entry.on:%Y}",
        "reference": place.reference if place is not None else "",
        "place": place.name if place is not None else "",
        "kind": entry.kind.danish,
        "text": " ".join(entry.what.split()) or entry.kind.danish,
        "invoice": mark.invoice,
        "case_number": entry.case_number,
        "key": entry.key,
        "line": str(line),
        "late": "x" if booking.is_late else "",
    }
    text = column.fixed if column.value is None else said[column.value]
    text = (text or "")[: column.longest]
    # a cell that a spreadsheet would reckon with
    return f"'{text}" if column.value in _FREE_TEXT and text.startswith(("=", "+", "-", "@")) else text


def _amount(ore: int, layout: FinanceLayout) -> str:
    if not layout.decimal:
        return str(ore)
    sign = "-" if ore < 0 else ""
    return f"{sign}{abs(ore) // 100}{layout.decimal}{abs(ore) % 100:02d}"


def _refuse_without_account(bookings: list[Booking], marks: dict[str, Marks]) -> None:
    without = [each.entry for each in bookings if not marks[each.entry.key].account]
    if without:
        kinds = sorted({entry.kind.value for entry in without})
        raise Refusal(
            "finance.no_account",
            f"{len(without)} poster har ingen konto ({', '.join(kinds)}). Skriv den i accounts.yaml. Intet er udlæst.",
        )
