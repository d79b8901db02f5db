"""Work gets done: ordered, taken, done or dropped, with its money, its ladder and what it was for."""

from collections import Counter
from datetime import date, timedelta

import pytest

from models.case.facility import find
from models.database import reading
from models.operation.check import CheckState
from models.operation.work_order import WorkOrder, WorkState
from models.overview.waiting import waits_of
from models.pool.ledger import Kind
from models.post.outbox import Message, MessageItem
from models.refusal import BadInput, Refusal
from models.role import Role
from tests.city import City, Place

JUNE_1 = date(2026, 6, 1)


@pytest.fixture
def bench(city: City) -> Place:
    place = city.in_operation(from_=date(2026, 5, 2), money=300_000)
    city.today = JUNE_1
    return place


def held_kr(city: City, work: WorkOrder) -> float:
    """What the ledger says is held for one order."""
    kinds = (Kind.WORK_RESERVED,)
    return sum(e.amount_ore for e in city.ledger() if e.key.startswith(f"work:{work.id}:") and e.kind in kinds) / 100


def sleeping_check(city: City, bench: Place) -> WorkOrder:
    """A check that nobody answered, as the work it became."""
    city.live(date(2026, 5, 20), date(2026, 6, 28))
    return next(order for order in city.work_orders() if order.kind == "missed_check")


def asked_for_work(city: City, place: Place) -> list[Role]:
    """Who is asked about late work; the visit of the first weeks is a question of its own."""
    with reading(city.engine) as session:
        return [wait.role for wait in waits_of(session, find(session, place.reference)) if wait.topic == "work"]


# -- from the order to its end ------------------------------------------------------------------------


def test_what_was_ordered_is_reserved_then_booked_as_it_cost_and_the_rest_is_free_again(city: City, bench: Place):
    free, committed, _ = city.pot(2026)

    work = city.order(bench, minutes=60, kr=2_000)

    assert city.pot(2026) == (free - (2_000 - committed), 2_000, 0)
    city.take(work)
    city.finish(work, minutes=90, kr=1_200, invoice="F-118")
    assert city.pot(2026) == (free - (1_200 - committed), 0, 1_200)
    assert held_kr(city, work) == 0
    done = city.work_now(work)
    assert (done.state, done.minutes, done.ore, done.invoice) == (WorkState.DONE, 90, 120_000, "F-118")
    assert city.wrong() == []


def test_what_was_not_done_gives_all_back(city: City, bench: Place):
    before = city.pot(2026)
    work = city.order(bench, kr=2_000)

    city.drop(work, "Gavlen er ny.")

    assert city.pot(2026) == before
    assert city.work_now(work).dropped_because == "Gavlen er ny."
    assert city.wrong() == []


def test_two_orders_at_one_place_do_not_hold_the_same_krone(city: City, bench: Place):
    free, committed, _ = city.pot(2026)

    city.order(bench, "Mal gavlen", kr=1_000)
    city.order(bench, "Ret stolpen", kr=500)

    assert city.pot(2026) == (free - (1_500 - committed), 1_500, 0)


def test_the_same_word_twice_changes_nothing_and_another_is_refused(city: City, bench: Place):
    work = city.order(bench, kr=500, key="gavl")
    assert city.order(bench, kr=500, key="gavl").id == work.id
    with pytest.raises(BadInput, match="brugt til arbejde"):
        city.order(bench, kr=600, key="gavl")

    city.finish(work, minutes=30, kr=400)
    before = city.dump()
    city.finish(work, minutes=30, kr=400)

    assert city.dump() == before
    for other in (lambda: city.finish(work, minutes=31, kr=400), lambda: city.drop(work), lambda: city.take(work)):
        with pytest.raises(Refusal, match="allerede gjort"):
            other()
    assert city.dump() == before


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"minutes": -1}, "minutter fra 0"),
        ({"kr": 1_000_000_000}, "kroner fra 0"),
        ({"on": JUNE_1 - timedelta(days=1)}, "først bestilt 1. juni 2026"),
        ({"by": Role.VOLUNTEER}, "kan ikke afgøres af frivilliggruppen"),
    ],
    ids=["negative minutes", "a billion", "before it was ordered", "a volunteer"],
)
def test_what_cannot_be_is_refused_and_changes_nothing(city: City, bench: Place, said: dict, wrong: str):
    work = city.order(bench, kr=500)
    before = city.dump()

    with pytest.raises((BadInput, Refusal), match=wrong):
        city.finish(work, **said)

    assert city.dump() == before


def test_more_than_was_reserved_needs_a_role_that_may_spend_it(city: City, bench: Place):
    work = city.order(bench, kr=2_000)

    with pytest.raises(Refusal, match=r"Det kan puljeforvalteren"):
        city.finish(work, minutes=60, kr=12_000)
    with pytest.raises(Refusal, match=r"Det kan puljeforvalteren"):
        city.finish(work, minutes=60, kr=12_000, by=Role.OPERATIONS_MANAGER)
    city.finish(work, minutes=60, kr=12_000, by=Role.POOL_MANAGER)

    assert city.pot(2026)[2] == 12_000


def test_hours_that_were_worked_are_no_purchase(city: City, bench: Place):
    work = city.order(bench, minutes=15)

    city.finish(work, minutes=60, kr=425)

    assert city.pot(2026)[2] == 425


def test_a_manager_orders_within_the_limit_and_not_above(city: City, bench: Place):
    with pytest.raises(Refusal, match="Det kan puljeforvalteren"):
        city.order(bench, kr=10_001)

    assert city.order(bench, kr=10_000).reserved_year == 2026
    with pytest.raises(BadInput, match="før bestillingen"):
        city.order(bench, due=JUNE_1 - timedelta(days=1))


