"""Export: what other programs read back is what stands here, and no cell can become a formula."""

import csv
import json
import struct
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyogrio
import pytest
import vobject
from openpyxl import load_workbook
from pyogrio.raw import read
from pyproj import Transformer

from channels.sheets.writing import harmless
from tests.channels.cli import CommandLine, own_database

ON = "2026-01-05"
BENCHES = (
    "Nummer;Type;Navn;Breddegrad;Længdegrad;Adresse\n"
    "B1;Bænk;Bænk ved Nyord Å;55,0405123;12,2107456;\n"
    "B2;Shelter;Shelter på Bornholm;55,1234567;14,9123456;\n"
    "B3;Bænk;Bænk uden punkt;;;Torvet 1, Stege\n"
)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    with own_database(tmp_path, monkeypatch) as command_line:
        (tmp_path / "b.csv").write_text(BENCHES)
        command_line.must(f"import facilities --apply --on {ON}", str(tmp_path / "b.csv"))
        yield command_line


def expected(crs: int) -> list[tuple[float, float] | None]:
    degrees = [(12.2107456, 55.0405123), (14.9123456, 55.1234567)]
    if crs == 25832:
        to_metres = Transformer.from_crs(4326, 25832, always_xy=True)
        degrees = [to_metres.transform(*point) for point in degrees]
    return [*degrees, None]


