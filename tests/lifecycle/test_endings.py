"""How an agreement ends: renewed, taken over by others, or the place is taken down; never forgotten."""

from datetime import date

import pytest

from config.catalogue import Who
from models.case.agreement import AgreementStatus
from models.refusal import Refusal
from models.role import Role
from models.stage import Stage
from tests.city import City, Place

APRIL_1 = date(2026, 4, 1)


def renew(city: City, bench: Place, on: date) -> None:
    """The next agreement is reviewed, signed and paid for."""
    city.today = on
    city.review(bench)
    city.sign(bench)
    city.fill_the_pool(bench)
    city.fund(bench)


def test_a_renewal_is_asked_for_ninety_days_before_and_starts_the_day_after_the_old_one(city: City):
    bench = city.in_operation(years=1, from_=APRIL_1)

    city.live(date(2026, 12, 30), date(2027, 1, 1))
    renew(city, bench, date(2027, 1, 4))
    city.live(date(2027, 3, 31), date(2027, 3, 31))
    old = bench.agreement
    city.live(date(2027, 4, 1), date(2027, 4, 1))

    asked = [on for on, kind in city.told(Role.COORDINATOR) if kind == "renewal_asked"]
    assert asked == [date(2026, 12, 31)]
    assert (old.version, old.until_on) == (1, date(2027, 3, 31))
    new = bench.agreement
    assert (new.version, new.from_on, new.until_on) == (2, date(2027, 4, 1), date(2028, 3, 31))
    assert [a.status for a in bench.agreements] == [AgreementStatus.ENDED, AgreementStatus.IN_FORCE]
    assert bench.promised_kr == {2026: 675, 2027: 225 + 675, 2028: 225}
    assert city.wrong() == []


def test_a_renewed_agreement_is_asked_for_again_when_it_runs_out(city: City):
    bench = city.in_operation(years=1, from_=APRIL_1)
    city.live(date(2026, 12, 31), date(2026, 12, 31))
    renew(city, bench, date(2027, 1, 4))
    city.live(date(2027, 4, 1), date(2027, 4, 1))

    city.live(date(2027, 12, 31), date(2028, 1, 2))

    asked = [on for on, kind in city.told(Role.COORDINATOR) if kind == "renewal_asked"]
    assert asked == [date(2026, 12, 31), date(2028, 1, 1)]
    city.live(date(2028, 4, 1), date(2028, 4, 1))
    assert bench.stage is Stage.WINDING_DOWN


def test_an_agreement_that_is_not_renewed_begins_the_ending_once(city: City):
    bench = city.in_operation(years=1, from_=APRIL_1)

    city.live(date(2027, 3, 30), date(2027, 4, 3))

    assert bench.stage is Stage.WINDING_DOWN
    assert bench.waits_for[-1] == (Role.COORDINATOR, Stage.WINDING_DOWN)
    ended = [on for on, kind in city.told(Role.COORDINATOR) if kind == "agreement_ended"]
    assert ended == [date(2027, 4, 1)]
    begun = [on for on, kind in city.told(bench.group) if kind == "winding_down_begun"]
    assert begun == [date(2027, 4, 1)]


def test_a_renewal_that_comes_late_brings_the_place_back_to_operation(city: City):
    bench = city.in_operation(years=1, from_=APRIL_1)
    city.live(date(2026, 12, 31), date(2026, 12, 31))
    city.live(date(2027, 4, 1), date(2027, 4, 1))

    renew(city, bench, date(2027, 4, 20))
    city.live(date(2027, 4, 21), date(2027, 4, 21))

    assert bench.stage is Stage.OPERATION
    assert bench.agreement.version == 2
    assert city.wrong() == []


def test_operations_does_the_tasks_when_it_takes_over_and_on_the_same_days(city: City):
    bench = city.in_operation(from_=APRIL_1)
    dates = {key: task.next_on for key, task in bench.tasks.items()}
    city.today = date(2026, 4, 10)
    city.let_go(bench)

    city.end(bench, "operations")

    assert bench.stage is Stage.OPERATION
    assert {task.who for task in bench.tasks.values()} == {Who.MUNICIPALITY}
    assert {key: task.next_on for key, task in bench.tasks.items()} == dates
    city.live(date(2026, 4, 26), date(2026, 4, 26))
    assert (date(2026, 4, 26), "check_notice") in city.told(Role.OPERATIONS)
    assert "check_notice" not in [kind for _, kind in city.told(bench.group)]


def test_a_new_group_takes_over_mid_period_with_the_money_that_is_promised(city: City):
    shelter = city.in_operation("shelter", years=5, from_=APRIL_1)
    old, new = shelter.group, city.add_group("Nyord Naturlaug")
    ends_on, promised = shelter.agreement.until_on, shelter.promised_kr
    city.today = date(2027, 6, 1)
    city.let_go(shelter)

    city.end(shelter, "new_group", group=new)

    meanwhile = {task.who for task in shelter.tasks.values()}
    assert meanwhile == {Who.MUNICIPALITY}  # until the new group has signed, operations does it
    city.review(shelter)
    city.sign(shelter)
    assert (shelter.stage, shelter.group) == (Stage.OPERATION, new)
    assert shelter.agreement.until_on == ends_on
    assert shelter.tasks["look_summer"].who is Who.VOLUNTEERS
    assert shelter.promised_kr == promised  # nobody asks the pool twice for the same years
    assert shelter.waits_for == []
    assert [kind for _, kind in city.told(old)][-2:] == ["winding_down_begun", "winding_down_outcome"]
    assert [kind for _, kind in city.told(new)] == ["agreement_to_sign", "agreement_signed"]
    assert city.wrong() == []


