"""The crew's day: what, where, how long; taken, done with one tap, or not because; also without net."""

import io
import os
import re
from datetime import date

import pytest
from PIL import Image
from sqlmodel import select

from config.catalogue import catalogue
from config.municipality import Area
from models.case.facility import find
from models.database import reading, transaction
from models.operation.work import finish_work, order_work
from models.operation.work_by_hand import order_by_hand
from models.operation.work_order import WorkKind, WorkOrder, WorkState, find_work
from models.role import Door, Role
from models.said import Said
from tests.city import City
from tests.staff.conftest import Desk, fields
from tests.staff.test_desk_in_a_browser import CHROMIUM, become, browser, tab, url

__all__ = ["browser", "tab", "url"]

BINS = "Tøm spanden"


def ordered(city: City, reference: str = "VK-2026-0001", what: str = BINS, due: date = date(2026, 7, 1)) -> int:
    with transaction(city.engine) as session:
        said = Said(date(2026, 6, 20), Role.OPERATIONS, Door.CLI)
        work = order_work(
            session, find(session, reference), WorkKind.OTHER, what, due, said, key=f"{reference}:{what}", minutes=30
        )
        return work.number


def works(city: City) -> list[WorkOrder]:
    with reading(city.engine) as session:
        return list(session.exec(select(WorkOrder).order_by(WorkOrder.id)))


@pytest.fixture
def bench(city: City) -> City:
    """A bench in operation, in July."""
    city.in_operation("baenk", name="Bænk ved kirken")
    city.today = date(2026, 7, 3)
    return city


@pytest.fixture
def crew(desk: Desk, bench: City) -> Desk:
    desk.sign_in("drift@kommune.example")
    return desk


def test_late_work_comes_first_with_its_place_and_minutes(crew, bench):
    ordered(bench, what="Klip hækken", due=date(2026, 7, 10))
    ordered(bench)
    page = crew.get("/opgaver/arbejde").text

    assert page.index("For sent") < page.index(BINS)
    assert "30 minutter" in page
    assert "Vis Bænk ved kirken på kort" in page


def test_one_tap_says_that_it_is_done_and_how_long_it_took(crew, bench):
    number = ordered(bench)
    form = {**fields(crew.get("/opgaver/arbejde").text), "svar": "DONE-15"}
    sent = [crew.post(f"/opgaver/arbejde/{number}", **form) for _ in range(2)]

    assert [each.status_code for each in sent] == [303, 303]
    assert [(w.state, w.minutes) for w in works(bench) if w.number == number] == [(WorkState.DONE, 15)]
    assert BINS not in crew.get("/opgaver/arbejde").text


def test_it_is_taken_first_and_then_cannot_be_done_because(crew, bench):
    number = ordered(bench)
    form = fields(crew.get("/opgaver/arbejde").text)
    crew.post(f"/opgaver/arbejde/{number}", **form, svar="TAKEN")
    without = crew.post(f"/opgaver/arbejde/{number}", **form, svar="CANNOT")
    sent = crew.post(f"/opgaver/arbejde/{number}", **form, svar="CANNOT", grund="Vejen er lukket.")

    assert without.status_code == 422
    assert "hvorfor det ikke kan gøres" in without.text
    assert sent.status_code == 303
    mine = next(w for w in works(bench) if w.number == number)
    assert (mine.state, mine.taken_by_person, mine.dropped_because) == (WorkState.DROPPED, "D-01", "Vejen er lukket.")


def test_several_at_one_place_are_answered_together(crew, bench):
    numbers = [ordered(bench), ordered(bench, what="Klip hækken")]
    form = fields(crew.get("/opgaver/arbejde").text) | {"numre": ",".join(map(str, numbers))}
    sent = crew.post("/opgaver/arbejde/sted/VK-2026-0001", **form, svar="DONE")

    assert sent.status_code == 303
    assert {w.state for w in works(bench) if w.number in numbers} == {WorkState.DONE}


def test_a_leader_sees_it_and_a_role_that_does_no_work_has_no_buttons(crew, bench):
    ordered(bench)
    other = crew.another()
    other.sign_in("mette@kommune.example")
    page = other.get("/opgaver/arbejde").text

    assert BINS in page
    assert 'value="DONE-15"' not in page


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    return out.getvalue()


