"""How many mails a person gets in a year, by how soon they answer: a simulation of two years, day by day.

    python -m benchmarks.mails [--seed 18] [--years 2] [--json]

The real daily run, the real outbox with its one mail a day and the real page, on a database of its own; only the
people are made up. Five kinds of them look after a shelter, and after three benches: they answer the day after they
were told, on the day it is due, three days late, not at all for two months and then as before, and never. Each mail
is held against the truth of its morning. Writes docs/mails.md (tests/lifecycle/test_mail_economy.py holds it to that).
"""

import argparse
import json
import os
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from channels.page.app import make_app
from channels.post import deliver as post
from channels.post.mail import Mail
from config.catalogue import catalogue
from config.settings import settings
from models.case.agreement import Agreement, CareTask
from models.case.agreement_version import draft_agreement, start_care
from models.case.facility import Facility, LandOwner
from models.case.volunteer_group import Contact, VolunteerGroup, add_group, contacts_of
from models.daily.check_steps import VOLUNTEERS_TAKE_PART
from models.daily.daily_run import sweep
from models.danish import MONTHS, timer
from models.database import engine_for, now, reading, transaction
from models.migration import migrate
from models.operation.check import OPEN_STATES, Check, CheckState, Report
from models.operation.work_order import WorkOrder
from models.post.link import Purpose, make_link
from models.post.outbox import Message, MessageItem
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.proposal import Proposal, propose

PAGE = Path(__file__).parent.parent / "docs" / "mails.md"
SEED = 18
BEGUN = date(2026, 10, 1)
FIRST = date(2027, 1, 1)
NOT_ABOUT_CHECKS = ("Mandag:", "Hvordan går samarbejdet")
TO_A_GROUP = ("kontakt-", "stedfortraeder-")
#: A day that a group is asked for or told ahead of: "senest 3. maj 2027", "inden 3. maj", and a line of the season letter.
_AHEAD = (
    re.compile(rf"(?:senest|inden|omkring) (\d+)\. ({'|'.join(MONTHS)})(?: (\d{{4}}))?"),
    re.compile(rf"^- (\d+)\. ({'|'.join(MONTHS)}) (\d{{4}}): ", re.MULTILINE),
)
_THANKED = re.compile(r"I gav (.+?) til ")
_SAID_DAY = re.compile(r"(skal|skulle) være gjort (\d+)\. (\w+) (\d{4})")


class Habit(StrEnum):
    """How a group answers."""

    NEXT_DAY = "next_day"
    ON_THE_DAY = "on_the_day"
    THREE_DAYS_LATE = "three_days_late"
    SILENT = "silent"
    NEVER = "never"

    @property
    def danish(self) -> str:
        """The habit as it stands in the table."""
        return {
            "next_day": "dagen efter mailen",
            "on_the_day": "på dagen",
            "three_days_late": "tre dage for sent",
            "silent": "tavs i to måneder, så tilbage",
            "never": "aldrig",
        }[self.value]


@dataclass(frozen=True)
class Town:
    """Who looks after what: one shelter, or three benches of one group."""

    kind: str
    danish: str
    places: int


TOWNS = (Town("shelter", "Et shelter", 1), Town("baenk", "Tre bænke, en gruppe", 3))


@dataclass
class Life:
    """A group of two and what became of its two years."""

    town: Town
    habit: Habit
    group_id: int
    silent_from: date
    contact_mails: Counter[str] = field(default_factory=Counter)
    """Mails by month ("2027-04") to the contact."""
    deputy_mails: Counter[str] = field(default_factory=Counter)
    operations_mails: int = 0
    coordinator_mails: int = 0
    answered: int = 0
    unanswered: int = 0

    @property
    def is_in_time(self) -> bool:
        """Whether they answer before anybody else would have to act."""
        return self.habit in (Habit.NEXT_DAY, Habit.ON_THE_DAY, Habit.THREE_DAYS_LATE)

    def answers(self, check: Check, on: date) -> bool:
        """Whether they answer this check today."""
        if check.noticed_on is None or self.habit is Habit.NEVER:
            return False
        next_day = check.noticed_on + timedelta(days=1)
        if self.habit is Habit.SILENT and self.silent_from <= on < self.silent_from + timedelta(days=61):
            return False
        late = {Habit.ON_THE_DAY: 0, Habit.THREE_DAYS_LATE: 3}
        if self.habit in late:
            next_day = max(check.noticed_on, check.due_on + timedelta(days=late[self.habit]))
        return on >= next_day


