"""Sag til udvalget: one text as Word and as PDF, and the decision that is typed in closes the question."""

import io
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from channels import domain
from channels.command_line.answer import answer
from channels.command_line.committee import committee
from channels.command_line.facility import facility
from channels.paper.committee_paper import Format, Paper, committee_paper, committee_places
from channels.views.cases import facility_case
from models.case.facility import LandOwner, find
from models.database import reading, transaction
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.committee_case import About
from models.stages.inheritance import ExistingPlace, take_in
from tests.city import City, Place

MEETING = date(2026, 1, 4)
OLD = ExistingPlace("baenk", "Bænk ved kirken", LandOwner.MUNICIPALITY, lat=54.99, lon=12.28, kr_per_year_ore=1_000_00)


@pytest.fixture
def jetty(city: City) -> Place:
    """A jetty that asks for more than the leader may give, in a pool that can carry it."""
    place = city.to_stage(Stage.FUNDING, "badebro", name="Badebro ved Stege Nor", years=5, kr=80_000)
    for year in range(2026, 2033):
        city.appropriate(year, 400_000)
    return place


@pytest.fixture
def bench(city: City) -> Place:
    place = city.in_operation()
    city.today = date(2026, 6, 1)
    return place


def paper(place: Place, about: About | None = None) -> Paper:
    with reading(place.city.engine) as session:
        return committee_paper(session, find(session, place.reference), place.city.today, about=about)


