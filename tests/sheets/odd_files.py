"""Forty odd files, written before the import was mended: each stands for a kind that people really have.

`before` is what came out on the code of 29 November 2026, `right` what should, judged from the file alone.
Persons and places are made up.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

HEADINGS = ("Nr", "Type", "Navn", "Adresse")
BENCH = ("1", "Bænk", "Bænk ved havnen", "Havnevej 1, Stege")
OTHER = ("2", "Bænk", "Bænk ved kirken", "Kirkevej 2, Stege")


class Right(NamedTuple):
    """What must come out: exit code, rows that are new, faults and warnings by cell and kind, words that are said."""

    code: int
    new: int = 0
    faults: tuple[tuple[str, str], ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()
    says: tuple[str, ...] = ()


class Odd(NamedTuple):
    """One file: its name, whose list it is, how it is made, what came out before, and what is right."""

    name: str
    whose: str
    make: Callable[[Path], None]
    before: str
    right: Right


def text(words: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    """A file of these words."""
    return lambda file: file.write_bytes(words.encode(encoding)) and None


def book(*rows: tuple[Any, ...], then: Callable[[Workbook, Worksheet], Any] | None = None) -> Callable[[Path], None]:
    """A workbook with one sheet of these rows, changed by `then`."""

    def write(file: Path) -> None:
        made = Workbook()
        sheet = made.active
        for row in rows:
            sheet.append(row)
        if then is not None:
            then(made, sheet)
        made.save(file)

    return write


def points(east: Any, north: Any, headings: tuple[str, str] = ("X", "Y")) -> Callable[[Path], None]:
    """One bench with its point under these headings."""
    return book(("Nr", "Type", "Navn", *headings), ("1", "Bænk", "Bænk ved noret", east, north))


def owner(word: str) -> Callable[[Path], None]:
    """One bench with this owner."""
    return book((*HEADINGS, "Ejer"), (*BENCH, word))


def group(mail: Any = "a@sted.example", phone: Any = None) -> Callable[[Path], None]:
    """One group whose contact is reached so."""
    return book(("Nr", "Forening", "Kontaktperson", "E-mail", "Telefon"), ("1", "Nyord Bylaug", "Aase P", mail, phone))


def _second_sheet(made: Workbook, _: Worksheet) -> None:
    notes = made.create_sheet("Noter")
    notes.append(("Husk at ringe", None))


def _two_lists(made: Workbook, _: Worksheet) -> None:
    second = made.create_sheet("2025")
    second.append(HEADINGS)
    second.append(OTHER)


def _filtered(_: Workbook, sheet: Worksheet) -> None:
    sheet.auto_filter.ref = "A1:D3"
    sheet.row_dimensions[3].hidden = True


def _old_sheet_hidden(made: Workbook, _: Worksheet) -> None:
    _two_lists(made, _)
    made["2025"].sheet_state = "hidden"


ODD: tuple[Odd, ...] = (
    # quoting
    Odd(
        "a quote swallows a row and closes again.csv",
        "facilities",
        text(
            'Nr;Type;Navn;Adresse;Note\n1;Bænk;A;Torvet 1;"maling\n2;Bænk;B;Torvet 2;skal males"\n3;Bænk;C;Torvet 3;ok\n'
        ),
        "exit 0, 2 new",
        Right(2, says=("E2", "anførselstegn")),
    ),
    Odd(
        "inches in a name.csv",
        "facilities",
        text('Nr;Type;Navn;Adresse\n1;Bænk;Bænk 12" planke;Torvet 1\n2;Bænk;B;Torvet 2\n'),
        "exit 0, 2 new",
        Right(0, new=2),
    ),
    Odd(
        "a quoted line break.csv",
        "facilities",
        text('Nr;Type;Navn;Adresse\n1;Bænk;"Bænk ved\nnoret";"Torvet 1\r\n4780 Stege"\n'),
        "exit 2, 0 new, C2 text, D2 text",
        Right(0, new=1),
    ),
    Odd(
        "a semicolon inside a name.csv",
        "facilities",
        text("Nr;Type;Navn;Adresse\n1;Bænk;Bænk; den lille;Torvet 1\n2;Bænk;B;Torvet 2\n"),
        "exit 0, 2 new",
        Right(2, faults=(("E2", "too_many"),), says=("række 2",)),
    ),
    Odd(
        "decimal commas between commas.csv",
        "facilities",
        text("Nr,Type,Navn,Lat,Lon\n1,Bænk,A,54,9862,12,2836\n"),
        "exit 2, 0 new, D2 outside_degrees",
        Right(2, faults=(("F2", "too_many"),)),
    ),
    Odd(
        "a line break without quotes.csv",
        "facilities",
        text("Nr;Type;Navn;Lat;Lon;Note\n1;Bænk;A;54,9862;12,2836;to\nlinjer\n2;Bænk;B;54,9872;12,2846;en\n"),
        "exit 2, 2 new, B3 missing, C3 missing",
        Right(2, faults=(("B3", "missing"), ("C3", "missing"))),
    ),
    Odd(
        "sep line of Excel.csv",
        "facilities",
        text("sep=;\nNr;Type;Navn;Adresse\n1;Bænk;A;Torvet 1\n"),
        "exit 0, 1 new",
        Right(0, new=1),
    ),
    # encodings
    Odd(
        "saved on a Mac.csv",
        "facilities",
        text("Nr;Type;Navn;Adresse\n1;Bænk;Bænk på Næs;Åvej 1\n", "mac_roman"),
        "exit 2 filen er ikke tekst. Gem den som .xlsx, eller som CSV (UTF-8).",
        Right(2, says=("tegnsæt",)),
    ),
    Odd(
        "saved by a program of DOS.csv",
        "facilities",
        text("Nr;Type;Navn;Adresse\n1;Shelter;Shelter på Næs;Åvej 1\n", "cp865"),
        "exit 2 filen er ikke tekst. Gem den som .xlsx, eller som CSV (UTF-8).",
        Right(2, says=("tegnsæt",)),
    ),
    Odd(
        "encoded twice.csv",
        "facilities",
        text("Nr;Type;Navn;Adresse\n1;Shelter;Shelter på Næs;Åvej 1\n".encode().decode("cp1252")),
        "exit 2, 0 new, C2 text",
        Right(2, says=("tegnsæt",)),
    ),
    Odd(
        "letters that were lost.csv",
        "facilities",
        text("Nr;Type;Navn;Adresse\n1;Shelter;Shelter p\ufffd N\ufffds;Torvet 1\n"),
        "exit 2, 0 new, C2 text",
        Right(2, says=("tegnsæt",)),
    ),
    Odd(
        "utf-16 without a mark.csv",
        "facilities",
        text("Nr;Type;Navn;Adresse\n1;Bænk;A;Torvet 1\n", "utf-16-le"),
        "exit 2 filen er ikke tekst. Gem den som .xlsx, eller som CSV (UTF-8).",
        Right(0, new=1),
    ),
    # sheets, rows and headings
    Odd(
        "two years two lists.xlsx",
        "facilities",
        book(HEADINGS, BENCH, then=_two_lists),
        "exit 0, 1 new",
        Right(2, says=("Sheet", "2025", "--sheet")),
    ),
    Odd(
        "a sheet of notes.xlsx",
        "facilities",
        book(HEADINGS, BENCH, then=_second_sheet),
        "exit 0, 1 new",
        Right(0, new=1, says=("Sheet", "Noter")),
    ),
    Odd(
        "last year's sheet is hidden.xlsx",
        "facilities",
        book(HEADINGS, BENCH, then=_old_sheet_hidden),
        "exit 0, 1 new",
        Right(0, new=1, says=("2025",)),
    ),
    Odd(
        "a row is filtered away.xlsx",
        "facilities",
        book(HEADINGS, BENCH, OTHER, then=_filtered),
        "exit 0, 2 new",
        Right(0, new=2, says=("1 række er skjult",)),
    ),
    Odd(
        "persons under one heading.xlsx",
        "groups",
        book(
            ("Forening", "Kontaktperson", None, None),
            (None, "Navn", "Mail", "Telefon"),
            ("Nyord Bylaug", "Aase P", "a@sted.example", None),
            then=lambda _, sheet: (sheet.merge_cells("B1:D1"), sheet.merge_cells("A1:A2")),
        ),
        "exit 2 kolonnen Kontaktperson mangler. Skriv overskriften, og udfyld den.",
        Right(0, new=1),
    ),
    Odd(
        "merged remarks.xlsx",
        "facilities",
        book((*HEADINGS, "Bemærkning"), (*BENCH, "samme bil"), OTHER, then=lambda _, sheet: sheet.merge_cells("E2:E3")),
        "exit 2 cellerne E2:E3 er flettet sammen, så vi ikke kan se, hvad der hører til hvilken række. Ophæv ",
        Right(0, new=2),
    ),
    Odd(
        "a column without a heading.xlsx",
        "facilities",
        book((*HEADINGS, None), (*BENCH, "ring først")),
        "exit 0, 1 new",
        Right(0, new=1, says=("kolonne E",)),
    ),
    # numbers and names
    Odd(
        "leading zeros.xlsx",
        "facilities",
        book(HEADINGS, ("007", *BENCH[1:]), (7, *OTHER[1:])),
        "exit 0, 2 new",
        Right(2, faults=(("A3", "twice_number"),)),
    ),
    Odd(
        "names alike but for spelling.csv",
        "groups",
        text("Forening;Kontaktperson;E-mail\nÅlaug;Aase P;a@sted.example\nAalaug;Bo P;b@sted.example\n"),
        "exit 2, 1 new, A3 twice",
        Right(2, faults=(("A3", "alike"),), says=("nummer",)),
    ),
    Odd(
        "numbers alike but for signs.csv",
        "groups",
        text(
            "Nr;Forening;Kontaktperson;E-mail\n1-1;Norets venner;Aase P;a@sted.example\n11;Byens venner;Bo P;b@sted.example\n"
        ),
        "exit 2, 1 new, A3 twice",
        Right(0, new=2),
    ),
    # places
    Odd(
        "degrees under x and y.xlsx",
        "facilities",
        points("12,2836", "54,9861"),
        "exit 2, 0 new, D2 outside_utm",
        Right(0, new=1, warnings=(("D2", "read_as_degrees"),)),
    ),
    Odd(
        "degrees and minutes.xlsx",
        "facilities",
        points("54°59.17'N", "12° 17,02' Ø", ("Lat", "Lon")),
        "exit 2, 0 new, D2 number, E2 number",
        Right(0, new=1),
    ),
    Odd(
        "degrees minutes and seconds.xlsx",
        "facilities",
        points("N 54° 59' 10\"", "E 12° 17' 1.2\"", ("Lat", "Lon")),
        "exit 2, 0 new, D2 number, E2 number",
        Right(0, new=1),
    ),
    Odd(
        "zone 33.xlsx",
        "facilities",
        points(326400, 6097000),
        "exit 2, 0 new, D2 outside_utm",
        Right(0, new=1, warnings=(("D2", "read_as_utm33"),)),
    ),
    Odd(
        "far away in Jutland.xlsx",
        "facilities",
        points(490000, 6110000),
        "exit 0, 1 new",
        Right(0, new=1, warnings=(("D2", "outside_area"),), says=("Vordingborg",)),
    ),
    Odd(
        "points of a web map.xlsx",
        "facilities",
        points(1367000, 7360000),
        "exit 2, 0 new, D2 outside_utm",
        Right(2, faults=(("D2", "outside_utm"),), says=("EPSG:3857",)),
    ),
    Odd(
        "metres with letters.xlsx",
        "facilities",
        points("705312 E", "6098120 N"),
        "exit 2, 0 new, D2 number, E2 number",
        Right(0, new=1),
    ),
    # words
    Odd(
        "the owner by its name.xlsx",
        "facilities",
        owner("Vordingborg Kommune"),
        "exit 2, 0 new, E2 choice",
        Right(0, new=1),
    ),
    Odd(
        "owned by the parish.xlsx",
        "facilities",
        owner("Stege Menighedsråd"),
        "exit 2, 0 new, E2 choice",
        Right(0, new=1),
    ),
    Odd(
        "owner unknown.xlsx",
        "facilities",
        owner("Ukendt"),
        "exit 2, 0 new, E2 choice",
        Right(2, faults=(("E2", "unknown_owner"),)),
    ),
    Odd(
        "no owner but a dash.xlsx",
        "facilities",
        owner("-"),
        "exit 2, 0 new, E2 choice",
        Right(2, faults=(("E2", "unknown_owner"),)),
    ),
    Odd(
        "a playground.xlsx",
        "facilities",
        book(HEADINGS, ("1", "Legeplads", "Pladsen", "Torvet 1")),
        "exit 2, 0 new, B2 choice",
        Right(2, faults=(("B2", "choice"),), says=("facility_types.yaml",)),
    ),
    Odd(
        "phone with dots and a remark.xlsx",
        "groups",
        group("", "12.34.56.78 (efter kl. 17)"),
        "exit 2, 0 new, E2 phone",
        Right(0, new=1, warnings=(("E2", "remark"),)),
    ),
    Odd(
        "phone from abroad.xlsx",
        "groups",
        group("", "(0045)\u00a012-34-56-78"),
        "exit 2, 0 new, E2 phone",
        Right(0, new=1),
    ),
    Odd(
        "two phones.xlsx",
        "groups",
        group("", "12345678 / 87654321"),
        "exit 2, 0 new, E2 phone",
        Right(2, faults=(("E2", "phone"),), says=("ét nummer",)),
    ),
    Odd(
        "mail with letters of its own.xlsx",
        "groups",
        group("formand@nyordbådelaug.example"),
        "exit 2, 0 new, D2 mail",
        Right(0, new=1),
    ),
    Odd(
        "mail as a link.xlsx",
        "groups",
        group("mailto:Aase P <a@sted.example>"),
        "exit 2, 0 new, D2 text, C2 no_address",
        Right(0, new=1),
    ),
    Odd(
        "two mails.xlsx",
        "groups",
        group("a@sted.example; b@sted.example"),
        "exit 2, 0 new, D2 mail",
        Right(2, faults=(("D2", "mail"),), says=("én adresse",)),
    ),
    # days
    Odd(
        "a day with its hour.xlsx",
        "facilities",
        book((*HEADINGS, "Opført"), (*BENCH, datetime(2019, 5, 3, 12, 30)), (*OTHER, "2019-05-03T12:30:00")),
        "exit 2, 1 new, E3 date",
        Right(0, new=2),
    ),
    Odd(
        "a day of two digits.csv",
        "facilities",
        text("Nr;Type;Navn;Adresse;Opført\n1;Bænk;A;Torvet 1;03-05-19\n"),
        "exit 2, 0 new, E2 date",
        Right(2, faults=(("E2", "date"),)),
    ),
)
