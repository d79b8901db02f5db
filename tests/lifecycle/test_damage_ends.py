"""Damage ends: what is unsafe stays so until operations says otherwise, and a decided repair is work that gets done."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from models.database import reading, transaction
from models.operation.incident import Incident, IncidentDecision, find_incident, unsafe_incidents
from models.operation.work import WorkKind, WorkOrder, drop_work, open_work
from models.pool.ledger import Kind
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from tests.city import City, Place

APRIL_1 = date(2026, 4, 1)


@pytest.fixture
def bench(city: City) -> Place:
    return city.in_operation(from_=APRIL_1)


def is_unsafe(city: City, place: Place) -> bool:
    with reading(city.engine) as session:
        return bool(unsafe_incidents(session, place.facility))


def repair(session: Session) -> WorkOrder:
    (work,) = [work for work in open_work(session) if work.kind is WorkKind.REPAIR]
    return work


def drop(city: City, reason: str = "Delen kan ikke fås.") -> None:
    with transaction(city.engine) as session:
        drop_work(session, repair(session), Said(city.today, Role.OPERATIONS, Door.CLI), reason=reason)


def test_a_damaged_roof_goes_unsafe_made_safe_decided_mended_and_in_use_again(city: City, bench: Place):
    number = city.damage(bench, "Taget er løst")
    seen = [is_unsafe(city, bench)]
    for step in (
        lambda: city.make_safe(number),
        lambda: city.decide_incident(number, kr=500),
        lambda: city.mend(number, kr=420),
    ):
        step()
        seen.append(is_unsafe(city, bench))
    asked = bench.waits_for

    city.use_again(number)

    assert seen == [True] * 4
    assert asked == [(Role.OPERATIONS, Stage.OPERATION)]
    assert not is_unsafe(city, bench)
    assert bench.waits_for == []
    assert f"Skade nr. {number}: stedet må bruges igen." in bench.journal


def test_what_a_repair_costs_is_reserved_when_it_is_decided_and_booked_as_it_cost(city: City, bench: Place):
    number = city.damage(bench, safe=True)
    city.decide_incident(number, kr=500)
    reserved = [entry.amount_ore for entry in city.ledger() if entry.kind is Kind.WORK_RESERVED]

    city.mend(number, kr=420)

    assert reserved == [500_00]
    assert [entry.amount_ore for entry in city.ledger() if entry.kind is Kind.SPENDING] == [420_00]
    assert sum(entry.amount_ore for entry in city.ledger() if entry.kind is Kind.WORK_RESERVED) == 0


def test_a_repair_where_nobody_may_go_is_due_sooner(city: City, bench: Place):
    for safe in (True, False):
        city.decide_incident(city.damage(bench, safe=safe), kr=100)

    with reading(city.engine) as session:
        days = [(work.due_on - city.today).days for work in sorted(open_work(session), key=lambda work: work.number)]
    assert days == [30, 14]


def test_the_group_hears_that_it_is_mended_once(city: City, bench: Place):
    number = city.damage(bench)
    city.mend(number)
    early = [letter.template for letter in city.letters_to(bench.group)].count("incident_ended")
    city.use_again(number)
    before = city.dump()

    city.use_again(number, on=city.today + timedelta(days=3))

    letters = [letter for letter in city.letters_to(bench.group) if letter.template == "incident_ended"]
    assert early == 0
    assert [letter.context["mended"] for letter in letters] == [True, True]  # the contact and the deputy
    assert city.dump() == before


def test_a_place_that_was_looked_at_may_be_used_before_it_is_mended(city: City, bench: Place):
    number = city.damage(bench)
    city.decide_incident(number)

    city.use_again(number)

    assert not is_unsafe(city, bench)
    with reading(city.engine) as session:
        assert find_incident(session, number).mended_on is None


def test_a_repair_that_is_dropped_waits_for_another_decision_and_a_second_order(city: City, bench: Place):
    number = city.damage(bench)
    city.decide_incident(number, kr=500)

    drop(city)
    asked = bench.waits_for
    city.decide_incident(number, kr=700, reason="Vi laver en anden løsning.")

    assert asked == [(Role.OPERATIONS_MANAGER, Stage.OPERATION)]
    with reading(city.engine) as session:
        assert repair(session).ore_estimated == 700_00
    assert [letter.template for letter in city.letters_to(bench.group)].count("incident_decided") == 4


def test_what_is_ordered_when_a_place_is_taken_down_is_not_decided_again(city: City, bench: Place):
    number = city.damage(bench)
    city.decide_incident(number)

    city.end(bench, "remove")

    with reading(city.engine) as session:
        assert find_incident(session, number).decision is IncidentDecision.REPAIR
        assert open_work(session) == []
    assert bench.waits_for == []
    assert not is_unsafe(city, bench)


def test_a_place_that_was_to_close_and_goes_on_is_asked_about(city: City, bench: Place):
    number = city.damage(bench)
    city.decide_incident(number, "close", kr=0)
    winding_down = bench.waits_for

    city.end(bench, "operations")

    assert winding_down == [(Role.COORDINATOR, Stage.WINDING_DOWN)]
    assert is_unsafe(city, bench)
    assert (Role.OPERATIONS, Stage.OPERATION) in bench.waits_for


def test_what_was_decided_before_repairs_were_followed_is_asked_about(city: City, bench: Place):
    number = city.damage(bench)
    with transaction(city.engine) as session:  # as the version before left it
        incident = session.get_one(Incident, number)
        incident.decision, incident.decided_on, incident.reason = IncidentDecision.REPAIR, city.today, "Slid"
    asked = bench.waits_for

    city.use_again(number)

    assert asked == [(Role.OPERATIONS, Stage.OPERATION)]
    assert bench.waits_for == []


def test_who_may_not_say_it_is_told_who_may(city: City, bench: Place):
    number = city.damage(bench)

    with pytest.raises(Refusal, match="driften"):
        city.use_again(number, by=Role.VOLUNTEER)


def test_a_place_that_could_be_used_all_the_time_needs_no_word(city: City, bench: Place):
    number = city.damage(bench, safe=True)

    with pytest.raises(Refusal, match="hele tiden"):
        city.use_again(number)


def test_it_is_not_said_before_the_damage_or_before_it_was_mended(city: City, bench: Place):
    number = city.damage(bench)
    with pytest.raises(BadInput, match="først meldt"):
        city.use_again(number, on=APRIL_1 - timedelta(days=1))
    city.mend(number, on=APRIL_1 + timedelta(days=5))

    with pytest.raises(BadInput, match="først lavet"):
        city.use_again(number, on=APRIL_1 + timedelta(days=4))