@dataclass(frozen=True)
class Figure:
    """A row of the table: mails a year."""

    town: str
    habit: Habit
    contact: float
    deputy: float
    operations: float
    coordinator: float
    done: float
    per_done: float | None
    busiest_month: int


@dataclass
class Outcome:
    """What came out: the rows, and each thing a mail said that wasn't true that morning."""

    figures: list[Figure]
    untrue: list[str]

    def of(self, kind: str, habit: Habit) -> Figure:
        """The row of a kind of place and a habit."""
        return next(each for each in self.figures if (each.town, each.habit) == (kind, habit))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--years", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print the figures, and write no page")
    told = parser.parse_args()
    outcome = simulate(seed=told.seed, years=told.years)
    if told.json:
        print(json.dumps([asdict(each) for each in outcome.figures], ensure_ascii=False, indent=1))
    else:
        PAGE.write_text(page_of(outcome), encoding="utf-8")
        print(page_of(outcome))
    for each in outcome.untrue:
        print(f"UNTRUE: {each}")


def simulate(
    *, seed: int = SEED, years: int = 2, towns: Sequence[Town] = TOWNS, habits: Sequence[Habit] = tuple(Habit)
) -> Outcome:
    """Live the years with all the groups in one municipality; figures are means a year."""
    chance = random.Random(seed)
    with _municipality() as engine:
        lives = [_a_group(engine, town, habit, chance) for town in towns for habit in habits]
        sent: list[Mail] = []
        untrue: list[str] = []
        with patch.object(post, "open_transport", lambda *_, **__: _kept(sent)):
            day = [BEGUN]
            app = make_app(engine, clock=lambda: day[0], deliver=lambda: _post_leaves(engine, day[0]))
            with TestClient(app, base_url=settings().page_url, follow_redirects=False) as page:
                while day[0] < date(FIRST.year + years, 1, 1):
                    sweep(engine, on=day[0])
                    _post_leaves(engine, day[0])
                    untrue += _untrue(engine, day[0]) if sent else []
                    _people_answer(engine, page, lives, day[0])
                    if day[0] >= FIRST:
                        _count(engine, lives, sent, day[0])
                    untrue += _untrue_words(sent, day[0]) + _untrue_hours(engine, sent, day[0])
                    sent.clear()
                    day[0] += timedelta(days=1)
        _count_checks(engine, lives)
        with reading(engine) as session:
            broken = session.exec(select(Message).where(Message.error != "")).all()
            untrue += [f"{message.on} {message.key}: {message.error}" for message in broken]
        return Outcome([_figure(life, years) for life in lives], untrue)


@contextmanager
def _municipality() -> Iterator[Engine]:
    # in memory where the machine has a folder there: what is counted is mails, and each day commits some thirty times
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory, ignore_cleanup_errors=True) as folder:
        told = {"DRIFTSKLAR_VAR_DIR": folder, "DRIFTSKLAR_PAGE_URL": "http://127.0.0.1:4280"}
        with patch.dict(os.environ, told):
            settings.cache_clear()
            engine = engine_for(f"sqlite:///{folder}/mails.db")
            migrate(engine)
            yield engine
            engine.dispose()
        settings.cache_clear()


class _Kept:
    """A mail server that keeps what it is given."""

    says = ""

    def __init__(self, sent: list[Mail]) -> None:
        self._sent = sent

    def send(self, mail: Mail) -> None:
        self._sent.append(mail)


@contextmanager
def _kept(sent: list[Mail]) -> Iterator[_Kept]:
    yield _Kept(sent)


def _post_leaves(engine: Engine, on: date) -> None:
    post.deliver(engine, clock=lambda: on)


def _a_group(engine: Engine, town: Town, habit: Habit, chance: random.Random) -> Life:
    """A group of two with its places in operation: the road there is not what is counted."""
    name = f"{town.kind}-{habit}"
    begun = BEGUN + timedelta(days=chance.randint(0, 20))
    with transaction(engine) as session:
        said = Said(BEGUN, Role.COORDINATOR, Door.CLI)
        contacts = [f"Karen Holm;kontakt-{name}@example.dk;", f"Bent Friis;stedfortraeder-{name}@example.dk;"]
        group = add_group(session, f"Venner af {name}", contacts, said, cvr="", key=name)
        for number in range(town.places):
            title = f"{catalogue().type(town.kind).name} ved Nor {number + 1}"
            wish = Proposal(town.kind, title, group.reference, 54.99, 12.28, LandOwner.MUNICIPALITY, 5, begun)
            place = propose(session, wish, Said(BEGUN, Role.PROJECT_LEAD, Door.CLI), key=None)
            start_care(session, session.get_one(Agreement, draft_agreement(session, place, on=begun)), on=begun)
            place.stage = Stage.OPERATION
        session.flush()
        for message in session.exec(select(Message)):
            message.given_up_at = now()
        silent_from = date(FIRST.year, chance.randint(5, 6), chance.randint(1, 28))
        return Life(town, habit, group.number, silent_from)


