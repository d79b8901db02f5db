"""A municipality over years: random people, places, dates and decisions, and the doctor after every step.

Groups come and people leave, facilities are proposed and forgotten, money comes and goes, anybody decides
anything in any role and order, somebody even sets a stage by hand; and time passes in steps of days and months.
A decision may be refused: then it says why and leaves no trace. None may be half-done, and none gets anything
past the gate.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from sqlalchemy import update
from sqlmodel import SQLModel, col

from config.catalogue import catalogue
from models.case.facility import Facility
from models.case.volunteer_group import Contact, contacts_of, find_group
from models.database import engine_for, transaction
from models.guards import set_guards
from models.persons.contacts import leave_group
from models.place_words import keep_place_words
from models.refusal import Refusal
from models.role import PEOPLE, Door, Role
from models.said import Said
from models.stage import ROAD, Stage
from models.stages.handover import NewDefect
from tests.city import City, Dump, Place
from tests.lifecycle.always import Always

ROLES = st.sampled_from(PEOPLE)
KINDS = st.sampled_from(["baenk", "shelter", "badebro", "baalplads"])
REASON = st.sampled_from(["", "Sådan er det."])
EVERYTHING = os.environ.get("DRIFTSKLAR_CRASH") == "all"


class Municipality(RuleBasedStateMachine):
    """What may be said in a municipality, by anybody, about anything, in any order."""

    groups = Bundle("groups")
    places = Bundle("places")

    def __init__(self) -> None:
        super().__init__()
        engine = engine_for("sqlite://")
        SQLModel.metadata.create_all(engine)
        with engine.begin() as connection:
            set_guards(connection)
            keep_place_words(connection)
        self.city = City(engine)
        self.always = Always(self.city)
        self.seen: Dump | None = None  # the whole database as it is, when that is known
        self.changed = True  # since what always holds was looked at
        for year in range(2026, 2034):
            self.city.appropriate(year, 60_000, key=f"start {year}")

    @initialize(target=groups, number=st.integers(0, 99))
    def two_groups_are_there(self, number: int) -> object:
        return multiple(*(self.a_group_comes_by(f"{number}-{each}", 2) for each in "ab"))

    def a_group_comes_by(self, number: str, persons: int) -> str:
        contacts = tuple(f"Person {n};p{n}@g{number}.example;" for n in range(persons))
        return self.city.add_group(f"Gruppe {number}", contacts=contacts)

    @initialize(target=places, kinds=st.lists(KINDS, min_size=2, max_size=2), far=st.integers(0, 6))
    def some_wishes_are_there(self, kinds: list[str], far: int) -> object:
        places = [self.city.propose(kind, name="Stedet", years=2) for kind in kinds]
        for place in places:
            for _ in range(far):
                self._right_step(place)
        return multiple(*places)

    def attempt(self, decision: Callable[[], object]) -> None:
        """It happens, or it is refused with a reason and leaves no trace."""
        self.seen = self.seen or self.city.dump()
        try:
            decision()
        except Refusal as refusal:
            said = refusal
        else:
            return self.something_is_new()
        assert said.sentence.strip()
        assert self.city.dump() == self.seen, f"a trace of {said.code}"

    def something_is_new(self) -> None:
        """What was known of the database no longer holds."""
        self.seen, self.changed = None, True

    # -- people -------------------------------------------------------------------------------------

    @rule(target=groups, number=st.integers(0, 99), persons=st.integers(1, 3))
    def a_group_comes(self, number: int, persons: int) -> str:
        self.something_is_new()
        return self.a_group_comes_by(str(number), persons)

    @rule(group=groups, which=st.integers(0, 2))
    def somebody_leaves(self, group: str, which: int) -> None:
        def leave() -> None:
            with transaction(self.city.engine) as session:
                there = contacts_of(session, find_group(session, group))
                person: Contact = there[which % len(there)]
                leave_group(session, person, Said(self.city.today, Role.COORDINATOR, Door.CLI))

        self.attempt(leave)

    # -- places -------------------------------------------------------------------------------------

    @rule(
        target=places,
        group=groups,
        kind=KINDS,
        years=st.integers(1, 4),
        owner=st.sampled_from(["municipality", "private", "state"]),
        start_in=st.integers(30, 200),
    )
    def a_wish(self, group: str, kind: str, years: int, owner: str, start_in: int) -> object:
        start_on = self.city.today + timedelta(days=start_in)
        wish = {"group": group, "years": years, "land_owner": owner, "start_on": start_on}
        made: list[Place] = []
        self.attempt(lambda: made.append(self.city.propose(kind, name="Stedet", **wish)))
        return multiple(*made)

    @rule(place=places, kind=st.sampled_from(["yes", "conditions", "no"]), reason=REASON, by=ROLES)
    def operations_answers(self, place: Place, kind: str, reason: str, by: Role) -> None:
        said = {"conditions": ("En sti",) if kind == "conditions" else (), "reason": reason}
        self.attempt(lambda: self.city.answer(place, kind, by=by, **said))

    @rule(place=places)
    def asked_again(self, place: Place) -> None:
        self.attempt(lambda: self.city.ask_again(place))

    @rule(
        place=places,
        task=st.sampled_from(["", "look", "roof", "clean", "oil"]),
        who=st.sampled_from(["volunteers", "municipality", "both"]),
    )
    def the_coordinator_reads_it(self, place: Place, task: str, who: str) -> None:
        moves = {task: who} if task else {}
        self.attempt(lambda: self.city.review(place, **moves))

    @rule(place=places, side=st.sampled_from(["volunteers", "municipality"]))
    def one_side_signs(self, place: Place, side: str) -> None:
        self.attempt(lambda: self.city.sign(place, side))

    @rule(
        place=places,
        late=st.integers(-3, 3),
        decision=st.sampled_from(["grant", "decline", "wait"]),
        reason=REASON,
        by=ROLES,
    )
    def the_pool_answers(self, place: Place, late: int, decision: str, reason: str, by: Role) -> None:
        on = self.city.today + timedelta(days=late)
        told = {"decided_on": on, "case_number": "26/1"} if by is Role.COMMITTEE else {}
        self.attempt(lambda: self.city.fund(place, decision, reason=reason, on=on, by=by, **told))

    @rule(
        place=places,
        key=st.sampled_from(["", "zone_permit", "owner_consent"]),
        result=st.sampled_from(["granted", "not_needed", "refused"]),
    )
    def an_authority_answers(self, place: Place, key: str, result: str) -> None:
        self.attempt(lambda: self.city.permit(place, key, result))

    @rule(place=places, early=st.sampled_from([-400, -1, 0]), what=st.sampled_from(["started", "finished"]))
    def the_builder_says(self, place: Place, early: int, what: str) -> None:
        on = self.city.today + timedelta(days=early)
        self.attempt(lambda: self.city.build(place, what, on=on))

    @rule(
        place=places,
        result=st.sampled_from(["accepted", "accepted_with_defects", "refused"]),
        with_defect=st.booleans(),
        reason=REASON,
        by=ROLES,
    )
    def the_handover_ends(self, place: Place, result: str, with_defect: bool, reason: str, by: Role) -> None:
        defect = NewDefect("Et løst bræt", self.city.today + timedelta(days=30))
        said = {"defects": (defect,) if with_defect else (), "reason": reason}
        self.attempt(lambda: self.city.hand_over(place, result, by=by, **said))

    @rule(place=places, steps=st.integers(1, 6), hurried=st.booleans())
    def all_goes_well(self, place: Place, steps: int, hurried: bool) -> None:
        """The right decisions, so that the far stages are reached too; the last perhaps without what comes before it."""
        self.something_is_new()
        for _ in range(steps):
            self._right_step(place)
        self._right_step(place, leave_out=int(hurried))

    def _right_step(self, place: Place, leave_out: int = 0) -> None:
        city = self.city
        steps = {
            Stage.CONSULTATION: [partial(city.answer, place)],
            Stage.AGREEMENT: [partial(city.review, place), partial(city.sign, place)],
            Stage.FUNDING: [partial(city.fund, place, by=Role.LEADER)],
            Stage.BUILDING: [partial(city.permit, place), partial(city.build, place)],
            Stage.HANDOVER: [partial(city.meet_condition, place), partial(city.hand_over, place)],
            Stage.OPERATION: [partial(city.review, place), partial(city.sign, place), partial(city.fund, place)],
        }
        for step in steps.get(place.stage, [])[leave_out:]:
            with suppress(Refusal):  # half of it may be done already
                step()

    @rule(place=places, to=st.sampled_from(ROAD[2:-1]))
    def somebody_sets_the_stage_by_hand(self, place: Place, to: Stage) -> None:
        """The gate asks what really happened, so a stage that was set wrongly opens nothing."""
        was = place.stage
        if was not in ROAD or ROAD.index(to) <= ROAD.index(was):
            return
        decisions = {
            Stage.AGREEMENT: self.city.review,
            Stage.FUNDING: partial(self.city.fund, by=Role.LEADER),
            Stage.BUILDING: partial(self.city.build, event="started"),
            Stage.HANDOVER: self.city.hand_over,
        }
        self._set_stage(place, to)
        with pytest.raises(Refusal):
            decisions[to](place)
        self._set_stage(place, was)

    def _set_stage(self, place: Place, stage: Stage) -> None:
        by_hand = update(Facility).where(col(Facility.reference) == place.reference)
        with transaction(self.city.engine) as session:
            session.connection().execute(by_hand.values(stage=stage))

    @rule(
        place=places,
        safe=st.booleans(),
        kr=st.sampled_from([0, 500, 40_000]),
        decision=st.sampled_from(["repair", "close", "remove"]),
        by=ROLES,
    )
    def something_burns(self, place: Place, safe: bool, kr: int, decision: str, by: Role) -> None:
        numbers: list[int] = []
        self.attempt(lambda: numbers.append(self.city.damage(place, safe=safe)))
        for number in numbers:
            self.attempt(partial(self.city.decide_incident, number, decision, kr=kr, by=by))

    @rule(place=places)
    def the_group_lets_go(self, place: Place) -> None:
        self.attempt(lambda: self.city.let_go(place))

    @rule(place=places, group=groups, outcome=st.sampled_from(["new_group", "operations"]))
    def it_goes_on(self, place: Place, group: str, outcome: str) -> None:
        to = group if outcome == "new_group" else None
        self.attempt(lambda: self.city.end(place, outcome, group=to))

    @rule(place=consumes(places))
    def it_is_taken_down(self, place: Place) -> None:
        self.attempt(lambda: self.city.end(place, "remove"))

    # -- the calendar and the money -------------------------------------------------------------------

    @rule(
        days=st.sampled_from([1, 2, 7, 14, 30]),
        times=st.sampled_from([1, 1, 4]),
        answered=st.booleans(),
        result=st.sampled_from(["ok", "damaged", "not_done"]),
        by=ROLES,
    )
    def time_passes(self, days: int, times: int, answered: bool, result: str, by: Role) -> None:
        for _ in range(times):
            self.city.today += timedelta(days=days)
            self.city.sweep()
            self.something_is_new()
            for check in self.city.checks(only_open=True)[:3] if answered else ():
                self.attempt(partial(self.city.report, check, result, minutes=20, by=by))
        self.city.sweep()
        self.seen = self.city.dump()
        assert not any(self.city.sweep().as_dict().values()), "run again, it found something to do"
        assert self.city.dump() == self.seen

    @rule(kr=st.sampled_from([1, 500, 50_000]), years=st.integers(-1, 2))
    def money_comes(self, kr: int, years: int) -> None:
        self.attempt(lambda: self.city.appropriate(self.city.today.year + years, kr))

    @rule(kr=st.sampled_from([1, 100, 1_000_000]))
    def money_moves_on(self, kr: int) -> None:
        self.attempt(lambda: self.city.carry_over(self.city.today.year - 1, kr))

    # -- what always holds ------------------------------------------------------------------------------

    @invariant()
    def what_always_holds(self) -> None:
        """Looked at after every step that changed something; a refused one was seen to change nothing."""
        if not self.changed:
            return
        self.always.look()
        self.changed = False

    def teardown(self) -> None:
        self.city.engine.dispose()


catalogue()  # read before hypothesis looks at the clock
TestMunicipality = Municipality.TestCase
TestMunicipality.settings = settings(
    max_examples=300 if EVERYTHING else 16,
    stateful_step_count=60 if EVERYTHING else 25,
    deadline=None,
    derandomize=not EVERYTHING,
    # making a failure small takes minutes, and these are only some twenty steps
    phases=tuple(Phase) if EVERYTHING else (Phase.generate,),
    database=None,
    suppress_health_check=list(HealthCheck),
)
