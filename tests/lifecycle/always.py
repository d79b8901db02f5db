"""What always holds in a municipality, whatever was decided: asked of the database, and of what it was before."""

import re
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from models.case.agreement import Agreement, AgreementStatus
from models.case.consultation import Consultation
from models.case.facility import Facility
from models.case.gate import missing_before
from models.case.handover import Handover
from models.case.permit import Permit, PermitResult
from models.database import reading
from models.journal import journal_of
from models.operation.incident import LIVES, unsafe_incidents
from models.operation.work_order import WorkOrder, WorkState
from models.overview.invariants import broken
from models.pool.ledger import Kind, LedgerEntry, PoolYear
from models.stage import MOVES, NEVER_BUILT, ROAD, Stage
from tests.city import City

#: From which stage on which row must be there.
FACTS: list[tuple[Stage, Any, Any]] = [
    (Stage.AGREEMENT, Consultation, col(Consultation.answer).in_(("yes", "conditions"))),
    (Stage.FUNDING, Agreement, col(Agreement.signed_on).is_not(None)),
    (Stage.BUILDING, LedgerEntry, col(LedgerEntry.kind) == Kind.COMMITMENT),
    (Stage.OPERATION, Handover, col(Handover.decided_on).is_not(None)),
]
PERMITTED = (PermitResult.GRANTED, PermitResult.NOT_NEEDED)


class Always:
    """One city, looked at again and again; it remembers where it was the last time."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.stages: dict[str, Stage] = {}
        self.entries = 0

    def look(self) -> None:
        """All of it."""
        self.the_doctor_finds_nothing()
        self.no_stage_is_reached_without_its_facts()
        self.whoever_stands_before_a_gate_is_told_what_is_missing()
        self.every_krone_is_in_one_pot_and_none_leaves_the_ledger()
        self.an_agreement_is_in_force_only_where_something_is_looked_after()
        self.every_road_leads_through_the_gates()
        self.every_order_adds_up_and_ends_once()
        self.a_place_is_unsafe_exactly_while_somebody_has_said_so()

    def the_doctor_finds_nothing(self) -> None:
        with reading(self.city.engine) as session:
            assert broken(session) == {}

    def no_stage_is_reached_without_its_facts(self) -> None:
        """The gate once more, from the tables alone: what it calls missing is not asked here."""
        with reading(self.city.engine) as session:
            for facility in session.exec(select(Facility)):
                if facility.stage in NEVER_BUILT:
                    continue
                reached = ROAD.index(facility.stage if facility.stage in ROAD else Stage.OPERATION)
                for stage, table, fact in FACTS:
                    if ROAD.index(stage) <= reached:
                        there = select(table).where(table.facility_id == facility.id, fact)
                        assert session.exec(there).first(), f"{facility.reference} {facility.stage}"
                if facility.building_started_on is not None:
                    permits = select(Permit.result).where(Permit.facility_id == facility.id)
                    assert set(session.exec(permits)) <= set(PERMITTED), facility.reference

    def whoever_stands_before_a_gate_is_told_what_is_missing(self) -> None:
        with reading(self.city.engine) as session:
            for facility in session.exec(select(Facility)):
                if facility.stage in ROAD[:-1]:
                    following = ROAD[ROAD.index(facility.stage) + 1]
                    assert missing_before(session, facility, following), facility.reference

    def every_krone_is_in_one_pot_and_none_leaves_the_ledger(self) -> None:
        with reading(self.city.engine) as session:
            for pots in session.exec(select(PoolYear)):
                assert pots.put_in_ore == pots.free_ore + pots.committed_ore + pots.spent_ore
            entries = session.exec(select(func.count(col(LedgerEntry.id)))).one()
        assert entries >= self.entries
        self.entries = entries

    def every_order_adds_up_and_ends_once(self) -> None:
        """By the entries' own keys: what was reserved for an order is there, or booked and released, in each year."""
        with reading(self.city.engine) as session:
            entries = session.exec(select(LedgerEntry).where(col(LedgerEntry.key).startswith("work:"))).all()
            orders = session.exec(select(WorkOrder)).all()
        of: dict[str, dict[str, LedgerEntry]] = {}
        in_year: dict[tuple[int, int | None], int] = {}
        for entry in entries:
            _, number, *what = entry.key.split(":")
            of.setdefault(number, {})[":".join(what)] = entry
            if entry.kind in (Kind.WORK_RESERVED, Kind.WORK_CARRIED):
                in_year[entry.year, entry.facility_id] = (
                    in_year.get((entry.year, entry.facility_id), 0) + entry.amount_ore
                )
        held: dict[tuple[int, int | None], int] = {}
        for order in orders:
            mine = of.get(str(order.id), {})
            assert (order.state is WorkState.DONE) == (order.done_on is not None)
            assert (order.state is WorkState.DROPPED) == (order.dropped_on is not None)
            assert order.done_on is None or order.dropped_on is None
            booked = mine["booked"].amount_ore if "booked" in mine else 0
            assert booked == (order.ore if order.booked_on is not None else 0), order.id
            reserved = mine["reserved"].amount_ore if "reserved" in mine else 0
            released = -mine["released"].amount_ore if "released" in mine else 0
            assert reserved == (order.ore_estimated if order.reserved_year is not None else 0), order.id
            is_over = order.state is WorkState.DROPPED or order.booked_on is not None
            assert released == (reserved if is_over else 0), order.id
            if reserved and not released:
                years = [entry.year for what, entry in mine.items() if what.startswith(("reserved", "carried-to"))]
                where = (max(years), order.facility_id)
                held[where] = held.get(where, 0) + reserved
            given, back = (mine[what].amount_ore if what in mine else 0 for what in ("supplement", "back"))
            assert 0 <= back <= max(given, reserved), order.id
        assert {where: ore for where, ore in in_year.items() if ore} == held

    def an_agreement_is_in_force_only_where_something_is_looked_after(self) -> None:
        stages = (
            select(Facility.stage)
            .join(Agreement, col(Agreement.facility_id) == Facility.id)
            .where(Agreement.status == AgreementStatus.IN_FORCE)
        )
        with reading(self.city.engine) as session:
            assert set(session.exec(stages)) <= {Stage.OPERATION, Stage.WINDING_DOWN}

    def every_road_leads_through_the_gates(self) -> None:
        for facility in self.city.all(Facility):
            before = self.stages.get(facility.reference, Stage.CONSULTATION)
            assert facility.stage in _reachable(before)
            self.stages[facility.reference] = facility.stage

    def a_place_is_unsafe_exactly_while_somebody_has_said_so(self) -> None:
        """By the journal's words alone: who said that it isn't safe, and who that it may be used again."""
        with reading(self.city.engine) as session:
            for facility in session.exec(select(Facility).where(col(Facility.stage).in_(LIVES))):
                lines = [line.what for line in journal_of(session, facility.number)]
                said = {
                    n for line in lines for n in re.findall(r"^Skade nr\. (\d+) meldt: .*ikke bruges sikkert", line)
                }
                said -= {n for line in lines for n in re.findall(r"^Skade nr\. (\d+): stedet må bruges igen", line)}
                assert {str(each.id) for each in unsafe_incidents(session, facility)} == said, facility.reference


def _reachable(stage: Stage) -> set[Stage]:
    """Where one may come from a stage, by any number of moves."""
    found: set[Stage] = {stage}
    while more := {to for each in found for to in MOVES[each]} - found:
        found |= more
    return found
