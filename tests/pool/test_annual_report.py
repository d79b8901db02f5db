"""The annual report: three forms of one source, the same bytes each time, Danish throughout."""

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from channels.paper import pictures
from channels.paper.annual_report import annual_report, write_report
from channels.paper.pictures import CostBar, Pin, PoolBar, StageBar
from models.database import reading
from tests.city import City
from tests.pool.the_case import Case

LAST = date(2028, 12, 31)


def three_years(city: City) -> None:
    """The written-out case until the end of 2028, and a bench that got a no."""
    Case(city, until=LAST)
    city.today = date(2028, 6, 5)
    no = city.propose("baenk", name="Bænk på klinten")
    city.answer(no, "no", reason="Den står i erosionszonen.", could_be_yes="40 m inde i land")


@pytest.fixture
def lived(city: City) -> City:
    """A city after `three_years`."""
    city.today = LAST
    return city


@pytest.mark.lived(life=three_years)
def test_the_report_is_the_same_whenever_it_is_asked_for(lived: City, tmp_path: Path):
    with reading(lived.engine) as session:
        first = annual_report(session, 2028, LAST)

    lived.today = date(2029, 3, 1)
    lived.appropriate(2029, 5_000)
    lived.propose("shelter", name="Shelter efter nytår")
    with reading(lived.engine) as session:
        later = annual_report(session, 2028, date(2029, 3, 1))

    assert (later.csv, later.html) == (first.csv, first.html)
    assert later.pdf == first.pdf
    pdf, html, sheet = write_report(first, 2028, tmp_path / "ud")
    assert (pdf.name, html.name, sheet.name) == (
        "aarsberetning-2028.pdf",
        "aarsberetning-2028.html",
        "aarsberetning-2028.csv",
    )


@pytest.mark.lived(life=three_years)
def test_the_report_tells_what_was_learned_and_every_case(lived: City):
    with reading(lived.engine) as session:
        report = annual_report(session, 2028, LAST)

    reader = PdfReader(io.BytesIO(report.pdf))
    text = " ".join(page.extract_text() for page in reader.pages)
    politicians = " ".join(page.extract_text() for page in reader.pages[:2])
    for words in (
        "Hvad der blev til",
        "Hvad det kostede",
        "Hvad de frivillige gav",
        "Hvad vi lærte",
        "Hvad der bør ændres",
    ):
        assert words in politicians
    assert "erosionszonen" in politicians
    assert "Taget ned 10. oktober 2028" in " ".join(politicians.split())
    assert "Bilag 1" not in politicians
    for reference in (f"VK-2026-000{n}" for n in range(1, 6)):
        assert reference in text
    assert reader.trailer["/Root"]["/Lang"] == "da-DK"
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    assert not re.search(r"\d\.\d{4,}|\bNone\b|\bnan\b|\d,\d{3}\b", text)


@pytest.mark.lived(life=three_years)
def test_the_page_needs_nothing_from_anywhere(lived: City):
    with reading(lived.engine) as session:
        html = annual_report(session, 2028, LAST).html

    assert '<html lang="da">' in html
    assert set(re.findall(r'(?:src|href)="([^"]{0,18})', html)) == {"data:image/svg+xml"}
    assert all(alt for alt in re.findall(r'alt="([^"]*)"', html))


@pytest.mark.lived(life=three_years)
def test_the_figures_open_in_a_danish_spreadsheet(lived: City):
    with reading(lived.engine) as session:
        sheet = annual_report(session, 2028, LAST).csv

    head, *rows = csv.reader(io.StringIO(sheet), delimiter=";")
    assert head == ["afsnit", "nøgle", "navn", "enhed", "værdi", "mål"]
    values = {(row[0], row[1]): row[4] for row in rows}
    assert len(values) == len(rows)
    assert values["indikator", "consulted_first"] == "100"
    assert values["pulje", "2027.spent"] == "19999,95"
    assert values["anlæg", "VK-2027-0002.stage"] == "Nedlagt"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_year_that_hasnt_begun_has_no_facts_but_a_report(city: City):
    with reading(city.engine) as session:
        report = annual_report(session, 2026, date(2026, 1, 5))

    assert "Ingen nye anlæg kom i drift" in report.html


DRAWN = {
    "pool": lambda: pictures.pool_by_year(
        [PoolBar(2026, 1_234_567_00, 100_00, 0), PoolBar(2027, 900_00, 0, 5, 7, 1, 9)]
    ),
    "funnel": lambda: pictures.stage_funnel([StageBar("Driftshøring", 1, 1, "driften"), StageBar("Drift", 0, 0, "")]),
    "checks": lambda: pictures.checks_on_time([(date(2026, 5, 1), 3, 4)]),
    "map": lambda: pictures.map_of([Pin("VK-2026-0001", 700_000, 6_100_000, "I drift")]),
    "no map": lambda: pictures.map_of([]),
    "cost": lambda: pictures.cost_against_estimate([CostBar("Shelter", 6_500_00, 8_123_45)]),
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN.keys())
def test_a_picture_is_danish_the_same_twice_and_says_what_it_shows(draw):
    picture = draw()

    assert draw() == picture
    assert picture.svg.startswith("<svg")
    assert picture.alt
    words = re.findall(r"<text[^>]*>([^<]*)</text>", picture.svg)
    assert not [w for w in words if re.search(r"\d,\d{3}|undefined|null|NaN|\d\.\d{1,2}(?!\d)", w)]