def test_the_day_is_for_one_area_of_the_municipality_and_goes_area_by_area(crew, bench, monkeypatch):
    districts = catalogue().municipality.districts
    monkeypatch.setitem(districts, "Møn", Area(south=54.9, north=55.05, west=12.1, east=12.6))
    monkeypatch.setitem(districts, "Præstø", Area(south=55.06, north=55.2, west=11.9, east=12.2))
    far = bench.in_operation("baenk", name="Bænk i Præstø", lat=55.12, lon=12.05)
    bench.today = date(2026, 7, 3)
    ordered(bench)
    ordered(bench, far.reference, what="Klip hækken")

    whole, one = crew.get("/opgaver/arbejde").text, crew.get("/opgaver/arbejde?omraade=møn").text

    assert '<option value="Møn">' in whole
    assert (BINS in whole, "Klip hækken" in whole) == (True, True)
    assert (BINS in one, "Klip hækken" in one) == (True, False)


def test_the_last_photo_of_the_place_is_how_the_work_left_it(crew, bench):
    number = ordered(bench)
    form = fields(crew.get("/opgaver/arbejde").text)
    for svar, colour in (("TAKEN", "red"), ("DONE-15", "green")):
        sent = crew.client.post(
            f"/opgaver/arbejde/{number}", data={**form, "svar": svar}, files={"photos": ("a.jpg", picture(colour))}
        )
        assert sent.status_code == 303
    ordered(bench, what="Klip hækken")

    page = crew.get("/opgaver/arbejde").text
    shown = re.search(r'src="(/opgaver/arbejde/billede/\d+)"', page).group(1)
    case = crew.get("/opgaver/sag/VK-2026-0001").text

    assert Image.open(io.BytesIO(crew.get(shown).content)).getpixel((5, 5))[1] > 100  # green: the newest
    assert f"Arbejde nr. {number}, før" in case
    assert f"Arbejde nr. {number}, efter" in case


