"""Six years of a shelter that a firm built on AB 18 and a bench that villagers built, by command line and at the desk.

The days are lived in their order. Days on which nothing falls due by what is written down are passed over;
`EVERYTHING=1` lives each of them, with the same assertions.
"""

import json
import os
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from config.catalogue import catalogue
from models.case.agreement import Agreement, AgreementStatus, CareTask
from models.case.builder import BuiltBy, Terms
from models.case.facility import Facility, find
from models.case.firm import add_firm
from models.case.handover import defects_of
from models.case.inspection import Inspection, InspectionKind
from models.database import now, reading, transaction
from models.operation.check import OPEN_STATES, Check
from models.operation.incident import Incident
from models.operation.work_order import OPEN_WORK, WorkKind, WorkOrder, WorkState
from models.overview.invariants import broken
from models.overview.waiting import waits_of
from models.pool.ledger import Kind
from models.pool.reservation import held
from models.post.link import Purpose, make_link
from models.post.outbox import Message, MessageItem
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.correction import Correction, correct_facility
from tests.channels.cli import CommandLine, start_anew
from tests.city import City, Place
from tests.staff.a_day import come_in
from tests.staff.conftest import Desk, RolesFile, fields

HANDOVER, LAST_DAY = date(2026, 6, 8), date(2032, 6, 8)
ROOF_FELL_ON = date(2028, 8, 14)
PERSONS = """operators: {}
persons:
  D-01: {mail: drift@kommune.example, roles: [operations]}
  D-02: {mail: driftsleder@kommune.example, roles: [operations_manager]}
"""
EVERY_DAY = "EVERYTHING" in os.environ
DAY = timedelta(days=1)


