"""Calendar: the group's checks as events in the calendar people already have."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event
from sqlmodel import Session, col, select

from config.catalogue import Who
from models.agreement import CareTask, agreement_in_force
from models.calendar import next_nominal
from models.check import OPEN_STATES, Check
from models.contacts import facilities_of
from models.facility import NOWHERE, Facility
from models.pause import their_tasks, who_does
from models.stage import Stage
from models.volunteer_group import VolunteerGroup

AHEAD = timedelta(days=365)
MAX_EVENTS = 400


@dataclass(frozen=True)
class Occasion:
    """One day on which something is to be done; `uid` stays the same as long as it is the same."""

    uid: str
    due_on: date
    what: str
    place: str
    minutes: int
    lat: float
    lon: float
    address: str = ""


def occasions_of(session: Session, group: VolunteerGroup, *, on: date) -> list[Occasion]:
    """What the group will do in the next year: the checks that are open, and those still to come."""
    found: list[Occasion] = []
    for facility in facilities_of(session, group):
        if facility.stage is not Stage.OPERATION or agreement_in_force(session, facility) is None:
            continue
        rows = (
            select(Check, CareTask)
            .join(CareTask, col(CareTask.id) == Check.care_task_id)
            .where(
                Check.facility_id == facility.id,
                col(Check.state).in_(OPEN_STATES),
                col(Check.who).in_((Who.VOLUNTEERS, Who.BOTH)),
            )
        )
        for check, task in session.exec(rows).all():
            found.append(_occasion(facility, task, check.due_on, f"check-{check.id}"))
        for task in their_tasks(session, facility):
            day = task.next_on
            while day is not None and day <= on + AHEAD and len(found) < MAX_EVENTS:
                if who_does(session, task, day) is task.who:
                    found.append(_occasion(facility, task, day, f"task-{task.id}-{day:%Y%m%d}"))
                day = next_nominal(day, task.every_days, task.every_months, task.season_days)
    return sorted(found, key=lambda occasion: (occasion.due_on, occasion.uid))


def calendar_of(
    occasions: Iterable[Occasion], *, name: str, domain: str, moment: datetime
) -> bytes:
    """The occasions as an iCalendar file of whole-day events. The same input gives the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", "-//Driftsklar//da")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-published-ttl", "PT12H")
    for occasion in occasions:
        event = Event()
        event.add("uid", f"{occasion.uid}@{domain}")
        event.add("dtstamp", moment)
        event.add("dtstart", occasion.due_on)
        event.add("dtend", occasion.due_on + timedelta(days=1))
        event.add("summary", f"{occasion.place}: {occasion.what}")
        event.add("description", f"Cirka {occasion.minutes} minutter. {occasion.address}".strip())
        event.add("location", occasion.place)
        if occasion.lat != NOWHERE:
            event.add("geo", (occasion.lat, occasion.lon))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def check_occasion(session: Session, check_id: int, address: str) -> Occasion:
    """One check as an event that says where it is answered."""
    check = session.get_one(Check, check_id)
    task = session.get_one(CareTask, check.care_task_id)
    facility = session.get_one(Facility, check.facility_id)
    plain = _occasion(facility, task, check.due_on, f"check-{check.id}")
    return Occasion(
        plain.uid,
        plain.due_on,
        plain.what,
        plain.place,
        plain.minutes,
        plain.lat,
        plain.lon,
        address,
    )


def _occasion(facility: Facility, task: CareTask, due_on: date, uid: str) -> Occasion:
    return Occasion(uid, due_on, task.name, facility.name, task.minutes, facility.lat, facility.lon)
