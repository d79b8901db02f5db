"""Lists in and out at the desk: a spreadsheet is tried first, and taken in whole or not at all."""

import io

import pytest
from openpyxl import Workbook, load_workbook
from sqlmodel import select

from models.case.facility import facilities
from models.database import reading
from models.journal import JournalEntry, journal_of
from models.role import Door
from tests.staff.conftest import Desk, fields

PATH = "/opgaver/lister/ind/anlaeg"
GOOD = [["Type", "Navn", "Breddegrad", "Længdegrad"], ["Bænk", "Bænk ved kirken", 55.04, 12.2]]
BAD = [*GOOD, ["Rumstation", "Bænk i rummet", 55.04, 12.3]]


def workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def send(desk: Desk, rows: list[list[object]]):
    form = fields(desk.get(PATH).text)
    file = {"photos": ("liste.xlsx", workbook(rows), "application/octet-stream")}
    return desk.client.post(PATH, data={"csrf": form["csrf"], "hvem": "OPERATIONS"}, files=file)


@pytest.fixture
def operations(desk: Desk) -> Desk:
    desk.sign_in("drift@kommune.example")
    return desk


def test_a_trial_changes_nothing_and_the_same_file_is_then_taken_in(operations, city):
    tried = send(operations, GOOD)
    with reading(city.engine) as session:
        before = facilities(session)
    taken = operations.post(PATH, **fields(tried.text), **{})

    assert "Prøven gik godt: 1 nye" in tried.text
    assert before == []
    assert "Taget ind: 1 nye" in taken.text
    with reading(city.engine) as session:
        (taken_in,) = facilities(session)
        assert taken_in.name == "Bænk ved kirken"
        assert {line.operator for line in journal_of(session, taken_in.number)} == {"D-01"}


def test_wrong_cells_are_told_marked_in_a_copy_and_nothing_comes_in(operations, city):
    tried = send(operations, BAD)
    href = tried.text.partition('href="/opgaver/lister/fejl/')[2].partition('"')[0]
    marked = load_workbook(io.BytesIO(operations.get(f"/opgaver/lister/fejl/{href}").content))

    assert "Intet er taget ind" in tried.text
    assert "A3" in tried.text
    assert marked.active["A3"].comment is not None
    with reading(city.engine) as session:
        assert facilities(session) == []


def test_lists_maps_and_the_annual_report_are_downloads(operations, city):
    city.in_operation("baenk")
    paths = [
        "ud/facilities.csv",
        "ud/ledger.xlsx",
        "ud/kort.geojson",
        "aarsberetning-2026.pdf",
        "skilt-VK-2026-0001.pdf",
    ]
    got = {path: operations.get(f"/opgaver/lister/{path}") for path in paths}

    assert {path: each.status_code for path, each in got.items()} == dict.fromkeys(paths, 200)
    assert all("attachment" in each.headers["content-disposition"] for each in got.values())
    assert got["aarsberetning-2026.pdf"].content.startswith(b"%PDF")


def test_a_file_that_is_none_is_refused_kindly(operations):
    form = fields(operations.get(PATH).text)
    without = operations.client.post(PATH, data=form)
    names = [
        operations.get(f"/opgaver/lister/fejl/{name}").status_code for name in ("../secret.key", "a" * 32 + ".csv")
    ]

    assert without.status_code == 422
    assert "vælg et regneark" in without.text
    assert all(400 <= status < 500 for status in names)


def test_who_may_not_take_in_is_refused(desk):
    desk.sign_in("anden@kommune.example")

    assert desk.get(PATH).status_code in (403, 409)


def test_groups_that_are_taken_in_at_the_desk_stand_in_the_journal_as_from_the_desk(desk, city):
    desk.sign_in("mette@kommune.example")
    path = PATH.replace("anlaeg", "grupper")
    rows = [["Navn", "Kontaktperson", "Mail"], ["Havnens Venner", "Karen Holm", "karen@havnen.example"]]
    form = {"csrf": fields(desk.get(path).text)["csrf"], "hvem": "COORDINATOR"}
    tried = desk.client.post(path, data=form, files={"photos": ("l.xlsx", workbook(rows), "application/octet-stream")})

    taken = desk.post(path, **fields(tried.text))

    assert "Taget ind: 1 nye" in taken.text
    with reading(city.engine) as session:
        lines = session.exec(select(JournalEntry).where(JournalEntry.what == "Gruppen G-0001 er oprettet.")).all()
    assert [(line.door, line.operator) for line in lines] == [(Door.DESK, "K-01")]
