"""Minutes that nobody would expect are asked about once, in every door of the desk, and taken when they are ticked."""

import re

import pytest

from models.case.consultation import last_round
from models.case.facility import find
from models.database import reading
from models.operation.unlikely import are_unlikely
from models.operation.work_order import WorkState
from tests.city import City
from tests.staff.conftest import Desk, fields
from tests.staff.test_daily_work import send

CASE = "/opgaver/sag/VK-2026-0001"
TICK = re.compile(r'name="alligevel" value="(\d+)"')


@pytest.fixture
def operations(desk: Desk) -> Desk:
    desk.sign_in("drift@kommune.example")
    return desk


@pytest.mark.parametrize(
    ("minutes", "planned", "unlikely"),
    [(900, 15, True), (20, 3, False), (75, 15, False), (136, 15, True), (480, 0, False), (481, 0, True), (0, 0, False)],
)
def test_what_is_unlikely(minutes, planned, unlikely):
    assert are_unlikely(minutes, planned) is unlikely


def test_hours_of_the_consultation_are_asked_about_and_another_number_is_asked_about_anew(operations, city: City):
    city.propose("baenk")
    path = "/opgaver/svar/VK-2026-0001:consultation:1"
    asked = send(operations, path, svar="YES", timer_om_aaret="900", kr_om_aaret="500")
    other = send(
        operations, path, svar="YES", timer_om_aaret="800", kr_om_aaret="500", alligevel=TICK.findall(asked.text)[0]
    )
    surely = send(
        operations, path, svar="YES", timer_om_aaret="800", kr_om_aaret="500", alligevel=TICK.findall(other.text)[0]
    )

    assert (asked.status_code, other.status_code, surely.status_code) == (409, 409, 303)
    assert "er meget. Der var ventet" in asked.text
    assert 'value="900"' in asked.text
    with reading(city.engine) as session:
        round_ = last_round(session, find(session, "VK-2026-0001"))
    assert round_ is not None
    assert round_.minutes_per_year == 800 * 60


def test_nine_hundred_minutes_for_a_bin_are_asked_about_on_the_day_of_work(operations, city: City):
    work = city.order(city.in_operation("baenk"), what="Tøm spanden", minutes=15)
    form = {**fields(operations.get("/opgaver/arbejde?alle=1").text), "svar": "DONE", "minutter": "900"}
    asked = operations.post(f"/opgaver/arbejde/{work.id}", **form)
    still = city.work_now(work).state
    surely = operations.post(f"/opgaver/arbejde/{work.id}", **form, alligevel="900")

    assert (asked.status_code, surely.status_code) == (409, 303)
    assert "15 timer er meget og bliver bogført som 6.375 kr. Der var ventet 15 minutter." in asked.text
    assert still is WorkState.ORDERED
    assert city.work_now(work).minutes == 900


def test_ordered_work_and_corrected_minutes_are_asked_about(operations, city: City):
    work = city.order(city.in_operation("baenk"), what="Mal gavlen", minutes=60)
    city.finish(work, minutes=60)
    order = {"hvad": "Mal bænken", "senest": "2026-09-01", "minutter": "5000", "hvem": "OWN"}
    ordered = [send(operations, f"{CASE}/goer/bestil", **order, **more) for more in ({}, {"alligevel": "5000"})]
    right = {"hvad": f"w{work.id}", "minutter": "6000", "grund": "Tastefejl."}
    corrected = [send(operations, f"{CASE}/goer/ret-timer", **right, **more) for more in ({}, {"alligevel": "6000"})]

    assert [each.status_code for each in ordered] == [409, 303]
    assert [each.status_code for each in corrected] == [409, 303]
    assert city.work_now(work).minutes == 6000
