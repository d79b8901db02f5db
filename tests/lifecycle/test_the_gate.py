"""No stage can be skipped: what is tried too early is refused in Danish, and nothing is written."""

from collections.abc import Callable
from datetime import date

import pytest

from models.database import transaction
from models.operation.check import Check, CheckState
from models.refusal import Refusal
from models.role import Role
from models.stage import NEVER_BUILT, Stage
from models.stages.consultation_answer import NewCondition
from tests.city import City, Place

NO_ANSWER = "Driften har ikke svaret på driftshøringen."
NOT_REVIEWED = "Pasningsaftalen er ikke godkendt af frivilligkoordinatoren."
NO_MONEY = "Puljen har ikke givet tilsagn om penge til driften."
NOT_BUILT = "Byggeriet er ikke meldt færdigt."

Decision = Callable[[City, Place], object]

REVIEW: Decision = lambda city, place: city.review(place)  # noqa: E731
SIGN: Decision = lambda city, place: city.sign(place, "volunteers")  # noqa: E731
FUND: Decision = lambda city, place: city.fund(place)  # noqa: E731
START: Decision = lambda city, place: city.build(place, "started")  # noqa: E731
FINISH: Decision = lambda city, place: city.build(place, "finished")  # noqa: E731
HAND_OVER: Decision = lambda city, place: city.hand_over(place)  # noqa: E731
DAMAGE: Decision = lambda city, place: city.damage(place)  # noqa: E731
LET_GO: Decision = lambda city, place: city.let_go(place)  # noqa: E731
CHECK: Decision = lambda city, place: city.report(1)  # noqa: E731

TOO_EARLY = [
    ("an agreement without a yes", Stage.CONSULTATION, REVIEW, [NO_ANSWER]),
    ("a signature without a yes", Stage.CONSULTATION, SIGN, [NO_ANSWER]),
    ("money without a yes", Stage.CONSULTATION, FUND, [NO_ANSWER, NOT_REVIEWED]),
    ("building without a yes", Stage.CONSULTATION, START, [NO_ANSWER, NOT_REVIEWED, NO_MONEY]),
    ("a signature before the review", Stage.AGREEMENT, SIGN, ["ikke godkendt teksten"]),
    ("money without signatures", Stage.AGREEMENT, FUND, [NOT_REVIEWED]),
    ("building without a signed agreement", Stage.AGREEMENT, START, [NOT_REVIEWED, NO_MONEY]),
    ("building without money", Stage.FUNDING, START, [NO_MONEY]),
    ("building without permits", Stage.BUILDING, START, ["Tilladelsen “Landzonetilladelse” mangler."]),
    ("a finish before the start", Stage.BUILDING, FINISH, ["ikke meldt i gang"]),
    ("a handover before the finish", Stage.BUILDING, HAND_OVER, [NOT_BUILT]),
    ("a handover of nothing", Stage.CONSULTATION, HAND_OVER, [NO_ANSWER, NO_MONEY, NOT_BUILT]),
    ("an incident before the handover", Stage.HANDOVER, DAMAGE, ["ikke i drift", "byggeriets ansvar"]),
    ("an ending before the handover", Stage.HANDOVER, LET_GO, ["ikke i drift"]),
    ("a check on what was never handed over", Stage.HANDOVER, CHECK, ["intet tjek nr. 1"]),
]


@pytest.mark.parametrize(
    ("stage", "decision", "names"), [case[1:] for case in TOO_EARLY], ids=[c[0] for c in TOO_EARLY]
)
def test_what_comes_too_early_is_refused_by_name_and_changes_nothing(
    city: City, stage: Stage, decision: Decision, names: list[str]
):
    place = city.to_stage(stage)
    before = city.dump()

    with pytest.raises(Refusal) as refusal:
        decision(city, place)

    for name in names:
        assert name in refusal.value.sentence
    assert city.dump() == before


def test_only_the_missing_signature_is_named(city: City):
    bench = city.to_stage(Stage.AGREEMENT)
    city.review(bench)
    city.sign(bench, "municipality")

    with pytest.raises(Refusal) as refusal:
        city.fund(bench)

    assert "Pasningsaftalen mangler underskrift fra frivilliggruppen." in refusal.value.sentence
    assert "underskrift fra kommunen" not in refusal.value.sentence


def test_a_refused_permit_stops_the_building_until_it_is_granted(city: City):
    bench = city.to_stage(Stage.BUILDING)
    city.permit(bench, "zone_permit", "refused", case_number="26/101")

    with pytest.raises(Refusal, match="“Landzonetilladelse” er afslået"):
        city.build(bench, "started")

    city.permit(bench, "zone_permit", "granted", case_number="26/102")
    city.build(bench)
    assert bench.stage is Stage.HANDOVER


