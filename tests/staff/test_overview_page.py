"""Overblik on the desk: what waits for whom, one tap to remind, and the pool ahead with what-if."""

import re
from datetime import date, timedelta

import pytest

from channels.staff import overview
from models.case.facility import LandOwner
from models.case.handover import NewDefect
from models.database import transaction
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.consultation_answer import NewCondition
from models.stages.inheritance import ExistingPlace, take_in
from tests.staff.a_day import propose_money_as
from tests.staff.conftest import fields


def late(desk, city):
    """A leader looks at a consultation whose deadline has passed."""
    city.propose("baenk", name="Bænk ved kirken")
    city.today = date(2026, 3, 2)
    desk.sign_in("anden@kommune.example")
    return desk.get("/opgaver/overblik")


def test_the_leader_sees_what_waits_for_whom_since_when_and_what_is_wrong(desk, city):
    page = late(desk, city)

    assert page.status_code == 200
    assert "Driften (1)" in page.text
    assert "Her er noget galt" in page.text
    assert "overskredet" in page.text


def test_one_tap_reminds_once_a_day(desk, city):
    form = fields(late(desk, city).text)
    path = "/opgaver/overblik/mind/VK-2026-0001:consultation:1"
    told = [desk.post(path, **form) for _ in range(2)]

    assert [each.status_code for each in told] == [303, 303]
    page = desk.get("/opgaver/overblik").text
    assert "mindet om det i dag" in page
    assert "Mind dem om det" not in page
    assert [letter.template for letter in city.letters_to(Role.OPERATIONS)].count("question_nudged") == 1

    city.today = date(2026, 3, 3)
    desk.post(path, **form)
    assert [letter.template for letter in city.letters_to(Role.OPERATIONS)].count("question_nudged") == 2


def test_one_tap_reminds_a_role_of_all_that_is_late_in_one_mail_with_a_link_each(desk, city):
    places = [city.propose("baenk", name=name) for name in ("Bænk ved kirken", "Bænk ved havnen", "Bænk ved søen")]
    city.today = date(2026, 3, 2)
    desk.sign_in("anden@kommune.example")
    page = desk.get("/opgaver/overblik")
    form = fields(page.text)
    desk.post("/opgaver/overblik/mind/VK-2026-0002:consultation:1", **form)

    told = [desk.post("/opgaver/overblik/mind-alle/operations", **form) for _ in range(2)]

    assert "Mind driften om de 3, der er for sent" in page.text
    assert [each.status_code for each in told] == [303, 303]
    after = desk.get("/opgaver/overblik").text
    assert after.count("mindet om det i dag") == 3
    assert "for sent</button>" not in after
    [letter] = [each for each in city.letters_to(Role.OPERATIONS) if each.template == "questions_nudged"]
    assert [line["reference"] for line in letter.context["waiting"]] == ["VK-2026-0001", "VK-2026-0003"]
    mail = next(mail for mail in reversed(desk.mails()) if "minder om det her" in mail)
    path = re.findall(r"https?://[^/\s]+(/opgaver/(?:link|svar)/[^\s>)]+)", mail)[1]
    assert "Bænk ved søen" in desk.another().get(path).text
    assert [sum("Driften er mindet om" in line for line in place.journal) for place in places] == [1, 1, 1]


def test_volunteers_are_not_reminded_from_here(desk, city):
    desk.sign_in("anden@kommune.example")

    told = desk.post("/opgaver/overblik/mind-alle/volunteer", csrf=desk.csrf())

    assert told.status_code == 409
    assert "Grupperne minder vi selv" in told.text


def test_nobody_is_reminded_of_what_is_not_late(desk, city):
    city.propose("baenk", name="Bænk ved kirken")
    desk.sign_in("anden@kommune.example")
    form = {"csrf": desk.csrf()}
    told = desk.post("/opgaver/overblik/mind/VK-2026-0001:consultation:1", **form)

    assert told.status_code == 409
    assert "Fristen er ikke overskredet" in told.text


def test_what_if_is_answered_on_the_page_beside_what_is(desk, city):
    city.appropriate(2026, 20_000)
    desk.sign_in("anden@kommune.example")
    tried = desk.get("/opgaver/overblik?plus_shelter=40")
    wrong = desk.get("/opgaver/overblik?plus_shelter=mange")
    neither = desk.get("/opgaver/overblik?tab=mange")

    assert "Puljen brister i" in tried.text
    assert "Uden:" in tried.text
    assert wrong.status_code == 422
    assert "Shelter: skriv et helt antal" in wrong.text
    assert "Grupper, der stopper: skriv procent" in neither.text


