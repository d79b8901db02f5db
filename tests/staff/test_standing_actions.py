"""A place that stands, at the desk: work ordered, made safe for now, and what is wrong about it put right."""

import pytest
from sqlmodel import select

from models.case.facility import find
from models.database import reading
from models.operation.incident import Incident
from models.operation.work_order import WorkKind, WorkOrder
from tests.city import City
from tests.staff.conftest import Desk, fields

PATH = "/opgaver/sag/VK-2026-0001/goer"


@pytest.fixture
def operations(desk: Desk, city: City) -> Desk:
    """D-01 at the desk, in a municipality with a bench in operation."""
    city.in_operation("baenk", name="Bænk ved kirken")
    desk.sign_in("drift@kommune.example")
    return desk


def send(desk: Desk, action: str, **typed: str):
    return desk.post(f"{PATH}/{action}", **{**fields(desk.get(f"{PATH}/{action}").text), **typed})


def test_work_is_ordered_with_its_day_and_stands_on_the_crews_list(operations, city):
    day = city.today.replace(month=12, day=1)
    sent = send(operations, "bestil", hvad="Mal gavlen.", senest=str(day), minutter="60", kroner="", hvem="OWN")
    with reading(city.engine) as session:
        ordered = session.exec(select(WorkOrder).where(WorkOrder.kind == WorkKind.OTHER)).all()

    assert sent.status_code == 303, sent.text
    assert [(work.what, work.due_on, work.minutes_estimated) for work in ordered] == [("Mal gavlen.", day, 60)]
    assert "Mal gavlen." in operations.get("/opgaver/arbejde?alle=1").text


def test_work_without_a_day_is_asked_for_it_and_what_was_typed_stays(operations):
    sent = send(operations, "bestil", hvad="Mal gavlen.", minutter="60", kroner="", hvem="OWN")

    assert sent.status_code == 422
    assert "Senest" in sent.text
    assert "Mal gavlen." in sent.text


def test_a_dangerous_place_is_made_safe_for_now(operations, city):
    assert "Det kan ikke gøres nu" in operations.get(f"{PATH}/sikret").text
    send(operations, "skade", hvad="Sædet er knækket.", sikkert="NO")
    sent = send(operations, "sikret", skade="n1", hvordan="Spærret af med bånd.")

    assert sent.status_code == 303, sent.text
    with reading(city.engine) as session:
        assert session.get_one(Incident, 1).made_safe_on == city.today


def test_a_misspelt_name_is_put_right_with_a_reason(operations, city):
    page = operations.get(f"{PATH}/ret")
    typed = {"navn": "Bænken ved kirken", "byggede": "VOLUNTEERS", "vilkaar": "NONE", "firma": "NONE"}
    without = operations.post(f"{PATH}/ret", **fields(page.text), **typed)
    sent = operations.post(f"{PATH}/ret", **fields(page.text), **typed, grund="Stavet forkert.")

    assert without.status_code in (409, 422)
    assert sent.status_code == 303, sent.text
    with reading(city.engine) as session:
        assert find(session, "VK-2026-0001").name == "Bænken ved kirken"
