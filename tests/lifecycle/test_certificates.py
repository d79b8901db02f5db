"""Hovedeftersynet: without the competent person's report it isn't done, whoever answers and by which door."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.case.certificate import Certificate
from models.case.facility import find
from models.database import reading, transaction
from models.operation.check import Check, CheckResult, CheckState, find_check
from models.operation.check_answer import report_check
from models.operation.work import finish_work, order_work
from models.operation.work_certificate import add_certificate
from models.operation.work_order import WorkKind, WorkOrder, WorkState, find_work
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from tests.city import City, Place


@pytest.fixture
def playground(city: City) -> Place:
    """Play equipment whose yearly main inspection is operations' to order."""
    place = city.in_operation("legeredskab", name="Legepladsen i Stege", years=3)
    its_day(city, place)
    return place


def its_day(city: City, place: Place) -> None:
    """The day of the next main inspection: planned the day before, ordered on its working day."""
    city.today = place.tasks["main_inspection"].next_on - timedelta(days=1)
    city.sweep()
    city.today = city.check_of(place, "main_inspection").due_on
    city.sweep()


def order(city: City) -> WorkOrder:
    return next(work for work in city.all(WorkOrder) if "hovedeftersyn" in work.what)


def said(city: City, by: Role = Role.OPERATIONS) -> Said:
    return Said(city.today, by, Door.CLI)


def check_of(city: City, work: WorkOrder) -> Check:
    with reading(city.engine) as session:
        return session.get_one(Check, work.check_id)


def test_our_own_inspector_isnt_done_without_the_report_and_is_with_it(city: City, playground: Place):
    work = order(city)
    before = city.dump()

    with transaction(city.engine) as session, pytest.raises(BadInput, match="når rapporten er her"):
        finish_work(session, find_work(session, work.number), said(city), minutes=120, ore=0)
    assert city.dump() == before
    with transaction(city.engine) as session:
        found = find_work(session, work.number)
        add_certificate(session, found, ("a" * 64, "documents/certificates/a.pdf"), on=city.today)
        finish_work(session, found, said(city), minutes=120, ore=0)

    assert city.work_now(work).state is WorkState.DONE
    assert check_of(city, work).state is CheckState.DONE


@pytest.mark.parametrize("by", [Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.COORDINATOR])
def test_the_check_isnt_answered_with_all_well_before_the_report_is_here(city: City, playground: Place, by: Role):
    check = check_of(city, order(city))
    before = city.dump()

    with (
        transaction(city.engine) as session,
        pytest.raises(Refusal, match="Meld arbejdet gjort med rapporten på arbejdslisten"),
    ):
        report_check(session, find_check(session, check.number), CheckResult.OK, said(city, by), minutes=60, note="")

    assert city.dump() == before


def test_damage_found_meanwhile_is_never_refused_and_the_inspection_stays_to_be_done(city: City, playground: Place):
    work = order(city)
    check = check_of(city, work)

    with transaction(city.engine) as session:
        found = find_check(session, check.number)
        incident = report_check(
            session, found, CheckResult.DAMAGED, said(city), minutes=30, note="Gyngen er knækket", safe=False
        )

    assert incident is not None
    assert city.work_now(work).is_open


def test_the_report_of_a_firm_that_was_ordered_beside_it_is_enough(city: City, playground: Place):
    work = order(city)
    with transaction(city.engine) as session:
        other = order_work(
            session,
            find(session, playground.reference),
            WorkKind.OTHER,
            "Hold hovedeftersyn",
            city.today,
            said(city),
            key="firm",
            minutes=0,
        )
        add_certificate(session, other, ("b" * 64, "documents/certificates/b.pdf"), on=city.today)

    with transaction(city.engine) as session:
        finish_work(session, find_work(session, work.number), said(city), minutes=0, ore=0)

    with reading(city.engine) as session:
        assert len(session.exec(select(Certificate)).all()) == 1
    assert city.work_now(work).state is WorkState.DONE


def test_last_years_report_isnt_this_years(city: City, playground: Place):
    work = order(city)
    with transaction(city.engine) as session:
        found = find_work(session, work.number)
        add_certificate(session, found, ("a" * 64, "documents/certificates/a.pdf"), on=city.today)
        finish_work(session, found, said(city), minutes=120, ore=0)
    its_day(city, playground)

    (next_years,) = [w for w in city.all(WorkOrder) if "hovedeftersyn" in w.what and w.is_open]
    with transaction(city.engine) as session, pytest.raises(BadInput):
        finish_work(session, find_work(session, next_years.number), said(city), minutes=120, ore=0)


def test_a_repair_that_came_of_an_inspection_needs_no_report(city: City, playground: Place):
    with transaction(city.engine) as session:
        facility = find(session, playground.reference)
        repair = order_work(
            session, facility, WorkKind.REPAIR, "Fejl fra hovedeftersynet", city.today, said(city), key="x"
        )
        finish_work(session, repair, said(city), minutes=30, ore=0)

    assert city.work_now(repair).state is WorkState.DONE
