"""Import: the municipality's own spreadsheet, messy as they are, comes in whole or not at all."""

import csv
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from channels.command_line import door
from channels.sheets.facilities import import_facilities
from channels.sheets.facility_columns import COLUMNS
from channels.sheets.reading import read_sheet
from config.catalogue import catalogue
from models.case.inheritance import never_consulted
from models.database import reading, transaction
from models.overview.invariants import broken
from models.role import Role
from tests.channels.cli import CommandLine, own_database, start_anew
from tests.city import City

SHIPPED = Path(__file__).resolve().parents[2] / "config"
HEADINGS = (
    "Betegnelse",
    "Anlægstype",
    "Nr.",
    "Øst (UTM32)",
    "Nord (UTM32)",
    "Lat",
    "Lon",
    "Beliggenhed",
    "Grundejer",
    "Etableret",
    "Driftstimer",
    "Kr. pr. år",
    "Levetid (år)",
    "Passes af",
    "Tilsynsførendes telefon",
)
NAME, TYPE, NUMBER, EAST, NORTH, LAT, LON, ADDRESS, OWNER, BUILT, HOURS, KR, LIFE, GROUP, PHONE = range(15)
SECRET = "20 30 40 50"
ON = "2026-01-05"
TITLE_ROWS = 3

Line = list[Any]


def a_row(number: int) -> Line:
    """A row without faults, written in one of the ways people write them."""
    line: Line = [None] * len(HEADINGS)
    line[NAME] = f"Bænk nr. {number} ved Ærø Kær"
    line[TYPE] = ("Bænk", "bænk ", "BORD-BÆNKESÆT", "Shelter", "baalplads", "Trampesti")[number % 6]
    line[NUMBER] = (f"B-{number:03}", number)[number % 2]
    line[PHONE] = SECRET
    match number % 4:
        case 0:
            line[EAST], line[NORTH] = f"70{number % 10}312,45", "6.098.120,7"
        case 1:
            line[EAST], line[NORTH] = 700000.5 + number, 6098000
        case 2:
            line[LAT], line[LON] = "55,0405", f"12,2{number:03}"
        case 3:
            line[ADDRESS] = f"Havnevej {number}, 4780 Stege"
    line[OWNER] = ("Kommunen", "kommunal", "Privat", None)[number % 4]
    line[BUILT] = ("03-05-2019", "3. maj 2019", datetime(2018, 4, 1), 2012, "1/4 2017", None)[number % 6]
    line[HOURS] = ("2,5", 3, None)[number % 3]
    line[KR] = ("1.200", "900 kr.", 6500, None)[number % 4]
    line[LIFE] = (12, None)[number % 2]
    return line


#: Twenty-three kinds of faults: what is written, in which column it is marked, and the kind.
FAULTS: tuple[tuple[dict[int, Any], int, str], ...] = (
    ({TYPE: None}, TYPE, "missing"),
    ({NAME: "  "}, NAME, "missing"),
    ({TYPE: "Bænkk"}, TYPE, "choice"),
    ({OWNER: "Fætter Guf"}, OWNER, "choice"),
    ({NAME: "=1+1"}, NAME, "formula"),
    ({NAME: "<b>Bænk</b>"}, NAME, "text"),
    ({NUMBER: "B 9\u200b9"}, NUMBER, "text"),
    ({NAME: "x" * 130}, NAME, "text"),
    ({EAST: "ca. 700000", NORTH: 6098000}, EAST, "number"),
    ({EAST: 700000, NORTH: None}, NORTH, "lacks_north"),
    ({EAST: None, NORTH: 6098000}, EAST, "lacks_east"),
    ({EAST: 6098000, NORTH: 700000}, EAST, "swapped_utm"),
    ({EAST: 100, NORTH: 200}, EAST, "outside_utm"),
    ({LAT: 12.2, LON: 55.04}, LAT, "swapped_degrees"),
    ({LAT: 48.1, LON: 11.5}, LAT, "outside_degrees"),
    ({EAST: 700000, NORTH: 6098000, LAT: 56.5, LON: 9.1}, LAT, "two_places"),
    ({EAST: None, NORTH: None, LAT: None, LON: None, ADDRESS: None}, ADDRESS, "no_place"),
    ({BUILT: "31-02-2019"}, BUILT, "no_such_day"),
    ({BUILT: "03-05-19"}, BUILT, "date"),
    ({BUILT: "01-01-2031"}, BUILT, "future"),
    ({HOURS: "en del"}, HOURS, "number"),
    ({KR: -5}, KR, "bounds"),
    ({LIFE: 400}, LIFE, "bounds"),
    ({GROUP: "Ukendt Bylaug"}, GROUP, "no_group"),
    ({KR: "#REF!"}, KR, "error"),
    ({NUMBER: "B-002"}, NUMBER, "twice_number"),
)
FIRST_WRONG = 20


