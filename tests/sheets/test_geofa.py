"""GeoFA: what is handed in holds the theme's fields, and the public register is compared with what stands here."""

import json
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pyogrio.raw import read

from channels.sheets import geofa
from channels.views.geofa_fields import faults_of
from tests.channels.cli import CommandLine, own_database

ON = "2026-01-05"
PLACES = (
    "Nummer;Type;Navn;Breddegrad;Længdegrad;Adresse\n"
    "B1;Bænk;Bænk ved Nyord Å;55,0405123;12,2107456;\n"
    "S1;Shelter;Shelter i skoven;55,0500000;12,2000000;\n"
    "T1;Trampesti;Stien langs noret;55,0410000;12,2110000;\n"
    "B3;Bænk;Bænk uden punkt;;;Torvet 1, Stege\n"
)


def place(number: int, code: int, name: str, lat: float, lon: float, **more: object) -> dict[str, object]:
    """One place as the public answer has it: many fields we don't know, the geometry in degrees."""
    return {
        "type": "Feature",
        "properties": {
            "versions_id": f"v{number}",
            "objekt_id": f"00000000-0000-4000-8000-{number:012d}",
            "cvr_kode": 29189676,
            "bruger_id": "nogen",
            "statuskode": 3,
            "facil_ty_k": code,
            "facil_ty": "Bænk",
            "navn": name,
            "geometri": None,
            **more,
        },
        "geometry": {"type": "MultiPoint", "coordinates": [[lon, lat]]},
    }


def answer(*places: dict[str, object]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(places), "success": True, "message": "x"})


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    with own_database(tmp_path, monkeypatch) as command_line:
        (tmp_path / "b.csv").write_text(PLACES)
        command_line.must(f"import facilities --apply --on {ON}", str(tmp_path / "b.csv"))
        yield command_line


def handed_in(cli: CommandLine, out: Path) -> dict[str, dict[str, object]]:
    cli.must("export geofa --out", str(out))
    features = json.loads(out.read_text())["features"]
    return {each["properties"]["noegle"]: each for each in features}


def test_what_is_handed_in_is_read_by_a_map_program_as_multipoints_in_metres(cli: CommandLine, tmp_path: Path):
    out = tmp_path / "geofa.geojson"

    found = handed_in(cli, out)

    meta, _, shapes, _ = read(out)
    assert meta["crs"] == "EPSG:25832"
    assert meta["geometry_type"] == "MultiPoint"
    assert len(shapes) == 2
    bench = found["VK-2026-0001"]["properties"]
    assert bench["facil_ty_k"] == 1371
    assert {bench[name] for name in ("cvr_kode", "oprindkode", "statuskode", "off_kode")} == {29189676, 7, 3, 1}
    assert [fault for each in found.values() for fault in faults_of(each)] == []


def test_what_cannot_be_handed_in_is_named_with_the_reason(cli: CommandLine, tmp_path: Path):
    said = cli("export", "geofa", "--out", str(tmp_path / "g.geojson"), "--json").json

    assert said["facilities"] == 2
    assert said["left_out"] == [
        "VK-2026-0003: Trampesti er en linje i GeoFA, og her er kun et punkt",
        "VK-2026-0004: har kun en adresse og intet punkt",
    ]


def test_what_is_unsafe_says_so_the_same_day_and_no_longer_when_it_is_mended(cli: CommandLine, tmp_path: Path):
    out = tmp_path / "geofa.geojson"
    cli.must("incident report VK-2026-0001 --what Knækket --safe no --on 2026-02-01")

    unsafe = handed_in(cli, out)["VK-2026-0001"]["properties"]
    cli.must("answer incident 1 --decision repair --kr 0 --reason Skiftet --on 2026-02-02")
    mended = handed_in(cli, out)["VK-2026-0001"]["properties"]

    assert unsafe["note"] == "Kan ikke bruges sikkert lige nu."
    assert unsafe["beskrivels"].startswith("Kan ikke bruges sikkert lige nu.")
    assert mended["note"] is None


