"""The daily run: each step of a check on its day, nobody nagged, nobody blamed, nothing twice."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from config.catalogue import Who, catalogue
from models.database import columns_of
from models.operation.check import Check, CheckState
from models.role import Role
from tests.city import City, Place

APRIL_1, MAY_1 = date(2026, 4, 1), date(2026, 5, 1)
MONDAY = date(2026, 4, 27)
"""The day on which groups are told what is due up to 3 May."""


def a_bench(city: City, **wish) -> Place:
    """A bench that is taken over on 1 April; it is to be looked at on 1 May, and oiled."""
    bench = city.in_operation(from_=APRIL_1, **wish)
    city.today = MONDAY
    city.sweep()
    city.report(city.check_of(bench, "oil"))
    return bench


def nobody_answers(city: City, due_on: date) -> None:
    """The days on which something happens to a check that nobody answers."""
    steps = catalogue().escalation
    for days in (
        -due_on.weekday(),
        steps.reminder_days_after,
        steps.second_reminder_days_after,
        steps.escalation_days_after,
        steps.work_order_days_after,
    ):
        city.today = due_on + timedelta(days=days)
        city.sweep()


def asked(city: City, place: Place) -> list[tuple[date, str]]:
    """What the contact person was told about checks."""
    return [(on, kind) for on, kind in city.told(place.group) if kind.startswith("check_")]


def days_after(due_on: date, told: list[tuple[date, str]], *kinds: str) -> list[tuple[int, str]]:
    return [((on - due_on).days, kind) for on, kind in told if kind in kinds]


def test_a_check_that_nobody_answers_takes_each_step_on_its_day(city: City):
    steps = catalogue().escalation
    bench = a_bench(city)

    city.live(city.today, MAY_1 + timedelta(days=29))

    asked = ("check_notice", "check_reminder", "check_second_reminder")
    assert days_after(MAY_1, city.told(bench.group), *asked) == [
        (-4, "check_notice"),
        (-4, "check_notice"),  # the oil, answered at once
        (steps.reminder_days_after, "check_reminder"),
        (steps.second_reminder_days_after, "check_second_reminder"),
        (steps.work_order_days_after + 1, "check_notice"),  # the next one, once this one is closed
    ]
    assert days_after(MAY_1, city.told(Role.COORDINATOR), "check_escalated") == [
        (steps.escalation_days_after, "check_escalated")
    ]
    assert days_after(MAY_1, city.told(Role.OPERATIONS), "check_escalated") == []
    assert days_after(MAY_1, city.told(Role.OPERATIONS), "work_order") == [(steps.work_order_days_after, "work_order")]
    assert next(check.state for check in city.checks(bench)) is CheckState.MISSED


def test_the_same_day_twice_changes_nothing(city: City):
    city.in_operation("shelter", from_=APRIL_1)

    for days in (9, 10, 14, 21, 24, 28, 30, 35, 45, 51):
        city.sweep(APRIL_1 + timedelta(days=days))
        before = city.dump()
        again = city.sweep(APRIL_1 + timedelta(days=days))
        assert not any(again.as_dict().values())
        assert city.dump() == before


@pytest.mark.parametrize(("down_until", "skipped"), [(date(2026, 5, 11), 0), (date(2026, 6, 30), 2)])
def test_after_downtime_everybody_gets_one_mail_and_nobody_is_escalated(city: City, down_until: date, skipped: int):
    bench = city.in_operation(from_=APRIL_1)

    counts = city.sweep(down_until)

    assert (counts.skipped, counts.reminders, counts.escalations, counts.work_orders) == (skipped, 0, 0, 0)
    letters = [letter for letter in city.letters_to(bench.group) if letter.template == "daily"]
    assert Counter(letter.to for letter in letters) == {"Aase Holm": 1}
    assert {kind for letter in letters for kind in letter.kinds} == {"check_notice"}
    assert "check_escalated" not in [kind for _, kind in city.told(Role.COORDINATOR)]


def test_a_task_that_is_due_twice_within_the_notice_is_asked_about_once_at_a_time(city: City):
    jetty = city.in_operation("badebro", from_=APRIL_1)

    city.sweep(date(2026, 5, 5))

    looks = [c.due_on for c in city.checks(jetty) if c.care_task_id == jetty.tasks["look"].id]
    assert looks == [date(2026, 5, 1)]
    before = city.dump()
    assert not any(city.sweep(date(2026, 5, 5)).as_dict().values())
    assert city.dump() == before
    city.today = date(2026, 5, 6)
    city.report(city.checks(jetty)[0])
    city.sweep(date(2026, 5, 6))
    looks = [c.due_on for c in city.checks(jetty) if c.care_task_id == jetty.tasks["look"].id]
    assert looks == [date(2026, 5, 1), date(2026, 5, 8)]


def test_downtime_in_the_middle_of_a_check_leaves_the_group_its_days(city: City):
    bench = a_bench(city)

    city.live(date(2026, 6, 5), date(2026, 6, 30))

    look = city.checks(bench)[0]
    assert (look.noticed_on, look.reminded_on, look.second_reminded_on, look.escalated_on) == (
        MONDAY,
        date(2026, 6, 5),
        date(2026, 6, 12),
        date(2026, 6, 19),
    )
    assert look.closed_on == date(2026, 6, 26)


@pytest.mark.parametrize("gaps", [(1,), (3, 1, 11), (40, 1, 1, 2, 9), (60, 1)], ids=str)
def test_however_often_it_runs_each_step_waits_for_the_one_before(city: City, gaps: tuple[int, ...]):
    steps = catalogue().escalation
    group = city.add_group()
    city.in_operation("bord_baenkesaet", from_=APRIL_1, group=group)
    city.in_operation("baenk", from_=APRIL_1, group=group)

    day = APRIL_1
    for number in range(60):
        city.sweep(day)
        day += timedelta(days=gaps[number % len(gaps)])
        if day > date(2026, 6, 10):
            break

    least = (
        steps.reminder_days_after,
        steps.second_reminder_days_after - steps.reminder_days_after,
        steps.escalation_days_after - steps.second_reminder_days_after,
        steps.work_order_days_after - steps.escalation_days_after,
    )
    for check in city.checks():
        closed_on = check.closed_on if check.state is CheckState.MISSED else None
        taken = [check.noticed_on, check.reminded_on, check.second_reminded_on, check.escalated_on]
        for earlier, later, days in zip(taken, [*taken[1:], closed_on], least, strict=True):
            if later is not None:
                assert earlier is not None
                assert (later - earlier).days >= days
    a_day = Counter((letter.to, letter.on) for letter in city.letters_to(group) if letter.template == "daily")
    assert set(a_day.values()) == {1}
    assert city.wrong() == []


def test_one_mail_a_day_tells_of_all_the_groups_facilities(city: City):
    group = city.add_group()
    first = city.in_operation(from_=APRIL_1, group=group)
    second = city.in_operation(from_=APRIL_1, group=group)

    city.live(MONDAY, MONDAY)

    assert first.facility.name == second.facility.name
    daily = [letter for letter in city.letters_to(group) if letter.template == "daily"]
    assert [(letter.to, len(letter.kinds)) for letter in daily] == [("Aase Holm", 4)]


def test_who_was_told_before_is_not_told_again_and_the_others_are(city: City):
    told_before = city.in_operation(from_=APRIL_1)
    new = city.in_operation(from_=APRIL_1 + timedelta(days=10))
    city.sweep(MONDAY)
    told = asked(city, told_before)
    with city.engine.begin() as connection:  # as when a pause begins
        check = columns_of(Check)
        asked_anew = update(Check).where(check.facility_id == told_before.facility.id)
        connection.execute(asked_anew.values(state=CheckState.PLANNED, noticed_on=None))

    city.sweep(date(2026, 5, 11))

    assert asked(city, told_before) == told
    assert all(letter.kinds for letter in city.letters_to(told_before.group))
    assert (date(2026, 5, 11), "check_notice") in city.told(new.group)
    assert city.wrong() == []


# -- money ----------------------------------------------------------------------------------------


def test_a_missed_check_is_reserved_in_the_facilitys_commitment_and_paid_when_it_is_done(city: City):
    bench = a_bench(city)
    free, committed, spent = city.pot(2026)

    counts = city.live(city.today, date(2026, 5, 26))

    assert counts.work_orders == 1
    assert city.pot(2026) == (free, committed, spent)
    order = city.work_orders()[0]
    assert (order.reserved_year, order.ore_estimated, order.booked_on) == (2026, 10_625, None)  # 15 minutes at 425 kr.

    city.finish(order, minutes=12, kr=85)

    assert city.pot(2026) == (free, committed - 85, spent + 85)
    assert bench.promised_kr[2026] == 675
    assert city.work_orders()[0].booked_on == date(2026, 5, 26)


def test_what_the_commitment_cannot_carry_is_paid_from_the_free_money(city: City):
    bench = a_bench(city, kr=12)
    free, committed, _ = city.pot(2026)

    city.live(city.today, date(2026, 5, 26))

    assert committed == 9
    assert city.pot(2026) == (free - (106.25 - 9), 106.25, 0)
    assert bench.promised_kr[2026] == 106.25

    city.finish(city.work_orders()[0], minutes=12, kr=85)

    assert city.pot(2026) == (free - (85 - 9), 0, 85)


def test_work_the_pool_cannot_carry_waits_for_money_and_is_reserved_when_it_comes(city: City):
    for year, kr in ((2026, 9), (2027, 12), (2028, 12), (2029, 3)):
        city.appropriate(year, kr)
    a_bench(city, kr=12, money=0)

    city.live(city.today, date(2026, 5, 28))

    assert city.work_orders()[0].reserved_year is None
    assert city.pot(2026) == (0, 9, 0)
    unfunded = [on for on, kind in city.told(Role.POOL_MANAGER) if kind == "work_order_unfunded"]
    assert unfunded == [date(2026, 5, 26)]
    city.appropriate(2026, 100)
    city.live(date(2026, 5, 29), date(2026, 5, 30))
    assert city.work_orders()[0].reserved_year == 2026
    assert city.pot(2026) == (2.75, 106.25, 0)


# -- sleeping groups ------------------------------------------------------------------------------


#: When a bench that is taken over on 2 May is to be looked at.
LOOKS = (date(2026, 6, 1), date(2026, 7, 1), date(2026, 7, 31), date(2026, 8, 30))


def test_three_checks_in_a_row_without_an_answer_are_told_the_coordinator_once(city: City):
    bench = city.in_operation(from_=date(2026, 5, 2))

    for due_on in LOOKS:
        nobody_answers(city, due_on)

    sleeping = [on for on, kind in city.told(Role.COORDINATOR) if kind == "sleeping_group"]
    third = LOOKS[2] + timedelta(days=catalogue().escalation.work_order_days_after)
    assert sleeping == [third]
    assert bench.facility.sleeping_since == third
    assert len(city.work_orders()) == 4


def test_a_group_that_says_it_could_not_is_not_asleep(city: City):
    bench = city.in_operation(from_=date(2026, 5, 2))

    for due_on in LOOKS:
        city.today = due_on - timedelta(days=5)
        city.sweep()
        city.report(city.check_of(bench, "look"), "not_done", by=Role.VOLUNTEER)

    assert [order.what for order in city.work_orders()] == [bench.tasks["look"].name] * 4
    assert bench.facility.sleeping_since is None
    assert "sleeping_group" not in [kind for _, kind in city.told(Role.COORDINATOR)]


def test_an_answer_wakes_a_sleeping_group(city: City):
    bench = city.in_operation(from_=date(2026, 5, 2))
    for due_on in LOOKS[:3]:
        nobody_answers(city, due_on)
    assert bench.facility.sleeping_since is not None
    city.today = LOOKS[3]
    city.sweep()

    city.report(city.check_of(bench, "look"))

    assert bench.facility.sleeping_since is None


def test_a_new_group_does_not_inherit_the_silence_of_the_old_one(city: City):
    bench = city.in_operation(from_=date(2026, 5, 2))
    for due_on in LOOKS[:3]:
        nobody_answers(city, due_on)
    city.end(bench, "new_group", group=city.add_group("Nye venner"))
    city.review(bench)
    city.sign(bench)
    awake_since = bench.facility.sleeping_since

    nobody_answers(city, LOOKS[3])

    assert awake_since is None
    assert city.checks(bench)[-1].state is CheckState.MISSED
    assert bench.facility.sleeping_since is None


def test_damage_found_at_a_check_becomes_an_incident(city: City):
    bench = a_bench(city)

    city.report(city.check_of(bench, "look"), "damaged", note="Et bræt er knækket")

    assert bench.waits_for == [(Role.OPERATIONS_MANAGER, city.stage_of(bench))]
    assert city.letters_to(Role.OPERATIONS)[-1].template == "incident_reported"


# -- days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "task", "who", "taken_over", "look_on", "due"),
    [
        ("baalplads", "firewood", "volunteers", date(2028, 1, 30), date(2028, 2, 25), "2028-02-29"),
        ("baenk", "look", "volunteers", date(2026, 4, 25), date(2026, 5, 21), "2026-05-25"),
        ("baalplads", "seats", "municipality", date(2026, 5, 6), date(2027, 5, 3), "2027-05-07"),
        ("shelter", "roof", "municipality", date(2027, 4, 1), date(2027, 4, 28), "2027-05-03"),
        ("shelter", "look_winter", "volunteers", date(2026, 12, 9), date(2027, 1, 4), "2027-01-08"),
    ],
    ids=["leap day", "whit Monday", "ascension day", "a Saturday", "over New Year"],
)
def test_operations_works_on_working_days_and_volunteers_when_it_is_due(
    city: City, kind: str, task: str, who: str, taken_over: date, look_on: date, due: str
):
    place = city.in_operation(kind, from_=taken_over)

    city.sweep(look_on)

    check = city.check_of(place, task)
    assert (check.who, check.due_on.isoformat()) == (Who(who), due)


def test_a_task_of_operations_is_work_on_its_day_and_climbs_to_the_leader(city: City):
    steps = catalogue().escalation
    shelter = city.in_operation("shelter", from_=APRIL_1)

    city.live(date(2026, 4, 26), date(2026, 5, 27))

    roof = next(c for c in city.checks(shelter) if c.who is Who.MUNICIPALITY)
    order = next(order for order in city.work_orders() if order.check_id == roof.id)
    assert (order.kind, order.due_on, order.ordered_on) == ("own_task", roof.due_on, roof.due_on)
    assert [kind for _, kind in city.told(Role.OPERATIONS)].count("check_notice") == 2
    assert (roof.state, roof.reminded_on) == (CheckState.NOTIFIED, None)  # from its day on it is work
    for role, days in (
        (Role.OPERATIONS, steps.work_reminder_days_after),
        (Role.OPERATIONS_MANAGER, steps.work_manager_days_after),
        (Role.LEADER, steps.work_leader_days_after),
    ):
        told_on = days_after(roof.due_on, city.told(role), "work_late")
        assert told_on.count((days, "work_late")) == 1  # the visit of the first weeks is late, too, on a later day


# -- deadlines ------------------------------------------------------------------------------------


def test_a_consultation_nobody_answers_is_asked_for_higher_up_each_step_once(city: City):
    bench = city.propose()

    city.live(city.today, city.today + timedelta(days=60))

    assert city.told(Role.OPERATIONS) == [
        (date(2026, 1, 5), "consultation_asked"),
        (date(2026, 1, 19), "consultation_halfway"),
    ]
    assert city.told(Role.OPERATIONS_MANAGER) == [(date(2026, 2, 3), "consultation_overdue")]
    assert city.told(Role.LEADER) == [(date(2026, 2, 16), "consultation_overdue")]
    assert bench.stage == "consultation"


def test_after_downtime_only_the_step_that_matters_now_is_told(city: City):
    city.propose()

    city.live(date(2026, 3, 1), date(2026, 3, 2))

    assert city.told(Role.LEADER) == [(date(2026, 3, 1), "consultation_overdue")]
    assert city.told(Role.OPERATIONS) == [(date(2026, 1, 5), "consultation_asked")]
    assert city.told(Role.OPERATIONS_MANAGER) == []


def test_inspections_missing_papers_and_the_line_of_signatures_are_remembered(city: City):
    waiting = city.propose()
    city.answer(waiting)
    city.review(waiting)
    bench = city.in_operation(from_=APRIL_1)

    city.live(date(2026, 5, 1), date(2026, 5, 2))
    city.live(date(2027, 3, 3), date(2027, 3, 5))

    assert (date(2026, 5, 1), "signing_overdue") in city.told(Role.COORDINATOR)
    assert "papers_due" not in [kind for _, kind in city.told(Role.PROJECT_LEAD)]
    inspections = [on for on, kind in city.told(Role.OPERATIONS) if kind == "inspection_asked"]
    assert inspections == [date(2026, 5, 1), date(2027, 3, 4)]  # the visit, and a month before the year has passed
    assert bench.stage == "operation"
