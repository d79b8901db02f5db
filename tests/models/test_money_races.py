"""Eight processes at one pool: it is never overspent, and one key is never booked twice."""

from collections import Counter
from datetime import date
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier

from models.case.facility import find
from models.case.funding import FundingDecision
from models.database import engine_for, transaction
from models.operation.work_by_hand import order_by_hand
from models.pool.appropriation import appropriate
from models.pool.spending import spend
from models.pool.year_end import carry_over
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.funding import decide_funding
from tests import patience
from tests.city import City
from tests.own_process import SERVER

EIGHT = 8
TODAY = date(2026, 1, 5)


def _grant(session, reference: str) -> str:
    facility = find(session, reference)
    said = Said(TODAY, Role.POOL_MANAGER, Door.CLI)
    decide_funding(session, facility, FundingDecision.GRANT, said, reason="", decided_on=None, case_number="")
    return "granted"


def _spend(session, facility_id: int, kr: int, key: str) -> str:
    said = Said(TODAY, Role.POOL_MANAGER, Door.CLI)
    paid = spend(session, facility_id, 2026, kr * 100, said, key=key, what="Reparation")
    return "paid" if paid else "unpaid"


def _appropriate(session, kr: int) -> str:
    appropriate(session, 2026, kr * 100, Said(TODAY, Role.LEADER, Door.CLI), reason="", key="budget")
    return "done"


def _order(session, reference: str, kr: int, key: str) -> str:
    said = Said(date(2026, 4, 2), Role.OPERATIONS_MANAGER, Door.CLI)
    facility = find(session, reference)
    work = order_by_hand(session, facility, "Mal gavlen", date(2026, 5, 1), said, key=key, ore=kr * 100)
    return "held" if work.reserved_year else "waits"


def _carry_over(session, kr: int) -> str:
    carry_over(session, 2026, kr * 100, Said(date(2027, 2, 1), Role.LEADER, Door.CLI))
    return "done"


def _racer(url: str, start: Barrier, said: SimpleQueue, decision, arguments: tuple) -> None:
    engine = engine_for(url)
    with engine.connect():
        pass  # connected before the start, so that all come at once
    start.wait(patience.SECONDS)
    try:
        with transaction(engine) as session:
            answer = decision(session, *arguments)
    except Refusal as refusal:
        answer = refusal.code
    except Exception as broken:  # what must never happen is shown to the test
        answer = repr(broken)
    said.put(answer)


def race(city: City, decision, arguments: list[tuple]) -> Counter[str]:
    """Each with its arguments in a process of its own, all at once; what came out of it."""
    url = city.engine.url.render_as_string(hide_password=False)
    start, said = SERVER.Barrier(len(arguments)), SERVER.SimpleQueue()
    racers = [SERVER.Process(target=_racer, args=(url, start, said, decision, each)) for each in arguments]
    for racer in racers:
        racer.start()
    answers = [said.get() for _ in racers]
    for racer in racers:
        racer.join(patience.SECONDS)
    return Counter(answers)


def test_grants_at_once_never_promise_more_than_there_is(city: City):
    benches = [city.to_stage(Stage.FUNDING, years=1) for _ in range(EIGHT)]
    city.appropriate(2026, 3 * 675 + 100)
    city.appropriate(2027, EIGHT * 225)

    answers = race(city, _grant, [(bench.reference,) for bench in benches])

    refused = answers["pool.too_little"] + answers["funding.too_little"]
    assert (answers["granted"], refused) == (3, 5), answers
    assert Counter(bench.stage for bench in benches)[Stage.BUILDING] == 3
    assert city.pot(2026) == (100, 3 * 675, 0)
    assert city.wrong() == []


def test_bills_at_once_never_spend_more_than_there_is(city: City):
    bench = city.in_operation(years=1, from_=date(2026, 4, 1), money=1_000)
    number = bench.facility.id

    answers = race(city, _spend, [(number, 300, f"bill {n}") for n in range(EIGHT)])

    assert answers == {"paid": 3, "unpaid": 5}
    assert city.pot(2026) == (100, 0, 900)
    assert city.wrong() == []


def test_orders_at_once_never_hold_more_than_there_is(city: City):
    bench = city.in_operation(years=1, from_=date(2026, 4, 1), money=1_000)

    answers = race(city, _order, [(bench.reference, 300, f"order {n}") for n in range(EIGHT)])

    assert answers == {"held": 3, "waits": 5}
    assert city.pot(2026) == (100, 900, 0)
    assert city.wrong() == []


def test_one_order_at_once_is_ordered_and_held_once(city: City):
    bench = city.in_operation(years=1, from_=date(2026, 4, 1), money=1_000)

    answers = race(city, _order, [(bench.reference, 900, "one")] * EIGHT)

    assert answers == {"held": EIGHT}
    assert len(city.work_orders()) == 1
    assert city.pot(2026)[1] == 900


def test_one_key_at_once_is_booked_once(city: City):
    bench = city.in_operation(years=1, from_=date(2026, 4, 1), money=1_000)

    appropriated = race(city, _appropriate, [(500,)] * EIGHT)
    paid = race(city, _spend, [(bench.facility.id, 700, "bill")] * EIGHT)

    assert appropriated == {"done": EIGHT}
    assert paid == {"paid": EIGHT}
    assert city.pot(2026) == (1_500 - 700, 0, 700)
    assert city.wrong() == []


def test_different_decisions_on_one_thing_at_once_leave_one_of_them(city: City):
    city.appropriate(2026, 1_000)

    answers = race(city, _carry_over, [(100 * n,) for n in range(1, EIGHT + 1)])

    assert answers == {"done": 1, "year_end.decided": EIGHT - 1}
    assert city.pot(2026)[0] + city.pot(2027)[0] == 1_000
    moved = [line for line in city.dump()["journal"] if "Overført fra 2026" in line]
    assert len(moved) == 1
    assert city.wrong() == []
