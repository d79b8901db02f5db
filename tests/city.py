"""The city: a municipality the tests live in, spoken to in the words of the domain.

Every decision is one transaction, as through any door. `today` is the day a decision counts for when
none is said; only `city.today = …`, `live` and `on=` move it, never the clock.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, select

import models.tables  # noqa: F401
from config.catalogue import Who
from models.calendar import add_months
from models.case.agreement import (
    Agreement,
    CareTask,
    Document,
    Printer,
    Side,
    agreement_in_force,
    agreements_of,
    last_agreement,
    signatures_of,
    tasks_of,
)
from models.case.consultation import AnswerKind
from models.case.facility import Facility, LandOwner, find
from models.case.funding import FundingDecision
from models.case.gate import missing_before, missing_to_next
from models.case.handover import HandoverResult, NewDefect
from models.case.insurance import Cover, insurance_of
from models.case.permit import PermitResult, permits_of
from models.case.volunteer_group import VolunteerGroup, add_group, contacts_of, find_group
from models.daily.check_ladder import SweepCounts
from models.daily.daily_run import sweep
from models.database import reading, transaction
from models.journal import journal_of
from models.operation.check import Check, CheckResult, checks_of, find_check
from models.operation.check_answer import report_check
from models.operation.incident import IncidentDecision, find_incident, open_incident
from models.operation.incident_decision import decide_incident
from models.operation.incident_end import make_safe, may_be_used_again
from models.operation.winding_down import Outcome, answer_winding_down, begin_winding_down
from models.operation.work import drop_work, finish_work, open_work, take_work
from models.operation.work_by_hand import order_by_hand
from models.operation.work_order import WorkKind, WorkOrder, find_work
from models.overview.waiting import waits_of
from models.pool.appropriation import appropriate
from models.pool.ledger import LedgerEntry, PoolYear, ledger, promised, sums_of, wrong_years, year_of
from models.pool.year_end import carry_over
from models.post.outbox import Message, items_of
from models.role import Door, Role
from models.said import Said
from models.stage import NEVER_BUILT, Stage
from models.stages.agreement import review_agreement, sign_agreement
from models.stages.building import BuildingEvent, answer_permit, report_building
from models.stages.consultation import answer_consultation, ask_again, meet_condition
from models.stages.consultation_answer import Answer, NewCondition
from models.stages.funding import amounts_of, decide_funding
from models.stages.handover import HandoverAnswer, answer_handover, fix_defect
from models.stages.insurance import answer_insurance
from models.stages.proposal import Proposal, propose
from models.stages.protocol_signature import decided_handover, sign_protocol

TWO_CONTACTS = ("Aase Holm;aase@example.dk;12345678", "Bent Friis;bent@example.dk;87654321")

Dump = dict[str, list[str]]


@dataclass(frozen=True)
class Letter:
    """One message as its recipient gets it: `kinds` is what it tells, one for each item of a daily one."""

    on: date
    to: str
    template: str
    kinds: tuple[str, ...]
    context: dict[str, object]
    attachment: str


@dataclass(frozen=True)
class Place:
    """A facility as the tests point at it; what it is now is read anew each time."""

    city: "City"
    reference: str

    @property
    def facility(self) -> Facility:
        """The facility as it is now."""
        with reading(self.city.engine) as session:
            return find(session, self.reference)

    @property
    def stage(self) -> Stage:
        """Where it is now."""
        return self.facility.stage

    @property
    def group(self) -> str:
        """The reference of the group that looks after it now."""
        with reading(self.city.engine) as session:
            return session.get_one(VolunteerGroup, find(session, self.reference).group_id).reference

    @property
    def missing(self) -> list[str]:
        """What stands between it and its next stage."""
        with reading(self.city.engine) as session:
            return missing_to_next(session, find(session, self.reference))

    @property
    def waits_for(self) -> list[tuple[Role, Stage]]:
        """Who is waited for."""
        with reading(self.city.engine) as session:
            return [(w.role, w.stage) for w in waits_of(session, find(session, self.reference))]

    @property
    def agreements(self) -> list[Agreement]:
        """All versions of its agreement."""
        with reading(self.city.engine) as session:
            return agreements_of(session, find(session, self.reference))

    @property
    def agreement(self) -> Agreement:
        """The version in force, or the newest one when none is."""
        with reading(self.city.engine) as session:
            facility = find(session, self.reference)
            found = agreement_in_force(session, facility) or last_agreement(session, facility)
            assert found is not None, f"{self.reference} has no agreement"
            return found

    @property
    def tasks(self) -> dict[str, CareTask]:
        """The tasks of `agreement` by key."""
        agreement = self.agreement
        with reading(self.city.engine) as session:
            return {task.key: task for task in tasks_of(session, agreement)}

    @property
    def journal(self) -> list[str]:
        """What is written down about it."""
        with reading(self.city.engine) as session:
            lines = journal_of(session, find(session, self.reference).number)
            return [line.what for line in lines]

    @property
    def promised_kr(self) -> dict[int, float]:
        """What the pool has promised it, kroner by year."""
        with reading(self.city.engine) as session:
            sums = sums_of(session, find(session, self.reference).number)
            return {year: promised(of) / 100 for year, of in sorted(sums.items()) if promised(of)}

    def signatures(self, version: int) -> list[Side]:
        """Who has validly signed that version."""
        with reading(self.city.engine) as session:
            return [s.side for s in signatures_of(session, self.agreements[version - 1])]


def fingerprint(session: Session, agreement: Agreement) -> Document:
    """A printer without paper: the hash follows what the paper would say."""
    said = [(t.key, t.who, t.every_days, t.every_months) for t in tasks_of(session, agreement)]
    signed = [(s.side, s.name, s.signed_on) for s in signatures_of(session, agreement)]
    sha256 = hashlib.sha256(repr((agreement.version, said, signed)).encode()).hexdigest()
    return Document(sha256=sha256, path=f"documents/v{agreement.version}-{sha256[:12]}.pdf")


class City:
    """A municipality and its people; see the module."""

    def __init__(self, engine: Engine, today: date = date(2026, 1, 5)) -> None:
        self.engine = engine
        self.today = today
        self.printer: Printer = fingerprint

    # -- what people decide -------------------------------------------------------------------------

    def add_group(
        self,
        name: str = "Stedets venner",
        *,
        contacts: tuple[str, ...] = TWO_CONTACTS,
        cvr: str = "",
        key: str | None = None,
    ) -> str:
        """A group of volunteers; returns its reference."""
        with self._decision(None, Role.COORDINATOR) as (session, said):
            return add_group(session, name, list(contacts), said, cvr=cvr, key=key).reference

    def propose(
        self,
        type_key: str = "baenk",
        *,
        name: str = "Bænk ved Stege Nor",
        group: str | None = None,
        land_owner: str = "municipality",
        years: int = 3,
        start_on: date | None = None,
        lat: float = 54.99,
        lon: float = 12.28,
        key: str | None = None,
        on: date | None = None,
        by: Role = Role.PROJECT_LEAD,
    ) -> Place:
        """A wish, by default for a bench that a new group will look after."""
        group = group or self.add_group()
        owner = LandOwner(land_owner)
        wish = Proposal(type_key, name, group, lat, lon, owner, years, start_on)
        with self._decision(on, by) as (session, said):
            return Place(self, propose(session, wish, said, key=key).reference)

    def answer(
        self,
        place: Place,
        kind: str = "yes",
        *,
        hours: int | None = None,
        kr: int | None = None,
        conditions: tuple[NewCondition | str, ...] = (),
        reason: str = "",
        could_be_yes: str = "",
        on: date | None = None,
        by: Role = Role.OPERATIONS,
    ) -> None:
        """What operations answers."""
        set_by_them = tuple(NewCondition(c) if isinstance(c, str) else c for c in conditions)
        answer = Answer(AnswerKind(kind), hours, kr, set_by_them, reason, could_be_yes)
        with self._about(place, on, by) as (session, facility, said):
            answer_consultation(session, facility, answer, said)

    def ask_again(self, place: Place, change: str = "Stedet er flyttet.", *, by: Role = Role.PROJECT_LEAD) -> None:
        """A new round after a no, or about a place that was inherited."""
        with self._about(place, None, by) as (session, facility, said):
            ask_again(session, facility, change, said)

    def meet_condition(self, place: Place, number: int = 1, *, on: date | None = None) -> None:
        """A condition is met."""
        with self._about(place, on, Role.OPERATIONS) as (session, facility, said):
            meet_condition(session, facility, number, said)

    def review(
        self,
        place: Place,
        *,
        insured: str | None = "municipality",
        on: date | None = None,
        by: Role = Role.COORDINATOR,
        **moves: str,
    ) -> None:
        """The coordinator approves, or moves tasks (`look="municipality"`), and says who insures, unless it is said."""
        moved = {task: Who(who) for task, who in moves.items()}
        with self._about(place, on, by) as (session, facility, said):
            if insured and facility.stage is Stage.AGREEMENT and insurance_of(session, facility) is None:
                answer_insurance(session, facility, Cover(insured), said)
            review_agreement(session, facility, moved, said, printer=self.printer)

    def insure(
        self,
        place: Place,
        cover: str = "municipality",
        *,
        reference: str = "",
        from_on: date | None = None,
        on: date | None = None,
        by: Role = Role.COORDINATOR,
    ) -> None:
        """Somebody answers who insures the volunteers."""
        with self._about(place, on, by) as (session, facility, said):
            answer_insurance(session, facility, Cover(cover), said, reference=reference, from_on=from_on)

    def sign(self, place: Place, side: str = "both", *, name: str = "", on: date | None = None) -> None:
        """One side signs, or both."""
        signers = {
            Side.VOLUNTEERS: ("Aase Holm", Role.VOLUNTEER),
            Side.MUNICIPALITY: ("Karen Koordinator", Role.COORDINATOR),
        }
        for each in Side if side == "both" else (Side(side),):
            usual, by = signers[each]
            with self._about(place, on, by) as (session, facility, said):
                sign_agreement(session, facility, each, name or usual, said, printer=self.printer)

    def appropriate(self, year: int, kr: int, *, key: str | None = None, by: Role = Role.LEADER) -> None:
        """Money into the pool."""
        with self._decision(None, by) as (session, said):
            appropriate(session, year, kr * 100, said, reason="", key=key)

    def fund(
        self,
        place: Place,
        decision: str = "grant",
        *,
        reason: str = "",
        decided_on: date | None = None,
        case_number: str = "",
        on: date | None = None,
        by: Role = Role.POOL_MANAGER,
    ) -> None:
        """What the pool answers."""
        what = FundingDecision(decision)
        with self._about(place, on, by) as (session, facility, said):
            decide_funding(session, facility, what, said, reason=reason, decided_on=decided_on, case_number=case_number)

    def permit(
        self,
        place: Place,
        key: str = "",
        result: str = "granted",
        *,
        case_number: str = "",
        on: date | None = None,
        by: Role = Role.PROJECT_LEAD,
    ) -> None:
        """An authority answers; without a key all of them say yes."""
        with self._about(place, on, by) as (session, facility, said):
            keys = [key] if key else [permit.key for permit in permits_of(session, facility)]
            for each in keys:
                answer_permit(session, facility, each, PermitResult(result), said, case_number=case_number)

    def build(self, place: Place, event: str = "both", *, on: date | None = None) -> None:
        """The builder starts, finishes, or both on one day."""
        for each in BuildingEvent if event == "both" else (BuildingEvent(event),):
            with self._about(place, on, Role.PROJECT_LEAD) as (session, facility, said):
                report_building(session, facility, each, said)

    def hand_over(
        self,
        place: Place,
        result: str = "accepted",
        *,
        defects: tuple[NewDefect, ...] = (),
        papers: tuple[str, ...] = ("drawing", "product_sheets", "care_manual", "warranty", "photo"),
        reason: str = "",
        on: date | None = None,
        by: Role = Role.OPERATIONS,
    ) -> None:
        """How the handover ended."""
        answer = HandoverAnswer(HandoverResult(result), defects, papers, reason)
        with self._about(place, on, by) as (session, facility, said):
            answer_handover(session, facility, answer, said)

    def sign_protocol(self, place: Place, name: str = "Karen Holm") -> None:
        """Those who built it sign the protocol of the handover."""
        with self._about(place, None, Role.VOLUNTEER) as (session, facility, said):
            sign_protocol(session, facility, decided_handover(session, facility), name, said)

    def fix_defect(self, place: Place, number: int = 1) -> None:
        """A defect is put right."""
        with self._about(place, None, Role.OPERATIONS) as (session, facility, said):
            fix_defect(session, facility, number, said)

    def report(
        self,
        check: Check | int,
        result: str = "ok",
        *,
        minutes: int | None = None,
        note: str = "",
        on: date | None = None,
        by: Role = Role.VOLUNTEER,
    ) -> None:
        """The answer to a check."""
        number = check if isinstance(check, int) else check.number
        with self._decision(on, by) as (session, said):
            found = find_check(session, number)
            report_check(session, found, CheckResult(result), said, minutes=minutes, note=note)

    def damage(
        self,
        place: Place,
        what: str = "Taget er brændt",
        *,
        safe: bool = False,
        key: str | None = None,
        on: date | None = None,
        by: Role = Role.VOLUNTEER,
    ) -> int:
        """An incident is reported; returns its number."""
        with self._about(place, on, by) as (session, facility, said):
            incident = open_incident(session, facility, what, said, safe=safe, key=key)
            return incident.number

    def decide_incident(
        self,
        number: int,
        decision: str = "repair",
        *,
        kr: int = 1_000,
        reason: str = "Det skal kunne bruges.",
        on: date | None = None,
        by: Role = Role.OPERATIONS_MANAGER,
    ) -> None:
        """What is done about an incident."""
        what = IncidentDecision(decision)
        with self._decision(on, by) as (session, said):
            decide_incident(session, find_incident(session, number), what, kr, reason, said)

    def mend(self, number: int, *, kr: int = 0, on: date | None = None) -> None:
        """It is decided that an incident is repaired, unless it is, and the repair is done for that many kroner."""
        with reading(self.engine) as session:
            undecided = find_incident(session, number).decision is None
        if undecided:
            self.decide_incident(number, kr=kr, on=on)
        with self._decision(on, Role.OPERATIONS_MANAGER) as (session, said):
            work = next(work for work in open_work(session) if work.incident_id == number)
            finish_work(session, work, said, minutes=0, ore=kr * 100)

    def make_safe(self, number: int, how: str = "Spærret af med bånd.", *, on: date | None = None) -> None:
        """Operations has closed a place off."""
        with self._decision(on, Role.OPERATIONS) as (session, said):
            make_safe(session, find_incident(session, number), how, said)

    def use_again(self, number: int, *, on: date | None = None, by: Role = Role.OPERATIONS) -> None:
        """Operations says that a place may be used again after an incident."""
        with self._decision(on, by) as (session, said):
            may_be_used_again(session, find_incident(session, number), said)

    def order(
        self,
        place: Place,
        what: str = "Mal gavlen",
        *,
        due: date | None = None,
        minutes: int = 0,
        kr: int | None = None,
        key: str | None = None,
        on: date | None = None,
        by: Role = Role.OPERATIONS_MANAGER,
    ) -> WorkOrder:
        """Work that somebody orders by hand."""
        with self._about(place, on, by) as (session, facility, said):
            due = due or self.today + timedelta(days=14)
            ore = None if kr is None else kr * 100
            return order_by_hand(session, facility, what, due, said, key=key, minutes=minutes, ore=ore)

    def take(self, work: WorkOrder, *, on: date | None = None, by: Role = Role.OPERATIONS) -> None:
        """Operations does it."""
        with self._decision(on, by) as (session, said):
            take_work(session, find_work(session, work.number), said)

    def finish(
        self,
        work: WorkOrder,
        *,
        minutes: int = 0,
        kr: int = 0,
        invoice: str = "",
        on: date | None = None,
        by: Role = Role.OPERATIONS,
    ) -> None:
        """It is done, and what it took."""
        with self._decision(on, by) as (session, said):
            finish_work(session, find_work(session, work.number), said, minutes=minutes, ore=kr * 100, invoice=invoice)

    def drop(
        self, work: WorkOrder, reason: str = "Skal ikke gøres.", *, on: date | None = None, by: Role = Role.OPERATIONS
    ) -> None:
        """It isn't done after all."""
        with self._decision(on, by) as (session, said):
            drop_work(session, find_work(session, work.number), said, reason=reason)

    def let_go(self, place: Place, reason: str = "Gruppen kan ikke mere.") -> None:
        """The winding down begins."""
        with self._about(place, None, Role.VOLUNTEER) as (session, facility, said):
            begin_winding_down(session, facility, reason, said)

    def end(
        self,
        place: Place,
        outcome: str,
        *,
        group: str | None = None,
        on: date | None = None,
        by: Role = Role.COORDINATOR,
        decided_on: date | None = None,
        case_number: str = "",
    ) -> None:
        """What becomes of the place."""
        ending = Outcome(outcome)
        with self._about(place, on, by) as (session, facility, said):
            answer_winding_down(
                session, facility, ending, said, group=group, decided_on=decided_on, case_number=case_number
            )

    def carry_over(self, year: int, kr: int, *, on: date | None = None, by: Role = Role.POOL_MANAGER) -> None:
        """Free money of one year moves to the next."""
        with self._decision(on, by) as (session, said):
            carry_over(session, year, kr * 100, said)

    # -- what the calendar does ---------------------------------------------------------------------

    def sweep(self, on: date | None = None) -> SweepCounts:
        """The daily run of one day."""
        return sweep(self.engine, on=on or self.today)

    def live(self, from_: date, to: date) -> SweepCounts:
        """Every day from `from_` to `to`, both included; what the daily runs did, added up."""
        total = SweepCounts()
        for number in range((to - from_).days + 1):
            self.today = from_ + timedelta(days=number)
            total.add(self.sweep())
        return total

    # -- the road in one step -----------------------------------------------------------------------

    def to_stage(
        self,
        stage: Stage,
        type_key: str = "baenk",
        *,
        kr: int | None = None,
        money: int = 100_000,
        insured: str | None = "municipality",
        **wish: Any,
    ) -> Place:
        """A facility that has just come into that stage; `kr` a year, `money` in each year of the pool."""
        place = self.propose(type_key, **wish)
        steps = {
            Stage.CONSULTATION: partial(self.answer, place, kr=kr),
            Stage.AGREEMENT: lambda: (self.review(place, insured=insured), self.sign(place)),
            Stage.FUNDING: lambda: (self.fill_the_pool(place, money), self.fund(place)),
            Stage.BUILDING: lambda: (self.permit(place), self.build(place)),
            Stage.HANDOVER: partial(self.hand_over, place),
            Stage.OPERATION: partial(self.let_go, place),
            Stage.WINDING_DOWN: partial(self.end, place, "remove"),
        }
        for step, take in steps.items():
            if stage is step:
                return place
            take()
        assert place.stage is stage
        return place

    def in_operation(self, type_key: str = "baenk", *, from_: date = date(2026, 4, 1), **wish: Any) -> Place:
        """A facility that is taken over on `from_`, asked for and built in the three months before."""
        self.today = add_months(from_, -3)
        place = self.to_stage(Stage.HANDOVER, type_key, **{"start_on": from_, **wish})
        self.today = from_
        self.hand_over(place)
        return place

    def fill_the_pool(self, place: Place, money: int = 100_000) -> None:
        """That many kroner in every year of the newest agreement, once for each year."""
        with reading(self.engine) as session:
            newest = last_agreement(session, find(session, place.reference))
            assert newest is not None
            years = list(amounts_of(newest))
        for year in years if money else ():
            self.appropriate(year, money, key=f"pool {year}")

    # -- what one can see ---------------------------------------------------------------------------

    def stage_of(self, place: Place) -> Stage:
        """Where the facility is."""
        return place.stage

    def letters_to(self, whom: str | Role) -> list[Letter]:
        """What a group's contacts (G-0001), one of them (a name) or a role was told, in order."""
        with reading(self.engine) as session:
            # the Monday mail repeats what waits; tests/pool has tests of its own for it
            rows = select(Message).where(Message.template != "monday").order_by(col(Message.id))
            if isinstance(whom, Role):
                rows = rows.where(Message.role == whom)
                names = {}
            else:
                group = find_group(session, whom.partition("/")[0])
                names = {c.id: c.name for c in contacts_of(session, group)}
                rows = rows.where(col(Message.contact_id).in_(list(names)))
            return [
                Letter(
                    on=message.on,
                    to=names.get(message.contact_id) or str(message.role),
                    template=message.template,
                    kinds=tuple(item.kind for item in items_of(session, message))
                    if message.template == "daily"
                    else (message.template,),
                    context=dict(message.context),
                    attachment=message.attachment,
                )
                for message in session.exec(rows)
            ]

    def told(self, whom: str | Role) -> list[tuple[date, str]]:
        """The days and kinds of all that a role or a contact person was told, but the Monday mails."""
        letters = [each for each in self.letters_to(whom) if each.template != "monday"]
        first = letters[0].to if letters else ""
        return [(letter.on, kind) for letter in letters if letter.to == first for kind in letter.kinds]

    def checks(self, place: Place | None = None, *, only_open: bool = False) -> list[Check]:
        """Checks by due date."""
        with reading(self.engine) as session:
            facility = find(session, place.reference) if place is not None else None
            return checks_of(session, facility, only_open=only_open)

    def check_of(self, place: Place, task: str) -> Check:
        """The newest check of one task."""
        with reading(self.engine) as session:
            rows = (
                select(Check)
                .join(CareTask, col(CareTask.id) == Check.care_task_id)
                .where(CareTask.key == task, Check.facility_id == place.facility.id)
                .order_by(col(Check.due_on).desc())
            )
            found = session.exec(rows).first()
            assert found is not None, f"no check of {task}"
            return found

    def pot(self, year: int) -> tuple[float, float, float]:
        """Free, committed and spent kroner of one year."""
        with reading(self.engine) as session:
            pots = year_of(session, year)
            return pots.free_ore / 100, pots.committed_ore / 100, pots.spent_ore / 100

    def ledger(self, **where: Any) -> list[LedgerEntry]:
        """The pool's entries."""
        with reading(self.engine) as session:
            return ledger(session, **where)

    def work_orders(self) -> list[WorkOrder]:
        """All work that was ordered, but the visits and inspections that every place has."""
        booked = (WorkKind.VISIT, WorkKind.INSPECTION)
        return [work for work in self._all(WorkOrder) if work.kind not in booked]

    def work_now(self, work: WorkOrder) -> WorkOrder:
        """An order as it is now."""
        return next(each for each in self._all(WorkOrder) if each.id == work.id)

    def all(self, table: type[SQLModel]) -> list[Any]:
        """Every row of one table."""
        return self._all(table)

    def wrong(self) -> list[str]:
        """Everything that may never be so: open stages that lack something, balances that don't add up."""
        found: list[str] = []
        with reading(self.engine) as session:
            for facility in session.exec(select(Facility)):
                if facility.stage not in NEVER_BUILT:
                    missing = missing_before(session, facility, facility.stage)
                    found += [f"{facility.reference} {facility.stage}: {m}" for m in missing]
                in_force = [a for a in agreements_of(session, facility) if a.status == "in_force"]
                lives = facility.stage in (Stage.OPERATION, Stage.WINDING_DOWN)
                if len(in_force) != lives:
                    found.append(f"{facility.reference} has {len(in_force)} agreements in force")
            found += [f"the balances of {year}" for year in wrong_years(session)]
            for pots in session.exec(select(PoolYear)):
                if pots.put_in_ore != pots.free_ore + pots.committed_ore + pots.spent_ore:
                    found.append(f"the pots of {pots.year}")
        return found

    def dump(self) -> Dump:
        """Every row of every table, to see that nothing has changed."""
        with self.engine.connect() as connection:
            rows = {
                table.name: connection.exec_driver_sql(f'SELECT * FROM "{table.name}"')
                for table in SQLModel.metadata.sorted_tables
            }
            return {name: sorted(repr(tuple(row)) for row in of) for name, of in rows.items()}

    # -- how ------------------------------------------------------------------------------------------

    def _all(self, table: Any) -> list[Any]:
        with reading(self.engine) as session:
            return list(session.exec(select(table).order_by(table.id)))

    @contextmanager
    def _decision(self, on: date | None, by: Role) -> Iterator[tuple[Session, Any]]:
        with transaction(self.engine) as session:
            yield session, Said(on or self.today, by, Door.CLI)

    @contextmanager
    def _about(self, place: Place, on: date | None, by: Role) -> Iterator[tuple[Session, Facility, Any]]:
        with self._decision(on, by) as (session, said):
            yield session, find(session, place.reference), said
