"""Fuzz: whatever a table looks like, every row is taken, marked with a fault, or counted as left out."""

import csv
import io
import tempfile
from datetime import date
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlmodel import Session, SQLModel, create_engine

from channels.sheets.facilities import import_facilities
from channels.sheets.facility_columns import COLUMNS
from channels.sheets.groups import COLUMNS as GROUP_COLUMNS
from channels.sheets.groups import import_groups
from channels.sheets.reading import read_sheet
from models import tables  # noqa: F401 - so that all tables are known
from models.refusal import BadInput
from models.role import Door, Role

WORDS = (
    "Bænk",
    "Shelter",
    "",
    " ",
    "Torvet 1; porten",
    'Bænk 12" lang',
    "A,B",
    "linje\nto",
    "Ålaug",
    "aalaug",
    "001",
    "1",
    "54,9862",
    "12,2836",
    "705312",
    "6098120",
    "-",
    "ukendt",
    "kommunen",
    "12.34.56.78",
    "a@sted.example",
    "=1+1",
    "03-05-2019",
    "2019-05-03T12:30:00",
    "54°59'N",
    "\u200b",
    "x" * 130,
)
HEADINGS = (
    "Nr",
    "Type",
    "Navn",
    "Adresse",
    "Lat",
    "Lon",
    "X",
    "Y",
    "Ejer",
    "Opført",
    "Gruppe",
    "Note",
    "",
    "Forening",
    "Kontaktperson",
    "Mail",
    "Telefon",
    "Reference",
)
#: a row without faults, which a few of the words above may spoil
GOOD = {
    "Nr": "#",
    "Type": "Bænk",
    "Navn": "Bænk #",
    "Adresse": "Torvet 1",
    "Lat": "54,9862",
    "Lon": "12,2836",
    "Ejer": "kommunen",
    "Opført": "2019",
    "Note": "ok",
    "Forening": "Laug #",
    "Kontaktperson": "Aase P",
    "Mail": "a@sted.example",
    "Telefon": "12345678",
}
CELLS = st.sampled_from(WORDS) | st.text(max_size=6)
ENGINE = create_engine("sqlite://")
SQLModel.metadata.create_all(ENGINE)


@st.composite
def tables_of_rows(draw: st.DrawFn, required: tuple[str, ...]) -> list[list[str]]:
    """Headings, the required ones among them, and rows of any length, blank ones among them."""
    others = draw(st.lists(st.sampled_from(HEADINGS), min_size=3, max_size=9, unique=True))
    headings = draw(st.permutations([*required, *(each for each in others if each not in required)]))
    width = len(headings)
    rows = []
    for number in range(draw(st.integers(0, 8))):
        row = [GOOD.get(heading, "").replace("#", str(number)) for heading in headings]
        if not draw(st.integers(0, 2)):
            row = [""] * width
        for _ in range(draw(st.integers(0, 2))):
            row[draw(st.integers(0, width - 1))] = draw(CELLS)
        # most rows as they are, some cut short and some too long
        match draw(st.integers(0, 5)):
            case 0:
                row = row[: draw(st.integers(0, width))]
            case 1:
                row.append(draw(CELLS))
        rows.append(row)
    above = draw(st.lists(st.just(["Vores liste"]) | st.just([""]), max_size=2))
    return [*above, list(headings), *rows]


def write(file: Path, rows: list[list[str]], delimiter: str, encoding: str, quoting: int) -> None:
    if file.suffix == ".xlsx":
        book = Workbook()
        for row in rows:
            book.active.append(["".join(sign for sign in cell if sign >= " " or sign == "\n") for cell in row])
        book.save(file)
        return
    out = io.StringIO()
    if quoting == csv.QUOTE_NONE:  # as somebody writes who has never heard of quotes
        out.write("\n".join(delimiter.join(row) for row in rows))
    else:
        csv.writer(out, delimiter=delimiter, quoting=quoting).writerows(rows)
    file.write_bytes(out.getvalue().encode(encoding, errors="replace"))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_row_is_taken_or_marked_or_counted(data: st.DataObject):
    is_group = data.draw(st.booleans())
    required = ("Forening", "Kontaktperson") if is_group else ("Type", "Navn")
    columns, importer = (
        (GROUP_COLUMNS, partial(import_groups, door=Door.CLI)) if is_group else (COLUMNS, import_facilities)
    )
    rows = data.draw(tables_of_rows(required))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / data.draw(st.sampled_from(["a.csv", "a.xlsx"]))
        write(
            file,
            rows,
            data.draw(st.sampled_from([";", ",", "\t"])),
            data.draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"])),
            data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE])),
        )
        try:
            sheet = read_sheet(file, columns)
        except BadInput:
            event("refused whole")
            return

    with Session(ENGINE) as session:
        done = importer(session, sheet, on=date(2026, 1, 5), by=Role.OPERATIONS_MANAGER, is_kept=False)
        session.rollback()

    event(f"{'faults' if done.faults else 'no faults'}, {'some' if done.outcomes else 'none'} taken")
    taken = {outcome.row for outcome in done.outcomes}
    marked = {int("".join(filter(str.isdigit, fault.at))) for fault in done.faults}
    first, last = (sheet.heading_row + 1, max((row.number for row in sheet.rows), default=sheet.heading_row))
    assert taken | marked == {row.number for row in sheet.rows}
    assert not taken & marked
    assert len(taken) + len(marked) + sheet.blank_rows == last - first + 1


def test_nothing_of_a_grid_is_lost_between_its_first_and_last_row(tmp_path: Path):
    file = tmp_path / "a.csv"
    file.write_text("Liste\n\nNr;Type;Navn;Adresse\n1;Bænk;A;Torvet 1\n;;;\n\n2;Bænk;B;Torvet 2\n;;;\n")

    sheet = read_sheet(file, COLUMNS)

    assert [row.number for row in sheet.rows] == [4, 7]
    assert (sheet.heading_row, sheet.blank_rows) == (3, 2)
