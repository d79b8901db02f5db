"""Odd files: what strangers' lists come to, kind by kind. The files and what is right are in `odd_files.py`."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from config.catalogue import catalogue
from tests.channels.cli import CommandLine, Reply, own_database, start_anew
from tests.sheets.odd_files import ODD, Odd, group, points, text

ON = "2026-01-05"
STRANGERS = Path(__file__).parent / "strangers"
COMMANDS = {"facilities": ("import", "facilities"), "groups": ("group", "import")}


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    with own_database(tmp_path, monkeypatch) as command_line:
        yield command_line


def tried(cli: CommandLine, whose: str, file: Path, *more: str) -> Reply:
    return cli(*COMMANDS[whose], str(file), "--on", ON, *more)


def stranger(cli: CommandLine, tmp_path: Path, name: str, *more: str) -> Reply:
    """A stranger's file tried from a folder of its own, since the marked copy is put beside it."""
    file = tmp_path / name
    file.write_bytes((STRANGERS / name).read_bytes())
    return tried(cli, "groups" if name.startswith(("05a", "14", "18")) else "facilities", file, *more)


def found(reply: Reply, which: str) -> list[tuple[str, str]]:
    return [(each["cell"], each["kind"]) for each in reply.json[which]]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.name)
def test_an_odd_file_comes_to_what_is_right(cli: CommandLine, tmp_path: Path, odd: Odd):
    file = tmp_path / odd.name
    odd.make(file)

    reply = tried(cli, odd.whose, file, "--json")
    told = tried(cli, odd.whose, file)

    assert (reply.code, told.code) == (odd.right.code, odd.right.code), told
    for words in odd.right.says:
        assert words.casefold() in (told.out + told.err).casefold()
    if reply.out:
        assert set(found(reply, "faults")) == set(odd.right.faults)
        assert set(found(reply, "warnings")) == set(odd.right.warnings)
    if odd.right.code == 0:
        assert reply.json["new"] == odd.right.new


def test_an_unclosed_quote_is_refused_also_in_a_column_nobody_reads(cli: CommandLine, tmp_path: Path):
    reply = stranger(cli, tmp_path, "01-unclosed-quote-unread-column.csv")

    assert reply.code == 2
    assert "E3 (række 3)" in reply.err
    assert "anførselstegn" in reply.err


def test_two_sheets_that_fit_are_named_and_the_one_that_is_asked_for_is_read(cli: CommandLine, tmp_path: Path):
    asked = stranger(cli, tmp_path, "03-two-sheets.xlsx")
    named = stranger(cli, tmp_path, "03-two-sheets.xlsx", "--sheet", "syd")
    unknown = stranger(cli, tmp_path, "03-two-sheets.xlsx", "--sheet", "Vest")

    assert (asked.code, named.code, unknown.code) == (2, 0, 2)
    assert "Nord (1 række) og Syd (2 rækker)" in asked.err
    assert "Læst: Syd" in named.out
    assert "Ark, vi ikke læser: Nord" in named.out
    assert "Nord og Syd" in unknown.err


def test_a_facility_goes_to_the_group_by_its_exact_name_and_else_it_is_asked(cli: CommandLine, tmp_path: Path):
    assert stranger(cli, tmp_path, "05a-groups-differ-by-case.xlsx", "--apply").code == 0

    done = stranger(cli, tmp_path, "05b-facilities-of-those-groups.xlsx", "--apply", "--json").json
    unclear = tmp_path / "a.csv"
    text("Nr;Type;Navn;Adresse;Gruppe\n9;Bænk;A;Torvet 1;nyord bylaug\n")(unclear)
    reply = tried(cli, "facilities", unclear)

    names = [cli.must("facility show", each["reference"])["group_name"] for each in done["outcomes"]]
    assert names == ["Nyord Bylaug", "NYORD BYLAUG", "Ålaug", "Aalaug"]
    assert reply.code == 2
    assert "NYORD BYLAUG" in " ".join(reply.out.split())
    assert "G-0001" in reply.out


def test_two_numbers_for_one_place_are_two_with_a_warning(cli: CommandLine, tmp_path: Path):
    reply = stranger(cli, tmp_path, "06-same-place-two-numbers.xlsx", "--json")

    assert (reply.code, reply.json["new"]) == (0, 2)
    assert found(reply, "warnings") == [("C3", "alike")]
    assert "række 2" in reply.json["warnings"][0]["sentence"]


def test_a_number_is_the_same_with_zeros_before_it_and_stands_as_the_list_has_it(cli: CommandLine, tmp_path: Path):
    assert stranger(cli, tmp_path, "07a-number-001.csv", "--apply").code == 0

    again = stranger(cli, tmp_path, "07b-number-1.xlsx", "--json").json

    assert (again["new"], again["unchanged"]) == (0, 1)
    out = tmp_path / "ud.csv"
    cli.must("export csv facilities --out", str(out))
    assert ";001;" in out.read_text("utf-8-sig")