class Life:
    """What everybody does, each thing on the day it falls due, but for what is forgotten on purpose."""

    def __init__(self, city: City, desk: Desk, cli: CommandLine) -> None:
        self.city, self.desk, self.cli = city, desk, cli
        self.shelter, self.bench = self._built()
        self.forgotten: int | None = None
        """An order that operations leaves lying until the leader has heard of it."""
        self.silent: int | None = None
        """One that the firm says nothing about."""
        self.unanswered: int | None = None
        """A check that the bench's villagers never answer."""

    def _built(self) -> tuple[Place, Place]:
        shelter = self.city.in_operation("shelter", name="Shelter ved Nyord Havn", from_=HANDOVER, years=5)
        bench = self.city.in_operation("baenk", name="Bænk ved Stege Nor", from_=HANDOVER, years=3)
        said = Said(HANDOVER, Role.PROJECT_LEAD, Door.CLI)
        with transaction(self.city.engine) as session:
            firm = add_firm(session, "Møn Tømrer", said, cvr="12345674", mail="post@firma.example", phone="")
            for place, how in (
                (shelter, Correction(built_by=BuiltBy.FIRM, terms=Terms.AB18, firm=firm.reference)),
                (bench, Correction(built_by=BuiltBy.VOLUNTEERS)),
            ):
                correct_facility(session, find(session, place.reference), how, said, reason="Sådan var det.")
        for year in range(2026, 2037):
            self.city.appropriate(year, 100_000, key=f"pool {year}")
        return shelter, bench

    def live(self) -> None:
        on = HANDOVER
        while on <= LAST_DAY:
            self.city.today = on
            self.city.sweep()
            self._act(on)
            on = on + DAY if EVERY_DAY else self._next_day(on)
        for work in self._open():  # what was ordered on the last days
            self._finish(work, LAST_DAY)

    # -- which day is next --------------------------------------------------------------------------

    def _next_day(self, on: date) -> date:
        """The next day on which the calendar has something to do, by what is written down; the last day at the latest."""
        ladder = catalogue().escalation
        days = {LAST_DAY, ROOF_FELL_ON, *(ROOF_FELL_ON + each * DAY for each in (1, 5, 6))}
        days |= {date(2028, 12, 18), date(2029, 1, 20), date(2029, 2, 10), LAST_DAY + DAY}
        with reading(self.city.engine) as session:
            rows = (
                select(CareTask.next_on)
                .join(Agreement, col(Agreement.id) == CareTask.agreement_id)
                .where(Agreement.status == AgreementStatus.IN_FORCE, col(CareTask.next_on).is_not(None))
            )
            days |= {day - ladder.notice_days_before * DAY for day in session.exec(rows) if day is not None}
            for check in session.exec(select(Check).where(col(Check.state).in_(OPEN_STATES))):
                days |= {check.due_on + each * DAY for each in (0, 4, 11, 18, 25)}
            for work in session.exec(select(WorkOrder).where(col(WorkOrder.state).in_(OPEN_WORK))):
                days |= {work.due_on + each * DAY for each in (0, 1, 8, 15, 16)}
            for each in session.exec(select(Inspection).where(col(Inspection.held_on).is_(None))):
                if each.summoned_for_on is not None:
                    days.add(each.summoned_for_on)
                days |= {each.tell_on, each.inspection_on}
                if each.summon_by_on is not None:
                    days |= {each.summon_by_on - 21 * DAY, each.summon_by_on - 7 * DAY, each.summon_by_on}
            for until_on in session.exec(select(Agreement.until_on)):
                days |= {until_on - ladder.renewal_days_before_end * DAY, until_on + DAY}
        return min(day for day in days if day > on)

    # -- what is done -------------------------------------------------------------------------------

    def _act(self, on: date) -> None:
        self._volunteers_answer(on)
        self._inspections(on)
        self._renew(on)
        self._roof(on)
        self._year_end(on)
        for work in self._open():
            if work.kind not in (WorkKind.INSPECTION, WorkKind.VISIT):
                self._work(work, on)

    def _open(self) -> list[WorkOrder]:
        with reading(self.city.engine) as session:
            rows = select(WorkOrder).where(col(WorkOrder.state).in_(OPEN_WORK)).order_by(col(WorkOrder.id))
            return list(session.exec(rows))

    def _volunteers_answer(self, on: date) -> None:
        for check in self.city.checks(only_open=True):
            if check.who not in ("volunteers", "both"):
                continue
            if self.unanswered is None and check.facility_id == self.bench.facility.id and on.year == 2027:
                self.unanswered = check.number
            if check.number != self.unanswered:
                self.city.report(check, minutes=20)

    def _work(self, work: WorkOrder, on: date) -> None:
        if self.forgotten is None and work.kind is WorkKind.OWN_TASK:
            self.forgotten = work.number
        if self.silent is None and work.kind is WorkKind.DEFECT:
            self.silent = work.number
        is_left_lying = work.number in (self.forgotten, self.silent) or work.what == "Ny tagpap"
        waits_until = work.due_on + 16 * DAY if work.number in (self.forgotten, self.silent) else work.due_on
        if not is_left_lying or on >= waits_until:
            self._finish(work, on)

    def _finish(self, work: WorkOrder, on: date) -> None:
        """By the firm's link, at the desk for the bench, and by the command line for the shelter."""
        if work.kind in (WorkKind.INSPECTION, WorkKind.VISIT):
            return
        if work.firm_id is not None:
            with transaction(self.city.engine) as session:
                token = make_link(session, Purpose.WORK, work.number, contact_id=None, role=Role.FIRM, moment=now())
            done = {"what": "done", "minutes": "60", "kr": str(work.ore_estimated // 100), "invoice": f"F-{work.id}"}
            assert self.desk.client.post(f"/arbejde/{token}", data=done).status_code == 303
        elif work.facility_id == self.bench.facility.id:
            come_in(self.desk, "D-01")
            form = fields(self.desk.get("/opgaver/arbejde?alle=1").text)
            self._sent(self.desk.post(f"/opgaver/arbejde/{work.id}", **form, svar="DONE-15"))
        else:
            self.cli.must(f"work take {work.id} --on {on}")
            self.cli.must(f"work done {work.id} --minutes 30 --on {on} --note Gjort.")

    def _sent(self, answer: object) -> None:
        assert answer.status_code == 303, answer.text  # type: ignore[attr-defined]

    def _inspections(self, on: date) -> None:
        with reading(self.city.engine) as session:
            rows = select(Inspection).where(col(Inspection.held_on).is_(None), col(Inspection.asked_on).is_not(None))
            asked = list(session.exec(rows))
        for each in asked:
            if each.summon_by_on is None:
                self._visit(each)
            elif each.summoned_on is None and on == each.summon_by_on:
                self.cli.must(f"inspection summon {each.id} --meeting-on {each.inspection_on} --on {on}")
            elif each.summoned_for_on == on:
                result = "--result ok"
                if each.kind is InspectionKind.ONE_YEAR:
                    result = f"--result defects --defect Tagrende;{on + 30 * DAY}"
                self.cli.must(f"answer inspection {each.id} --held-on {on} --on {on} {result}")

    def _visit(self, inspection: Inspection) -> None:
        place = self.bench if inspection.facility_id == self.bench.facility.id else self.shelter
        come_in(self.desk, "D-01")
        path = self._question(place, f":inspection:{inspection.id}:")
        form = fields(self.desk.get(path).text)
        self._sent(self.desk.post(path, **form, svar="OK", laering="Døren vender mod vinden."))

    def _question(self, place: Place, part: str) -> str:
        with reading(self.city.engine) as session:
            waits = waits_of(session, find(session, place.reference))
        return f"/opgaver/svar/{next(wait.key for wait in waits if part in wait.key + ':')}"

    def _renew(self, on: date) -> None:
        with reading(self.city.engine) as session:
            rows = (
                select(Facility.reference)
                .join(Agreement, col(Agreement.facility_id) == Facility.id)
                .where(Agreement.status == AgreementStatus.REVIEW)
            )
            drafted = list(session.exec(rows))
        for ref in drafted:
            self.cli.must(f"answer agreement {ref} --review approve --on {on}")
            self.cli.must(f"answer agreement {ref} --sign volunteers --name Aase --on {on}")
            self.cli.must(f"answer agreement {ref} --sign municipality --name Karen --on {on}")
            self.cli.must(f"answer funding {ref} --decision grant --on {on} --by leader")

    def _roof(self, on: date) -> None:
        """A storm takes the roof; the bench's villagers hear nothing of it, the shelter's all."""
        page = f"/sted/{self.shelter.reference.lower()}"
        if on == ROOF_FELL_ON:
            assert "Må ikke bruges" not in self.desk.get(page).text
            self.roof = self.city.damage(self.shelter, "Taget er væk", safe=False)
            self.cli.must(f"incident made-safe {self.roof} --how Spærret --on {on}")
        elif on == ROOF_FELL_ON + DAY:
            assert "ikke bruges" in self.desk.get(page).text
            come_in(self.desk, "D-02")
            path = self._question(self.shelter, f":incident:{self.roof}:")
            form = fields(self.desk.get(path).text)
            self._sent(self.desk.post(path, **form, svar="REPAIR", kroner="9000", begrundelse="Det skal kunne bruges."))
            repair = next(work for work in self._open() if work.incident_id == self.roof)
            self.repair = repair.number
        elif on == ROOF_FELL_ON + 6 * DAY:
            assert self.city.work_now(self.row(self.repair)).state is WorkState.DONE
            assert "ikke bruges" in self.desk.get(page).text  # mended isn't yet in use again
            come_in(self.desk, "D-01")
            path = self._question(self.shelter, f":usable:{self.roof}:")
            self._sent(self.desk.post(path, **fields(self.desk.get(path).text), svar="YES"))
            assert "ikke bruges" not in self.desk.get(page).text

    def row(self, number: int) -> WorkOrder:
        with reading(self.city.engine) as session:
            return session.get_one(WorkOrder, number)

    def _year_end(self, on: date) -> None:
        """One order is open when its year is closed, and done in the next."""
        if on == date(2028, 12, 18):
            said = f"work order {self.shelter.reference} --due 2029-02-10 --kr 800 --on {on} --key pap --what"
            self.cli.must(said, "Ny tagpap")
        elif on == date(2029, 1, 20):
            self.cli.must(f"pool carry-over --year 2028 --kr 1000 --on {on}")
            self.cli.must(f"pool close --year 2028 --on {on}")


@pytest.fixture
def life(roles: RolesFile, city: City, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    roles.say(PERSONS)
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", city.engine.url.render_as_string(hide_password=False))
    start_anew()
    yield Life(city, Desk(city), CommandLine(city.engine.url.database))
    start_anew()


def test_six_years_in_which_nothing_is_forgotten(life: Life) -> None:
    life.live()

    every_order_ended_once(life)
    every_krone_booked_is_one_that_was_used(life)
    the_firm_was_summoned_on_the_last_lawful_day(life)
    what_operations_forgot_climbed_to_the_leader(life)
    the_silent_firm_was_told_each_week_and_told_of(life)
    the_villagers_missed_check_became_work(life)
    all_heard_of_the_roof(life)
    assert life.city.wrong() == []
    with reading(life.city.engine) as session:
        assert broken(session) == {}
        assert {f.stage for f in session.exec(select(Facility))} == {Stage.OPERATION}
    if path := os.environ.get("SIX_YEARS_OUT"):
        lines = [(line, place) for place in (life.shelter, life.bench) for line in place.journal]
        with open(path, "w") as file:
            json.dump([(what, place.reference) for what, place in lines], file, ensure_ascii=False, indent=0)


def every_order_ended_once(life: Life) -> None:
    orders = life.city.all(WorkOrder)
    assert len(orders) > 12
    assert {order.kind for order in orders} >= {
        WorkKind.MISSED_CHECK,
        WorkKind.OWN_TASK,
        WorkKind.REPAIR,
        WorkKind.DEFECT,
        WorkKind.INSPECTION,
        WorkKind.VISIT,
        WorkKind.OTHER,
    }
    assert [(o.id, o.what, o.state) for o in orders if o.is_open] == []
    assert [o.id for o in orders if (o.done_on is None) == (o.dropped_on is None)] == []


def every_krone_booked_is_one_that_was_used(life: Life) -> None:
    orders = [order for order in life.city.all(WorkOrder) if order.state is WorkState.DONE and order.is_billed]
    for place in (life.shelter, life.bench):
        booked = sum(e.amount_ore for e in life.city.ledger(facility_id=place.facility.id) if e.kind is Kind.SPENDING)
        used = sum(order.ore for order in orders if order.facility_id == place.facility.id)
        assert booked == used > 0
    with reading(life.city.engine) as session:
        assert [o.id for o in life.city.all(WorkOrder) if held(session, f"work:{o.id}") is not None] == []
    assert {e.year for e in life.city.ledger() if e.key.endswith(":booked") and "Ny tagpap" in e.what} == {2029}


def the_firm_was_summoned_on_the_last_lawful_day(life: Life) -> None:
    """The days of domain.md's worked example."""
    held_on = {
        each.kind: (each.summoned_on, each.held_on)
        for each in life.city.all(Inspection)
        if each.facility_id == life.shelter.facility.id and each.dropped_on is None
    }
    assert held_on[InspectionKind.FIVE_YEAR] == (date(2031, 3, 24), date(2031, 4, 24))
    assert held_on[InspectionKind.ONE_YEAR] == (date(2027, 5, 10), date(2027, 6, 8))
    told = {role: [on for on, kind in life.city.told(role) if kind == "summons_soon"] for role in Role}
    assert told[Role.OPERATIONS_MANAGER] == [date(2027, 4, 19), date(2031, 3, 3)]
    assert told[Role.LEADER] == [date(2027, 5, 3), date(2031, 3, 17)]


def what_operations_forgot_climbed_to_the_leader(life: Life) -> None:
    work = life.row(life.forgotten)
    told = {role: late_on(life, role, work) for role in (Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.LEADER)}
    assert told == {
        Role.OPERATIONS: [work.due_on + DAY],
        Role.OPERATIONS_MANAGER: [work.due_on + 8 * DAY],
        Role.LEADER: [work.due_on + 15 * DAY],
    }
    assert work.done_on == work.due_on + 16 * DAY


def the_silent_firm_was_told_each_week_and_told_of(life: Life) -> None:
    work = life.row(life.silent)
    mails = [m.on for m in life.city.all(Message) if m.template == "work_for_firm" and m.context["work_id"] == work.id]
    assert mails == [work.ordered_on, *(work.due_on + days * DAY for days in (1, 8, 15))]
    assert late_on(life, Role.LEADER, work) == [work.due_on + 15 * DAY]
    assert (work.done_on, work.taken_by) == (work.due_on + 16 * DAY, Role.FIRM)
    with reading(life.city.engine) as session:
        (defect,) = defects_of(session, find(session, life.shelter.reference))
    assert defect.fixed_on is None  # the firm says so; operations has not looked


def late_on(life: Life, role: Role, work: WorkOrder) -> list[date]:
    return [
        letter.on
        for letter in life.city.letters_to(role)
        if "work_late" in letter.kinds and _tells(life, role, letter.on, work)
    ]


def _tells(life: Life, role: Role, on: date, work: WorkOrder) -> bool:
    rows = select(MessageItem, Message).join(Message, col(Message.id) == MessageItem.message_id)
    with reading(life.city.engine) as session:
        return any(
            item.kind == "work_late"
            and item.context["work_id"] == work.id
            and message.role == role
            and message.on == on
            for item, message in session.exec(rows)
        )


def the_villagers_missed_check_became_work(life: Life) -> None:
    (work,) = [each for each in life.city.all(WorkOrder) if each.check_id == life.unanswered]
    assert (work.kind, work.state) == (WorkKind.MISSED_CHECK, WorkState.DONE)


def all_heard_of_the_roof(life: Life) -> None:
    (roof,) = life.city.all(Incident)
    assert (roof.made_safe_on, roof.usable_on) == (ROOF_FELL_ON, ROOF_FELL_ON + 6 * DAY)
    assert roof.mended_on is not None
    group = [kind for _, kind in life.city.told(life.shelter.group) if kind.startswith("incident")]
    assert group == ["incident_decided", "incident_ended"]
    assert "incident_reported" in [kind for _, kind in life.city.told(Role.OPERATIONS)]
