"""`driftsklar work` and `pool compare`: what programs read, and what is said to who types nonsense."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from channels.domain import engine
from channels.records.case_archive import shown_photos
from config.catalogue import catalogue
from config.municipality import Area
from models.case.facility import find
from models.case.photo import photos_of
from models.database import reading
from tests.channels.cli import CommandLine, own_database
from tests.channels.test_command_line import brought_into_operation

KEYS = {
    "id",
    "facility",
    "what",
    "kind",
    "state",
    "due_on",
    "late",
    "taken_by",
    "done_on",
    "minutes_estimated",
    "minutes",
    "kr_estimated",
    "kr",
    "invoice",
}


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    with own_database(tmp_path, monkeypatch) as command_line:
        yield command_line


@pytest.fixture
def ref(cli: CommandLine) -> str:
    return brought_into_operation(cli, "--result accepted --paper drawing")


def order(cli: CommandLine, ref: str, *more: str, due: str = "2026-05-01") -> dict:
    said = f"work order {ref} --due {due} --on 2026-04-02"
    return cli.must(said, "--what", "Mal gavlen", *more)


def test_work_is_ordered_taken_and_done_and_listed_with_what_it_took(cli: CommandLine, ref: str):
    made = order(cli, ref, "--minutes", "60", "--kr", "2.000")
    assert made.keys() >= KEYS
    assert (made["kind"], made["state"], made["kr_estimated"], made["kr"]) == ("other", "ordered", 2000, None)

    assert cli.must(f"work take {made['id']} --by operations --on 2026-04-03")["taken_by"] == "operations"
    done = cli.must(
        f"work done {made['id']} --minutes 90 --kr 1.200 --invoice F-118 --on 2026-04-20", "--note", "To lag."
    )

    assert (done["state"], done["done_on"], done["minutes"], done["kr"]) == ("done", "2026-04-20", 90, 1200)
    assert (done["invoice"], done["note"], done["paid"]) == ("F-118", "To lag.", True)
    assert [line["id"] for line in cli.must("work list")] == [made["id"]]
    assert cli.must("work list --open") == []


def test_lists_are_by_lateness_place_and_area(cli: CommandLine, ref: str):
    made = order(cli, ref)

    assert cli.must("work list --late --on 2026-05-01") == []
    assert [line["late"] for line in cli.must("work list --late --on 2026-05-02")] == [True]
    assert len(cli.must(f"work list --facility {ref} --open --area nyord")) == 1
    assert cli.must("work list --area Stege") == []
    assert "Mal gavlen" in cli("work", "list").out
    assert made["late"] is False


def test_an_area_of_the_municipality_is_its_box_and_not_only_a_word(
    cli: CommandLine, ref: str, monkeypatch: pytest.MonkeyPatch
):
    districts = catalogue().municipality.districts
    monkeypatch.setitem(districts, "Nyord", Area(south=55.0, north=55.1, west=12.1, east=12.3))
    monkeypatch.setitem(districts, "Havn", Area(south=54.8, north=54.9, west=11.7, east=11.8))
    order(cli, ref)

    assert [line["area"] for line in cli.must("work list --area nyord")] == ["Nyord"]
    # the place is called "… ved Nyord Havn", and doesn't lie in the area of that name
    assert cli.must("work list --area Havn") == []
    assert len(cli.must("work list --area stedet")) == 1
    assert "Kommunens områder er: Nyord, Havn." in cli("work", "list", "--area", "Falster").out


def test_photos_of_before_and_after_are_kept_with_the_order_and_shown_in_the_case(
    cli: CommandLine, ref: str, tmp_path: Path
):
    for name in ("før", "efter"):
        Image.new("RGB", (40, 30), "red" if name == "før" else "green").save(tmp_path / f"{name}.png")
    number = order(cli, ref)["id"]

    cli.must(f"work take {number} --on 2026-04-03 --photo", str(tmp_path / "før.png"))
    done = ("--photo", str(tmp_path / "efter.png"))
    cli.must(f"work done {number} --minutes 10 --on 2026-04-20", *done)
    again = cli("work", "done", str(number), "--minutes", "10", "--on", "2026-04-20", *done)

    assert (again.code, "Intet er ændret" in again.out) == (0, True)
    with reading(engine()) as session:
        kept = [(photo.shows_before, photo.work_id) for photo in photos_of(session, work_id=number)]
        titles = [title for title, _ in shown_photos(session, find(session, ref))]
    assert kept == [(True, number), (False, number)]
    assert titles == [f"Arbejde nr. {number}, før", f"Arbejde nr. {number}, efter"]


def test_a_file_that_is_no_photo_is_named_and_nothing_is_done(cli: CommandLine, ref: str, tmp_path: Path):
    number = order(cli, ref)["id"]
    (tmp_path / "noter.txt").write_text("ikke et billede")
    stored = cli.rows()

    for file, why in (("noter.txt", "ikke et billede"), ("væk.jpg", "kan ikke læses")):
        reply = cli(
            "work", "done", str(number), "--minutes", "5", "--on", "2026-04-20", "--photo", str(tmp_path / file)
        )
        assert (reply.code, "--photo" in reply.err, file in reply.err, why in reply.err) == (2, True, True, True), reply

    assert cli.rows() == stored


def test_the_same_again_says_so_and_something_else_is_refused(cli: CommandLine, ref: str):
    number = order(cli, ref, "--key", "gavl")["id"]
    assert order(cli, ref, "--key", "gavl")["id"] == number
    again = cli(*f"work order {ref} --what Andet --due 2026-05-01 --on 2026-04-02 --key gavl".split())
    assert (again.code, "--key" in again.err) == (2, True)
    cli.must(f"work drop {number} --reason Nyt. --on 2026-04-03")
    stored = cli.rows()

    repeated = cli(*f"work drop {number} --reason Nyt. --on 2026-04-03".split())
    other = cli(*f"work done {number} --minutes 5 --on 2026-04-03".split())

    assert (repeated.code, "Intet er ændret" in repeated.out) == (0, True)
    assert (other.code, "droppet" in other.err) == (1, True)
    assert cli.rows() == stored


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("work done 1 --minutes -5", 2, "--minutes"),
        ("work done 1 --minutes 5 --kr 1000000000", 2, "--kr"),
        ("work done 99 --minutes 5", 2, "work list"),
        ("work done 1 --minutes 5 --on 2026-04-01", 2, "først bestilt"),
        ("work take 1 --by volunteer", 1, "frivilliggruppen"),
        ("work order {} --what Gavl --due 2026-03-01 --on 2026-04-02", 2, "--due"),
        ("work order {} --what Gavl --due 2026-05-01 --kr 90000 --on 2026-04-02", 1, "Det kan udvalget"),
        ("work order {} --what Gavl --due 2026-05-01 --firm F-9999 --on 2026-04-02", (1, 2), "firma"),
    ],
)
def test_what_cannot_be_is_refused_in_danish(cli: CommandLine, ref: str, words: str, code: int, said: str):
    order(cli, ref)
    stored = cli.rows()

    reply = cli(*words.format(ref).split())

    assert reply.code in (code if isinstance(code, tuple) else (code,)), reply
    assert said in reply.err
    assert cli.rows() == stored


def test_a_firm_that_left_gets_no_new_order_and_what_it_was_given_is_said_again(cli: CommandLine, ref: str):
    cli.must("firm add --cvr 12345674 --mail post@firma.example --on 2026-01-05 --name", "Møn Tømrer")
    number = order(cli, ref, "--key", "gavl", "--firm", "F-0001")["id"]
    cli.must("firm leave F-0001 --on 2026-04-02")
    stored = cli.rows()

    assert order(cli, ref, "--key", "gavl", "--firm", "F-0001")["id"] == number
    reply = cli(*f"work order {ref} --what Gavl --due 2026-05-01 --firm F-0001 --on 2026-04-03".split())

    assert (reply.code, "arbejder ikke mere for kommunen" in reply.err) == (2, True), reply
    assert cli.rows() == stored


def test_an_odd_list_of_payments_is_read_as_it_was_meant(cli: CommandLine, ref: str, tmp_path: Path):
    number = order(cli, ref, "--kr", "1.201")["id"]
    cli.must(f"work done {number} --minutes 0 --kr 1201 --on 2026-04-20 --invoice", "F 118")
    paid = tmp_path / "betalt.csv"
    rows = [
        "Fakturanr;Beløb i kr;Bogføringsdato",
        "f-118;1.200,50;03-05-2026",
        "F-118;1.200,50;03-05-2026",
        "Æ-7;-99,50;",
    ]
    paid.write_bytes("\r\n".join(rows).encode("cp1252"))

    lines = {
        line["invoice"]: (line["booked_kr"], line["paid_kr"], line["side"])
        for line in cli.must("pool compare", str(paid))
    }

    # paid twice is a difference, a credit note is negative, and neither is lost
    assert lines == {"F 118": (1201, 2401, "both"), "Æ-7": (0, -99.5, "only_paid")}
    paid.write_bytes("Fakturanr;Bogføringsdato\r\nF-118;03-05-2026\r\n".encode("cp1252"))
    reply = cli("pool", "compare", str(paid))
    assert (reply.code, "kolonnen Beløb mangler" in reply.err) == (2, True), reply


def test_what_is_booked_is_compared_with_what_was_paid(cli: CommandLine, ref: str, tmp_path: Path):
    for number, (kr, invoice) in enumerate((("1200", "F-118"), ("800", "F 119"), ("300", "F-120"))):
        made = cli.must(f"work order {ref} --due 2026-05-01 --kr {kr} --on 2026-04-02 --what", f"Arbejde {number}")
        cli.must(f"work done {made['id']} --minutes 0 --kr {kr} --on 2026-04-20 --invoice", invoice)
    paid = tmp_path / "betalt.csv"
    paid.write_text("Faktura;Beløb;Dato\nf-118;1.200,00;03-05-2026\nF-119;750;04-05-2026\nX-7;99,50;\n", "utf-8")

    lines = {line["invoice"]: line for line in cli.must("pool compare", str(paid))}

    known = {
        name: (line["booked_kr"], line["paid_kr"], line["difference_kr"], line["side"]) for name, line in lines.items()
    }
    assert known == {
        "F-118": (1200, 1200, 0, "both"),
        "F 119": (800, 750, -50, "both"),
        "F-120": (300, 0, -300, "only_booked"),
        "X-7": (0, 99.5, 99.5, "only_paid"),
    }
    assert "3 af 4 fakturaer stemmer ikke" in cli("pool", "compare", str(paid)).out


def test_a_list_that_cannot_be_read_is_refused_with_the_cell(cli: CommandLine, ref: str, tmp_path: Path):
    paid = tmp_path / "betalt.csv"
    paid.write_text("Faktura;Beløb;Dato\nF-118;meget;03-05-2026\n", "utf-8")

    reply = cli("pool", "compare", str(paid))

    assert (reply.code, "B2" in reply.err) == (2, True)


def test_the_ledger_leaves_with_account_and_invoice(
    cli: CommandLine, ref: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(catalogue().accounts.ledger, "spending", "4510-22")
    monkeypatch.setitem(catalogue().accounts.work, "other", "4510-77")
    made = order(cli, ref, "--kr", "500")
    cli.must(f"work done {made['id']} --minutes 10 --kr 400 --invoice F-118 --on 2026-04-20")

    file = tmp_path / "poster.csv"
    reply = cli("export", "csv", "ledger", "--out", str(file))

    assert reply.code == 0, reply
    heading, *rows = file.read_text("utf-8-sig").splitlines()
    assert heading.endswith("Konto;Faktura")
    booked = next(row for row in rows if f"work:{made['id']}:booked" in row)
    assert booked.endswith("4510-77;F-118")
