"""What goes out comes in again: an export is read as what stands, and what was changed in it is pointed out."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.channels.cli import CommandLine, own_database

ON = "2026-01-05"
LIST = (
    "Nummer;Type;Navn;Breddegrad;Længdegrad;Adresse;Ejer;Opført;Timer;Kr om året;Levetid;Gruppe\n"
    "001;Bænk;Bænk ved Nyord Å;55,0405123;12,2107456;;;03-05-2019;2,5;900;12;\n"
    "B2;Shelter;+45 shelteret;55,0234567;12,0123456;Torvet 2;menighedsråd;2021;;;;Nyord Bylaug\n"
    ";Bænk;Bænk uden punkt;;;Torvet 1, Stege;privat;;1,33;;;\n"
)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    with own_database(tmp_path, monkeypatch) as command_line:
        group = command_line.group()
        (tmp_path / "liste.csv").write_text(LIST)
        command_line.must(f"import facilities --apply --on {ON}", str(tmp_path / "liste.csv"))
        command_line.propose(group)
        yield command_line


@pytest.mark.parametrize(
    "export", ["csv facilities", "xlsx facilities", "geojson", "geojson --crs 25832", "gpkg", "gpkg --crs 4326"]
)
def test_facilities_that_went_out_come_back_unchanged(cli: CommandLine, tmp_path: Path, export: str):
    file = tmp_path / f"ud.{export.split()[0]}"
    cli.must(f"export {export} --out", str(file))
    before = cli.rows()

    back = cli.must(f"import facilities --apply --on {ON}", str(file))

    assert (back["unchanged"], back["new"], back["warnings"]) == (4, 0, [])
    assert cli.rows() == before


@pytest.mark.parametrize(
    "export", ["csv groups", "xlsx groups", "csv groups --with-contacts", "xlsx groups --with-contacts"]
)
def test_groups_that_went_out_come_back_unchanged(cli: CommandLine, tmp_path: Path, export: str):
    cli.must(f"group add --name +45-klubben --contact Aase;a@sted.example;+4512345678 --on {ON}")
    file = tmp_path / f"ud.{export.split()[0]}"
    cli.must(f"export {export} --out", str(file))
    before = cli.rows()

    back = cli.must(f"group import --apply --on {ON}", str(file))

    assert (back["unchanged"], back["new"]) == (3 if "contacts" in export else 2, 0)
    assert cli.rows() == before


@pytest.mark.parametrize(
    ("heading", "value", "says"),
    [
        ("Navn", "Bænk et andet sted", "Bænk ved Nyord Å"),
        ("Kommunens nummer", "B9", "001"),
        ("Type", "Shelter", "Bænk"),
        ("Jordens ejer", "staten", "kommunen"),
        ("Kr. pr. år", 901, "900"),
        ("UTM øst", 705_555, "punkt"),
        ("Opført", "04-05-2019", "3. maj 2019"),
        ("Gruppe", "Nyord Bylaug", "anden gruppe"),
        ("Reference", "VK-2026-0999", "reference"),
    ],
)
def test_what_was_changed_in_the_list_is_pointed_out_and_not_taken(
    cli: CommandLine, tmp_path: Path, heading: str, value: str | int, says: str
):
    file = tmp_path / "ud.xlsx"
    cli.must("export xlsx facilities --out", str(file))
    book = load_workbook(file)
    column = next(cell.column for cell in book.active[1] if cell.value == heading)
    book.active.cell(2, column, value)
    if heading == "UTM øst":
        for cell in book.active[1]:
            if cell.value in ("Breddegrad", "Længdegrad"):
                book.active.cell(2, cell.column).value = None
    book.save(file)

    reply = cli("import", "facilities", str(file), "--json", "--on", ON)

    assert reply.code == 2
    (fault,) = reply.json["faults"]
    assert fault["cell"].endswith("2")
    assert says in fault["sentence"]


def test_a_map_from_elsewhere_comes_in_by_its_own_fields(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "geofa.geojson"
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [12.3, 54.99]},
            "properties": {"navn": "Shelter i skoven", "facil_ty": "Shelter", "ansvar_org": "Vordingborg Kommune"},
        }
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))

    done = cli.must(f"import facilities --apply --on {ON}", str(file))

    assert (done["new"], done["unused_columns"]) == (1, ["ansvar_org"])
    assert cli.must("facility show", done["outcomes"][0]["reference"])["place"]["lat"] == 54.99


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"features": 1}',
        '{"features": [{"properties": {}, "geometry": {"type": "Polygon"}}]}',
        "{",
        '{"features": [], "crs": {"properties": {"name": "EPSG:1"}}}',
        "null",
    ],
)
def test_a_map_that_cannot_be_read_is_refused_with_what_to_do(cli: CommandLine, tmp_path: Path, content: str):
    file = tmp_path / "a.geojson"
    file.write_text(content)

    reply = cli("import", "facilities", str(file))

    assert reply.code == 2
    assert reply.err.startswith("FIL: ")
