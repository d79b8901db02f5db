"""Who insures the volunteers is answered before a place goes into operation, and clause 9 says it."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from channels.paper.agreement_paper import agreement_markdown
from models.case.agreement import last_agreement
from models.case.facility import find
from models.case.insurance import Cover, Insurance, without_insurance
from models.database import reading, transaction
from models.overview.invariants import broken
from models.overview.waiting import waits_of
from models.post.outbox import Message
from models.refusal import BadInput, Refusal
from models.role import Role
from models.stage import Stage
from tests.city import City, Place


def clause_9(city: City, place: Place) -> str:
    with reading(city.engine) as session:
        agreement = last_agreement(session, find(session, place.reference))
        assert agreement is not None
        text = agreement_markdown(session, agreement, with_persons=False)
    return text.partition("## 9.")[2].partition("## 10.")[0]


def topics(city: City, place: Place) -> list[str]:
    with reading(city.engine) as session:
        return [wait.topic for wait in waits_of(session, find(session, place.reference))]


def test_a_place_is_not_taken_over_until_it_is_answered_who_insures(city: City):
    bench = city.to_stage(Stage.HANDOVER, insured=None)

    with pytest.raises(Refusal, match="ikke svaret på, hvem der forsikrer de frivillige"):
        city.hand_over(bench)

    assert bench.stage is Stage.HANDOVER
    assert [sentence for sentence in bench.missing if "forsikrer" in sentence]
    city.insure(bench)
    city.hand_over(bench)
    assert bench.stage is Stage.OPERATION


def test_a_handover_that_is_refused_needs_no_answer(city: City):
    bench = city.to_stage(Stage.HANDOVER, insured=None)

    city.hand_over(bench, "refused", reason="Den er skæv.")

    assert bench.stage is Stage.HANDOVER


def test_it_is_asked_from_when_the_building_begins_and_no_more_when_it_is_answered(city: City):
    bench = city.to_stage(Stage.FUNDING, insured=None)
    early = topics(city, bench)
    city.fill_the_pool(bench)
    city.fund(bench)
    asked = topics(city, bench)

    city.insure(bench, "none_needed")

    assert "insurance" not in early
    assert asked == ["building", "insurance"]
    assert topics(city, bench) == ["building"]


def test_what_the_review_answers_is_printed_in_clause_9_and_needs_no_letter(city: City):
    bench = city.to_stage(Stage.AGREEMENT)
    unanswered = clause_9(city, bench)
    city.insure(bench, "association", reference="Tryg 12-34", from_on=date(2026, 2, 1))
    city.review(bench)

    said = clause_9(city, bench)

    assert "skriver vi til jer" in unanswered
    assert "Jeres egen forening forsikrer jer" in said
    assert "februar 2026" in said
    assert "frivilligkoordinatoren" in said
    assert "Tryg 12-34" in said
    assert "insurance_answered" not in [letter.template for letter in city.letters_to(bench.group)]


def test_what_is_answered_after_the_text_was_sent_is_the_letter_that_clause_9_promises(city: City):
    bench = city.to_stage(Stage.BUILDING, insured=None)
    city.today += timedelta(days=1)

    city.insure(bench)

    assert "skriver vi til jer" in clause_9(city, bench)
    assert [each.template for each in city.letters_to(bench.group)].count("insurance_answered") == 2


def test_the_same_answer_again_changes_nothing_and_another_must_begin_later(city: City):
    bench = city.in_operation()
    before = city.dump()
    city.insure(bench)
    unchanged = city.dump()

    with pytest.raises(Refusal, match="allerede besvaret"):
        city.insure(bench, "association", from_on=date(2026, 1, 1))
    city.insure(bench, "association", from_on=date(2027, 1, 1))

    assert unchanged == before
    assert [each.cover for each in city.all(Insurance)] == [Cover.MUNICIPALITY, Cover.ASSOCIATION]


@pytest.mark.parametrize("by", [Role.VOLUNTEER, Role.OPERATIONS, Role.POOL_MANAGER])
def test_who_may_not_answer_is_told_who_may(city: City, by: Role):
    bench = city.to_stage(Stage.BUILDING, insured=None)

    with pytest.raises(Refusal, match="frivilligkoordinatoren"):
        city.insure(bench, by=by)


def test_a_reference_that_can_not_be_used_is_named(city: City):
    bench = city.to_stage(Stage.BUILDING, insured=None)

    with pytest.raises(BadInput, match="reference"):
        city.insure(bench, reference="=1+1")


def in_operation_before_anybody_was_asked(city: City) -> Place:
    """As the migration finds it."""
    bench = city.in_operation()
    with transaction(city.engine) as session:
        for answer in session.exec(select(Insurance)):
            answer.cover, answer.approved_by = Cover.UNKNOWN, None
    return bench


@pytest.mark.broken("told")
def test_a_place_that_was_in_operation_before_stays_there_and_is_listed(city: City):
    bench = in_operation_before_anybody_was_asked(city)

    with reading(city.engine) as session:
        listed = [facility.reference for facility in without_insurance(session)]
        assert "gate" not in broken(session)
    city.insure(bench)

    with reading(city.engine) as session:
        assert listed == [bench.reference]
        assert without_insurance(session) == []


@pytest.mark.broken("told")
def test_the_coordinator_is_told_of_them_on_the_first_monday_of_a_month(city: City):
    in_operation_before_anybody_was_asked(city)

    city.live(date(2026, 5, 1), date(2026, 5, 31))

    with reading(city.engine) as session:
        rows = select(Message).where(Message.template == "monday", Message.role == Role.COORDINATOR)
        told = [(each.on, each.context["uninsured"]) for each in session.exec(rows) if each.context["uninsured"]]
    assert told == [(date(2026, 5, 4), 1)]
