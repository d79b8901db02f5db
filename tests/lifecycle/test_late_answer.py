"""A late answer counts: an open order is dropped because the group did it, a done one stays, and operations hears it once."""

from datetime import date, timedelta

import pytest

from models.case.volunteer_group import contacts_of, find_group
from models.database import transaction
from models.operation.check import Check, CheckResult, CheckState, Report, find_check
from models.operation.check_answer import report_check
from models.operation.correction import correct_answer
from models.operation.work_order import WorkState
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from tests.city import City, Place

MONDAY = date(2026, 4, 27)


@pytest.fixture
def missed(city: City) -> tuple[City, Place, Check]:
    """A bench whose look on 1 May nobody answered, so that operations has it as work."""
    bench = city.in_operation(from_=date(2026, 4, 1))
    city.today = MONDAY
    city.sweep()
    city.report(city.check_of(bench, "oil"))
    city.live(city.today, date(2026, 5, 26))
    return city, bench, next(each for each in city.checks(bench) if each.state is CheckState.MISSED)


def answer(city: City, bench: Place, check: Check, result: CheckResult) -> None:
    """What the contact person says of a check, or says instead of what they said before."""
    said = Said(city.today, Role.VOLUNTEER, Door.PAGE)
    with transaction(city.engine) as session:
        contact = contacts_of(session, find_group(session, bench.group))[0].number
        now = find_check(session, check.number)
        if any(each.check_id == check.id for each in city.all(Report)):
            correct_answer(session, now, result, said, contact_id=contact, minutes=None, note="")
        else:
            report_check(session, now, result, said, minutes=None, note="", contact_id=contact)


def orders(city: City) -> list[tuple[WorkState, bool]]:
    """Each order's state, and whether it is the check's."""
    return [(each.state, each.check_id is not None) for each in city.work_orders()]


def told_operations(city: City) -> list[str]:
    return [kind for _, kind in city.told(Role.OPERATIONS) if kind.startswith("work_order")]


def test_the_open_order_is_dropped_its_money_let_go_and_operations_told_once(missed: tuple[City, Place, Check]):
    city, bench, check = missed
    free, committed, spent = city.pot(2026)

    for _ in range(2):
        answer(city, bench, check, CheckResult.OK)

    assert city.check_of(bench, "look").state is CheckState.DONE
    (order,) = city.work_orders()
    assert (order.state, "besvaret af frivilliggruppen" in order.dropped_because) == (WorkState.DROPPED, True)
    assert told_operations(city) == ["work_order", "work_order_answered"]
    assert city.pot(2026) == (free, committed, spent)
    assert city.wrong() == []


def test_an_order_that_is_done_stays_done_and_the_answer_counts_too(missed: tuple[City, Place, Check]):
    city, bench, check = missed
    city.finish(city.work_orders()[0], minutes=12, kr=85)
    pot = city.pot(2026)

    answer(city, bench, check, CheckResult.OK)

    assert city.check_of(bench, "look").state is CheckState.DONE
    assert orders(city) == [(WorkState.DONE, True)]
    assert told_operations(city) == ["work_order", "work_order_answered"]
    assert city.pot(2026) == pot
    assert city.wrong() == []


def test_who_says_late_that_they_could_not_leaves_it_to_operations(missed: tuple[City, Place, Check]):
    city, bench, check = missed

    answer(city, bench, check, CheckResult.NOT_DONE)

    assert orders(city) == [(WorkState.ORDERED, True)]
    assert told_operations(city) == ["work_order"]


def test_what_operations_has_done_is_not_answered_with_a_no(missed: tuple[City, Place, Check]):
    city, bench, check = missed
    city.finish(city.work_orders()[0], minutes=12, kr=85)

    with pytest.raises(Refusal, match="Driften har taget over"):
        answer(city, bench, check, CheckResult.NOT_DONE)


def test_a_correction_drops_the_order_and_the_next_one_orders_it_anew(missed: tuple[City, Place, Check]):
    city, bench, check = missed
    answer(city, bench, check, CheckResult.NOT_DONE)

    answer(city, bench, check, CheckResult.OK)
    assert orders(city) == [(WorkState.DROPPED, True)]
    assert told_operations(city) == ["work_order", "work_order_answered"]

    city.today += timedelta(days=1)
    answer(city, bench, check, CheckResult.NOT_DONE)
    assert sorted(orders(city)) == [(WorkState.DROPPED, False), (WorkState.ORDERED, True)]
    assert told_operations(city) == ["work_order", "work_order_answered", "work_order"]
    assert city.wrong() == []
