"""The daily run does for thousands at once exactly what one would do for each, on any calendar."""

import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from models.case.agreement import CareTask
from models.case.facility import Facility, find
from models.case.volunteer_group import Contact, Pace, VolunteerGroup, contacts_of
from models.daily.daily_run import look_after
from models.database import reading, transaction
from models.journal import JournalEntry
from models.operation.check import Check
from models.operation.pause import pause_care
from models.operation.who_is_asked import only_for, take_date, take_place
from models.operation.work_order import WorkOrder
from models.pool.ledger import PoolYear
from models.post.outbox import Message, MessageItem
from models.role import Door, Role
from models.said import Said
from tests.city import City, Place
from tests.models.plain_sweep import look_after_plainly

TYPES = ("shelter", "baenk", "badebro", "baalplads", "legeredskab")
OF_A_CHECK = re.compile(r"check:\d+|work-order:\d+")
OF_WORK = re.compile(r"Arbejde nr. \d+")


def what_was_done(session: Session) -> dict[str, list[Any]]:
    """All that a day's care leaves behind, but for the numbers that rows happen to get."""
    checks = {c.id: (c.care_task_id, c.due_on) for c in session.exec(select(Check))}
    items: dict[int, list[Any]] = {}
    for item in session.exec(select(MessageItem).order_by(col(MessageItem.id))):
        about = item.context.get("check_id")
        told = item.context | ({"check_id": checks[about]} if about else {})
        told |= {"work_id": "#"} if "work_id" in told else {}
        said = (OF_A_CHECK.sub("#", item.key), item.kind, item.facility_id, sorted(told.items()))
        items.setdefault(item.message_id, []).append(said)
    messages = [
        (m.template, str(m.contact_id), str(m.role), m.on, m.facility_id, items.get(m.number))
        for m in session.exec(select(Message))
    ]
    return {
        "checks": sorted(repr(c.model_dump(exclude={"id"})) for c in session.exec(select(Check))),
        "tasks": sorted((t.number, str(t.next_on)) for t in session.exec(select(CareTask))),
        "messages": sorted(messages, key=repr),
        "work": sorted(
            (o.facility_id, checks.get(o.check_id), o.what, str(o.due_on), o.ore_estimated, o.reserved_year or 0)
            for o in session.exec(select(WorkOrder))
        ),
        "journal": sorted(
            (
                (j.facility_id, j.stage, OF_WORK.sub("#", j.what), str(j.on), j.by)
                for j in session.exec(select(JournalEntry))
            ),
            key=repr,
        ),
        "pool": sorted(tuple(y.model_dump().values()) for y in session.exec(select(PoolYear))),
        "asleep": sorted((f.reference, str(f.sleeping_since)) for f in session.exec(select(Facility))),
    }


def a_town(city: City, chance: random.Random) -> list[Place]:
    """Places of several kinds, two in the care of one group, taken over on different days; one has a pause."""
    group = city.add_group()
    places = [
        city.in_operation(
            chance.choice(TYPES),
            from_=date(2026, chance.randint(1, 12), chance.randint(1, 28)),
            group=group if number < 2 else None,
            kr=chance.choice((12, 6_000)),
            money=90_000,
        )
        for number in range(3)
    ]
    with transaction(city.engine) as session:  # one of the two groups wants each mail
        session.exec(select(VolunteerGroup).order_by(col(VolunteerGroup.id))).all()[-1].pace = Pace.EACH
    from_on = date(2027, chance.randint(1, 12), 1)
    with transaction(city.engine) as session:
        pause_care(
            session,
            find(session, places[0].reference),
            Said(date(2027, 1, 1), Role.VOLUNTEER, Door.CLI),
            from_on=from_on,
            until_on=from_on + timedelta(days=60),
        )
    return places


def somebody_takes(city: City, places: list[Place]) -> None:
    """A member takes a place, the deputy is there for the other one only, and the next dates are taken by turns."""
    with transaction(city.engine) as session:
        first, second = (find(session, place.reference) for place in places[:2])
        group = session.get_one(VolunteerGroup, first.group_id)
        member = Contact(group_id=group.number, position=100, name="Ib Lund", mail="ib@example.dk", is_member=True)
        session.add(member)
        session.flush()
        said = Said(date(2027, 1, 1), Role.VOLUNTEER, Door.PAGE)
        take_place(session, member, first, said)
        person, deputy = contacts_of(session, group)
        only_for(session, deputy, [second], said)
        tasks = select(CareTask).where(CareTask.facility_id == second.id, col(CareTask.next_on).is_not(None))
        for number, task in enumerate(session.exec(tasks.order_by(col(CareTask.id))).all()):
            assert task.next_on is not None
            take_date(session, (member, person, deputy)[number % 3], task, task.next_on, said)


@pytest.mark.parametrize(("seed", "taken"), [(1, False), (2, False), (2, True)])
def test_the_same_is_planned_told_ordered_and_written_down(city: City, seed: int, taken: bool):
    chance = random.Random(seed)
    places = a_town(city, chance)
    if taken:
        somebody_takes(city, places)
    day = date(2027, 1, 2) + timedelta(days=chance.randint(0, 300))

    for _ in range(6):
        city.today = day
        plain, plainly_counted = _done_and_undone(city, lambda session, on=day: look_after_plainly(session, on))

        counts = look_after(city.engine, on=day)

        with reading(city.engine) as session:
            assert what_was_done(session) == plain, day
        assert counts == plainly_counted, day
        for check in city.checks(only_open=True):
            if check.noticed_on and chance.random() < 0.25:
                city.report(check, chance.choice(("ok", "damaged", "not_done")))
        day += timedelta(days=chance.choice((1, 1, 5, 7, 7, 14, 90)))
    assert city.wrong() == []


def _done_and_undone(city: City, do: Callable[[Session], Any]) -> tuple[dict[str, list[Any]], Any]:
    """What it would have left behind, and what it returned."""
    with Session(city.engine) as session:
        returned = do(session)
        left = what_was_done(session)
        session.rollback()
    return left, returned
