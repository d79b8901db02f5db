"""Op til afleveringen: after ten working days silence is a yes, by the terms and never past the gate."""

from datetime import date

import pytest

from models.case.builder import BuiltBy, Terms
from models.case.facility import find
from models.case.firm import add_firm
from models.case.handover_step import StepKind, deemed_on
from models.case.inspection import InspectionKind, inspections_of
from models.database import reading, transaction
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.before_handover import take_step
from models.stages.correction import Correction, correct_facility
from tests.city import City, Place

FINISHED = date(2026, 5, 4)
# by hand: 14 May is Ascension, 25 May Whit Monday; the municipality's own days off don't lengthen the terms' deadline
FIFTH, EIGHTH, TENTH = date(2026, 5, 11), date(2026, 5, 15), date(2026, 5, 19)


def _built_by_a_firm(city: City, terms: Terms = Terms.AB18) -> Place:
    """A place whose builder was finished on 4 May, and that waits for its handover."""
    city.today = date(2026, 2, 2)
    place = city.to_stage(Stage.BUILDING, "shelter", name="Shelter ved Nyord")
    with transaction(city.engine) as session:
        said = Said(city.today, Role.OPERATIONS, Door.CLI)
        firm = add_firm(session, "Møn Tømrer ApS", said, cvr="12345674", mail="post@firma.example", phone="")
        what = Correction(built_by=BuiltBy.FIRM, terms=terms, firm=firm.reference)
        correct_facility(session, find(session, place.reference), what, said, reason="Udbudt i dag.")
    city.permit(place)
    city.build(place, "started")
    city.today = FINISHED
    city.build(place, "finished")
    return place


def _step(city: City, place: Place, kind: StepKind, day_on: date, *, on: date, note: str = "") -> None:
    with transaction(city.engine) as session:
        said = Said(on, Role.PROJECT_LEAD, Door.CLI)
        take_step(session, find(session, place.reference), kind, day_on, said, note=note)


def test_operations_is_told_on_the_fifth_and_the_eighth_working_day(city: City):
    _built_by_a_firm(city)

    city.live(FINISHED, TENTH)

    assert [on for on, kind in city.told(Role.OPERATIONS) if kind == "handover_silence"] == [FIFTH, EIGHTH]


def test_after_the_tenth_day_it_counts_as_handed_over_loudly_and_not_past_the_gate(city: City):
    place = _built_by_a_firm(city)

    city.live(FINISHED, date(2026, 5, 21))

    assert place.stage is Stage.HANDOVER
    assert (Role.OPERATIONS, Stage.HANDOVER) in place.waits_for
    for role in (Role.OPERATIONS, Role.PROJECT_LEAD, Role.OPERATIONS_MANAGER, Role.LEADER):
        assert [on for on, kind in city.told(role) if kind == "handover_deemed"] == [date(2026, 5, 20)]
    with reading(city.engine) as session:
        assert deemed_on(session, find(session, place.reference)) == TENTH
    assert "regnes arbejdet som afleveret 19. maj 2026" in " ".join(place.journal)


def test_what_counts_as_handed_over_has_its_inspections_from_that_day_when_it_is_taken_over(city: City):
    place = _built_by_a_firm(city)
    city.live(FINISHED, date(2026, 5, 21))
    city.today = date(2026, 6, 15)

    city.hand_over(place)

    with reading(city.engine) as session:
        found = inspections_of(session, find(session, place.reference))
    (one_year,) = [each for each in found if each.kind is InspectionKind.ONE_YEAR]
    assert one_year.inspection_on == date(2027, 5, 19)


def test_a_call_to_the_meeting_stops_the_clock_and_the_firm_gets_it_by_mail(city: City):
    place = _built_by_a_firm(city)

    _step(city, place, StepKind.CALLED, date(2026, 5, 18), on=date(2026, 5, 8))
    city.live(FINISHED, date(2026, 6, 1))

    with reading(city.engine) as session:
        assert deemed_on(session, find(session, place.reference)) is None
    assert "handover_called" in [kind for _, kind in city.told(Role.FIRM)]
    assert "handover_silence" not in [kind for _, kind in city.told(Role.OPERATIONS)]


@pytest.mark.parametrize("terms", [Terms.NONE, Terms.OTHER])
def test_terms_without_the_rule_make_no_silence_a_yes(city: City, terms: Terms):
    place = _built_by_a_firm(city, terms)

    city.live(FINISHED, date(2026, 6, 10))

    with reading(city.engine) as session:
        assert deemed_on(session, find(session, place.reference)) is None


def test_the_day_the_builder_announced_in_writing_is_what_counts(city: City):
    place = _built_by_a_firm(city)
    _step(city, place, StepKind.ANNOUNCED, date(2026, 5, 11), on=FINISHED)

    city.live(FINISHED, date(2026, 5, 28))

    with reading(city.engine) as session:
        assert deemed_on(session, find(session, place.reference)) == date(2026, 5, 27)


def test_after_a_refused_handover_only_a_new_announcement_starts_the_clock(city: City):
    place = _built_by_a_firm(city)
    city.today = date(2026, 5, 6)
    city.hand_over(place, "refused", reason="Taget mangler.", papers=())

    city.live(date(2026, 5, 6), date(2026, 6, 10))

    with reading(city.engine) as session:
        assert deemed_on(session, find(session, place.reference)) is None


def test_a_review_says_what_was_seen_on_a_day_that_has_come(city: City):
    place = _built_by_a_firm(city)

    with pytest.raises(BadInput, match="note"):
        _step(city, place, StepKind.REVIEWED, FINISHED, on=FINISHED)
    with pytest.raises(BadInput, match="ikke kommet"):
        _step(city, place, StepKind.REVIEWED, date(2026, 5, 5), on=FINISHED, note="Fint")
    _step(city, place, StepKind.REVIEWED, FINISHED, on=FINISHED, note="Døren binder.")
    before = city.dump()
    _step(city, place, StepKind.REVIEWED, FINISHED, on=FINISHED, note="Døren binder.")
    assert city.dump() == before


def test_a_place_in_operation_takes_no_such_step(city: City):
    place = city.in_operation()

    with pytest.raises(Refusal, match="hører til byggeriet"):
        _step(city, place, StepKind.CALLED, city.today, on=city.today)