def test_private_land_needs_its_owners_consent_before_the_first_spade(city: City):
    shelter = city.to_stage(Stage.BUILDING, "shelter", land_owner="private")
    for key in ("zone_permit", "building_permit"):
        city.permit(shelter, key)
    before = city.dump()

    with pytest.raises(Refusal, match="“Ejerens skriftlige samtykke” mangler"):
        city.build(shelter, "started")

    assert city.dump() == before
    city.permit(shelter, "owner_consent")
    city.build(shelter)
    assert shelter.stage is Stage.HANDOVER


def test_a_condition_blocks_the_handover_but_not_the_agreement(city: City):
    shelter = city.propose("shelter")
    path = NewCondition("Der er en sti til traktoren", deadline_on=date(2026, 3, 1))
    city.answer(shelter, "conditions", conditions=(path,))
    city.review(shelter)
    city.sign(shelter)
    city.fill_the_pool(shelter)
    city.fund(shelter)
    city.permit(shelter)
    city.build(shelter)
    before = city.dump()

    with pytest.raises(Refusal, match="Betingelse 1 er ikke opfyldt: Der er en sti til traktoren"):
        city.hand_over(shelter)

    assert city.dump() == before
    assert "Betingelse 1 er ikke opfyldt: Der er en sti til traktoren" in shelter.missing
    city.meet_condition(shelter)
    city.hand_over(shelter)
    assert shelter.stage is Stage.OPERATION


@pytest.mark.broken("check_task")
def test_a_check_of_a_facility_that_is_not_in_operation_is_refused(city: City):
    bench = city.in_operation(from_=date(2026, 4, 1))
    city.live(date(2026, 4, 27), date(2026, 4, 27))
    check = city.check_of(bench, "look")
    city.end(bench, "remove")
    with transaction(city.engine) as session:  # as if the removal had forgotten it
        forgotten = session.get_one(Check, check.id)
        forgotten.state, forgotten.closed_on = CheckState.NOTIFIED, None
    before = city.dump()

    with pytest.raises(Refusal, match="ikke i drift"):
        city.report(check)

    assert city.dump() == before


def test_nothing_is_planned_for_what_was_never_handed_over(city: City):
    city.to_stage(Stage.HANDOVER, start_on=date(2026, 2, 1))

    counts = city.live(date(2026, 5, 1), date(2026, 5, 10))

    assert counts.planned == 0
    assert city.checks() == []


@pytest.mark.parametrize("stage", [s for s in Stage if s not in (Stage.PROPOSAL, *NEVER_BUILT)])
def test_a_facility_that_came_by_the_road_lacks_nothing(city: City, stage: Stage):
    place = city.to_stage(stage)

    assert city.stage_of(place) is stage
    assert city.wrong() == []


@pytest.mark.parametrize(
    ("stage", "decision"),
    [
        (Stage.CONSULTATION, lambda city, place, on: city.answer(place, on=on)),
        (Stage.AGREEMENT, lambda city, place, on: city.review(place, on=on)),
        (Stage.FUNDING, lambda city, place, on: city.fund(place, on=on)),
        (Stage.HANDOVER, lambda city, place, on: city.hand_over(place, on=on)),
    ],
)
def test_nothing_can_be_decided_for_a_day_before_its_stage_began(city: City, stage, decision):
    place = city.to_stage(stage)
    city.fill_the_pool(place) if stage is Stage.FUNDING else None
    before = city.dump()

    with pytest.raises(Refusal, match="on: "):
        decision(city, place, date(2026, 1, 2))

    assert city.dump() == before


@pytest.mark.parametrize(
    ("stage", "decision", "may"),
    [
        (Stage.CONSULTATION, lambda c, p: c.answer(p, by=Role.PROJECT_LEAD), "driften"),
        (Stage.AGREEMENT, lambda c, p: c.review(p, by=Role.OPERATIONS), "frivilligkoordinatoren"),
        (Stage.FUNDING, lambda c, p: c.fund(p, by=Role.COORDINATOR), "puljeforvalteren"),
        (Stage.HANDOVER, lambda c, p: c.hand_over(p, by=Role.PROJECT_LEAD), "driften"),
    ],
)
def test_the_wrong_role_is_told_who_decides(city: City, stage, decision, may):
    place = city.to_stage(stage)
    before = city.dump()

    with pytest.raises(Refusal, match=may):
        decision(city, place)

    assert city.dump() == before