def test_a_file_without_what_is_required_is_not_written(cli: CommandLine, tmp_path: Path):
    out = tmp_path / "geofa.geojson"

    reply = cli("export", "geofa", "--user", " ", "--out", str(out))

    assert reply.code == 2
    assert "bruger_id mangler" in reply.err
    assert not out.exists()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("statuskode", 9, "kan ikke være 9"),
        ("facil_ty_k", 12, "ikke den rigtige form"),
        ("navn", "x" * 300, "længere end 254"),
        ("cvr_kode", "29189676", "forkert slags"),
        ("farve", "rød", "intet felt"),
    ],
)
def test_a_feature_that_the_register_would_not_take_is_found(cli: CommandLine, tmp_path: Path, field, value, says):
    feature = handed_in(cli, tmp_path / "g.geojson")["VK-2026-0001"]

    feature["properties"][field] = value

    (fault,) = faults_of(feature)
    assert says in fault


def test_the_register_is_compared_and_nothing_is_changed(cli: CommandLine, tmp_path: Path):
    file, new = tmp_path / "public.geojson", tmp_path / "nye.csv"
    ours = geofa.object_id("VK-2026-0002")
    file.write_text(
        answer(
            place(1, 1371, "Bænk ved Nyord Å", 55.04052, 12.21075),
            place(2, 3012, "Naturshelter", 55.05, 12.2, objekt_id=ours.upper()),
            place(3, 3012, "=HYPERLINK(1)", 55.01, 12.31),
            place(4, 9999, "Noget andet", 55.02, 12.32),
            place(5, 1371, "Væk", 55.03, 12.33, statuskode=4),
        )
    )
    before = cli("facility", "list", "--json").out

    said = cli("import", "geofa", str(file), "--out", str(new), "--json").json

    assert [each["what"] for each in said["rows"]] == ["ours", "differs", "new", "unknown_type", "cancelled"]
    assert said["rows"][0]["reference"] == "VK-2026-0001"
    assert said["rows"][1]["differences"] == ["navnet er “Shelter i skoven” hos os"]
    assert cli("facility", "list", "--json").out == before
    trial = cli("import", "facilities", str(new), "--on", ON, "--json")
    assert (trial.code, trial.json["rows"]) == (0, 1)
    assert "=HYPERLINK" not in new.read_text()


def test_what_went_out_is_ours_when_it_comes_back(cli: CommandLine, tmp_path: Path):
    out = tmp_path / "geofa.geojson"
    handed_in(cli, out)

    said = cli("import", "geofa", str(out), "--json").json

    assert (said["ours"], said["differs"], said["new"]) == (2, 0, 0)


