"""The extra bottom line: figures of any past period, and the mail and questions around them."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from config.catalogue import Who, catalogue
from models.case.agreement import CareTask, Side
from models.case.facility import find
from models.database import reading, transaction
from models.figures.estimates import (
    EstimateProposal,
    decide_estimate,
    experience,
    kr_per_year_of,
    proposals_of,
    propose_estimates,
)
from models.figures.indicators import Figure, Period, checks_by_month, figure, figures, volunteer_minutes
from models.operation.check import Check, CheckResult, CheckState, Report
from models.operation.satisfaction import Satisfaction, answer_satisfaction
from models.overview.what_waits import Waiting, all_waiting
from models.pool.spending import spend
from models.post.outbox import Message
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from tests.city import City, Place

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


def measured(city: City, key: str, period: Period = YEAR) -> Figure:
    with reading(city.engine) as session:
        return figure(session, key, period)  # type: ignore[arg-type]


def paid(city: City, place: Place, kr: int, on: date) -> None:
    with transaction(city.engine) as session:
        assert spend(
            session,
            place.facility.number,
            on.year,
            kr * 100,
            Said(on, Role.OPERATIONS, Door.CLI),
            key=f"{place.reference} {on}",
            what="Regning",
        )


def satisfied(city: City, place: Place, side: Side, score: int, by: Role, on: date) -> None:
    with transaction(city.engine) as session:
        facility = find(session, place.reference)
        answer_satisfaction(session, facility, side, score, "", Said(on, by, Door.PAGE))


def test_every_configured_figure_can_be_computed_of_an_empty_city(city: City):
    with reading(city.engine) as session:
        found = figures(session, YEAR)

    assert [f.indicator.key for f in found] == list(catalogue().indicators)
    assert {f.danish for f in found if f.value is None} == {"–"}


def test_hours_and_checks_on_time_of_a_bench(city: City):
    bench = city.in_operation(from_=date(2026, 4, 1))
    city.live(date(2026, 4, 1), date(2026, 5, 1))
    first = next(c for c in city.checks(bench, only_open=True))
    city.report(first, minutes=90, on=first.due_on + timedelta(days=7))
    city.live(date(2026, 5, 9), date(2026, 6, 20))
    spring = Period(date(2026, 1, 1), date(2026, 6, 20))

    old_enough = [c for c in city.checks(bench) if c.due_on <= date(2026, 6, 13)]
    on_time = measured(city, "checks_on_time", spring)
    assert (on_time.value, on_time.basis) == (pytest.approx(100 / len(old_enough)), len(old_enough))
    assert measured(city, "volunteer_hours", spring).danish == "1,5 timer"
    assert measured(city, "without_deputy", spring).value == 0


Answer = tuple[int, CheckResult, Role, int]
"""How many days after the check's day, what, by whom, and the minutes it took."""

OK, VOLUNTEER = CheckResult.OK, Role.VOLUNTEER
ANSWERED: list[tuple[date, CheckState, Answer | None]] = [
    (date(2025, 12, 31), CheckState.DONE, (2, OK, VOLUNTEER, 15)),  # of last year; the minutes aren't
    (date(2026, 5, 1), CheckState.DONE, (0, OK, VOLUNTEER, 30)),
    (date(2026, 5, 2), CheckState.DONE, (7, OK, VOLUNTEER, 40)),
    (date(2026, 5, 3), CheckState.DONE, (8, OK, VOLUNTEER, 50)),  # too late
    (date(2026, 5, 4), CheckState.DAMAGED, (-2, CheckResult.DAMAGED, VOLUNTEER, 10)),
    (date(2026, 5, 5), CheckState.MISSED, (1, CheckResult.NOT_DONE, VOLUNTEER, 5)),  # not done
    (date(2026, 5, 6), CheckState.DONE, (0, OK, Role.OPERATIONS, 60)),  # on time, not by volunteers
    (date(2026, 5, 7), CheckState.ESCALATED, None),  # nobody answered
    (date(2026, 5, 8), CheckState.CANCELLED, None),  # isn't one any more
    (date(2026, 5, 31), CheckState.DONE, (3, OK, VOLUNTEER, 35)),  # May's, though done in June
    (date(2026, 6, 22), CheckState.DONE, (9, OK, VOLUNTEER, 70)),  # too late, and after June
    (date(2026, 6, 23), CheckState.DONE, (7, OK, VOLUNTEER, 20)),
    (date(2026, 6, 24), CheckState.DONE, (0, OK, VOLUNTEER, 25)),  # too young to be counted
]


def checked(session: Session, task: CareTask, on: date, state: CheckState, answer: Answer | None) -> None:
    check = Check(
        facility_id=task.facility_id, care_task_id=task.id, due_on=on, who=Who.VOLUNTEERS, state=state, planned_on=on
    )
    session.add(check)
    session.flush()
    if answer is not None:
        days, result, by, minutes = answer
        session.add(
            Report(
                check_id=check.id, result=result, minutes=minutes, on=on + timedelta(days=days), by=by, door=Door.PAGE
            )
        )