def test_done_work_that_the_pool_cannot_pay_is_done_and_paid_when_there_is_money(city: City):
    for year, kr in ((2026, 9), (2027, 12), (2028, 12), (2029, 3)):
        city.appropriate(year, kr)
    bench = city.in_operation(from_=date(2026, 4, 1), kr=12, money=0)
    city.today = JUNE_1
    work = city.order(bench, minutes=60)

    city.finish(work, minutes=60, kr=425)

    assert city.work_now(work).booked_on is None
    city.appropriate(2026, 1_000)
    city.sweep(date(2026, 6, 2))
    assert city.work_now(work).booked_on == date(2026, 6, 2)
    assert city.pot(2026)[2] == 425
    assert city.wrong() == []


# -- checks -------------------------------------------------------------------------------------------


def test_an_answer_after_the_order_counts_and_the_order_is_dropped(city: City, bench: Place):
    before = city.pot(2026)
    order = sleeping_check(city, bench)
    assert city.checks(bench)[0].state is CheckState.MISSED

    city.report(city.checks(bench)[0], "ok", minutes=10)

    assert city.checks(bench)[0].state is CheckState.DONE
    assert city.work_now(order).state is WorkState.DROPPED
    assert "frivilliggruppen" in city.work_now(order).dropped_because
    assert city.pot(2026) == before
    assert city.wrong() == []


def test_an_own_task_and_its_check_end_together_and_the_next_is_planned(city: City):
    shelter = city.in_operation("shelter", from_=date(2026, 4, 1))
    city.live(date(2026, 4, 25), date(2026, 5, 5))
    orders = {order.id: order for order in city.work_orders() if order.kind == "own_task"}
    order = next(iter(orders.values()))

    city.finish(order, minutes=35, kr=248)

    check = next(c for c in city.checks(shelter) if c.id == order.check_id)
    assert (check.state, check.closed_on) == (CheckState.DONE, city.today)
    assert Counter(o.check_id for o in city.work_orders()).most_common(1)[0][1] == 1
    city.live(date(2027, 3, 1), date(2027, 5, 10))
    assert [o.kind for o in city.work_orders()].count("own_task") == len(orders) + 1
    assert city.wrong() == []


def test_the_answer_to_an_own_task_ends_its_work(city: City):
    shelter = city.in_operation("shelter", from_=date(2026, 4, 1))
    city.live(date(2026, 4, 25), date(2026, 5, 5))
    order = next(order for order in city.work_orders() if order.kind == "own_task")

    assert order.check_id is not None
    city.report(order.check_id, "ok", minutes=40, by=Role.OPERATIONS)

    done = city.work_now(order)
    assert (done.state, done.minutes, done.ore) == (WorkState.DONE, 40, 28_333)
    assert city.wrong() == []
    assert asked_for_work(city, shelter) == []


# -- the ladder ---------------------------------------------------------------------------------------


def test_late_work_is_told_each_role_once_even_after_downtime_and_then_it_is_asked_for(city: City, bench: Place):
    work = city.order(bench, due=date(2026, 6, 10))

    city.sweep(date(2026, 6, 10))
    assert not any(kind == "work_late" for role in Role for _, kind in city.told(role))
    assert asked_for_work(city, bench) == []
    city.sweep(date(2026, 6, 11))
    assert asked_for_work(city, bench) == [Role.OPERATIONS]
    for _ in range(2):
        city.sweep(date(2026, 7, 20))

    to = {message.id: message.role for message in city.all(Message)}
    late = [each for each in city.all(MessageItem) if each.kind == "work_late" and each.context["work_id"] == work.id]
    assert sorted(to[each.message_id] for each in late) == ["leader", "operations", "operations_manager"]
    city.finish(work, minutes=10, on=date(2026, 7, 21))
    assert asked_for_work(city, bench) == []


# -- the year's end -----------------------------------------------------------------------------------


def test_what_is_reserved_moves_on_with_its_order_when_the_year_ends(city: City, bench: Place):
    work = city.order(bench, kr=2_000, due=date(2027, 2, 1))
    city.today = date(2027, 1, 10)
    spent = city.pot(2027)[2]

    with city._decision(None, Role.POOL_MANAGER) as (session, said):
        from models.pool.year_end import close_year, release_unused

        release_unused(session, 2026, said)
    assert city.pot(2026)[1] == 0
    city.carry_over(2026, 0)
    with city._decision(None, Role.POOL_MANAGER) as (session, said):
        close_year(session, 2026, said)
    free, committed, _ = city.pot(2027)

    city.finish(work, minutes=60, kr=1_500)

    assert city.pot(2027) == (free + 500, committed - 2_000, spent + 1_500)
    assert city.wrong() == []


def test_a_place_that_is_taken_down_has_no_work_left(city: City, bench: Place):
    work = city.order(bench, kr=2_000)
    city.let_go(bench)

    city.end(bench, "remove")

    assert city.work_now(work).state is WorkState.DROPPED
    assert city.pot(2026)[1] == 0
    assert city.wrong() == []


@pytest.mark.parametrize("what", ["Ret stolpen", "Ret stolpen."])
def test_the_case_sets_one_full_stop_after_what_was_written(city: City, bench: Place, what: str):
    city.finish(city.order(bench, what, kr=500), minutes=30, kr=400)

    ordered, done = [line for line in bench.journal if "Ret stolpen" in line][:2]

    assert "bestilt: Ret stolpen, senest" in ordered
    assert "er gjort: Ret stolpen. 30 minutter" in done