def near(found: tuple[float, float], wanted: tuple[float, float], crs: int) -> bool:
    within = 0.01 if crs == 25832 else 0.01 / 111_000 / 2
    return all(abs(a - b) < within for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("crs", [25832, 4326])
@pytest.mark.parametrize("suffix", ["gpkg", "geojson"])
def test_a_map_program_finds_each_place_within_a_centimetre(cli: CommandLine, tmp_path: Path, suffix: str, crs: int):
    out = tmp_path / f"kort.{suffix}"

    cli.must(f"export {suffix} --crs {crs} --out", str(out))

    meta, _, shapes, values = read(out, layer="anlaeg")
    assert meta["crs"] == f"EPSG:{crs}"
    fields = dict(zip(meta["fields"], values, strict=True))
    assert list(fields["navn"]) == ["Bænk ved Nyord Å", "Shelter på Bornholm", "Bænk uden punkt"]
    assert list(fields["facil_ty"]) == ["Bænk", "Shelter", "Bænk"]
    assert list(fields["kommunens_nr"]) == ["B1", "B2", "B3"]
    assert [bool(value) for value in fields["driften_hoert"]] == [False] * 3
    for shape, wanted in zip(shapes, expected(crs), strict=True):
        if wanted is None:
            assert shape is None
        else:
            assert near(point_of(shape), wanted, crs)


def point_of(wkb: bytes) -> tuple[float, float]:
    order, kind, x, y = struct.unpack("<BIdd", wkb)
    assert (order, kind) == (1, 1)
    return x, y


def test_qgis_draws_the_layer_by_its_stage(cli: CommandLine, tmp_path: Path):
    out = tmp_path / "kort.gpkg"
    cli.must("export gpkg --out", str(out))
    cli.must("export gpkg --out", str(out))

    assert [name for name, _ in pyogrio.list_layers(out)] == ["anlaeg", "layer_styles"]
    meta, _, _, values = read(out, layer="layer_styles")
    style = dict(zip(meta["fields"], (column[0] for column in values), strict=True))
    assert (style["f_table_name"], style["f_geometry_column"]) == ("anlaeg", "geom")
    assert style["useAsDefault"]
    assert 'attr="trin"' in style["styleQML"]
    assert 'value="Drift"' in style["styleQML"]


def test_geojson_in_degrees_is_as_the_standard_has_it(cli: CommandLine, tmp_path: Path):
    out = tmp_path / "kort.geojson"
    cli.must("export geojson --out", str(out))

    document = json.loads(out.read_text())

    assert "crs" not in document
    assert document["features"][0]["geometry"]["coordinates"] == [12.2107456, 55.0405123]
    assert document["features"][2]["geometry"] is None


@pytest.mark.parametrize("what", ["facilities", "checks", "ledger", "groups"])
def test_every_list_comes_as_csv_and_as_a_workbook_with_the_same_rows(cli: CommandLine, tmp_path: Path, what: str):
    cli.group()
    cli.fill_the_pool()
    cli.must("sweep --on 2026-03-30")
    for suffix in ("csv", "xlsx"):
        cli.must(f"export {suffix} {what} --out", str(tmp_path / f"l.{suffix}"))

    text = (tmp_path / "l.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(text.splitlines(), delimiter=";"))
    sheet = load_workbook(tmp_path / "l.xlsx").active

    assert len(rows) == sheet.max_row > 1
    assert rows[0] == [cell.value for cell in sheet[1]]
    assert "karen@example.org" not in text


def test_contacts_are_in_the_list_only_when_they_are_asked_for(cli: CommandLine, tmp_path: Path):
    cli.group()
    out = tmp_path / "g.csv"

    reply = cli("export", "csv", "groups", "--with-contacts", "--out", str(out))

    assert "karen@example.org" in out.read_text("utf-8-sig")
    assert "slet den" in reply.out


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\n="])
def test_no_text_can_become_a_formula(start: str):
    assert harmless(f'{start}cmd|"/c calc"!A1').startswith("'")


@pytest.mark.parametrize("text", ["Bænk", "B-17", "12", "", "a=b"])
def test_ordinary_text_is_left_as_it_is(text: str):
    assert harmless(text) == text


def test_a_name_that_begins_like_a_formula_comes_out_harmless(cli: CommandLine, tmp_path: Path):
    cli.must(f"group add --name +45-klubben --contact Aase;a@sted.example; --on {ON}")
    for suffix in ("csv", "xlsx"):
        cli.must(f"export {suffix} groups --out", str(tmp_path / f"g.{suffix}"))

    assert ";'+45-klubben;" in (tmp_path / "g.csv").read_text("utf-8-sig")
    cells = [cell for line in load_workbook(tmp_path / "g.xlsx").active.iter_rows() for cell in line]
    assert "'+45-klubben" in [cell.value for cell in cells]
    assert all(cell.data_type != "f" for cell in cells)


def test_the_calendar_of_a_place_and_of_operations_is_read_by_another_program(cli: CommandLine, tmp_path: Path):
    reference = cli.must("facility list")[0]["reference"]
    for whose in (f"--facility {reference}", "--role operations"):
        out = tmp_path / "k.ics"
        events = cli.must(f"export ics {whose} --on {ON} --out", str(out))["events"]

        calendar = vobject.readOne(out.read_text())

        assert len(calendar.vevent_list) == events > 3
        assert calendar.x_wr_timezone.value == "Europe/Copenhagen"
        first = calendar.vevent_list[0]
        assert "Nyord" in first.summary.value or "Bornholm" in first.summary.value
        assert first.valarm.trigger.value == timedelta(hours=8)


def test_a_group_has_its_own_tasks_and_a_role_its_deadlines(cli: CommandLine, tmp_path: Path):
    group = cli.group()
    cli.propose(group)
    out = tmp_path / "k.ics"

    assert cli.must(f"export ics --group {group} --on {ON} --out", str(out))["events"] == 0
    cli.must(f"export ics --role operations --on {ON} --out", str(out))

    assert "Senest: svar på driftshøringen" in out.read_text().replace("\r\n ", "")


def test_whose_calendar_it_is_must_be_said_once(cli: CommandLine, tmp_path: Path):
    reply = cli("export", "ics", "--out", str(tmp_path / "k.ics"))

    assert reply.code == 2
    assert "--group" in reply.err


def test_words_are_found_from_the_command_line(cli: CommandLine):
    found = cli.must("find NYORD å")

    assert [each["name"] for each in found["facilities"]] == ["Bænk ved Nyord Å"]
    assert "Arvet" in found["decisions"][0]["what"]
    assert "Bænk ved Nyord Å" in cli("find", "nyord").out
