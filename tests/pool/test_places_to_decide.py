"""An inherited place has a day by which it must be decided who takes it over, and the committee gets the list."""

import io
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader
from sqlmodel import select

from channels import domain
from channels.command_line.report import report
from channels.paper.places_to_decide_paper import places_to_decide_pdf
from models.case.facility import LandOwner
from models.database import reading, transaction
from models.post.outbox import Message
from models.role import Door, Role
from models.said import Said
from models.stages.inheritance import ExistingPlace, take_in
from models.stages.places_to_decide import ToDecide, places_to_decide, watch_places_to_decide
from tests.city import City, Place

OLD = ExistingPlace("baenk", "Bænk ved kirken", LandOwner.MUNICIPALITY, lat=54.99, lon=12.28, kr_per_year_ore=1_000_00)
TAKEN_IN = date(2026, 1, 5)
LAST = date(2031, 1, 5)


@pytest.fixture
def old(city: City) -> Place:
    with transaction(city.engine) as session:
        taken = take_in(session, OLD, Said(TAKEN_IN, Role.OPERATIONS, Door.INHERITED))
        return Place(city, taken.facility.reference)


def undecided(city: City) -> list[ToDecide]:
    with reading(city.engine) as session:
        return places_to_decide(session)


def reminded(city: City, *days: date) -> list[tuple[date, str, bool]]:
    """What the leader and the coordinator were told by the runs of these days."""
    for day in days:
        with transaction(city.engine) as session:
            watch_places_to_decide(session, day)
    with reading(city.engine) as session:
        rows = session.exec(select(Message).where(Message.template == "places_to_decide"))
        return sorted((m.on, str(m.role), bool(m.context["late"])) for m in rows)


def test_an_inherited_place_is_to_be_decided_on_within_five_years_with_its_three_ways(city: City, old: Place):
    city.to_stage(old.stage)  # one that came by the road is nobody's to decide on

    (place,) = undecided(city)

    assert (place.facility.reference, place.decide_by_on, place.group) == (old.reference, LAST, None)
    assert place.now_ore == old.agreement.kr_per_year_ore
    assert place.volunteers_ore <= place.now_ore
    assert place.levels_ore == (place.now_ore, place.now_ore * 60 // 100, place.now_ore * 30 // 100)
    assert place.removal_ore == old.facility.replacement_ore * 15 // 100


@pytest.mark.parametrize("outcome", ["operations", "remove"])
def test_what_is_decided_is_off_the_list(city: City, old: Place, outcome: str):
    city.today = date(2026, 6, 1)
    city.let_go(old, "Udvalget har besluttet det.")
    waiting = undecided(city)

    city.end(old, outcome)

    assert len(waiting) == 1
    assert undecided(city) == []


def test_they_are_reminded_once_at_each_step_and_once_when_the_day_has_passed(city: City, old: Place):
    days = [
        date(2030, 1, 4),
        date(2030, 1, 5),
        date(2030, 1, 6),
        date(2030, 10, 7),
        LAST,
        date(2031, 1, 6),
        date(2031, 2, 1),
    ]

    told = reminded(city, *days)

    assert told == [
        (day, role, late)
        for day, late in ((date(2030, 1, 5), False), (date(2030, 10, 7), False), (date(2031, 1, 6), True))
        for role in ("coordinator", "leader")
    ]


def test_nobody_is_reminded_of_what_is_decided(city: City, old: Place):
    city.today = date(2026, 6, 1)
    city.let_go(old)
    city.end(old, "operations")

    assert reminded(city, LAST, date(2031, 3, 1)) == []


def test_the_daily_run_reminds(city: City, old: Place):
    city.sweep(date(2030, 1, 5))

    assert [role for _, role, _ in reminded(city)] == ["coordinator", "leader"]


def test_the_paper_names_each_place_its_day_and_what_each_way_costs_and_is_the_same_again(city: City, old: Place):
    first = places_to_decide_pdf(undecided(city), date(2026, 6, 1))

    again = places_to_decide_pdf(undecided(city), date(2026, 6, 1))

    said = " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(first)).pages).split())
    assert first == again
    for words in (
        old.reference,
        "Bænk ved kirken",
        "5. januar 2031",
        "Driften passer stedet i dag",
        "Frivillige",
        "tages ned",
    ):
        assert words in said
    assert b"pdfaid" in first


def test_the_paper_is_written_by_command_and_the_annual_report_as_before(
    city: City, old: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(domain, "engine", lambda: city.engine)

    written = CliRunner().invoke(report, ["places-to-decide", "--out", str(tmp_path), "--on", "2026-06-01"])
    asked = CliRunner().invoke(report, ["--out", str(tmp_path)])

    assert written.exit_code == 0, written.exception
    assert old.reference in written.output
    assert (tmp_path / "steder-at-beslutte-2026-06-01.pdf").read_bytes().startswith(b"%PDF")
    assert asked.exit_code == 2
    assert "--year" in asked.output