def test_the_register_is_asked_for_one_municipality(cli: CommandLine, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    class Register(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer(place(1, 1371, "Bænk ved Nyord Å", 55.04052, 12.21075)).encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Register)
    threading.Thread(target=server.handle_request, daemon=True).start()
    monkeypatch.setattr(geofa, "ADDRESS", f"http://127.0.0.1:{server.server_address[1]}/api/v2/sql/fkg")

    said = cli("import", "geofa", "--cvr", "29189676", "--json").json
    server.server_close()

    assert said["ours"] == 1
    question = parse_qs(urlsplit(asked[0]).query)
    assert question["q"] == ["SELECT * FROM fkg.t_5800_fac_pkt WHERE cvr_kode = 29189676"]
    assert question["srs"] == ["4326"]


@pytest.mark.parametrize(
    "arguments", [[], ["--cvr", "1; DROP"], ["nowhere.geojson"], ["x.geojson", "--cvr", "29189676"]]
)
def test_what_cannot_be_read_is_said_kindly(cli: CommandLine, tmp_path: Path, arguments: list[str]):
    assert cli("import", "geofa", *arguments).code == 2
    (tmp_path / "x.geojson").write_text('{"features": [{"properties": {}, "geometry": null}]}')
    assert cli("import", "geofa", str(tmp_path / "x.geojson")).code == 2


# -- paths are lines -------------------------------------------------------------------------------------------

PATH = [[12.2100, 55.0410], [12.2112, 55.0411], [12.2130, 55.0420]]


def path(
    number: int, name: str, corners: list[list[float]], kind: str = "LineString", **more: object
) -> dict[str, object]:
    """A path as the register has it."""
    said = place(number, 0, name, 0, 0, rute_ty_k=5, **more)
    del said["properties"]["facil_ty_k"]  # type: ignore[attr-defined]
    return said | {"geometry": {"type": kind, "coordinates": corners if kind == "LineString" else [corners]}}


def paths_out(cli: CommandLine, out: Path) -> list[dict[str, object]]:
    cli.must("export geofa --lines --out", str(out))
    features: list[dict[str, object]] = json.loads(out.read_text())["features"]
    return features


@pytest.mark.parametrize("kind", ["LineString", "MultiLineString"])
def test_a_paths_line_is_taken_from_the_register_and_goes_out_as_a_line_in_metres(
    cli: CommandLine, tmp_path: Path, kind: str
):
    file, out = tmp_path / "linjer.geojson", tmp_path / "ud.geojson"
    file.write_text(answer(path(1, "Stien langs noret", PATH, kind)))
    before = paths_out(cli, out)

    trial = cli("import", "geofa", str(file), "--json").json
    still = paths_out(cli, out)
    kept = cli("import", "geofa", str(file), "--apply", "--on", ON, "--json").json
    again = cli("import", "geofa", str(file), "--apply", "--on", ON, "--json").json
    (feature,) = paths_out(cli, out)

    assert (before, still) == ([], [])
    assert (trial["differs"], trial["lines_kept"]) == (1, [])
    assert "hos os er kun et punkt" in trial["rows"][0]["differences"][0]
    assert (kept["lines_kept"], again["lines_kept"], again["ours"]) == (["VK-2026-0003"], [], 1)
    assert list(faults_of(feature)) == []
    assert feature["properties"]["rute_ty_k"] == 5
    meta, _, shapes, _ = read(out)
    assert (meta["crs"], meta["geometry_type"], len(shapes)) == ("EPSG:25832", "LineString", 1)
    assert "fkg.t_5802_fac_li" in out.read_text()
    assert "Linjen er 230 meter, fra GeoFA." in cli("facility", "timeline", "VK-2026-0003").out
    assert cli("import", "geofa", str(out), "--json").json["ours"] == 1  # what went out comes back the same


def test_a_line_that_was_drawn_the_other_way_round_is_the_same_line_and_another_one_is_not(
    cli: CommandLine, tmp_path: Path
):
    file = tmp_path / "linjer.geojson"
    file.write_text(answer(path(1, "Stien langs noret", PATH)))
    cli.must("import geofa --apply", str(file), "--on", ON)

    file.write_text(answer(path(1, "Stien langs noret", PATH[::-1])))
    turned = cli("import", "geofa", str(file), "--json").json
    file.write_text(answer(path(1, "Stien langs noret", PATH[:2])))
    shorter = cli("import", "geofa", str(file), "--json").json

    assert turned["ours"] == 1
    assert shorter["rows"][0]["differences"] == ["linjen er 78 meter, 230 meter hos os"]


def test_a_new_path_comes_in_as_a_point_on_its_line_and_then_gets_the_line(cli: CommandLine, tmp_path: Path):
    file, new = tmp_path / "linjer.geojson", tmp_path / "nye.csv"
    file.write_text(answer(path(7, "Klintestien", [[lon + 0.05, lat] for lon, lat in PATH])))

    cli.must("import geofa", str(file), "--out", str(new))
    cli.must("import facilities --apply", str(new), "--on", ON)
    said = cli("import", "geofa", str(file), "--apply", "--on", ON, "--json").json

    assert said["lines_kept"] == ["VK-2026-0005"]


@pytest.mark.parametrize(
    ("corners", "says"),
    [
        ([[12.21, 55.041], [12.21, 55.041]], "mindst to punkter"),
        ([[12.21, 55.041], [13.9, 50.1]], "ikke i Danmark"),
        ([[12.21, 55.041], [9.0, 57.5]], "over 100 km"),
    ],
)
def test_a_line_that_cannot_be_one_is_refused_and_nothing_is_kept(cli: CommandLine, tmp_path: Path, corners, says):
    file = tmp_path / "linjer.geojson"
    file.write_text(answer(path(1, "Stien langs noret", corners, noegle="VK-2026-0003")))

    reply = cli("import", "geofa", str(file), "--apply", "--on", ON)

    assert reply.code == 2
    assert says in reply.err
    assert paths_out(cli, tmp_path / "ud.geojson") == []


def test_a_bench_has_no_line_and_a_path_in_pieces_must_be_put_together(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "linjer.geojson"
    file.write_text(answer(path(1, "Bænk", PATH, noegle="VK-2026-0001")))
    bench = cli("import", "geofa", str(file), "--apply", "--on", ON)
    pieces = path(1, "Sti", PATH) | {"geometry": {"type": "MultiLineString", "coordinates": [PATH[:2], PATH[1:]]}}
    file.write_text(answer(pieces))

    assert (bench.code, "er ikke en sti" in bench.err) == (2, True)
    assert "i flere stykker" in cli("import", "geofa", str(file)).err


def test_the_register_is_asked_for_lines_when_lines_are_asked_for():
    assert "t_5802_fac_li" in geofa.address_of("29189676", "t_5802_fac_li")


def test_a_path_is_shown_as_its_line_wherever_it_is_shown_and_comes_in_again(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "linjer.geojson"
    file.write_text(answer(path(1, "Stien langs noret", PATH)))
    cli("import", "geofa", str(file), "--apply", "--on", ON)
    for suffix in ("gpkg", "geojson"):
        cli.must(f"export {suffix} --out", str(tmp_path / f"kort.{suffix}"))

    case = cli("facility", "show", "VK-2026-0003", "--json").json
    said = cli("facility", "show", "VK-2026-0003").out
    meta, _, (shape,), values = read(tmp_path / "kort.gpkg", layer="stier")
    drawn = json.loads((tmp_path / "kort.geojson").read_text())["features"]
    (line,) = (each["geometry"] for each in drawn if each["id"] == "VK-2026-0003")
    points = read(tmp_path / "kort.gpkg", layer="anlaeg")

    assert case["place"]["line"] == PATH
    assert case["place"]["line_metres"] == 230
    assert "sti på 230 meter, 3 punkter" in said
    assert (meta["geometry_type"], meta["crs"]) == ("LineString", "EPSG:25832")
    assert dict(zip(meta["fields"], values, strict=True))["noegle"][0] == "VK-2026-0003"
    assert shape[1:9] == struct.pack("<II", 2, 3)
    assert (line["type"], len(line["coordinates"])) == ("LineString", 3)
    assert points[0]["geometry_type"] == "Point"
    assert "VK-2026-0003" in list(points[3][0])
    for suffix in ("gpkg", "geojson"):
        again = cli("import", "facilities", str(tmp_path / f"kort.{suffix}"), "--on", ON, "--json")
        assert again.code == 0, again.err
        assert (again.json["new"], again.json["rows"]) == (0, len(points[3][0]))


def test_a_feature_that_cannot_be_read_is_named_and_costs_nobody_the_others(cli: CommandLine, tmp_path: Path):
    odd: list[dict[str, object]] = [
        place(3, 1371, "Uden punkt", 55.0, 12.0) | {"geometry": None},
        place(4, 1371, "En flade", 55.0, 12.0) | {"geometry": {"type": "Polygon", "coordinates": [[[12.0, 55.0]]]}},
        place(5, 1371, "Bogstaver", 55.0, 12.0) | {"geometry": {"type": "Point", "coordinates": ["x", 1]}},
        {"type": "Feature"},
    ]
    file = tmp_path / "register.json"
    file.write_text(answer(place(2, 1371, "Ny bænk", 55.1, 12.3), *odd))

    said = cli("import", "geofa", str(file), "--out", str(tmp_path / "nye.csv"))

    assert said.code == 0, said.err
    assert "Ny bænk" in (tmp_path / "nye.csv").read_text("utf-8-sig")
    for named in ("sted nr. 2 (Uden punkt)", "sted nr. 3 (En flade)", "sted nr. 4 (Bogstaver)", "sted nr. 5:"):
        assert named in said.out