def lines(*, wrong: bool) -> list[Line]:
    """150 rows; from the 20th on each has one of the faults."""
    made = [a_row(number) for number in range(150)]
    if wrong:
        for number, (change, _, _) in enumerate(FAULTS, start=FIRST_WRONG):
            if LAT in change or EAST in change:
                made[number][EAST] = made[number][NORTH] = None
                made[number][LAT] = made[number][LON] = None
            for column, value in change.items():
                made[number][column] = value
    return made


def write_workbook(file: Path, rows: list[Line]) -> dict[int, int]:
    """A title, a blank line, the headings, and blank lines between; which row each line came to stand in."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Anlæg 2026"
    sheet["A1"] = "Vores anlæg, sidst rettet af Drift og Vej"
    sheet.merge_cells("A1:F1")
    for at, heading in enumerate(HEADINGS, start=1):
        sheet.cell(TITLE_ROWS, at, heading)
    stands, row = {}, TITLE_ROWS
    for number, line in enumerate(rows):
        row += 2 if number % 17 == 16 else 1
        stands[number] = row
        for at, value in enumerate(line, start=1):
            sheet.cell(row, at, value)
    book.save(file)
    return stands


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    with own_database(tmp_path, monkeypatch) as command_line:
        yield command_line


def test_a_messy_workbook_is_explained_cell_by_cell_and_nothing_of_it_comes_in(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "anlæg.xlsx"
    stands = write_workbook(file, lines(wrong=True))
    cli.must("facility list")
    before = cli.rows()

    reply = cli("import", "facilities", str(file), "--apply", "--json", "--on", ON)

    assert (reply.code, reply.json["applied"]) == (2, False)
    letters = "ABCDEFGHIJKLMNO"
    expected = {
        (f"{letters[column]}{stands[number]}", kind)
        for number, (_, column, kind) in enumerate(FAULTS, start=FIRST_WRONG)
    }
    assert {(f["cell"], f["kind"]) for f in reply.json["faults"]} == expected
    assert len({(column, kind) for _, column, kind in FAULTS}) >= 20
    assert cli.rows() == before
    assert SECRET not in reply.out

    marked = load_workbook(tmp_path / "anlæg.errors.xlsx")["Fejl i listen"]
    for cell, _ in expected:
        assert marked[cell].fill.fgColor.rgb.endswith("FFC7CE"), cell
        assert marked[cell].comment.text, cell
    assert all(cell.value != SECRET for line in marked.iter_rows() for cell in line)
    assert marked[f"A{stands[FIRST_WRONG + 4]}"].data_type == "s"


def test_a_trial_changes_nothing_and_takes_the_old_list_of_faults_away(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "anlæg.xlsx"
    write_workbook(file, lines(wrong=True)[:30])
    assert cli("import", "facilities", str(file), "--on", ON).code == 2
    before = cli.rows()
    write_workbook(file, lines(wrong=False)[:30])

    tried = cli.must(f"import facilities --on {ON}", str(file))

    assert (tried["applied"], tried["new"], cli.rows()) == (False, 30, before)
    assert not (tmp_path / "anlæg.errors.xlsx").exists()


def test_the_list_that_is_put_right_comes_in_whole_and_a_second_time_changes_nothing(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "anlæg.xlsx"
    write_workbook(file, lines(wrong=False))

    taken = cli.must(f"import facilities --apply --on {ON}", str(file))

    assert (taken["applied"], taken["new"]) == (True, 150)
    assert taken["unused_columns"] == ["Tilsynsførendes telefon"]
    after = cli.rows()
    assert {line["stage"] for line in cli.must("facility list --never-consulted")} == {"operation"}
    assert len(cli.must("facility list --never-consulted")) == 150

    again = cli.must("import facilities --apply --on 2026-02-05", str(file))
    assert (again["changed"], again["unchanged"]) == (False, 150)
    assert cli.rows() == after


def a_list(file: Path, text: str, encoding: str) -> Path:
    file.write_bytes(text.encode(encoding))
    return file


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_csv_is_read_as_danes_save_it(cli: CommandLine, tmp_path: Path, encoding: str, separator: str):
    rows = [
        ("Type", "Navn", "Breddegrad", "Længdegrad", "Opført"),
        ("Bålplads", "Bålpladsen på Ærø", "55,04", "12,21", "3. maj 2019"),
    ]
    file = tmp_path / "liste.csv"
    with file.open("w", encoding=encoding, newline="") as out:
        csv.writer(out, delimiter=separator).writerows(rows)

    done = cli.must(f"import facilities --apply --on {ON}", str(file))

    shown = cli.must("facility show", done["outcomes"][0]["reference"])
    assert shown["name"] == "Bålpladsen på Ærø"
    assert (shown["place"]["lat"], shown["inherited"]["built_on"]) == (55.04, "2019-05-03")


def test_metres_and_degrees_of_one_place_give_the_same_point(cli: CommandLine, tmp_path: Path):
    text = "Type;Navn;Øst;Nord\nBænk;A;705312,45;6.098.120,70\n"
    done = cli.must(f"import facilities --apply --on {ON}", str(a_list(tmp_path / "a.csv", text, "utf-8")))

    place = cli.must("facility show", done["outcomes"][0]["reference"])["place"]

    assert (place["utm32_east"], place["utm32_north"]) == (705312, 6098121)


def test_merged_cells_are_refused_with_where_they_are(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "flettet.xlsx"
    write_workbook(file, lines(wrong=False)[:5])
    book = load_workbook(file)
    book.active.merge_cells("B5:B7")
    book.save(file)

    reply = cli("import", "facilities", str(file))

    assert reply.code == 2
    assert "B5:B7" in reply.err
    assert "flettet" in reply.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "ingen overskrifter"),
        ("Kolonne;Andet\n1;2\n", "ingen overskrifter"),
        ("Type;Adresse\nBænk;Torvet 1\n", "Navn mangler"),
        ("Type;Navn;Slags\nBænk;A;Bænk\n", "står både i A1 og C1"),
        ("Type;Navn;Adresse\n;;\n", "ingen rækker"),
    ],
)
def test_a_list_without_its_headings_is_refused_with_what_to_do(cli: CommandLine, tmp_path: Path, text: str, says: str):
    reply = cli("import", "facilities", str(a_list(tmp_path / "a.csv", text, "utf-8")))

    assert reply.code == 2
    assert says in reply.err


def break_in_half(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04 not a workbook")


def lock(file: Path) -> None:
    file.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-400])


def garble(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    at = whole.index(b"xl/worksheets/sheet1.xml") + 60
    whole[at : at + 80] = bytes(80)
    file.write_bytes(whole)


def put_into(part: str, edit: Callable[[bytes], bytes | None]) -> Callable[[Path], None]:
    """Another content for one part of the workbook; None takes the part out."""

    def spoil(file: Path) -> None:
        with zipfile.ZipFile(file) as packed:
            parts = {name: packed.read(name) for name in packed.namelist()}
        new = edit(parts.pop(part))
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in parts.items() if new is None else (*parts.items(), (part, new)):
                packed.writestr(name, content)

    spoil.__name__ = f"{edit.__name__} {part}"
    return spoil


def mark_encrypted(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    for head, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = whole.find(head)
        while start >= 0:
            whole[start + at] |= 1
            start = whole.find(head, start + 4)
    file.write_bytes(whole)


def pack_by_an_unknown_method(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    for head, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        start = whole.find(head)
        while start >= 0:
            whole[start + at] = 77
            start = whole.find(head, start + 4)
    file.write_bytes(whole)


def doctype(content: bytes) -> bytes:
    return re.sub(rb"^(<\?xml[^>]*>)?", rb'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>', content)


def entities_in_entities(content: bytes) -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l9;</x>'.encode()


def an_outside_file(content: bytes) -> bytes:
    return b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'


def doctype_in_two_byte_signs(content: bytes) -> bytes:
    return '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><x/>'.encode("utf-16")


def no_xml(content: bytes) -> bytes:
    return b"<worksheet><sheetData>" + bytes(range(32))


def missing(content: bytes) -> None:
    return None


def nothing_in(content: bytes) -> bytes:
    return b""


def another_root(content: bytes) -> bytes:
    return b"<html/>"


def wrong_numbers(content: bytes) -> bytes:
    return content.replace(b' r="1"', b' r="-x"').replace(b's="', b's="99999')


def very_deep(content: bytes) -> bytes:
    return b"<a>" * 200_000 + b"</a>" * 200_000


def a_bomb(content: bytes) -> bytes:
    return content.replace(b"</sheetData>", b" " * 210_000_000 + b"</sheetData>")


SHEET = "xl/worksheets/sheet1.xml"
WORKBOOK = "xl/workbook.xml"
TYPES = "[Content_Types].xml"
#: How a workbook is spoilt, and a word of what is said about it.
SPOILT: tuple[tuple[Callable[[Path], None], str], ...] = (
    (break_in_half, "kan ikke læses"),
    (lock, "kan ikke læses"),
    (cut_off, "kan ikke læses"),
    (garble, "kan ikke læses"),
    (mark_encrypted, "adgangskode"),
    (pack_by_an_unknown_method, "kan ikke læses"),
    (put_into(SHEET, doctype), "DOCTYPE"),
    (put_into(WORKBOOK, doctype), "DOCTYPE"),
    (put_into(TYPES, doctype), "DOCTYPE"),
    (put_into("xl/_rels/workbook.xml.rels", doctype), "DOCTYPE"),
    (put_into(SHEET, entities_in_entities), "DOCTYPE"),
    (put_into(SHEET, an_outside_file), "DOCTYPE"),
    (put_into(SHEET, doctype_in_two_byte_signs), "DOCTYPE"),
    (put_into(SHEET, no_xml), "kan ikke læses"),
    (put_into(SHEET, missing), "overskrifter"),
    (put_into(WORKBOOK, missing), "kan ikke læses"),
    (put_into(TYPES, missing), "kan ikke læses"),
    (put_into("xl/styles.xml", nothing_in), "kan ikke læses"),
    (put_into(WORKBOOK, another_root), "overskrifter"),
    (put_into(SHEET, wrong_numbers), "overskrifter"),
    (put_into(SHEET, very_deep), "overskrifter"),
    (put_into(SHEET, a_bomb), "fylder for meget"),
)


@pytest.mark.parametrize(("spoil", "says"), SPOILT, ids=lambda each: getattr(each, "__name__", ""))
def test_a_file_that_is_no_workbook_is_refused(
    cli: CommandLine, tmp_path: Path, spoil: Callable[[Path], None], says: str
):
    file = tmp_path / "a.xlsx"
    book = Workbook()
    book.active.append(list(HEADINGS))
    book.active.append(a_row(1))
    book.save(file)
    spoil(file)

    reply = cli("import", "facilities", str(file))

    assert reply.code == 2
    assert says in reply.err
    assert "Traceback" not in reply.err


def test_a_cell_far_out_does_not_make_millions_of_empty_ones(cli: CommandLine, tmp_path: Path):
    book = Workbook()
    book.active.append(list(HEADINGS))
    book.active["GR99000"] = "x"
    book.save(tmp_path / "a.xlsx")

    reply = cli("import", "facilities", str(tmp_path / "a.xlsx"))

    assert reply.code == 2
    assert "Slet de tomme rækker" in reply.err


def test_the_template_explains_itself_and_its_examples_can_be_imported(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "skabelon.xlsx"
    cli.must("import template", "--out", str(file))

    book = load_workbook(file)
    assert book.sheetnames == ["Anlæg", "Eksempler", "Sådan gør I", "Valg"]
    assert len(book["Anlæg"].data_validations.dataValidation) == 2
    for line in book["Eksempler"].iter_rows(min_row=2):
        for cell in line:
            book["Anlæg"][cell.coordinate] = cell.value
    book.save(file)

    assert cli.must(f"import facilities --on {ON}", str(file))["new"] == 3


def test_groups_come_in_with_their_contacts_and_no_other_persons_are_shown(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "grupper.csv"
    good = (
        "Forening;Kontaktperson;E-mail;Tlf;Stedfortræder;Stedfortræders mail\n"
        "Nyord Bylaug;Aase Prøve;aase@sted.example;12345678;Bo Prøve;bo@sted.example\n"
        "Norets venner;Cilie Prøve;;87654321;;\n"
    )
    a_list(file, good.replace("bo@sted.example", "bo hos sted").replace("87654321", ""), "cp1252")

    wrong = cli("group", "import", str(file), "--apply")

    assert wrong.code == 2
    assert "Aase" not in wrong.out + wrong.err
    marked = load_workbook(tmp_path / "grupper.errors.xlsx")["Fejl i listen"]
    assert (marked["F2"].value, marked["C2"].value) == ("bo hos sted", "(ikke vist)")

    a_list(file, good, "cp1252")
    assert cli.must(f"group import --apply --on {ON}", str(file))["new"] == 2
    assert cli.must(f"group import --apply --on {ON}", str(file))["unchanged"] == 2
    groups = cli.must("group list")
    assert [len(group["contacts"]) for group in groups] == [2, 1]


def test_a_named_group_is_asked_to_take_the_place_on(cli: CommandLine, tmp_path: Path):
    cli.group("Nyord Bylaug")
    text = "Type;Navn;Adresse;Gruppe\nBænk;A;Torvet 1;nyord bylaug\n"

    done = cli.must(f"import facilities --apply --on {ON}", str(a_list(tmp_path / "a.csv", text, "utf-8")))

    shown = cli.must("facility show", done["outcomes"][0]["reference"])
    assert (shown["group_name"], shown["waits_for"]["role"]) == ("Nyord Bylaug", "coordinator")
    assert shown["place"] is None


def test_days_of_the_future_are_seen_from_the_day_it_counts_for(cli: CommandLine, tmp_path: Path):
    text = f"Type;Navn;Adresse;Opført\nBænk;A;Torvet 1;{date(2027, 1, 1):%d-%m-%Y}\n"
    file = a_list(tmp_path / "a.csv", text, "utf-8")

    assert cli("import", "facilities", str(file), "--on", ON).code == 2
    assert cli("import", "facilities", str(file), "--on", "2027-02-01").code == 0


def test_a_trial_leaves_no_trace_on_either_database_and_the_real_thing_lasts(city: City, tmp_path: Path):
    file = tmp_path / "anlæg.xlsx"
    write_workbook(file, lines(wrong=False)[:8])
    sheet = read_sheet(file, COLUMNS)

    for is_kept in (False, True):
        with transaction(city.engine) as session:
            done = import_facilities(session, sheet, on=city.today, by=Role.OPERATIONS_MANAGER)
            if not is_kept:
                session.rollback()
        assert (done.count("new"), done.faults) == (8, [])
        with reading(city.engine) as session:
            assert len(never_consulted(session)) == (8 if is_kept else 0)
            assert broken(session) == {}


def test_an_operator_without_the_role_cannot_take_anything_in(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(SHIPPED, tmp_path / "config")
    roles = "operators:\n  mette: {id: K-01, roles: [coordinator]}\n"
    (tmp_path / "config" / "roles.yaml").write_text(roles)
    monkeypatch.setenv("DRIFTSKLAR_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setattr(door, "user_here", lambda: "mette")
    file = a_list(tmp_path / "a.csv", "Type;Navn;Adresse\nBænk;A;Torvet 1\n", "utf-8")
    catalogue.cache_clear()
    start_anew()
    try:
        refused = cli("import", "facilities", str(file), "--apply", "--by", "operations_manager")
        allowed = cli("import", "facilities", str(file), "--apply", "--by", "coordinator", "--json")
        line = cli.must("facility timeline", allowed.json["outcomes"][0]["reference"])[0]
    finally:
        monkeypatch.undo()
        start_anew()
        catalogue.cache_clear()

    assert (refused.code, "må ikke handle som" in refused.err) == (1, True)
    assert (line["door"], line["operator"]) == ("inherited", "K-01")