def test_the_inherited_places_are_put_before_the_committee_from_the_overview(desk, city):
    with transaction(city.engine) as session:
        wish = ExistingPlace(
            "baenk", "Bænk ved kirken", LandOwner.MUNICIPALITY, lat=54.99, lon=12.28, kr_per_year_ore=1
        )
        take_in(session, wish, Said(city.today, Role.OPERATIONS, Door.INHERITED))
    desk.sign_in("anden@kommune.example")

    page = desk.get("/opgaver/overblik").text
    files = {ending: desk.get(f"/opgaver/overblik/udvalg-steder.{ending}") for ending in ("docx", "pdf", "exe")}

    assert "Et arvet sted mangler" in page or "1 arvet sted mangler" in page
    assert 'href="/opgaver/overblik/udvalg-steder.docx"' in page
    assert [each.status_code for each in files.values()] == [200, 200, 404]
    assert files["docx"].content.startswith(b"PK")
    assert files["pdf"].content.startswith(b"%PDF")


def test_a_place_in_operation_is_put_before_the_committee_from_its_case(desk, city):
    bench = city.in_operation()
    desk.sign_in("anden@kommune.example")

    page = desk.get(f"/opgaver/sag/{bench.reference}").text
    file = desk.get(f"/opgaver/sag/{bench.reference}/udvalg.docx")

    assert "Hent sagen til udvalget (Word)" in page
    assert "attachment" in file.headers["content-disposition"]
    assert file.content.startswith(b"PK")


def test_a_proposal_about_money_stands_under_the_role_it_waits_for(desk, city):
    number = propose_money_as(city, "K-01", Role.COORDINATOR)
    desk.sign_in("anden@kommune.example")

    page = desk.get("/opgaver/overblik").text

    assert "Chefen (1)" in page
    assert f'href="/opgaver/pulje/forslag/{number}"' in page
    assert "skal puljen i 2027 have bevillingen på 60.000 kr.?" in page
    assert "Mind dem om det" not in page
    assert "Ingenting venter" not in page


def wrong(page: str) -> list[str]:
    """The lines of "Her er noget galt", without tags."""
    part = page.partition('<ul class="galt">')[2].partition("</ul>")[0]
    return [re.sub(r"<[^>]+>", "", line) for line in re.findall(r"<li[^>]*>(.*)</li>", part)]


def test_a_condition_past_its_day_is_wrong_until_it_is_met(desk, city):
    place = city.propose("baenk", name="Bænk ved kirken")
    condition = NewCondition("Vejen lægges om.", Role.OPERATIONS, date(2026, 3, 1))
    city.answer(place, "conditions", conditions=(condition, "Der kommer et skilt."))
    desk.sign_in("anden@kommune.example")
    said = "betingelse nr. 1 (Vejen lægges om) skulle være opfyldt 1. marts 2026. Driften har den."

    city.today = date(2026, 3, 1)
    assert wrong(desk.get("/opgaver/overblik").text) == []
    city.today = date(2026, 3, 2)
    assert f"VK-2026-0001 Bænk ved kirken: {said}" in wrong(desk.get("/opgaver/overblik").text)
    city.meet_condition(place)
    assert not any("betingelse" in line for line in wrong(desk.get("/opgaver/overblik").text))


def test_a_defect_past_its_day_is_wrong_until_it_is_mended(desk, city):
    place = city.to_stage(Stage.HANDOVER, name="Bænk ved kirken")
    city.hand_over(place, "accepted_with_defects", defects=(NewDefect("Løs skrue", date(2026, 5, 1)),))
    city.today = date(2026, 5, 2)
    desk.sign_in("anden@kommune.example")

    late = wrong(desk.get("/opgaver/overblik").text)
    city.fix_defect(place)

    said = "mangel nr. 1 (Løs skrue) skulle være rettet 1. maj 2026. Projektlederen har den."
    assert f"{place.reference} Bænk ved kirken: {said}" in late
    assert not any("mangel" in line for line in wrong(desk.get("/opgaver/overblik").text))


def test_paper_has_the_late_ones_first_and_says_how_many_more_there_are(desk, city, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(overview, "PAPER_LINES", 1)
    city.to_stage(Stage.BUILDING, name="Bænk ved havnen")  # waits without a deadline
    city.propose("baenk", name="Bænk ved kirken")
    city.today += timedelta(days=60)
    desk.sign_in("anden@kommune.example")

    page = desk.get("/opgaver/overblik").text

    shown = dict(re.findall(r'<li class="([^"]*)">\s*<p><a [^>]*>VK-2026-000\d (Bænk ved \w+)</a>', page))
    assert {name: "ikke-paa-papir" in classes for classes, name in shown.items()} == {
        "Bænk ved havnen": True,
        "Bænk ved kirken": False,
    }
    assert re.search(r"og \d mere, se Overblik", page)
