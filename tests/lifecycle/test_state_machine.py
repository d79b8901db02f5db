"""A municipality over years: random people, places, dates and decisions, and the doctor after every step.

Where `test_any_order` tries every door of one facility, here a whole city lives: groups come and people
leave, facilities are proposed and forgotten, money comes and goes, and time passes in steps of days and
months. A decision may be refused; it may never be half-done, and never get anything past the gate.
"""

import os
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)
from sqlalchemy import func
from sqlmodel import SQLModel, col, select

from config.catalogue import catalogue
from models.agreement import Agreement
from models.consultation import Consultation
from models.contacts import leave_group
from models.database import engine_for, reading, transaction
from models.facility import Facility
from models.invariants import broken
from models.pool import Kind, LedgerEntry
from models.protocol import Handover
from models.refusal import Refusal
from models.role import PEOPLE, Door, Role
from models.stage import MOVES, ROAD, Stage
from models.volunteer_group import Contact, contacts_of, find_group
from tests.city import City, Place

ROLES = st.sampled_from(PEOPLE)
KINDS = st.sampled_from(["baenk", "shelter", "badebro", "baalplads"])
DAYS = st.sampled_from([1, 2, 7, 14, 30])
EVERYTHING = os.environ.get("DRIFTSKLAR_CRASH") == "all"

#: From which stage on which row must be there.
FACTS: list[tuple[Stage, Any, Any]] = [
    (Stage.AGREEMENT, Consultation, col(Consultation.answer).in_(("yes", "conditions"))),
    (Stage.FUNDING, Agreement, col(Agreement.signed_on).is_not(None)),
    (Stage.BUILDING, LedgerEntry, col(LedgerEntry.kind) == Kind.COMMITMENT),
    (Stage.OPERATION, Handover, col(Handover.decided_on).is_not(None)),
]


