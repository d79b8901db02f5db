"""All decisions in any order: no door is left open, no krone is lost, and a refusal leaves no trace."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import SQLModel

from config.catalogue import catalogue
from models.database import engine_for
from models.handover import NewDefect
from models.refusal import Refusal
from models.role import PEOPLE, Role
from models.stage import ROAD, Stage
from tests.city import City

ROLES = st.sampled_from(PEOPLE)
REASON = st.sampled_from(["", "Sådan er det."])


class AnyOrder(RuleBasedStateMachine):
    """One facility, sometimes two, and everybody in the municipality deciding what comes to mind."""

    @initialize(
        stage=st.sampled_from([s for s in Stage if s not in (Stage.PROPOSAL, Stage.REFUSED)]),
        kind=st.sampled_from(["baenk", "badebro", "shelter"]),
        money=st.sampled_from([0, 100_000]),
    )
    def begin(self, stage: Stage, kind: str, money: int) -> None:
        engine = engine_for("sqlite://")
        SQLModel.metadata.create_all(engine)
        self.city = City(engine)
        if ROAD.index(Stage.FUNDING) < (ROAD.index(stage) if stage in ROAD else len(ROAD)):
            money = 100_000
        self.place = self.city.to_stage(stage, kind, money=money, years=1)
        self.others = [self.city.add_group("Nye venner")]

    def attempt(self, decision: Callable[[], object]) -> None:
        before = self.city.dump()
        try:
            decision()
        except Refusal as refusal:
            said = refusal
        else:
            return
        assert said.sentence.strip()
        assert self.city.dump() == before, f"a trace of {said.code}"

    @rule(kind=st.sampled_from(["yes", "conditions", "no"]), reason=REASON)
    def answer(self, kind: str, reason: str) -> None:
        conditions = ("En sti",) if kind == "conditions" else ()
        self.attempt(
            lambda: self.city.answer(self.place, kind, conditions=conditions, reason=reason)
        )

    @rule()
    def ask_again(self) -> None:
        self.attempt(lambda: self.city.ask_again(self.place))

    @rule()
    def meet_condition(self) -> None:
        self.attempt(lambda: self.city.meet_condition(self.place))

    @rule(
        task=st.sampled_from(["", "look", "roof", "clean", "oil"]),
        who=st.sampled_from(["volunteers", "municipality", "both"]),
    )
    def review(self, task: str, who: str) -> None:
        moves = {task: who} if task else {}
        self.attempt(lambda: self.city.review(self.place, **moves))

    @rule(side=st.sampled_from(["volunteers", "municipality"]))
    def sign(self, side: str) -> None:
        self.attempt(lambda: self.city.sign(self.place, side))

    @rule(years=st.integers(0, 2), kr=st.sampled_from([1, 500, 50_000]))
    def appropriate(self, years: int, kr: int) -> None:
        self.city.appropriate(self.city.today.year + years, kr)

    @rule(decision=st.sampled_from(["grant", "grant", "decline", "wait"]), reason=REASON, by=ROLES)
    def fund(self, decision: str, reason: str, by) -> None:
        self.attempt(lambda: self.city.fund(self.place, decision, reason=reason, by=by))

    @rule(
        key=st.sampled_from(["", "zone_permit", "owner_consent"]),
        result=st.sampled_from(["granted", "not_needed", "refused"]),
    )
    def permit(self, key: str, result: str) -> None:
        self.attempt(lambda: self.city.permit(self.place, key, result))

    @rule(event=st.sampled_from(["started", "finished"]))
    def build(self, event: str) -> None:
        self.attempt(lambda: self.city.build(self.place, event))

    @rule(
        result=st.sampled_from(["accepted", "accepted_with_defects", "refused"]),
        reason=REASON,
        with_defect=st.booleans(),
    )
    def hand_over(self, result: str, reason: str, with_defect: bool) -> None:
        defect = NewDefect("Et løst bræt", self.city.today + timedelta(days=30))
        defects = (defect,) if with_defect else ()
        self.attempt(
            lambda: self.city.hand_over(self.place, result, defects=defects, reason=reason)
        )

    @rule(
        result=st.sampled_from(["ok", "damaged", "not_done"]), by=ROLES, minutes=st.integers(0, 90)
    )
    def report(self, result: str, by, minutes: int) -> None:
        checks = self.city.checks(only_open=True) or self.city.checks()
        number = checks[0].id or 0 if checks else 1
        self.attempt(lambda: self.city.report(number, result, by=by, minutes=minutes))

    @rule(safe=st.booleans())
    def damage(self, safe: bool) -> None:
        self.attempt(lambda: self.city.damage(self.place, safe=safe))

    @rule(
        number=st.integers(1, 3),
        decision=st.sampled_from(["repair", "repair", "close", "remove"]),
        kr=st.sampled_from([0, 900, 90_000]),
        by=ROLES,
    )
    def decide_incident(self, number: int, decision: str, kr: int, by) -> None:
        self.attempt(lambda: self.city.decide_incident(number, decision, kr=kr, by=by))

    @rule()
    def let_go(self) -> None:
        self.attempt(lambda: self.city.let_go(self.place))

    @rule(outcome=st.sampled_from(["new_group", "operations", "remove"]))
    def end(self, outcome: str) -> None:
        group = self.others[0] if outcome == "new_group" else None
        self.attempt(lambda: self.city.end(self.place, outcome, group=group))

    @rule(kr=st.integers(0, 200))
    def carry_over(self, kr: int) -> None:
        self.attempt(lambda: self.city.carry_over(self.city.today.year - 1, kr))

    @rule(days=st.sampled_from([0, 1, 1, 3, 7, 30, 120]))
    def time_passes(self, days: int) -> None:
        self.city.today += timedelta(days=days)
        self.city.sweep()
        before = self.city.dump()
        assert not any(self.city.sweep().as_dict().values()), "a second run found something to do"
        assert self.city.dump() == before

    @precondition(lambda self: self.city.today < date(2032, 1, 1))
    @rule()
    def the_right_step(self) -> None:
        """What the facility waits for is done, so that the far stages are reached too."""
        city, place = self.city, self.place
        steps: dict[Stage, Callable[[], object]] = {
            Stage.CONSULTATION: lambda: city.answer(place),
            Stage.AGREEMENT: lambda: (city.review(place), city.sign(place)),
            Stage.FUNDING: lambda: (city.fill_the_pool(place), city.fund(place, by=Role.LEADER)),
            Stage.BUILDING: lambda: (city.permit(place), city.build(place)),
            Stage.HANDOVER: lambda: city.hand_over(place),
            Stage.OPERATION: lambda: (city.review(place), city.sign(place), city.fund(place)),
        }
        with suppress(Refusal):  # half of a step may be done already
            steps.get(place.stage, lambda: None)()

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "city"):
            assert self.city.wrong() == []

    def teardown(self) -> None:
        if hasattr(self, "city"):
            self.city.engine.dispose()


catalogue()  # read before hypothesis looks at the clock
TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=400 if os.environ.get("DRIFTSKLAR_CRASH") == "all" else 40,
    stateful_step_count=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