def said_in_pdf(made: Paper) -> str:
    pages = PdfReader(io.BytesIO(made.printed(Format.PDF))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def word(made: Paper) -> Document:
    return Document(io.BytesIO(made.printed(Format.DOCX)))


def said_in_word(made: Paper) -> str:
    document = word(made)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join(" ".join([each.text for each in document.paragraphs] + cells).split())


def test_a_grant_is_put_before_the_committee_with_its_economy_by_year_and_its_alternatives(jetty: Place) -> None:
    made = paper(jetty)

    for said in (said_in_pdf(made), said_in_word(made)):
        for words in (
            "Indstilling",
            "at puljen giver tilsagn om",
            "Udvalget har ingen grænse",
            "KLE-nummer",
            "Driften alene",
            "Afslag",
            "Mødedag",
            *map(str, jetty_years(jetty)),
        ):
            assert words in said


def jetty_years(jetty: Place) -> range:
    agreement = jetty.agreement
    return range(agreement.from_on.year, agreement.until_on.year + 1)


def test_what_is_asked_for_is_the_sum_of_the_years_and_of_what_the_pool_books(jetty: Place) -> None:
    table = next(t for t in word(paper(jetty)).tables if t.rows[0].cells[0].text == "År")
    *years, total = [row.cells[3].text for row in table.rows][1:]

    jetty.city.fund(jetty, by=Role.COMMITTEE, decided_on=MEETING, case_number="26/1234")

    kr = [int(each.removesuffix(",00 kr.").removesuffix(" kr.").replace(".", "")) for each in (*years, total)]
    assert sum(kr[:-1]) == kr[-1] == sum(jetty.promised_kr.values())


def test_a_pool_that_cannot_carry_it_is_said_and_no_grant_is_proposed(city: City) -> None:
    jetty = city.to_stage(Stage.FUNDING, "badebro", years=5, kr=80_000)

    said = said_in_pdf(paper(jetty))

    assert "bliver på prioriteringslisten" in said
    assert "Puljen kan ikke bære det nu" in said
    assert "at puljen giver tilsagn" not in said


def test_the_word_document_is_read_aloud_as_it_is_meant(jetty: Place) -> None:
    document = word(paper(jetty))

    headings = [each for each in document.paragraphs if each.style.name.startswith("Heading")]
    assert [(each.style.name, each.text) for each in headings][:2] == [
        ("Heading 1", "Tilsagn fra puljen: Badebro ved Stege Nor"),
        ("Heading 2", "Indstilling"),
    ]
    assert {each.style.name for each in headings} == {"Heading 1", "Heading 2"}
    assert document.core_properties.title == "Tilsagn fra puljen: Badebro ved Stege Nor"
    assert document.core_properties.language == "da-DK"
    assert [each.get(qn("w:val")) for each in document.styles.element.iter(qn("w:lang"))] == ["da-DK"]
    for table in document.tables:
        headers = [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in table.rows]
        assert headers == [True, *[False] * (len(headers) - 1)]
        assert table.rows[0].cells[0].text


def test_the_same_paper_is_the_same_bytes_in_both_formats_and_the_pdf_can_be_kept(jetty: Place) -> None:
    first, again = paper(jetty), paper(jetty)

    assert all(first.printed(each) == again.printed(each) for each in Format)
    pdf = first.printed(Format.PDF)
    assert all(mark in pdf for mark in (b"pdfaid:part>2", b"pdfaid:conformance>A", b"pdfuaid:part>1"))


def test_a_removal_is_put_before_the_committee_with_what_goes_back_and_what_else_it_could_be(bench: Place) -> None:
    bench.city.let_go(bench, "Aase Holm og de andre kan ikke mere.")

    said = said_in_pdf(paper(bench))

    assert "at stedet tages ned, og at ubrugte tilsagn på" in said
    assert "Driften, niveau 3" in said
    assert "én gang" in said
    assert "Aase" not in said


@pytest.mark.parametrize("stage", [Stage.CONSULTATION, Stage.AGREEMENT, Stage.BUILDING])
def test_there_is_no_paper_where_the_committee_has_nothing_to_decide(city: City, stage: Stage) -> None:
    place = city.to_stage(stage)

    with pytest.raises(Refusal, match="intet spørgsmål"):
        paper(place)


def test_the_list_of_places_has_room_for_a_decision_on_each(city: City) -> None:
    with transaction(city.engine) as session:
        reference = take_in(session, OLD, Said(city.today, Role.OPERATIONS, Door.INHERITED)).facility.reference
    with reading(city.engine) as session:
        made = committee_places(session, city.today)

    table = word(made).tables[-1]
    assert [cell.text for cell in table.rows[1].cells] == [f"{reference} Bænk ved kirken", "5. januar 2031", ""]
    assert "at udvalget for hvert sted beslutter" in said_in_pdf(made)


def test_what_the_committee_decided_closes_the_question_with_day_and_case(bench: Place) -> None:
    city = bench.city
    city.let_go(bench)
    said = {"by": Role.COMMITTEE, "decided_on": date(2026, 5, 28), "case_number": "26/1234"}

    with pytest.raises(BadInput, match="dato og sagsnummer"):
        city.end(bench, "remove", by=Role.COMMITTEE)
    with pytest.raises(BadInput, match="ikke ligge efter i dag"):
        city.end(bench, "remove", **said | {"decided_on": date(2026, 6, 2)})
    city.end(bench, "remove", **said)
    city.end(bench, "remove", **said)  # harmless when repeated
    with pytest.raises(Refusal):
        city.end(bench, "remove", **said | {"case_number": "26/9999"})

    assert bench.stage is Stage.CLOSED
    assert bench.waits_for == []
    assert [line for line in bench.journal if "Besluttet 28. maj 2026, sag 26/1234." in line]


def test_the_paper_is_written_by_command_and_the_answer_typed_in(
    bench: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "engine", lambda: bench.city.engine)
    run = CliRunner().invoke
    asked = ["paper", bench.reference, "--out", str(tmp_path), "--on", "2026-06-01"]

    files = [Path(run(committee, [*asked, "--format", each]).output.strip()) for each in Format]
    wrong = run(committee, [*asked, "--about", "grant"])
    decision = ["--decided-on", "2026-05-28", "--case-number", "26/1234", "--by", "committee", "--on", "2026-06-01"]
    answered = run(answer, ["winding-down", bench.reference, "--outcome", "operations", *decision])

    assert [file.read_bytes()[:4] for file in files] == [b"PK\x03\x04", b"%PDF"]
    assert isinstance(wrong.exception, Refusal)
    assert answered.exit_code == 0, answered.exception
    assert any("sag 26/1234" in line for line in bench.journal)


def test_the_level_the_committee_chose_is_kept_with_its_words_and_shown_wherever_the_case_is(
    bench: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "engine", lambda: bench.city.engine)
    bench.city.let_go(bench)
    asked = ["winding-down", bench.reference, "--outcome", "operations", "--by", "committee", "--on", "2026-06-01"]
    asked += ["--decided-on", "2026-05-28", "--case-number", "26/1234"]
    said = ["--level", "60", "--words", "Driften passer den på niveau 2."]

    unknown = CliRunner().invoke(answer, [*asked, "--level", "55"])
    without = CliRunner().invoke(answer, [*asked[:3], "remove", *asked[4:], "--level", "60"])
    runs = [CliRunner().invoke(answer, [*asked, *said]) for _ in range(2)]
    shown = CliRunner().invoke(facility, ["show", bench.reference])
    timeline = CliRunner().invoke(facility, ["timeline", bench.reference, "--json"])

    assert [type(each.exception) for each in (unknown, without)] == [BadInput, BadInput]
    assert [each.exit_code for each in runs] == [0, 0]
    assert "100, 60, 30 procent" in str(unknown.exception)
    with reading(bench.city.engine) as session:
        (ending,) = facility_case(session, find(session, bench.reference)).endings
    assert (ending.outcome, ending.level_percent, ending.words) == ("operations", 60, "Driften passer den på niveau 2.")
    assert (ending.decided_by, ending.met_on, ending.case_number) == ("committee", date(2026, 5, 28), "26/1234")
    assert "driften tager over, niveau 60 % af udvalget 28. maj 2026, sag 26/1234: Driften passer" in " ".join(
        shown.output.split()
    )
    assert "60 % af plejen" in timeline.output
    assert "Driften passer den på niveau 2." in timeline.output
    assert bench.stage is Stage.OPERATION
    assert bench.waits_for == []


def test_what_the_committee_granted_is_shown_with_its_meeting_in_the_case(jetty: Place) -> None:
    jetty.city.fund(jetty, by=Role.COMMITTEE, decided_on=MEETING, case_number="26/1234")

    with reading(jetty.city.engine) as session:
        (asked,) = facility_case(session, find(session, jetty.reference)).applications
    assert (asked.decision, asked.decided_by, asked.decided_on, asked.case_number) == (
        "grant",
        "committee",
        MEETING,
        "26/1234",
    )


def test_each_column_is_as_wide_as_what_stands_in_it_and_no_word_is_cut_in_two(jetty: Place) -> None:
    for table in word(paper(jetty)).tables:
        widths = [column.width.cm for column in table.columns]
        assert sum(widths) == pytest.approx(16, abs=0.1)
        for row in table.rows:
            for wide, cell in zip(widths, row.cells, strict=True):
                assert cell.width.cm == pytest.approx(wide, abs=0.01)
                assert max(map(len, cell.text.split()), default=0) * 0.2 <= wide
        if table.rows[0].cells[0].text == "Alternativ":
            assert widths[1] > widths[0]