def test_a_removal_gives_the_unused_money_back(city: City):
    shelter = city.in_operation("shelter", years=5, from_=APRIL_1)
    city.mend(city.damage(shelter), kr=1_000)
    free_in_all = sum(city.pot(year)[0] for year in range(2026, 2032))

    city.end(shelter, "remove")

    assert shelter.stage is Stage.CLOSED
    assert shelter.promised_kr == {2026: 1_000}  # what is spent stays spent
    assert sum(city.pot(year)[0] for year in range(2026, 2032)) == free_in_all + 5 * 6_500 - 1_000
    assert city.pot(2026) == (99_000, 0, 1_000)
    assert shelter.waits_for == []
    assert city.wrong() == []


def test_nothing_is_asked_of_anybody_after_a_removal(city: City):
    bench = city.in_operation(from_=APRIL_1)
    city.live(date(2026, 4, 26), date(2026, 4, 26))
    city.end(bench, "remove")
    before = city.dump()

    counts = city.live(date(2026, 4, 27), date(2026, 6, 10))

    assert not any(counts.as_dict().values())
    after = city.dump()
    assert len(after.pop("daily_run")) > len(before.pop("daily_run"))
    assert after == before


@pytest.mark.parametrize("outcome", ["remove", "operations"])
def test_the_pool_promises_nothing_to_a_renewal_that_has_ended(city: City, outcome: str):
    bench = city.in_operation(years=1, from_=APRIL_1)
    city.live(date(2026, 12, 31), date(2026, 12, 31))
    city.review(bench)
    city.sign(bench)
    city.fill_the_pool(bench)
    city.end(bench, outcome)
    before = city.dump()

    with pytest.raises(Refusal):
        city.fund(bench)

    assert city.dump() == before
    assert Stage.FUNDING not in [stage for _, stage in bench.waits_for]


def test_a_burned_shelter_is_repaired_from_the_pool_or_refused_by_name(city: City):
    shelter = city.in_operation("shelter", years=5, from_=APRIL_1, money=13_000)
    fire = city.damage(shelter, "Taget er brændt")
    before = city.dump()

    with pytest.raises(Refusal, match=r"12\.000 kr\. er over, hvad driftslederen må beslutte"):
        city.decide_incident(fire, kr=12_000)
    with pytest.raises(Refusal, match=r"Puljen har ikke 20\.000 kr\. fri i 2026"):
        city.decide_incident(fire, kr=20_000, by=Role.POOL_MANAGER)

    assert city.dump() == before
    city.decide_incident(fire, kr=12_000, by=Role.POOL_MANAGER)
    assert city.pot(2026)[2] == 0
    city.mend(fire, kr=12_000)
    assert city.pot(2026)[2] == 12_000
    assert shelter.stage is Stage.OPERATION


def test_a_dear_repair_is_not_decided_by_the_one_who_reported_it(city: City):
    shelter = city.in_operation("shelter", years=5, from_=APRIL_1)
    fire = city.damage(shelter, by=Role.POOL_MANAGER)

    with pytest.raises(Refusal, match=r"foreslået af puljeforvalteren.*Det kan chefen"):
        city.decide_incident(fire, kr=12_000, by=Role.POOL_MANAGER)
    with pytest.raises(Refusal, match="dato og sagsnummer"):
        city.decide_incident(fire, kr=80_000, by=Role.COMMITTEE)

    city.decide_incident(fire, kr=12_000, by=Role.LEADER)
    assert city.pot(2026)[1] >= 12_000


def test_an_incident_that_is_open_when_the_place_is_taken_down_spends_nothing_later(city: City):
    bench = city.in_operation(from_=APRIL_1)
    fire = city.damage(bench)

    city.end(bench, "remove")

    with pytest.raises(Refusal, match=r"allerede afgjort: fjernes"):
        city.decide_incident(fire, kr=500)
    assert city.pot(2026)[2] == 0
    assert bench.waits_for == []


def test_hours_and_kroner_follow_the_tasks_to_operations(city: City):
    bench = city.in_operation(from_=APRIL_1)
    before = bench.agreement
    city.today = date(2026, 6, 1)

    city.end(bench, "operations")

    after, theirs = bench.agreement, before.volunteer_minutes_per_year
    assert theirs > 0
    assert after.volunteer_minutes_per_year == 0
    assert after.municipal_minutes_per_year == before.municipal_minutes_per_year + theirs
    assert after.kr_per_year_ore > before.kr_per_year_ore
    assert any("mere om året. Det er ikke med i puljens tilsagn." in x for x in bench.journal)


def test_after_a_decline_the_round_can_be_taken_anew_and_paid_for(city: City):
    bench = city.to_stage(Stage.FUNDING)
    city.fund(bench, "decline", reason="Puljen er brugt.")
    assert bench.stage is Stage.REFUSED
    assert [x.template for x in city.letters_to(bench.group)][-1] == "funding_declined"
    assert [x.template for x in city.letters_to(Role.PROJECT_LEAD)][-1] == "funding_declined"

    city.ask_again(bench, "Der er nye penge i puljen.")
    city.answer(bench)
    assert [a.status for a in bench.agreements] == [AgreementStatus.VOID, AgreementStatus.REVIEW]
    city.review(bench)
    city.sign(bench)
    city.fill_the_pool(bench)
    city.fund(bench)

    assert bench.stage is Stage.BUILDING
    assert city.wrong() == []


def test_closing_after_an_incident_asks_the_coordinator_what_becomes_of_it(city: City):
    bench = city.in_operation(from_=APRIL_1)

    city.decide_incident(city.damage(bench), "close", kr=0)

    assert bench.stage is Stage.WINDING_DOWN
    assert bench.waits_for == [(Role.COORDINATOR, Stage.WINDING_DOWN)]