def _people_answer(engine: Engine, page: TestClient, lives: list[Life], on: date) -> None:
    """The contact of each group answers on the page what their habit lets them."""
    with reading(engine) as session:
        rows = (
            select(Check, Facility)
            .join(Facility, col(Facility.id) == Check.facility_id)
            .where(col(Check.state).in_(OPEN_STATES))
            .order_by(col(Check.id))
        )
        is_open = [(check, facility.group_id) for check, facility in session.exec(rows).all()]
    asked = [(check, group_id) for check, group_id in is_open if check.who in VOLUNTEERS_TAKE_PART]
    own = [check.number for check, _ in is_open if check.who not in VOLUNTEERS_TAKE_PART and check.due_on <= on]
    by_group = {life.group_id: life for life in lives}
    for check, group_id in asked:
        life = by_group[group_id]
        if life.answers(check, on):
            with transaction(engine) as session:
                contact = contacts_of(session, session.get_one(VolunteerGroup, group_id))[0]
                token = make_link(session, Purpose.ANSWER, check.number, contact_id=contact.id, role=None, moment=now())
            answer = page.post(f"/svar/{token}", data={"result": "ok"})
            assert answer.status_code == 303, answer.text
    if own:  # operations does its own tasks on their day
        with transaction(engine) as session:
            for number in own:
                check = session.get_one(Check, number)
                check.state, check.closed_on = CheckState.DONE, on


def _count(engine: Engine, lives: list[Life], sent: list[Mail], on: date) -> None:
    """Whose mail it was; a role's mail counts for each place it speaks of."""
    if not sent:
        return
    boxes = catalogue().municipality.mailboxes
    with reading(engine) as session:
        references = {f.reference: f.group_id for f in session.exec(select(Facility)).all()}
        names = {c.mail: (c.group_id, c.position) for c in session.exec(select(Contact)).all()}
    by_group = {life.group_id: life for life in lives}
    for mail in sent:
        if mail.to in names:
            group_id, position = names[mail.to]
            life = by_group[group_id]
            (life.deputy_mails if position else life.contact_mails)[f"{on:%Y-%m}"] += 1
            continue
        about = {group for reference, group in references.items() if reference in mail.text}
        for group in about:
            if mail.to == boxes["operations"] and not mail.subject.startswith(NOT_ABOUT_CHECKS):
                by_group[group].operations_mails += 1
            if mail.to == boxes["coordinator"]:
                by_group[group].coordinator_mails += 1


def _count_checks(engine: Engine, lives: list[Life]) -> None:
    by_group = {life.group_id: life for life in lives}
    with reading(engine) as session:
        rows = (
            select(Check, Facility)
            .join(Facility, col(Facility.id) == Check.facility_id)
            .where(col(Check.who).in_(VOLUNTEERS_TAKE_PART), Check.due_on >= FIRST)
        )
        for check, facility in session.exec(rows).all():
            life = by_group[facility.group_id]
            if check.state in (CheckState.DONE, CheckState.DAMAGED):
                life.answered += 1
            elif check.state is CheckState.MISSED:
                life.unanswered += 1


def _figure(life: Life, years: int) -> Figure:
    contact = sum(life.contact_mails.values())
    return Figure(
        town=life.town.kind,
        habit=life.habit,
        contact=round(contact / years, 1),
        deputy=round(sum(life.deputy_mails.values()) / years, 1),
        operations=round(life.operations_mails / years, 1),
        coordinator=round(life.coordinator_mails / years, 1),
        done=round(life.answered / years, 1),
        per_done=round(contact / life.answered, 2) if life.answered else None,
        busiest_month=max(life.contact_mails.values(), default=0),
    )


# -- true this morning ----------------------------------------------------------------------------


def _untrue(engine: Engine, on: date) -> list[str]:
    """What the mails of this morning say that isn't so."""
    found = []
    with reading(engine) as session:
        rows = (
            select(MessageItem, Message)
            .join(Message, col(Message.id) == MessageItem.message_id)
            .where(Message.on == on, col(Message.sent_at).is_not(None), col(MessageItem.not_needed_at).is_(None))
        )
        for item, message in session.exec(rows).all():
            if trouble := _not_so(session, item, message):
                found.append(f"{on} {item.key}: {trouble}")
    return found


