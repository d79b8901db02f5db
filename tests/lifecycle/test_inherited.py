"""Arv: what stood before Driftsklar is looked after from the first day, and never mistaken for agreed."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlmodel import select

from models.case.agreement import AgreementStatus, CareTask
from models.case.facility import LandOwner, find
from models.case.inheritance import never_consulted
from models.case.volunteer_group import find_group
from models.database import reading, transaction
from models.journal import JournalEntry
from models.operation.check import Check, checks_of
from models.overview.invariants import broken
from models.pool.ledger import ledger
from models.post.outbox import Message
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.inheritance import ExistingPlace, TakenIn, take_in
from tests.city import City, Place

BENCH = ExistingPlace("baenk", "Bænk ved kirken", LandOwner.MUNICIPALITY, number="B-17", lat=54.99, lon=12.28)


def inherit(city: City, place: ExistingPlace = BENCH, by: Role = Role.OPERATIONS_MANAGER) -> TakenIn:
    with transaction(city.engine) as session:
        return take_in(session, place, Said(city.today, by, Door.INHERITED))


def test_an_inherited_bench_stands_in_operation_and_operations_does_all_of_it(city: City):
    bench = Place(city, inherit(city).facility.reference)

    assert (bench.stage, bench.missing) == (Stage.OPERATION, [])
    assert {str(task.who) for task in bench.tasks.values()} == {"municipality"}
    assert all(task.next_on for task in bench.tasks.values())
    assert bench.agreement.status is AgreementStatus.IN_FORCE
    with reading(city.engine) as session:
        assert broken(session) == {}
        (line,) = session.exec(select(JournalEntry).where(JournalEntry.stage == "operation"))
        assert line.door is Door.INHERITED


def test_operations_sees_that_it_was_never_asked(city: City):
    inherited = inherit(city).facility
    city.propose()

    with reading(city.engine) as session:
        assert [f.reference for f, _ in never_consulted(session)] == [inherited.reference]


def test_the_daily_run_asks_operations_and_nobody_else(city: City):
    inherit(city)

    city.live(date(2026, 3, 25), date(2026, 4, 20))

    with reading(city.engine) as session:
        asked = session.exec(select(Check)).all()
        assert {str(check.who) for check in asked} == {"municipality"}
        assert {m.role for m in session.exec(select(Message))} <= {
            Role.OPERATIONS,
            Role.OPERATIONS_MANAGER,
            Role.COORDINATOR,
            Role.LEADER,
            Role.POOL_MANAGER,
        }


def test_care_of_an_inherited_place_is_not_paid_by_the_pool(city: City):
    city.appropriate(2026, 10_000)
    reference = inherit(city).facility.reference
    city.live(date(2026, 3, 25), date(2026, 4, 1))
    with reading(city.engine) as session:
        check = checks_of(session, find(session, reference), only_open=True)[0]

    city.report(check, minutes=60, by=Role.OPERATIONS)

    with reading(city.engine) as session:
        assert [entry.facility_id for entry in ledger(session)] == [None]


def test_the_same_row_again_changes_nothing(city: City):
    first = inherit(city)

    again = inherit(city)

    assert (again.facility.id, again.is_new) == (first.facility.id, False)


def test_a_row_that_says_something_else_is_not_believed(city: City):
    inherit(city)

    with pytest.raises(BadInput, match="andre oplysninger"):
        inherit(city, BENCH._replace(name="Bænk ved skolen"))


def test_a_place_with_only_an_address_gets_its_point_later(city: City):
    somewhere = BENCH._replace(lat=None, lon=None, address="Kirkevej 1, Stege")
    reference = inherit(city, somewhere).facility.reference

    assert inherit(city, somewhere._replace(lat=54.99, lon=12.28)).was_placed

    assert Place(city, reference).facility.is_placed


def test_a_group_that_is_named_gets_an_agreement_to_review_while_operations_does_the_work(city: City):
    group = city.add_group()
    with reading(city.engine) as session:
        group_id = find_group(session, group).id
    bench = Place(city, inherit(city, BENCH._replace(group_id=group_id)).facility.reference)

    assert bench.waits_for == [(Role.COORDINATOR, Stage.AGREEMENT)]
    assert {str(task.who) for task in bench.tasks.values()} == {"municipality"}

    city.review(bench)
    city.sign(bench)
    city.appropriate(2026, 50_000)

    assert bench.waits_for[0][1] is Stage.FUNDING


def test_a_group_that_comes_later_is_proposed_what_volunteers_usually_do(city: City):
    bench = Place(city, inherit(city).facility.reference)
    group = city.add_group()

    city.end(bench, "new_group", group=group)

    newest = bench.agreements[-1]
    assert (bench.stage, bench.group) == (Stage.OPERATION, group)
    assert newest.status is AgreementStatus.REVIEW
    assert newest.volunteer_minutes_per_year > 0


def test_a_yes_afterwards_settles_the_debt_and_the_place_stays_in_operation(city: City):
    bench = Place(city, inherit(city).facility.reference)

    city.ask_again(bench, "Det er arvet", by=Role.COORDINATOR)
    asked = bench.waits_for
    city.answer(bench, "yes", hours=3, kr=1_200)

    assert asked == [(Role.OPERATIONS, Stage.CONSULTATION)]
    assert (bench.stage, bench.waits_for) == (Stage.OPERATION, [])
    with reading(city.engine) as session:
        assert never_consulted(session) == []
    assert city.told(Role.PROJECT_LEAD)[-1][1] == "consultation_settled"
    with pytest.raises(Refusal, match="har sagt ja"):
        city.ask_again(bench, "En gang til")


def test_a_no_afterwards_begins_an_ending_and_the_coordinator_decides(city: City):
    bench = Place(city, inherit(city).facility.reference)
    city.ask_again(bench, "Det er arvet")

    city.answer(bench, "no", reason="Ingen maskine kan komme derud.")

    assert bench.waits_for == [(Role.COORDINATOR, Stage.WINDING_DOWN)]
    city.end(bench, "operations")
    assert (bench.stage, bench.waits_for) == (Stage.OPERATION, [])
    city.ask_again(bench, "Der er kommet en vej")
    assert bench.waits_for == [(Role.OPERATIONS, Stage.CONSULTATION)]


def test_operations_is_reminded_of_an_inherited_place_as_of_any_other(city: City):
    city.ask_again(Place(city, inherit(city).facility.reference), "Det er arvet")

    city.live(city.today, city.today + timedelta(days=45))

    told = [kind for _, kind in city.told(Role.LEADER)]
    assert told.count("consultation_overdue") == 1


def test_the_pool_promises_nothing_to_an_inherited_place_before_operations_yes(city: City):
    group = city.add_group()
    with reading(city.engine) as session:
        group_id = find_group(session, group).id
    bench = Place(city, inherit(city, BENCH._replace(group_id=group_id)).facility.reference)
    city.review(bench)
    city.sign(bench)
    city.fill_the_pool(bench)

    with pytest.raises(Refusal, match="ikke hørt"):
        city.fund(bench)
    city.ask_again(bench, "En gruppe vil passe den")
    city.answer(bench, "yes")
    city.fund(bench)

    assert any(entry.kind == "commitment" for entry in city.ledger())


def test_forty_benches_taken_in_on_one_day_are_not_due_on_one_day(city: City):
    with transaction(city.engine) as session:
        for number in range(40):
            place = BENCH._replace(number=f"B-{number}", name=f"Bænk {number}")
            take_in(session, place, Said(city.today, Role.OPERATIONS, Door.INHERITED))
    with reading(city.engine) as session:
        first = Counter((t.key, t.next_on) for t in session.exec(select(CareTask)))

    assert max(first.values()) <= 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"type_key": "rumskib"}, "anlægstype"),
        ({"name": " "}, "tomt"),
        ({"lat": 48.1, "lon": 11.5}, "Danmark"),
        ({"lat": None, "lon": None}, "koordinater eller adresse"),
        ({"built_on": date(2027, 1, 1)}, "ikke kommet endnu"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused(city: City, wrong: dict[str, object], says: str):
    with pytest.raises(BadInput, match=says):
        inherit(city, BENCH._replace(**wrong))


def test_a_volunteer_cannot_use_the_door(city: City):
    with pytest.raises(Refusal, match="kan ikke afgøres"):
        inherit(city, by=Role.VOLUNTEER)
