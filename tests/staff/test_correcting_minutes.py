"""Minutes and names that were written wrong are put right at the desk, with a reason; what was signed stays as it was."""

from datetime import date

import pytest

from models.case.agreement import agreements_of, signatures_of
from models.case.facility import find
from models.case.volunteer_group import contacts_of, find_group
from models.database import reading, transaction
from models.operation.check import FormerAnswer, report_of
from models.persons.erasure import erase_person
from models.role import Door, Role
from models.said import Said
from tests.city import City, fingerprint
from tests.staff.conftest import Desk
from tests.staff.test_daily_work import send

CASE = "/opgaver/sag/VK-2026-0001"


@pytest.fixture
def coordinator(desk: Desk) -> Desk:
    desk.sign_in("mette@kommune.example")
    return desk


def test_work_that_took_an_hour_and_not_sixty_is_put_right_and_the_money_stands(coordinator, city: City):
    bench = city.in_operation("baenk")
    work = city.order(bench, what="Mal gavlen", kr=500)
    city.finish(work, minutes=3600, kr=500)
    before = city.ledger()
    sent = send(coordinator, f"{CASE}/goer/ret-timer", hvad=f"w{work.id}", minutter="60", grund="Skrevet i sekunder.")

    assert sent.status_code == 303, sent.text
    assert city.work_now(work).minutes == 60
    assert "tog 60 minutter, ikke 3600. Begrundelse: Skrevet i sekunder." in coordinator.get(CASE).text
    assert city.ledger() == before
    assert city.wrong() == []


def test_the_volunteers_minutes_are_put_right_and_what_they_wrote_is_kept(coordinator, city: City):
    bench = city.in_operation("baenk")
    city.sweep(date(2026, 6, 1))
    city.today = date(2026, 6, 1)
    (check, *_) = city.checks(bench)
    city.report(check, "ok", minutes=900)
    sent = send(coordinator, f"{CASE}/goer/ret-timer", hvad=f"c{check.id}", minutter="15", grund="Tastefejl.")

    assert sent.status_code == 303, sent.text
    with reading(city.engine) as session:
        report = report_of(session, check)
    assert report is not None
    assert report.minutes == 15
    assert [each.minutes for each in city.all(FormerAnswer)] == [900]
    assert city.wrong() == []


def test_without_a_reason_nothing_is_put_right(coordinator, city: City):
    bench = city.in_operation("baenk")
    work = city.order(bench, what="Mal gavlen")
    city.finish(work, minutes=900)
    sent = send(coordinator, f"{CASE}/goer/ret-timer", hvad=f"w{work.id}", minutter="9")

    assert sent.status_code == 422
    assert city.work_now(work).minutes == 900


def test_a_misspelt_name_has_the_right_one_beside_it_and_the_document_stays(coordinator, city: City):
    bench = city.in_operation("baenk")
    with reading(city.engine) as session:
        agreement = agreements_of(session, find(session, bench.reference))[-1]
        signed = signatures_of(session, agreement)[0].name
        printed = (agreement.sha256, agreement.pdf)
    form = {"hvilken": f"v{agreement.version}_VOLUNTEERS", "navn": "Karen Margrethe Holm", "grund": "Stavet forkert."}
    sent = send(coordinator, f"{CASE}/goer/ret-underskrift", **form)
    page = coordinator.get(CASE).text

    assert sent.status_code == 303, sent.text
    assert f"{signed}, rettet til Karen Margrethe Holm" in page
    assert "Rettet: navnet i underskriften for" in page
    with reading(city.engine) as session:
        now = agreements_of(session, find(session, bench.reference))[-1]
        assert (now.sha256, now.pdf) == printed
        assert signatures_of(session, now)[0].name == signed
        assert not [line for line in bench.journal if "Margrethe" in line]
    assert city.wrong() == []


def test_who_is_erased_goes_with_the_misspelt_name_too(coordinator, city: City):
    bench = city.in_operation("baenk")
    with reading(city.engine) as session:
        group = find_group(session, bench.group)
        name = contacts_of(session, group)[1].name
        version = agreements_of(session, find(session, bench.reference))[-1].version
    form = {"hvilken": f"v{version}_VOLUNTEERS", "navn": name, "grund": "En anden skrev under."}
    send(coordinator, f"{CASE}/goer/ret-underskrift", **form)
    with transaction(city.engine) as session:
        contact = contacts_of(session, find_group(session, bench.group))[1]
        said = Said(city.today, Role.COORDINATOR, Door.CLI)
        erase_person(session, contact, said, printer=fingerprint)

    with reading(city.engine) as session:
        agreement = agreements_of(session, find(session, bench.reference))[-1]
        (theirs, *_) = signatures_of(session, agreement)
    assert theirs.known_as == f"Slettet kontakt {contact.id}"
    assert city.wrong() == []