def test_checks_are_counted_by_month_and_minutes_by_place(city: City):
    first, second = (city.in_operation(from_=date(2026, 4, 1)).facility.id for _ in range(2))
    tasks = {task.facility_id: task for task in city.all(CareTask)}
    until_june = Period(date(2026, 1, 1), date(2026, 6, 30))
    with transaction(city.engine) as session:
        for on, state, answer in ANSWERED:
            checked(session, tasks[first], on, state, answer)
        checked(session, tasks[second], *ANSWERED[1])

    with reading(city.engine) as session:
        months = checks_by_month(session, until_june)
        minutes = volunteer_minutes(session, until_june)

    assert months == [(date(2026, 5, 1), 6, 9), (date(2026, 6, 1), 1, 2)]
    assert minutes == {first: 15 + 30 + 40 + 50 + 10 + 5 + 35 + 20 + 25, second: 30}


def test_the_share_consulted_first_is_a_hundred_because_the_gate_holds(city: City):
    city.to_stage(Stage.BUILDING)

    consulted = measured(city, "consulted_first")

    assert (consulted.value, consulted.basis, consulted.is_met) == (100, 1, True)


def test_a_past_figure_doesnt_change_when_time_goes_on(city: City):
    bench = city.in_operation(from_=date(2026, 4, 1))
    paid(city, bench, 300, date(2026, 8, 1))
    number = city.damage(bench, safe=False, on=date(2026, 9, 1))
    city.mend(number, kr=500, on=date(2026, 9, 5))
    satisfied(city, bench, Side.VOLUNTEERS, 4, Role.VOLUNTEER, date(2026, 11, 3))
    before = [measured(city, key) for key in catalogue().indicators]

    city.today = date(2027, 2, 1)
    paid(city, bench, 900, date(2027, 1, 15))
    city.decide_incident(city.damage(bench, "Hærværk"), kr=100)
    satisfied(city, bench, Side.VOLUNTEERS, 1, Role.VOLUNTEER, date(2027, 2, 1))
    city.let_go(bench)
    city.end(bench, "remove")

    after = [measured(city, key) for key in catalogue().indicators]
    assert after == before
    assert measured(city, "days_until_safe").value == 4
    assert measured(city, "satisfaction_volunteers").danish == "4 af 5"
    cost = measured(city, "kr_per_facility_year")
    assert cost.value == pytest.approx(800 / (275 / 365.25))


def test_both_sides_are_asked_once_a_year_and_answer_once(city: City):
    bench = city.in_operation(from_=date(2026, 4, 1))
    for day in (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)):
        city.sweep(day)

    asked = [letter.on for letter in city.letters_to(bench.group) if letter.template == "satisfaction_asked"]
    assert asked == [date(2026, 11, 1)] * 2  # two contacts
    assert [x.on for x in city.letters_to(Role.OPERATIONS) if x.template == "satisfaction_asked"] == [date(2026, 11, 1)]

    satisfied(city, bench, Side.MUNICIPALITY, 5, Role.OPERATIONS, date(2026, 11, 3))
    before = city.dump()
    satisfied(city, bench, Side.MUNICIPALITY, 5, Role.OPERATIONS, date(2026, 11, 4))
    with pytest.raises(Refusal, match="har svaret 5"):
        satisfied(city, bench, Side.MUNICIPALITY, 2, Role.OPERATIONS, date(2026, 11, 4))
    with pytest.raises(Refusal, match="kan ikke afgøres af driften"):
        satisfied(city, bench, Side.VOLUNTEERS, 2, Role.OPERATIONS, date(2026, 11, 4))
    with pytest.raises(BadInput, match="fra 1"):
        satisfied(city, bench, Side.VOLUNTEERS, 6, Role.VOLUNTEER, date(2026, 11, 4))
    assert city.dump() == before


def test_operations_is_waited_for_until_it_says_how_it_goes(city: City):
    bench = city.in_operation(from_=date(2026, 4, 1))
    city.sweep(date(2026, 10, 31))
    assert not asked_how_it_goes(city)
    city.sweep(date(2026, 11, 1))

    (asked,) = asked_how_it_goes(city)
    assert asked.wait.key == f"{bench.reference}:satisfaction:2026"
    assert (asked.wait.what, asked.since_on) == ("svar om samarbejdet i 2026", date(2026, 11, 1))

    satisfied(city, bench, Side.MUNICIPALITY, 4, Role.OPERATIONS, date(2027, 1, 4))

    assert not asked_how_it_goes(city)
    assert [(s.year, s.score) for s in city.all(Satisfaction)] == [(2026, 4)]
    city.sweep(date(2027, 11, 1))
    assert [asked.wait.key for asked in asked_how_it_goes(city)] == [f"{bench.reference}:satisfaction:2027"]


def asked_how_it_goes(city: City) -> list[Waiting]:
    """What operations is asked about the cooperation, and nothing else that waits for it."""
    with reading(city.engine) as session:
        return [each for each in all_waiting(session, Role.OPERATIONS) if each.wait.topic == "satisfaction"]