def test_a_main_inspection_asks_the_crew_for_the_report_and_the_case_has_it(crew, bench):
    bench.in_operation("legeredskab", name="Legepladsen")
    bench.today = date(2026, 7, 3)
    number = ordered(bench, "VK-2026-0002", what="Hold det årlige hovedeftersyn")
    page = crew.get("/opgaver/arbejde").text
    form = {**fields(page), "svar": "DONE-120"}

    refused = crew.post(f"/opgaver/arbejde/{number}", **form)
    report = {"certificate": ("r.pdf", b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")}
    sent = crew.client.post(f"/opgaver/arbejde/{number}", data=form, files=report)
    case = crew.get("/opgaver/sag/VK-2026-0002").text
    path = re.search(r'href="(/opgaver/sag/VK-2026-0002/rapport/\d+)"', case).group(1)
    kept = crew.get(path)

    assert f'id="certificate-{number}"' in page
    assert (refused.status_code, "når rapporten er her" in refused.text) == (422, True)
    assert sent.status_code == 303, sent.text
    assert kept.headers["content-disposition"].startswith("attachment")
    assert kept.content.startswith(b"%PDF-")
    assert crew.get(path.replace("0002", "0001")).status_code == 404
    assert crew.another().get(path).status_code == 303


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium was not found")
def test_answers_typed_without_net_are_kept_and_sent_when_it_is_back(url, tab, bench):
    assert os.environ["DRIFTSKLAR_PAGE_URL"] == url
    number = ordered(bench)
    phone = tab(scripts=True)
    become(phone, url, "operations")
    phone.goto(f"{url}/opgaver/arbejde")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.reload()  # now the page is seen by the worker that keeps it

    phone.context.set_offline(True)
    phone.reload()
    phone.locator(f"#arbejde-{number}").get_by_role("button", name="15 minutter").click()
    phone.get_by_text("1 svar er gemt på telefonen").wait_for()
    while_away = next(w.state for w in works(bench) if w.number == number)
    phone.context.set_offline(False)
    phone.get_by_text("Der er intet at gøre").wait_for()

    assert while_away is WorkState.ORDERED
    assert [(w.state, w.minutes) for w in works(bench) if w.number == number] == [(WorkState.DONE, 15)]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium was not found")
def test_an_answer_that_somebody_else_was_before_with_is_shown_and_not_thrown_away(url, tab, bench):
    number = ordered(bench)
    phone = tab(scripts=True)
    become(phone, url, "operations")
    phone.goto(f"{url}/opgaver/arbejde")
    phone.context.set_offline(True)
    phone.locator(f"#arbejde-{number} summary").click()
    phone.locator(f"#grund-{number}").fill("Vejen er lukket.")
    phone.locator(f"#arbejde-{number}").get_by_role("button", name="Kan ikke gøres").click()
    phone.get_by_text("1 svar er gemt på telefonen").wait_for()
    with transaction(bench.engine) as session:
        said = Said(bench.today, Role.OPERATIONS, Door.CLI)
        finish_work(session, find_work(session, number), said, minutes=20, ore=0)
    phone.context.set_offline(False)
    phone.get_by_text("Et svar blev ikke taget").wait_for()

    assert "Vejen er lukket." in phone.locator("#uden-net").inner_text()


def test_what_ended_meanwhile_is_not_thanked_for_when_all_at_a_place_is_answered(crew, bench):
    numbers = [ordered(bench), ordered(bench, what="Klip hækken")]
    form = fields(crew.get("/opgaver/arbejde").text) | {"numre": ",".join(map(str, numbers))}
    crew.post(f"/opgaver/arbejde/{numbers[1]}", **form, svar="CANNOT", grund="Vejen er lukket.")
    sent = crew.post("/opgaver/arbejde/sted/VK-2026-0001", **form, svar="DONE")

    assert sent.status_code == 409
    assert f"nr. {numbers[1]}" in sent.text
    assert {w.number: w.state for w in works(bench)}[numbers[0]] is WorkState.ORDERED


def test_a_photo_that_cannot_be_used_is_told_with_the_thanks(crew, bench, picture_bytes):
    number = ordered(bench)
    form = fields(crew.get("/opgaver/arbejde").text) | {"svar": "DONE-15"}
    files = [("photos", ("a.jpg", picture_bytes, "image/jpeg")), ("photos", ("b.jpg", b"no picture", "image/jpeg"))]
    sent = crew.client.post(f"/opgaver/arbejde/{number}", data=form, files=files)

    assert sent.status_code == 303
    assert "1 billede kunne ikke læses" in crew.get(sent.headers["location"]).text


@pytest.fixture
def picture_bytes() -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (80, 60)).save(into, "JPEG")
    return into.getvalue()


def questions_in_mails(desk: Desk) -> list[str]:
    """The paths of questions in the mails that have been sent by now."""
    desk.desk.send_post()
    return [path for mail in desk.mails() for path in re.findall(r"/opgaver/svar/[^\s>)\]]+", mail)]


def is_told_done_from_its_mail(crew: Desk, city: City, number: int) -> None:
    path = f"/opgaver/svar/VK-2026-0001:work:{number}"
    assert path in questions_in_mails(crew)
    page = crew.get(path).text
    assert BINS in page
    assert "Hvordan går det?" in page or "Gjort" in page
    answered = crew.post(path, csrf=fields(page)["csrf"], svar="DONE", minutter="20")
    assert answered.status_code == 303
    assert [work.state for work in works(city) if work.number == number] == [WorkState.DONE]


def test_a_mail_about_late_work_leads_to_where_it_is_told_done(crew, bench):
    number = ordered(bench)
    bench.today = date(2026, 7, 12)
    bench.sweep(bench.today)

    is_told_done_from_its_mail(crew, bench, number)


def test_a_mail_about_new_work_leads_there_before_it_is_late(crew, bench):
    said = Said(bench.today, Role.OPERATIONS_MANAGER, Door.CLI)
    with transaction(bench.engine) as session:
        place = find(session, "VK-2026-0001")
        number = order_by_hand(session, place, BINS, date(2026, 7, 20), said, minutes=30).number

    is_told_done_from_its_mail(crew, bench, number)


def test_work_that_was_done_is_no_question_any_more(crew, bench):
    number = ordered(bench)
    with transaction(bench.engine) as session:
        finish_work(session, find_work(session, number), Said(bench.today, Role.OPERATIONS, Door.CLI), minutes=5, ore=0)

    assert crew.get(f"/opgaver/svar/VK-2026-0001:work:{number}").status_code == 200
    assert "er afgjort" in crew.get(f"/opgaver/svar/VK-2026-0001:work:{number}").text


def test_somebody_in_two_roles_chooses_in_each_form_by_itself(desk, roles, bench):
    roles.say(
        "operators: {}\npersons:\n  D-01: {mail: drift@kommune.example, roles: [operations, operations_manager]}\n"
    )
    ordered(bench)
    ordered(bench, what="Klip hækken")
    desk.sign_in("drift@kommune.example")

    page = desk.get("/opgaver/arbejde").text

    ids = re.findall(r'\sid="([^"]+)"', page)
    assert page.count("Hvem taler du for?") == 3
    assert sorted(ids) == sorted(set(ids))
