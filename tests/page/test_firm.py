"""Firmaets opgave: one link, one order; taken and reported done by whoever got the mail, and by nobody else."""

import io
import mailbox
import re
from datetime import date
from email import message_from_bytes, policy

import pytest

from channels.post.deliver import deliver
from config.settings import settings
from models.case.certificate import certificates_of
from models.case.facility import find
from models.case.firm import add_firm, find_firm, leave_firm
from models.case.photo import StoredPhoto, add_photos, photos_of
from models.database import reading, transaction
from models.operation.incident import open_incident
from models.operation.work import WorkKind, order_work
from models.operation.work_order import WorkOrder, WorkState
from models.post.link import Purpose
from models.role import Door, Role
from models.said import Said

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
DUE = date(2026, 6, 1)


def _order(city, place, what="Skift det løse bræt", kr=500, incident_id=None) -> int:
    said = Said(city.today, Role.OPERATIONS, Door.CLI)
    with transaction(city.engine) as session:
        firm = add_firm(session, "Møn Tømrer ApS", said, cvr="12345674", mail="post@firma.example", phone="")
        facility = find(session, place.reference)
        kind = WorkKind.REPAIR if incident_id else WorkKind.OTHER
        work = order_work(
            session,
            facility,
            kind,
            what,
            DUE,
            said,
            key=f"test:{what}",
            ore=kr * 100,
            firm_id=firm.number,
            incident_id=incident_id,
        )
        return work.number


@pytest.fixture
def order(city, page, bench) -> int:
    return _order(city, bench)


@pytest.fixture
def link(page, order) -> str:
    return page.link(Purpose.WORK, order, contact=None, role=Role.FIRM)


def _work(city, number: int) -> WorkOrder:
    with reading(city.engine) as session:
        return session.get_one(WorkOrder, number)


def test_the_mail_to_the_firm_leads_to_its_order_and_nothing_goes_to_operations_for_it(city, page, bench, order):
    deliver(city.engine, clock=lambda: city.today)

    box = mailbox.Maildir(settings().var_dir / "mail")
    mails = [message_from_bytes(box.get_bytes(key), policy=policy.default) for key in box.iterkeys()]
    (mail,) = [each for each in mails if "post@firma.example" in each["To"]]

    assert mail["To"].startswith("Møn Tømrer ApS")
    path = re.search(r"/arbejde/[\w-]{43}", mail.get_body(("plain",)).get_content()).group()
    shown = page.get(path)
    assert "Skift det løse bræt" in shown.text
    assert "Senest 1. juni 2026" in shown.text
    assert "openstreetmap.org" in shown.text
    assert "Møn Tømrer ApS" in shown.text


def test_a_firm_takes_the_order_and_reports_it_done_with_photo_minutes_and_invoice(city, page, order, link, picture):
    assert "I har taget opgaven" in page.send(link, what="take").text

    receipt = page.send(link, [("a.jpg", picture())], what="done", minutes="90", kr="480", invoice="2026-77", note="Ok")

    work = _work(city, order)
    assert (work.state, work.taken_by, work.minutes, work.ore, work.invoice) == (
        WorkState.DONE,
        Role.FIRM,
        90,
        48_000,
        "2026-77",
    )
    assert "Opgaven er meldt færdig" in receipt.text
    with reading(city.engine) as session:
        assert len(photos_of(session, work_id=order)) == 1


def test_looking_and_pressing_twice_change_nothing(city, page, order, link):
    before = city.dump()
    page.get(link)
    assert city.dump() == before
    page.send(link, what="done", minutes="30")
    done = city.dump()

    assert page.post(link, what="done", minutes="30").status_code == 303
    assert city.dump() == done
    assert page.post(link, what="done", minutes="31").status_code == 409
    assert city.dump() == done


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"what": "done"}, 422, "hvor mange minutter"),
        ({"what": "done", "minutes": "-5"}, 422, "Skriv et helt tal"),
        ({"what": "done", "minutes": "30", "kr": "999999"}, 409, "er mere end der er sat af til arbejdet, 500 kr"),
        ({"what": "done", "minutes": "999999", "kr": "90000"}, 422, "minutter fra 0"),
        ({"what": "done", "minutes": "90000", "kr": "90000"}, 409, "er mere end der er sat af til arbejdet, 500 kr"),
        ({"what": "done", "minutes": "30", "note": "<script>"}, 422, "kan ikke bruges"),
        ({"what": "all"}, 422, "et af de to svar"),
    ],
)
def test_what_cant_be_used_is_said_and_nothing_is_written(city, page, link, typed, status, sentence):
    before = city.dump()

    answer = page.post(link, **typed)

    assert answer.status_code == status
    assert sentence in answer.text
    assert city.dump() == before


