"""Saying the same again is harmless, today or tomorrow; saying something else on it is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from models.case.handover import NewDefect
from models.refusal import Refusal
from models.role import Role
from models.stage import Stage
from tests.city import City, Place

Decision = Callable[[City, Place], object]
DEFECT = NewDefect("Et løst bræt", date(2026, 6, 1))


@dataclass(frozen=True)
class Case:
    """A decision, and one that says something else about the same."""

    name: str
    stage: Stage
    decision: Decision
    other: Decision | None = None


CASES = [
    Case(
        "a proposal by its key",
        Stage.CONSULTATION,
        lambda c, p: c.propose(group=p.group, key="wish 1"),
        lambda c, p: c.propose(group=p.group, key="wish 1", land_owner="private"),
    ),
    Case(
        "a proposal by its key, elsewhere",
        Stage.CONSULTATION,
        lambda c, p: c.propose(group=p.group, key="wish 1"),
        lambda c, p: c.propose(group=p.group, key="wish 1", lat=55.2),
    ),
    Case(
        "a group by its key",
        Stage.CONSULTATION,
        lambda c, p: c.add_group("Nye venner", key="group 1"),
        lambda c, p: c.add_group("Andre venner", key="group 1"),
    ),
    Case(
        "a group by its key, with another CVR number",
        Stage.CONSULTATION,
        lambda c, p: c.add_group("Nye venner", key="group 1", cvr="29189676"),
        lambda c, p: c.add_group("Nye venner", key="group 1"),
    ),
    Case(
        "a yes",
        Stage.CONSULTATION,
        lambda c, p: c.answer(p),
        lambda c, p: c.answer(p, "no", reason="Der kan ikke køres dertil."),
    ),
    Case(
        "a yes with figures",
        Stage.CONSULTATION,
        lambda c, p: c.answer(p, hours=3, kr=1_000),
        lambda c, p: c.answer(p, hours=4, kr=1_000),
    ),
    Case(
        "a yes on conditions",
        Stage.CONSULTATION,
        lambda c, p: c.answer(p, "conditions", conditions=("En sti",)),
        lambda c, p: c.answer(p, "conditions", conditions=("En vej",)),
    ),
    Case(
        "a no",
        Stage.CONSULTATION,
        lambda c, p: c.answer(p, "no", reason="Der kan ikke køres dertil."),
        lambda c, p: c.answer(p),
    ),
    Case("an approved agreement", Stage.AGREEMENT, lambda c, p: c.review(p)),
    Case("moved tasks", Stage.AGREEMENT, lambda c, p: c.review(p, look="municipality")),
    Case(
        "a signature",
        Stage.AGREEMENT,
        lambda c, p: (c.review(p), c.sign(p, "volunteers", name="Aase Holm")),
        lambda c, p: c.sign(p, "volunteers", name="Bent Friis"),
    ),
    Case(
        "both signatures",
        Stage.AGREEMENT,
        lambda c, p: (c.review(p), c.sign(p)),
        lambda c, p: c.review(p, look="municipality"),
    ),
    Case(
        "an appropriation by its key",
        Stage.FUNDING,
        lambda c, p: c.appropriate(2026, 5_000, key="budget"),
        lambda c, p: c.appropriate(2026, 6_000, key="budget"),
    ),
    Case(
        "a grant",
        Stage.FUNDING,
        lambda c, p: (c.fill_the_pool(p), c.fund(p)),
        lambda c, p: c.fund(p, "decline", reason="Der er ikke råd."),
    ),
    Case(
        "a grant by the committee",
        Stage.FUNDING,
        lambda c, p: (
            c.fill_the_pool(p),
            c.fund(p, decided_on=date(2026, 1, 2), case_number="26/7", by=Role.COMMITTEE),
        ),
        lambda c, p: c.fund(p, decided_on=date(2026, 1, 1), case_number="26/7", by=Role.COMMITTEE),
    ),
    Case(
        "a decline", Stage.FUNDING, lambda c, p: c.fund(p, "decline", reason="Der er ikke råd."), lambda c, p: c.fund(p)
    ),
    Case("a place in the line", Stage.FUNDING, lambda c, p: c.fund(p, "wait")),
    Case(
        "a permit",
        Stage.BUILDING,
        lambda c, p: c.permit(p, "zone_permit", case_number="26/1"),
        lambda c, p: c.permit(p, "zone_permit", "refused", case_number="26/1"),
    ),
    Case(
        "the start of the building",
        Stage.BUILDING,
        lambda c, p: (c.permit(p), c.build(p, "started")),
        lambda c, p: c.permit(p, "zone_permit", "not_needed"),
    ),
    Case("the end of the building", Stage.BUILDING, lambda c, p: (c.permit(p), c.build(p))),
    Case(
        "a handover",
        Stage.HANDOVER,
        lambda c, p: c.hand_over(p),
        lambda c, p: c.hand_over(p, "refused", reason="Det er skævt."),
    ),
    Case(
        "a handover with defects",
        Stage.HANDOVER,
        lambda c, p: c.hand_over(p, "accepted_with_defects", defects=(DEFECT,)),
        lambda c, p: c.hand_over(p),
    ),
    Case(
        "a defect that is fixed",
        Stage.HANDOVER,
        lambda c, p: (c.hand_over(p, "accepted_with_defects", defects=(DEFECT,)), c.fix_defect(p)),
    ),
    Case(
        "an incident by its key",
        Stage.OPERATION,
        lambda c, p: c.damage(p, key="call 1"),
        lambda c, p: c.damage(p, "Bænken er væltet", key="call 1"),
    ),
    Case(
        "a repair",
        Stage.OPERATION,
        lambda c, p: c.decide_incident(c.damage(p, key="call 1"), kr=500),
        lambda c, p: c.decide_incident(1, kr=600),
    ),
    Case(
        "a removal after an incident",
        Stage.OPERATION,
        lambda c, p: c.decide_incident(c.damage(p, key="call 1"), "remove"),
        lambda c, p: c.decide_incident(1, "repair"),
    ),
    Case("a letting go", Stage.OPERATION, lambda c, p: c.let_go(p)),
    Case("a removal", Stage.WINDING_DOWN, lambda c, p: c.end(p, "remove"), lambda c, p: c.end(p, "operations")),
    Case("a takeover by operations", Stage.WINDING_DOWN, lambda c, p: c.end(p, "operations")),
    Case(
        "a takeover by a new group",
        Stage.WINDING_DOWN,
        lambda c, p: c.end(p, "new_group", group=c.add_group("Nye venner", key="new")),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_same_again_changes_nothing_and_something_else_is_refused(city: City, case: Case):
    place = city.to_stage(case.stage)
    case.decision(city, place)
    before = city.dump()

    for days_later in (0, 1):
        city.today += timedelta(days=days_later)
        case.decision(city, place)
        assert city.dump() == before
    if case.other is not None:
        with pytest.raises(Refusal):
            case.other(city, place)
        assert city.dump() == before


def test_a_condition_is_met_once(city: City):
    bench = city.propose()
    city.answer(bench, "conditions", conditions=("En sti",))
    city.meet_condition(bench)
    before = city.dump()

    city.meet_condition(bench)

    assert city.dump() == before


@pytest.mark.parametrize("result", ["ok", "damaged", "not_done"])
def test_a_check_is_answered_once(city: City, result: str):
    bench = city.in_operation(from_=date(2026, 4, 1))
    city.live(date(2026, 4, 26), date(2026, 4, 26))
    check = city.check_of(bench, "look")
    city.report(check, result, note="Set efter.")
    before = city.dump()

    city.report(check, result, note="Set efter.")

    assert city.dump() == before
    other = "not_done" if result != "not_done" else "ok"
    with pytest.raises(Refusal, match="allerede besvaret"):
        city.report(check, other, note="Noget andet.")
    assert city.dump() == before


def test_a_no_can_be_asked_again_and_become_a_yes(city: City):
    bench = city.propose(name="Bænk på klinten")
    city.answer(bench, "no", reason="Den står, hvor klinten skrider.", could_be_yes="Hvis den rykkes 40 meter ind.")
    city.ask_again(bench, "Bænken er rykket 40 meter ind.")
    before = city.dump()

    city.ask_again(bench, "Bænken er rykket 40 meter ind.")
    assert city.dump() == before

    city.answer(bench)
    assert bench.stage is Stage.AGREEMENT
    assert [kind for _, kind in city.told(bench.group)] == ["proposal_received", "consultation_no", "consultation_yes"]