def test_a_line_break_in_a_cell_is_a_space(cli: CommandLine, tmp_path: Path):
    outcome = stranger(cli, tmp_path, "10-line-break-in-cell.xlsx", "--json").json["outcomes"][0]

    assert (outcome["name"], outcome["where"]) == ("Bænk ved noret", "Torvet 1 4780 Stege")


def test_coordinates_are_what_they_are_under_any_heading(cli: CommandLine, tmp_path: Path):
    reply = stranger(cli, tmp_path, "11-x-y-forms.xlsx", "--json")

    taken = {each["number"]: each["where"] for each in reply.json["outcomes"]}
    same = ("A0", "A1", "A2", "A3", "A4", "A9", "A10", "A11", "A16", "A17")
    assert {taken[number][:6] + taken[number][7:12] for number in same} == {"705312 6098"}
    assert dict(found(reply, "warnings")) == {
        "D8": "read_as_degrees",
        "D9": "read_as_degrees",
        "D15": "read_as_utm33",
        "D16": "outside_area",
    }
    assert dict(found(reply, "faults")) == {
        "D7": "swapped_utm",
        "D10": "swapped_degrees",
        "D14": "outside_utm",
        "D17": "outside_utm",
    }
    assert sum(each["kind"] == "twice_number" for each in reply.json["faults"]) == 0


def test_mail_addresses_are_taken_as_people_write_them(cli: CommandLine, tmp_path: Path):
    reply = stranger(cli, tmp_path, "14-mail-forms.xlsx", "--json")

    wrong = {cell: each["sentence"] for each in reply.json["faults"] if (cell := each["cell"])}
    assert set(wrong) == {"D4", "D9", "D10", "D11", "D12", "D15", "D17", "D18", "C19", "C20", "D22", "D23"}
    assert "foran @" in wrong["D4"]
    assert "to mailadresser" in wrong["D9"]
    assert "mellemrum" in wrong["D17"]
    assert "hverken mail eller telefon" in wrong["C19"]


def test_a_heading_that_stands_a_line_above_is_read(cli: CommandLine, tmp_path: Path):
    reply = stranger(cli, tmp_path, "16-two-line-headings.xlsx", "--json").json

    assert (reply["new"], reply["heading_row"]) == (1, 3)
    assert reply["columns"] == {"number": "A", "type": "B", "name": "C", "address": "D"}
    assert reply["outcomes"][0]["number"] == "Z1"


def test_a_name_that_stands_twice_is_said_with_the_row_it_stands_in(cli: CommandLine, tmp_path: Path):
    reply = stranger(cli, tmp_path, "18-same-group-name-two-numbers.csv", "--json")

    assert found(reply, "faults") == [("B4", "twice_name")]
    assert "række 2" in reply.json["faults"][0]["sentence"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("12.34.56.78", "12 34 56 78"),
        ("12-34-56-78", "12 34 56 78"),
        ("(+45) 12345678", "+45 12345678"),
        ("0045 12345678", "+45 12345678"),
        ("+45 (0) 12 34 56 78", "+45 12 34 56 78"),
        ("12\u00a034\u00a056\u00a078", "12 34 56 78"),
        (12345678.0, "12345678"),
        ("12345678 (mobil)", "12345678"),
        ("Mobil: 12345678", "12345678"),
        ("12 34 56 78, helst aften", "12 34 56 78"),
    ],
)
def test_a_telephone_number_is_kept_however_it_is_written(cli: CommandLine, tmp_path: Path, typed: Any, kept: str):
    file = tmp_path / "g.xlsx"
    group("", typed)(file)

    assert tried(cli, "groups", file, "--apply").code == 0

    out = tmp_path / "ud.csv"
    cli.must("export csv groups --with-contacts --out", str(out))
    assert out.read_text("utf-8-sig").splitlines()[1].rpartition(";")[2].lstrip("'") == kept