class Municipality(RuleBasedStateMachine):
    """What may be said in a municipality, by anybody, about anything, in any order."""

    groups = Bundle("groups")
    places = Bundle("places")

    def __init__(self) -> None:
        super().__init__()
        engine = engine_for("sqlite://")
        SQLModel.metadata.create_all(engine)
        self.city = City(engine)
        self.stages: dict[str, Stage] = {}
        self.entries = 0
        for year in range(2026, 2034):
            self.city.appropriate(year, 60_000, key=f"start {year}")

    @initialize(target=groups, number=st.integers(0, 99))
    def two_groups_are_there(self, number: int) -> object:
        return multiple(*(self.a_group_comes_by(f"{number}-{each}", 2) for each in "ab"))

    def a_group_comes_by(self, number: str, persons: int) -> str:
        contacts = tuple(f"Person {n};p{n}@g{number}.example;" for n in range(persons))
        return self.city.add_group(f"Gruppe {number}", contacts=contacts)

    @initialize(target=places, kinds=st.lists(KINDS, min_size=2, max_size=3), far=st.integers(0, 9))
    def some_wishes_are_there(self, kinds: list[str], far: int) -> object:
        places = [self.city.propose(kind, name="Stedet", years=2) for kind in kinds]
        for place in places:
            for _ in range(far):
                self._right_step(place)
        return multiple(*places)

    # -- people -------------------------------------------------------------------------------------

    @rule(target=groups, number=st.integers(0, 99), persons=st.integers(1, 3))
    def a_group_comes(self, number: int, persons: int) -> str:
        return self.a_group_comes_by(str(number), persons)

    @rule(group=groups, which=st.integers(0, 2))
    def somebody_leaves(self, group: str, which: int) -> None:
        with suppress(Refusal), transaction(self.city.engine) as session:
            there = contacts_of(session, find_group(session, group))
            person: Contact = there[which % len(there)]
            leave_group(session, person, on=self.city.today, by=Role.COORDINATOR, door=Door.CLI)

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
        try:
            return self.city.propose(
                kind, name="Stedet", group=group, years=years, land_owner=owner, start_on=start_on
            )
        except Refusal:
            return multiple()

    @rule(place=places, kind=st.sampled_from(["yes", "conditions", "no"]), by=ROLES)
    def operations_answers(self, place: Place, kind: str, by: Role) -> None:
        conditions = ("En sti",) if kind == "conditions" else ()
        with suppress(Refusal):
            self.city.answer(place, kind, conditions=conditions, reason="Sådan er det.", by=by)

    @rule(place=places)
    def asked_again(self, place: Place) -> None:
        with suppress(Refusal):
            self.city.ask_again(place)

    @rule(
        place=places,
        late=st.integers(-3, 3),
        decision=st.sampled_from(["grant", "decline", "wait"]),
        by=ROLES,
    )
    def the_pool_answers(self, place: Place, late: int, decision: str, by: Role) -> None:
        on = self.city.today + timedelta(days=late)
        told = {"decided_on": on, "case_number": "26/1"} if by is Role.COMMITTEE else {}
        with suppress(Refusal):
            self.city.fund(place, decision, reason="Sådan er det.", on=on, by=by, **told)

    @rule(
        place=places,
        early=st.sampled_from([-400, -1, 0]),
        what=st.sampled_from(["started", "finished"]),
    )
    def the_builder_says(self, place: Place, early: int, what: str) -> None:
        with suppress(Refusal):
            self.city.build(place, what, on=self.city.today + timedelta(days=early))

    @rule(
        place=places,
        result=st.sampled_from(["accepted", "accepted_with_defects", "refused"]),
        by=ROLES,
    )
    def the_handover_ends(self, place: Place, result: str, by: Role) -> None:
        with suppress(Refusal):
            self.city.hand_over(place, result, reason="Sådan er det.", by=by)

    @rule(place=places, steps=st.integers(1, 6))
    def all_goes_well(self, place: Place, steps: int) -> None:
        """The right decisions, so that the far stages are reached too."""
        for _ in range(steps):
            self._right_step(place)

    def _right_step(self, place: Place) -> None:
        city = self.city
        steps = {
            Stage.CONSULTATION: [partial(city.answer, place)],
            Stage.AGREEMENT: [partial(city.review, place), partial(city.sign, place)],
            Stage.FUNDING: [partial(city.fund, place, by=Role.LEADER)],
            Stage.BUILDING: [partial(city.permit, place), partial(city.build, place)],
            Stage.HANDOVER: [partial(city.meet_condition, place), partial(city.hand_over, place)],
            Stage.OPERATION: [
                partial(city.review, place),
                partial(city.sign, place),
                partial(city.fund, place),
            ],
        }
        for step in steps.get(place.stage, []):
            with suppress(Refusal):
                step()

    @rule(
        place=places,
        safe=st.booleans(),
        kr=st.sampled_from([0, 500, 40_000]),
        decision=st.sampled_from(["repair", "close", "remove"]),
    )
    def something_burns(self, place: Place, safe: bool, kr: int, decision: str) -> None:
        with suppress(Refusal):
            number = self.city.damage(place, safe=safe)
            self.city.decide_incident(number, decision, kr=kr)

    @rule(place=places)
    def the_group_lets_go(self, place: Place) -> None:
        with suppress(Refusal):
            self.city.let_go(place)

    @rule(place=places, group=groups, outcome=st.sampled_from(["new_group", "operations"]))
    def it_goes_on(self, place: Place, group: str, outcome: str) -> None:
        with suppress(Refusal):
            self.city.end(place, outcome, group=group if outcome == "new_group" else None)

    @rule(place=consumes(places))
    def it_is_taken_down(self, place: Place) -> None:
        with suppress(Refusal):
            self.city.end(place, "remove")

    # -- the calendar and the money -------------------------------------------------------------------

    @rule(
        days=DAYS,
        times=st.sampled_from([1, 1, 4, 13]),
        answered=st.booleans(),
        result=st.sampled_from(["ok", "damaged", "not_done"]),
    )
    def time_passes(self, days: int, times: int, answered: bool, result: str) -> None:
        for _ in range(times):
            self.city.today += timedelta(days=days)
            self.city.sweep()
            for check in self.city.checks(only_open=True)[:3] if answered else ():
                with suppress(Refusal):
                    self.city.report(check, result, minutes=20)

    @rule()
    def the_day_is_run_again(self) -> None:
        self.city.sweep()
        before = self.city.dump()
        self.city.sweep()
        assert self.city.dump() == before

    @rule(kr=st.integers(0, 500), years=st.integers(-1, 2))
    def money_comes(self, kr: int, years: int) -> None:
        with suppress(Refusal):
            self.city.appropriate(self.city.today.year + years, kr)

    @rule(kr=st.sampled_from([1, 100, 1_000_000]))
    def money_moves_on(self, kr: int) -> None:
        with suppress(Refusal):
            self.city.carry_over(self.city.today.year - 1, kr)

    # -- what always holds ------------------------------------------------------------------------------

    @invariant()
    def the_doctor_finds_nothing(self) -> None:
        with reading(self.city.engine) as session:
            assert broken(session) == {}

    @invariant()
    def no_stage_is_reached_without_its_facts(self) -> None:
        """The gate once more, from the tables alone: what it calls missing is not asked here."""
        with reading(self.city.engine) as session:
            for facility in session.exec(select(Facility)):
                if facility.stage is Stage.REFUSED:
                    continue
                reached = ROAD.index(facility.stage if facility.stage in ROAD else Stage.OPERATION)
                for stage, table, fact in FACTS:
                    if ROAD.index(stage) <= reached:
                        there = select(table).where(table.facility_id == facility.id, fact)
                        assert session.exec(there).first(), f"{facility.reference} {facility.stage}"

    @invariant()
    def nothing_is_taken_out_of_the_ledger(self) -> None:
        with reading(self.city.engine) as session:
            entries = session.exec(select(func.count(col(LedgerEntry.id)))).one()
        assert entries >= self.entries
        self.entries = entries

    @invariant()
    def every_road_leads_through_the_gates(self) -> None:
        for facility in self.city.all(Facility):
            before = self.stages.get(facility.reference, Stage.CONSULTATION)
            assert facility.stage in _reachable(before)
            self.stages[facility.reference] = facility.stage

    def teardown(self) -> None:
        self.city.engine.dispose()


def _reachable(stage: Stage) -> set[Stage]:
    """Where one may come from a stage, by any number of moves."""
    found: set[Stage] = {stage}
    while more := {to for each in found for to in MOVES[each]} - found:
        found |= more
    return found


catalogue()  # read before hypothesis looks at the clock
TestMunicipality = Municipality.TestCase
TestMunicipality.settings = settings(
    max_examples=300 if EVERYTHING else 10,
    stateful_step_count=60 if EVERYTHING else 40,
    deadline=None,
    derandomize=not EVERYTHING,
    database=None,
    suppress_health_check=list(HealthCheck),
)