def _not_so(session: Session, item: MessageItem, message: Message) -> str:
    number = item.key.split(":")[1]
    if item.kind in ("check_notice", "check_reminder", "check_second_reminder", "check_escalated"):
        check = session.get_one(Check, int(number))
        task = session.get_one(CareTask, check.care_task_id)
        if check.state not in OPEN_STATES:
            return f"the check is {check.state}"
        if item.context["due_on"] != check.due_on.isoformat() or item.context["task_name"] != task.name:
            return "another day or task"
        if item.kind == "check_escalated" and check.state is not CheckState.ESCALATED:
            return f"the check is {check.state}"
        if item.kind == "check_reminder" and check.reminded_on is None:
            return "nobody was reminded"
    if item.kind == "work_order" and session.get_one(WorkOrder, int(number)).check_id is None:
        return "no check"
    if item.kind == "check_answered":
        report = session.exec(select(Report.id).where(Report.check_id == int(number))).first()
        return "" if report is not None else "nobody answered"
    return ""


def _untrue_words(sent: list[Mail], on: date) -> list[str]:
    """Nothing is late before its day has passed, and nothing still to come after it; what a group is asked for by a
    day, told ahead of or has in its calendar lies ahead."""
    found = []
    for mail in sent:
        for word, day, month, year in _SAID_DAY.findall(mail.text):
            due_on = date(int(year), MONTHS.index(month) + 1, int(day))
            if (word == "skulle") != (due_on < on):
                found.append(f"{on} {mail.subject}: {word} være gjort {due_on}")
        if mail.to.startswith(TO_A_GROUP):
            said = f"{mail.subject}\n{mail.text}"
            for day, month, year in [each for pattern in _AHEAD for each in pattern.findall(said)]:
                ahead_on = date(int(year or on.year), MONTHS.index(month) + 1, int(day))
                if ahead_on < on and not (not year and on.month == 12 and ahead_on.month == 1):
                    found.append(f"{on} {mail.subject}: {ahead_on} is past")
    return found


def _untrue_hours(engine: Engine, sent: list[Mail], on: date) -> list[str]:
    """The hours that a group is thanked for at New Year are those it gave in the year before."""
    thanks = [(mail, found[1]) for mail in sent if (found := _THANKED.search(mail.text))]
    if not thanks:
        return []
    untrue = []
    with reading(engine) as session:
        groups = {contact.mail: contact.group_id for contact in session.exec(select(Contact)).all()}
        rows = (
            select(Report.minutes, Facility.group_id)
            .join(Check, col(Check.id) == Report.check_id)
            .join(Facility, col(Facility.id) == Check.facility_id)
            .where(
                Report.by == Role.VOLUNTEER, col(Report.on).between(date(on.year - 1, 1, 1), date(on.year - 1, 12, 31))
            )
        )
        given: Counter[int] = Counter()
        for minutes, group_id in session.exec(rows).all():
            given[group_id] += minutes
    for mail, said in thanks:
        if said != timer(given[groups[mail.to]]):
            untrue.append(f"{on} {mail.subject}: {said}, and it was {timer(given[groups[mail.to]])}")
    return untrue


# -- the page -------------------------------------------------------------------------------------


def page_of(outcome: Outcome) -> str:
    """docs/mails.md."""
    lines = [
        "# How many mails a person gets",
        "",
        "Written by `python -m benchmarks.mails`: two years lived day by day on the real daily run, the real outbox and",
        "the real page (seed 18); the figures are mails a year. Every mail is held against the truth of its morning.",
        "",
    ]
    for town in TOWNS:
        rows = [each for each in outcome.figures if each.town == town.kind]
        lines += [
            f"## {town.danish}",
            "",
            "| the group answers | contact | deputy | operations | coordinator | checks done "
            "| mails per done check | most in a month |",
            "|---|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for each in rows:
            per_done = "–" if each.per_done is None else f"{each.per_done:.2f}"
            lines.append(
                f"| {each.habit.danish} | {each.contact:g} | {each.deputy:g} | {each.operations:g} "
                f"| {each.coordinator:g} | {each.done:g} | {per_done} | {each.busiest_month} |"
            )
        lines.append("")
    said = len(outcome.untrue)
    lines.append(f"Things said that weren't true that morning: {said}." if said else "No mail said what wasn't true.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
