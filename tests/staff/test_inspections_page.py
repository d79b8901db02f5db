"""Eftersyn at the desk: the list of days, the firm summoned, and how it went, also before operations is asked."""

import re
from datetime import date

import pytest

from models.case.builder import BuiltBy, Terms
from models.case.facility import find
from models.case.handover import defects_of
from models.case.inspection import InspectionKind
from models.database import reading
from tests.city import City, Place
from tests.lifecycle.test_inspections import a_firm, correct, inspection_of, told_to_firm
from tests.staff.conftest import Desk, fields
from tests.staff.test_question_page import words

GOER = "/opgaver/sag/VK-2026-0001/goer"


@pytest.fixture
def place(city: City) -> Place:
    return city.in_operation(from_=date(2026, 6, 8))


@pytest.fixture
def operations(desk: Desk, place: Place) -> Desk:
    desk.sign_in("drift@kommune.example")
    return desk


def send(desk: Desk, action: str, **typed: str):
    return desk.post(f"{GOER}/{action}", **{**fields(desk.get(f"{GOER}/{action}").text), **typed})


def test_the_days_are_listed_the_next_one_first_with_the_day_to_summon_by(operations, city, place):
    correct(city, place, built_by=BuiltBy.FIRM, terms=Terms.AB18, firm=a_firm(city))

    page = words(operations.get("/opgaver/eftersyn").text)

    found = re.findall(r"(Besøg i de første uger|Etårseftersyn|Femårseftersyn):", page)
    assert found == ["Besøg i de første uger", "Etårseftersyn", "Femårseftersyn"]
    assert "Indkald firmaet senest 24. marts 2031." in page


def test_the_firm_is_summoned_before_operations_is_asked_and_gets_it_in_writing(operations, city, place):
    correct(city, place, built_by=BuiltBy.FIRM, terms=Terms.AB18, firm=a_firm(city))
    one = inspection_of(city, place, InspectionKind.ONE_YEAR)
    city.today = date(2027, 4, 5)

    too_soon = send(operations, "indkald", eftersyn=f"n{one.id}", dagen="2027-04-12")
    sent = send(operations, "indkald", eftersyn=f"n{one.id}", dagen="2027-05-20")

    assert too_soon.status_code == 422
    assert "varslet er mindst 20" in words(too_soon.text)
    assert sent.status_code == 303, words(sent.text)
    assert told_to_firm(city)[-1] == (city.today, "inspection_summons")
    assert "indkaldt til 20. maj 2027" in words(operations.get("/opgaver/eftersyn").text)


def test_a_place_that_villagers_built_says_why_nobody_is_summoned_and_its_visit_is_written_down(
    operations, city, place
):
    visit = inspection_of(city, place, InspectionKind.FIRST_WEEKS)
    city.today = date(2026, 7, 6)

    why = words(operations.get("/opgaver/sag/VK-2026-0001").text)
    without = send(operations, "eftersyn", eftersyn=f"n{visit.id}", svar="DEFECTS", **{"fejl.0.hvad": "En løs skrue."})
    row = {"fejl.0.hvad": "En løs skrue.", "fejl.0.senest": "2026-08-03"}
    sent = send(operations, "eftersyn", eftersyn=f"n{visit.id}", svar="DEFECTS", laering="Vend bordet.", **row)

    assert "Der er intet eftersyn, som et firma kan indkaldes til." in why
    assert without.status_code == 409
    assert "En løs skrue." in without.text
    assert sent.status_code == 303, words(sent.text)
    with reading(city.engine) as session:
        assert [each.text for each in defects_of(session, find(session, place.reference))] == ["En løs skrue."]
    assert "Besøg i de første uger" not in words(operations.get("/opgaver/eftersyn").text)


def test_a_leader_sees_the_days_and_may_not_write_them(desk, city, place):
    desk.sign_in("anden@kommune.example")
    visit = inspection_of(city, place, InspectionKind.FIRST_WEEKS)

    page = desk.get("/opgaver/eftersyn")
    sent = desk.post(f"{GOER}/eftersyn", csrf=desk.csrf(), eftersyn=f"n{visit.id}", svar="OK")

    assert "Besøg i de første uger" in words(page.text)
    assert "/goer/eftersyn" not in page.text
    assert sent.status_code == 403


def test_the_mail_that_asks_for_a_visit_leads_to_its_question(operations, city, place):
    city.today = date(2026, 7, 6)
    city.sweep(city.today)
    operations.desk.send_post()

    paths = [path for mail in operations.mails() for path in re.findall(r"/opgaver/svar/[^\s>)\]]+", mail)]
    assert paths, operations.mails()[-1]
    assert re.fullmatch(r"/opgaver/svar/VK-2026-0001:inspection:\d+:hold", paths[-1])
    assert "esøg i de første uger" in words(operations.get(paths[-1]).text)


def test_a_visit_in_the_days_work_asks_how_it_went_and_is_not_done_with_all_the_rest(operations, city, place):
    city.today = date(2026, 7, 6)
    city.sweep(city.today)
    page = operations.get("/opgaver/arbejde?alle=1").text

    assert "Holdt, i orden, og det tog:" in page
    [path] = set(re.findall(r'href="(/opgaver/svar/VK-2026-0001:inspection:\d+:hold)"', page))
    answered = operations.post(path, csrf=fields(page)["csrf"], svar="OK", bemaerkning="Alle mødte op.")
    receipt = words(operations.get(answered.headers["location"]).text)
    assert "i orden. Alle mødte op." in receipt
    assert "Firmaet har fået det på skrift" not in receipt


def test_two_questions_of_a_kind_are_told_apart_and_a_late_visit_makes_the_place_late(operations, city, place):
    city.today = date(2026, 7, 6)
    city.sweep(city.today)
    assert "0 steder" in words(operations.get("/opgaver/steder?sent=ja").text)

    city.today = date(2027, 6, 7)
    city.sweep(city.today)
    case = words(operations.get("/opgaver/sag/VK-2026-0001").text)
    late = words(operations.get("/opgaver/steder?sent=ja").text)

    assert "Svar: besøg i de første uger" in case
    assert "Svar: venligt eftersyn efter et år" in case
    assert "1 sted" in late
