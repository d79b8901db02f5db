"""Eftersyn: a place by a firm is inspected in time, or somebody hears of it; a place by villagers is visited."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from sqlmodel import col, select

from models.case.builder import BuiltBy, Terms
from models.case.facility import find
from models.case.firm import add_firm
from models.case.handover import NewDefect, defects_of
from models.case.inspection import Inspection, InspectionKind, InspectionResult, find_inspection, inspections_of
from models.database import reading, transaction
from models.operation.inspection_answer import answer_inspection, summon_firm
from models.operation.work import finish_work, take_work
from models.operation.work_order import WorkKind, WorkState, work_of
from models.overview.late_inspections import late_inspections
from models.overview.waiting import waits_of
from models.post.outbox import Message
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.correction import Correction, correct_facility
from tests.city import City, Place

HANDOVER = date(2026, 6, 8)
TELL_ON, SUMMON_BY, LAST = date(2031, 1, 27), date(2031, 3, 24), date(2031, 4, 24)


def _said(on: date, by: Role = Role.OPERATIONS) -> Said:
    return Said(on, by, Door.CLI)


def a_firm(city: City) -> str:
    with transaction(city.engine) as session:
        said = _said(city.today)
        return add_firm(session, "Møn Tømrer ApS", said, cvr="12345674", mail="post@firma.example", phone="").reference


def _by_a_firm(city: City, **wish: str) -> Place:
    place = city.in_operation(from_=HANDOVER, **wish)
    correct(city, place, built_by=BuiltBy.FIRM, terms=Terms.AB18, firm=a_firm(city))
    return place


def correct(city: City, place: Place, **what: object) -> None:
    with transaction(city.engine) as session:
        correction = Correction(**what)  # type: ignore[arg-type]
        correct_facility(
            session, find(session, place.reference), correction, _said(city.today), reason="Det var glemt."
        )


def inspection_of(city: City, place: Place, kind: InspectionKind) -> Inspection:
    with reading(city.engine) as session:
        found = inspections_of(session, find(session, place.reference))
        return next(each for each in found if each.kind is kind)


def told_to_firm(city: City) -> list[tuple[date, str]]:
    with reading(city.engine) as session:
        rows = select(Message).where(col(Message.firm_id).is_not(None)).order_by(col(Message.id))
        return [(each.on, each.template) for each in session.exec(rows)]


def test_a_place_by_a_firm_has_its_lawful_days_from_the_handover_on(city: City):
    place = _by_a_firm(city)

    five = inspection_of(city, place, InspectionKind.FIVE_YEAR)

    assert (five.tell_on, five.summon_by_on, five.inspection_on) == (TELL_ON, SUMMON_BY, LAST)
    assert five.claims_end_on == date(2031, 6, 8)
    with reading(city.engine) as session:
        kinds = {each.kind for each in inspections_of(session, find(session, place.reference))}
    assert kinds == {InspectionKind.FIRST_WEEKS, InspectionKind.ONE_YEAR, InspectionKind.FIVE_YEAR}


def test_operations_is_asked_in_time_to_summon_and_once(city: City):
    place = _by_a_firm(city)

    city.live(TELL_ON - timedelta(days=1), TELL_ON + timedelta(days=2))

    due = [on for on, kind in city.told(Role.OPERATIONS) if kind == "inspection_asked" and on >= TELL_ON]
    assert due == [TELL_ON]
    with reading(city.engine) as session:
        waits = waits_of(session, find(session, place.reference))
        orders = [work for work in work_of(session) if work.kind is WorkKind.INSPECTION and work.due_on == SUMMON_BY]
    assert ("indkaldelse til femårseftersyn", SUMMON_BY) in [(w.what, w.deadline_on) for w in waits]
    assert len(orders) == 1


def test_a_firm_that_isnt_summoned_is_told_of_to_the_manager_and_the_leader_before_it_is_too_late(city: City):
    _by_a_firm(city)

    city.live(TELL_ON, SUMMON_BY)

    told = {role: [on for on, kind in city.told(role) if kind == "summons_soon"] for role in Role}
    assert told[Role.OPERATIONS_MANAGER][-1] == SUMMON_BY - timedelta(days=21)
    assert told[Role.LEADER][-1] == SUMMON_BY - timedelta(days=7)


@pytest.mark.parametrize("meeting_on", [LAST + timedelta(days=1), date(2031, 2, 3), date(2031, 4, 13)])
def test_a_summons_to_a_day_that_doesnt_hold_is_sent_back_with_the_days_that_do(city: City, meeting_on: date):
    place = _by_a_firm(city)
    five = inspection_of(city, place, InspectionKind.FIVE_YEAR)

    with (
        transaction(city.engine) as session,
        pytest.raises(BadInput, match=r"fra 24\. februar 2031 til 24\. april 2031"),
    ):
        summon_firm(session, find_inspection(session, five.number), meeting_on, _said(TELL_ON))


def test_a_summons_a_day_too_late_is_refused(city: City):
    place = _by_a_firm(city)
    five = inspection_of(city, place, InspectionKind.FIVE_YEAR)

    with transaction(city.engine) as session, pytest.raises(Refusal, match=r"Sidste dag .* 24\. marts 2031"):
        summon_firm(session, find_inspection(session, five.number), LAST, _said(SUMMON_BY + timedelta(days=1)))


def test_the_firm_is_summoned_by_mail_and_its_defects_are_its_work_until_operations_says_they_are_mended(city: City):
    place = _by_a_firm(city)
    city.live(TELL_ON, TELL_ON)
    five = inspection_of(city, place, InspectionKind.FIVE_YEAR)
    held_on, deadline_on = date(2031, 4, 10 - 2), date(2031, 5, 1)

    with transaction(city.engine) as session:
        summon_firm(session, find_inspection(session, five.number), held_on, _said(SUMMON_BY - timedelta(days=20)))
    city.today = held_on
    with transaction(city.engine) as session:
        found = find_inspection(session, five.number)
        defects = [NewDefect("Taget drypper", deadline_on)]
        answer_inspection(session, found, InspectionResult.DEFECTS, defects, _said(held_on), held_on=held_on)
    city.live(deadline_on + timedelta(days=1), deadline_on + timedelta(days=15))

    assert [template for _, template in told_to_firm(city)][:3] == [
        "inspection_summons",
        "work_for_firm",
        "inspection_held",
    ]
    late = [on for on, template in told_to_firm(city) if template == "work_for_firm"][1:]
    assert late == [deadline_on + timedelta(days=days) for days in (1, 8, 15)]
    with reading(city.engine) as session:
        mending = next(work for work in work_of(session) if work.kind is WorkKind.DEFECT)
        held = next(w for w in work_of(session) if w.key == f"inspection:{five.number}")
    assert held.state is WorkState.DONE
    done_on = deadline_on + timedelta(days=16)
    with transaction(city.engine) as session:
        work = session.get_one(type(mending), mending.number)
        take_work(session, work, _said(done_on, Role.FIRM))
        finish_work(session, work, _said(done_on, Role.FIRM), minutes=60, ore=0, invoice="F-77")
    with reading(city.engine) as session:
        (defect,) = defects_of(session, find(session, place.reference))
        assert defect.fixed_on is None  # operations looks first
    assert (done_on, "defect_mended_by_firm") in city.told(Role.OPERATIONS)
    city.today = done_on
    city.fix_defect(place)
    with reading(city.engine) as session:
        (defect,) = defects_of(session, find(session, place.reference))
        assert defect.fixed_on == done_on


def test_the_same_answer_again_changes_nothing_and_another_is_refused(city: City):
    place = _by_a_firm(city)
    one = inspection_of(city, place, InspectionKind.ONE_YEAR)
    on = date(2027, 5, 20)
    with transaction(city.engine) as session:
        answer_inspection(session, find_inspection(session, one.number), InspectionResult.OK, [], _said(on), held_on=on)
    before = city.dump()

    with transaction(city.engine) as session:
        answer_inspection(session, find_inspection(session, one.number), InspectionResult.OK, [], _said(on), held_on=on)
    assert city.dump() == before
    with transaction(city.engine) as session, pytest.raises(Refusal, match=r"er holdt 20\. maj 2027"):
        answer_inspection(
            session, find_inspection(session, one.number), InspectionResult.OK, [], _said(on), held_on=HANDOVER
        )


def test_a_change_of_builder_or_terms_gives_the_days_of_the_table(city: City):
    place = city.in_operation(from_=HANDOVER)
    firm = a_firm(city)
    table = yaml.safe_load((Path(__file__).parents[1] / "cases" / "inspection_days.yaml").read_text("utf-8"))

    for row in table["changes"]:
        by, terms = BuiltBy(row["built_by"]), Terms(row["terms"])
        correct(city, place, built_by=by, terms=terms, **({"firm": firm} if by is BuiltBy.FIRM else {}))
        with reading(city.engine) as session:
            found = inspections_of(session, find(session, place.reference))
        last = {each.kind.value: each.inspection_on for each in found if each.kind is not InspectionKind.FIRST_WEEKS}
        assert last == row["last"], row
        assert place.facility.terms.silence_is_yes == row["silence"], row


def test_claims_that_have_ended_end_the_question_and_the_order_too(city: City):
    place = _by_a_firm(city)
    city.live(TELL_ON, TELL_ON)

    city.live(date(2031, 6, 8), date(2031, 6, 10))

    with reading(city.engine) as session:
        assert not [w for w in waits_of(session, find(session, place.reference)) if w.what.endswith("femårseftersyn")]
        states = {w.key: w.state for w in work_of(session)}
        five = session.exec(select(Inspection).where(Inspection.kind == InspectionKind.FIVE_YEAR)).one()
    assert five.dropped_on == date(2031, 6, 9)
    assert states[f"inspection:{five.number}"] is WorkState.DROPPED
    assert (date(2031, 6, 9), "inspection_lapsed") in city.told(Role.LEADER)


def test_a_place_by_villagers_is_visited_by_both_sides_and_looked_at_after_a_year(city: City):
    place = city.in_operation(from_=HANDOVER)
    visit = inspection_of(city, place, InspectionKind.FIRST_WEEKS)

    city.live(visit.tell_on, visit.tell_on)

    assert (visit.tell_on, "visit_planned") in city.told(place.group)
    assert (visit.tell_on, "inspection_asked") in city.told(Role.OPERATIONS)
    with reading(city.engine) as session:
        (work,) = [w for w in work_of(session) if w.kind is WorkKind.VISIT]
    assert work.due_on == date(2026, 7, 20)
    with transaction(city.engine) as session:
        order = session.get_one(type(work), work.number)
        finish_work(session, order, _said(date(2026, 7, 10)), minutes=45, ore=0, note="Døren vender mod vinden.")
    assert inspection_of(city, place, InspectionKind.FIRST_WEEKS).held_on == date(2026, 7, 10)
    with transaction(city.engine) as session, pytest.raises(Refusal, match="indkaldes ingen"):
        summon_firm(
            session,
            find_inspection(session, inspection_of(city, place, InspectionKind.FRIENDLY_LOOK).number),
            date(2027, 6, 1),
            _said(date(2027, 5, 1)),
        )


def test_a_builder_that_was_written_wrong_gives_the_place_its_other_inspections_and_back(city: City):
    place = _by_a_firm(city)

    correct(city, place, built_by=BuiltBy.VOLUNTEERS)

    with reading(city.engine) as session:
        kinds = {each.kind for each in inspections_of(session, find(session, place.reference))}
    assert kinds == {InspectionKind.FIRST_WEEKS, InspectionKind.FRIENDLY_LOOK}
    assert "bygget af var et firma, er frivillige" in " ".join(place.journal)
    assert place.facility.firm_id is None
    correct(city, place, built_by=BuiltBy.FIRM, terms=Terms.ABT18, firm="F-0001")
    assert inspection_of(city, place, InspectionKind.FIVE_YEAR).inspection_on == LAST


def test_what_is_late_or_nearly_so_is_listed_and_what_is_held_isnt(city: City):
    place = _by_a_firm(city)
    with reading(city.engine) as session:
        assert late_inspections(session, date(2027, 4, 1)) == []
        (nearly,) = late_inspections(session, date(2027, 5, 1))
        (late,) = late_inspections(session, date(2027, 6, 9))

    assert nearly.startswith(f"{place.reference} etårseftersyn")
    assert "indkald senest 10. maj 2027" in nearly
    assert "sidste dag var 8. juni 2027" in late


def test_a_closed_place_is_asked_about_no_more(city: City):
    place = _by_a_firm(city)
    city.live(TELL_ON, TELL_ON)

    city.let_go(place)
    city.end(place, "remove")

    assert place.stage is Stage.CLOSED
    with reading(city.engine) as session:
        assert waits_of(session, find(session, place.reference)) == []
        assert [w.key for w in work_of(session) if w.is_open] == []


def test_an_inspection_that_applies_once_more_is_asked_about_with_a_new_order(city: City):
    place = _by_a_firm(city)
    city.live(TELL_ON, TELL_ON)
    city.today = TELL_ON
    correct(city, place, built_by=BuiltBy.OWN_CREW)
    with reading(city.engine) as session:
        assert [w.key for w in work_of(session) if w.is_open and w.kind is WorkKind.INSPECTION] == []

    correct(city, place, built_by=BuiltBy.FIRM, terms=Terms.AB18, firm="F-0001")
    city.live(TELL_ON + timedelta(days=1), TELL_ON + timedelta(days=1))

    with reading(city.engine) as session:
        waits = [w.what for w in waits_of(session, find(session, place.reference))]
        orders = [w for w in work_of(session) if w.is_open and w.due_on == SUMMON_BY]
    assert "indkaldelse til femårseftersyn" in waits
    assert len(orders) == 1