def test_the_monday_mail_says_what_waits_and_is_silent_when_nothing_does(city: City):
    bench = city.propose()
    for day in range(5, 14):
        city.sweep(date(2026, 1, day))

    with reading(city.engine) as session:
        mails = session.exec(select(Message).where(Message.template == "monday")).all()
    assert [(m.on, m.role) for m in mails] == [
        (date(2026, 1, 5), Role.OPERATIONS),
        (date(2026, 1, 12), Role.OPERATIONS),
    ]
    assert mails[0].context["waiting"] == [
        {
            "key": f"{bench.reference}:consultation:1",
            "reference": bench.reference,
            "name": "Bænk ved Stege Nor",
            "what": "svar på driftshøringen",
            "since_on": "2026-01-05",
            "deadline_on": bench_deadline(city),
            "late": False,
        }
    ]


def bench_deadline(city: City) -> str:
    with reading(city.engine) as session:
        (each,) = all_waiting(session)
        assert each.wait.deadline_on is not None
        return each.wait.deadline_on.isoformat()


def test_an_estimate_that_is_off_over_three_facility_years_is_proposed_and_decided(city: City):
    bench = city.in_operation(from_=date(2025, 1, 1), years=5, start_on=date(2025, 1, 1))
    for year, kr in ((2025, 900), (2026, 1_500), (2027, 1_300)):
        paid(city, bench, kr, date(year, 6, 1))
    with transaction(city.engine) as session:
        assert propose_estimates(session, 2026, on=date(2027, 1, 5)) == []  # two facility-years only
        for _ in range(2):
            (proposed,) = propose_estimates(session, 2027, on=date(2028, 1, 5))
    assert (proposed.type_key, proposed.old_kr, proposed.new_kr, proposed.facility_years) == ("baenk", 900, 1_300, 3)
    with reading(city.engine) as session:
        seen = next(e for e in experience(session, 2027) if e.type_key == "baenk")
    assert seen.median_ore == 1_300_00

    on = date(2028, 1, 10)
    with pytest.raises(Refusal, match="kan ikke afgøres af puljeforvalteren"), transaction(city.engine) as session:
        decide_estimate(session, "baenk", 2027, Said(on, Role.POOL_MANAGER, Door.CLI), take=True, reason="")
    with pytest.raises(BadInput, match="hvorfor"), transaction(city.engine) as session:
        decide_estimate(session, "baenk", 2027, Said(on, Role.OPERATIONS, Door.CLI), take=False, reason="")
    with transaction(city.engine) as session:
        decide_estimate(session, "baenk", 2027, Said(on, Role.OPERATIONS, Door.CLI), take=True, reason="")
    with reading(city.engine) as session:
        assert proposals_of(session, only_open=True) == []
    assert [x.template for x in city.letters_to(Role.PROJECT_LEAD)][-1] == "estimate_taken"
    city.today = date(2028, 2, 1)
    assert city.propose().facility.kr_per_year_ore == 1_300_00
    with reading(city.engine) as session:
        assert next(e for e in experience(session, 2028) if e.type_key == "baenk").estimate_ore == (1_300_00)
        assert kr_per_year_of(session, "baenk", date(2028, 1, 9)) == 900  # the day before


@pytest.mark.parametrize(("in_file", "holds"), [(900, 1_300), (1_300, 1_300), (1_500, 1_500)])
def test_a_taken_estimate_holds_until_somebody_writes_another_in_the_file(
    city: City, monkeypatch: pytest.MonkeyPatch, in_file: int, holds: int
):
    with transaction(city.engine) as session:
        session.add(
            EstimateProposal(
                type_key="baenk",
                year=2027,
                old_kr=900,
                new_kr=1_300,
                facility_years=3,
                proposed_on=date(2028, 1, 5),
                taken=True,
                decided_on=date(2028, 1, 10),
            )
        )
    bench = catalogue().type("baenk").model_copy(update={"kr_per_year": in_file})
    changed = catalogue().model_copy(update={"types": catalogue().types | {"baenk": bench}})
    monkeypatch.setattr("models.figures.estimates.catalogue", lambda: changed)

    with reading(city.engine) as session:
        assert kr_per_year_of(session, "baenk", date(2028, 2, 1)) == holds


@pytest.mark.parametrize("outcome", ["operations", "new_group"])
def test_nobody_is_asked_about_a_cooperation_that_is_not_there(city: City, outcome: str):
    bench = city.in_operation(from_=date(2026, 4, 1))
    old, new = bench.group, city.add_group()
    city.today = date(2026, 8, 1)
    city.let_go(bench)
    city.end(bench, outcome, group=new if outcome == "new_group" else None)

    city.sweep(date(2026, 11, 1))

    told = [*city.letters_to(old), *city.letters_to(new), *city.letters_to(Role.OPERATIONS)]
    assert "satisfaction_asked" not in [letter.template for letter in told]