def test_a_firm_that_has_left_and_an_order_that_isnt_a_firms_any_more_open_nothing(city, page, order, link):
    with transaction(city.engine) as session:
        leave_firm(session, find_firm(session, "F-0001"), Said(city.today, Role.OPERATIONS, Door.CLI))
    before = city.dump()

    assert page.get(link).status_code == 410
    assert page.post(link, what="take").status_code == 410
    assert city.dump() == before


def test_a_link_to_one_order_opens_no_other(city, page, bench, link):
    other = _order(city, bench, what="Mal bænken")

    page.send(link, what="take")

    assert _work(city, other).state is WorkState.ORDERED


def test_the_photos_of_the_damage_are_shown_and_only_by_the_link(city, page, bench, picture):
    said = Said(city.today, Role.OPERATIONS, Door.CLI)
    path = settings().var_dir / "photos/aa/damage.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(picture())
    with transaction(city.engine) as session:
        incident = open_incident(session, find(session, bench.reference), "Brædt er løst", said, safe=True, key=None)
        add_photos(
            session, [StoredPhoto("a" * 64, "photos/aa/damage.jpg", 80, 60)], incident_id=incident.number, on=city.today
        )
        number = incident.number
    work = _order(city, bench, what="Sæt brættet fast", incident_id=number)
    link = page.link(Purpose.WORK, work, contact=None, role=Role.FIRM)

    assert f"{link}/1.jpg" in page.get(link).text
    assert page.get(f"{link}/1.jpg").headers["content-type"] == "image/jpeg"
    assert page.get(f"{link}/2.jpg").status_code == 404
    assert page.get(f"/arbejde/{'x' * 43}/1.jpg").status_code in (404, 429)


@pytest.fixture
def main_inspection(city, page) -> tuple[int, str]:
    """A main inspection of play equipment, ordered from a firm; and its link."""
    place = city.in_operation("legeredskab", name="Legepladsen i Stege")
    city.today = date(2026, 5, 1)
    number = _order(city, place, what="Hold det årlige hovedeftersyn")
    return number, page.link(Purpose.WORK, number, contact=None, role=Role.FIRM)


def test_a_main_inspection_isnt_done_without_the_experts_report(city, page, main_inspection):
    _, link = main_inspection
    before = city.dump()
    assert 'name="certificate"' in page.get(link).text

    refused = page.post(link, what="done", minutes="60")

    assert refused.status_code == 422
    assert "først gjort, når rapporten er her" in refused.text
    assert city.dump() == before


@pytest.mark.parametrize("kind", ["pdf", "photo"])
def test_a_main_inspection_is_done_with_the_report_as_pdf_or_photo(city, page, main_inspection, picture, kind):
    number, link = main_inspection
    content = PDF if kind == "pdf" else picture()
    data = {"what": "done", "minutes": "60"}

    answer = page.client.post(link, data=data, files=[("certificate", ("r.pdf", content, "application/pdf"))])

    assert answer.status_code == 303, answer.text
    assert _work(city, number).state is WorkState.DONE
    with reading(city.engine) as session:
        (kept,) = certificates_of(session, number)
    assert (settings().var_dir / kept.path).is_file()


def test_a_report_that_is_neither_is_sent_back(city, page, main_inspection):
    _, link = main_inspection
    before = city.dump()
    files = [("certificate", ("r.pdf", io.BytesIO(b"MZ not a report"), "application/pdf"))]

    answer = page.client.post(link, data={"what": "done", "minutes": "60"}, files=files)

    assert answer.status_code == 422
    assert "hverken en PDF eller et billede" in answer.text
    assert city.dump() == before


def test_the_page_asks_a_firm_for_no_certificate_where_the_type_demands_none(page, link):
    assert 'name="certificate"' not in page.get(link).text