def test_a_mail_to_a_domain_with_letters_of_its_own_can_be_sent(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "g.xlsx"
    group("formand@nyordbådelaug.example")(file)

    assert tried(cli, "groups", file, "--apply").code == 0

    (made,) = cli.must("group list")
    assert made["contacts"][0]["mail"] == "formand@xn--nyordbdelaug-ycb.example"


@pytest.mark.parametrize(
    ("word", "owner"),
    [
        ("Vordingborg Kommune", "municipality"),
        ("Vordingborg", "municipality"),
        ("Næstved Kommune", "public"),
        ("Region Sjælland", "public"),
        ("Menighedsrådet i Stege", "church"),
        ("Grundejerforeningen Klinten", "association"),
        ("Nyord Bylaug", "association"),
        ("Den Almennyttige Fond", "association"),
        ("Naturstyrelsen", "state"),
        ("Slots- og Kulturstyrelsen", "state"),
        ("Vordingborg Kommune, Park og Vej", "municipality"),
        ("Privat", "private"),
        ("Landbruget ApS", "private"),
        ("Møllen A/S", "private"),
    ],
)
def test_the_owner_is_known_by_the_words_people_use(cli: CommandLine, tmp_path: Path, word: str, owner: str):
    file = tmp_path / "a.csv"
    text(f"Nr;Type;Navn;Adresse;Ejer\n1;Bænk;A;Torvet 1;{word}\n")(file)

    done = tried(cli, "facilities", file, "--apply", "--json").json

    assert cli.must("facility show", done["outcomes"][0]["reference"])["land_owner"] == owner


def test_two_owners_are_asked_about(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "a.csv"
    text("Nr;Type;Navn;Adresse;Ejer\n1;Bænk;A;Torvet 1;Kommunen/privat\n")(file)

    assert found(tried(cli, "facilities", file, "--json"), "faults") == [("E2", "several_owners")]


def test_quotes_after_a_space_are_quotes(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "a.csv"
    text('"Nr"; "Type"; "Navn"; "Adresse"\n"1"; "Bænk"; "Bænk; den lille"; "Torvet 1"\n')(file)

    outcome = tried(cli, "facilities", file, "--json").json["outcomes"][0]

    assert (outcome["name"], outcome["where"]) == ("Bænk; den lille", "Torvet 1")


def test_a_person_as_owner_is_not_guessed_at(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "a.csv"
    text("Nr;Type;Navn;Adresse;Ejer\n1;Bænk;A;Torvet 1;Aase Prøve\n")(file)

    reply = tried(cli, "facilities", file)

    assert reply.code == 2
    assert "skriv privat" in " ".join(reply.out.split())
    assert "Aase" not in reply.out + reply.err


def test_the_trial_says_one_thing_in_the_singular_and_several_in_the_plural(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "a.csv"
    text("Nr;Type;Navn;Adresse\n1;Bænk;A;Torvet 1\n")(file)
    assert "Prøve: 1 ny og 0 står der" in tried(cli, "facilities", file).out

    text("Nr;Type;Navn;Adresse\n1;Bænk;A;Torvet 1\n2;Bord;B;Torvet 2\n")(file)
    assert "1 celle er forkert" in tried(cli, "facilities", file).out


def test_a_broken_row_is_not_two_rows(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "a.csv"
    whole = "".join(f"{n};Bænk;Bænk {n};Torvet {n};ok\n" for n in range(3, 9))
    text(f"Nr;Type;Navn;Adresse;Note\n{whole}1;Bænk;Bænk ved\nhavnen;Torvet 1;ok\n")(file)

    reply = tried(cli, "facilities", file, "--json")

    assert found(reply, "faults") == [("A8", "broken_line"), ("A9", "broken_line")]


def test_a_list_of_more_than_five_thousand_rows_shows_that_it_lives(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "a.csv"
    rows = "".join(f"{n};Bænk;Sted {n};Vej {n}\n" for n in range(5_500))
    text(f"Nr;Type;Navn;Adresse\n{rows}")(file)

    told = tried(cli, "facilities", file)
    silent = tried(cli, "facilities", file, "--json")

    assert "1.000 af 5.500 rækker læst" in told.err
    assert "5.500 nye" in told.out
    assert (silent.err, silent.json["new"]) == ("", 5_500)


def test_a_trial_stands_in_nobodys_way(cli: CommandLine, tmp_path: Path):
    file = tmp_path / "a.csv"
    text("Nr;Type;Navn;Adresse\n1;Bænk;A;Torvet 1\n")(file)
    cli.must("facility list")

    with closing(sqlite3.connect(cli.file, isolation_level=None)) as somebody_else:
        somebody_else.execute("BEGIN IMMEDIATE")
        reply = tried(cli, "facilities", file)
        somebody_else.execute("ROLLBACK")

    assert (reply.code, "1 ny" in reply.out) == (0, True)


def test_where_the_municipality_lies_is_not_known_coordinates_are_not_guessed(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    own = tmp_path / "config"
    shutil.copytree(Path(__file__).parents[2] / "config", own)
    file = own / "municipality.yaml"
    file.write_text("".join(line for line in file.read_text().splitlines(True) if not line.startswith("area")))
    monkeypatch.setenv("DRIFTSKLAR_CONFIG_DIR", str(own))
    sheet = tmp_path / "a.xlsx"
    points(326400, 6097000)(sheet)
    catalogue.cache_clear()
    start_anew()
    try:
        reply = tried(cli, "facilities", sheet, "--json")
    finally:
        monkeypatch.undo()
        catalogue.cache_clear()
        start_anew()

    assert found(reply, "faults") == [("D2", "perhaps_utm33")]
