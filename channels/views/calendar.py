"""Calendar: checks and deadlines as events in the calendar people already have."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from icalendar import Parameters, vDuration, vText
from icalendar.parser import Contentline
from sqlmodel import Session, col, select

from config.catalogue import Who, catalogue
from config.settings import settings
from models.calendar import COPENHAGEN, due_day, next_nominal
from models.case.agreement import CareTask, agreement_in_force, tasks_of
from models.case.facility import NOWHERE, Facility, facilities
from models.case.volunteer_group import VolunteerGroup
from models.operation.check import OPEN_STATES, Check
from models.operation.pause import who_does
from models.overview.passed_on import roles_passed_to
from models.overview.waiting import waits_of
from models.persons.contacts import facilities_of
from models.role import Role
from models.stage import Stage

AHEAD = timedelta(days=365)
MAX_EVENTS = 400
MEDIA_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
MAX_EVENTS_OF_A_ROLE = 10_000
LINE_OCTETS = 74
"""A line of a calendar, without its end."""

_PLAIN_WORDS = re.compile(r"[ !#-+\--:<-@A-\[\]^_`a-{}~]*")
"""Words that stand in a calendar as they are, one octet a sign."""


@dataclass(frozen=True)
class Occasion:
    """One day on which something is to be done.

    `uid` is the place, the task and the day: the same in a mail, a feed and a file, before it is planned and after.
    """

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
        room = MAX_EVENTS - len(found)
        found += occasions_at(session, facility, (Who.VOLUNTEERS, Who.BOTH), on=on, most=room)
    return _in_order(found)


def occasions_at(
    session: Session, facility: Facility, whose: tuple[Who, ...], *, on: date, most: int
) -> list[Occasion]:
    """What is to be done at one place in the next year by those named, at most `most` days to come."""
    days = _days_at(session, facility, whose, until=on + AHEAD, most=most)
    return _in_order([_occasion(facility, task, due_on) for task, due_on in days])


def dates_of(session: Session, group: VolunteerGroup, *, on: date) -> list[tuple[CareTask, Facility, date]]:
    """The same days as `occasions_of`, each with its task and place: the first one first."""
    found: list[tuple[CareTask, Facility, date]] = []
    for facility in facilities_of(session, group):
        days = _days_at(session, facility, (Who.VOLUNTEERS, Who.BOTH), until=on + AHEAD, most=MAX_EVENTS - len(found))
        once = {(task.number, due_on): (task, facility, due_on) for task, due_on in days}
        found += once.values()
    return sorted(found, key=lambda each: (each[2], each[1].number, each[0].number))


def _days_at(
    session: Session, facility: Facility, whose: tuple[Who, ...], *, until: date, most: int
) -> list[tuple[CareTask, date]]:
    """The checks that are open, and the days that will be asked for, by task."""
    agreement = agreement_in_force(session, facility)
    if facility.stage is not Stage.OPERATION or agreement is None:
        return []
    rows = (
        select(Check, CareTask)
        .join(CareTask, col(CareTask.id) == Check.care_task_id)
        .where(Check.facility_id == facility.id, col(Check.state).in_(OPEN_STATES), col(Check.who).in_(whose))
    )
    found = [(task, check.due_on) for check, task in session.exec(rows).all()]
    for task in tasks_of(session, agreement):
        day = task.next_on
        while day is not None and day <= until and len(found) < most:
            due_on = _asked_for(task, day)
            if who_does(session, task, due_on) in whose:
                found.append((task, due_on))
            day = next_nominal(day, task.every_days, task.every_months, task.season_days)
    return found


def occasions_of_role(session: Session, role: Role, *, on: date) -> list[Occasion]:
    """What a role has before it in the next year: its deadlines, and for operations also its tasks."""
    found: list[Occasion] = []
    passed = roles_passed_to(session)
    does_tasks = role in (Role.OPERATIONS, Role.OPERATIONS_MANAGER)
    for facility in facilities(session):
        if does_tasks and len(found) < MAX_EVENTS_OF_A_ROLE:
            room = MAX_EVENTS_OF_A_ROLE - len(found)
            found += occasions_at(session, facility, (Who.MUNICIPALITY, Who.BOTH), on=on, most=room)
        found += [
            Occasion(
                f"wait-{wait.key}".replace(":", "-"),
                wait.deadline_on,
                f"Senest: {wait.what}",
                facility.name,
                0,
                facility.lat,
                facility.lon,
                facility.reference,
            )
            for wait in waits_of(session, facility)
            if passed.get(wait.key, wait.role) is role and wait.deadline_on is not None
        ]
    return _in_order(found)


def _in_order(found: list[Occasion]) -> list[Occasion]:
    once = {occasion.uid: occasion for occasion in found}
    return sorted(once.values(), key=lambda occasion: (occasion.due_on, occasion.uid))


def _asked_for(task: CareTask, nominal: date) -> date:
    """The day a task that is nominally due on a day will be asked for."""
    municipality = catalogue().municipality
    return due_day(
        nominal,
        working_days_only=task.who in (Who.MUNICIPALITY, Who.EXTERNAL),
        weekend=municipality.volunteers_prefer_weekend,
        days_off=municipality.days_off,
        quiet=catalogue().mails.quiet_days,
    )


def uid_domain() -> str:
    """What the names of occasions end in, wherever they are shown: the page's own host."""
    return urlsplit(settings().page_url).hostname or "driftsklar"


def calendar_of(
    occasions: Iterable[Occasion], *, name: str, domain: str, moment: datetime, alarm_at: timedelta | None = None
) -> bytes:
    """The occasions as an iCalendar file of whole-day events. The same input gives the same bytes.

    `alarm_at` is when on the day the calendar rings, from its midnight in Denmark; None leaves it silent.
    """
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    rings = f"TRIGGER:{vDuration(alarm_at).to_ical().decode()}" if alarm_at is not None else ""  # type: ignore[no-untyped-call]
    lines = [*_HEAD, _line("X-WR-CALNAME", name), "X-PUBLISHED-TTL:PT12H", f"X-WR-TIMEZONE:{COPENHAGEN}"]
    for occasion in occasions:
        lines += _event(occasion, domain, f"{utc:%Y%m%dT%H%M%SZ}", rings)
    lines.append("END:VCALENDAR")
    return "\r\n".join(lines).encode() + b"\r\n"


_HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Driftsklar//da", "METHOD:PUBLISH")


def _event(occasion: Occasion, domain: str, stamp: str, rings: str) -> list[str]:
    """The lines of one event, in the order in which `icalendar` writes them: a frame filled in, since a mail waits for it."""
    takes = f"Cirka {occasion.minutes} minutter. " if occasion.minutes else ""
    summary = f"{occasion.place}: {occasion.what}"
    lines = [
        "BEGIN:VEVENT",
        _line("SUMMARY", summary),
        f"DTSTART;VALUE=DATE:{occasion.due_on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{occasion.due_on + timedelta(days=1):%Y%m%d}",
        f"DTSTAMP:{stamp}",
        _line("UID", f"{occasion.uid}@{domain}"),
        _line("DESCRIPTION", f"{takes}{occasion.address}".strip()),
    ]
    if occasion.lat != NOWHERE:
        lines.append(f"GEO:{float(occasion.lat)};{float(occasion.lon)}")
    lines += [_line("LOCATION", occasion.place), "TRANSP:TRANSPARENT"]
    if rings:
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", _line("DESCRIPTION", summary), rings, "END:VALARM"]
    return [*lines, "END:VEVENT"]


def _line(name: str, words: str) -> str:
    """A line with what people typed: `icalendar` escapes it, and folds it where it is long."""
    if _PLAIN_WORDS.fullmatch(words):
        line = f"{name}:{words}"
        if len(line) <= LINE_OCTETS:
            return line
        return "\r\n ".join(line[start : start + LINE_OCTETS] for start in range(0, len(line), LINE_OCTETS))
    return str(Contentline.from_parts(name, Parameters(), vText(words)).to_ical().decode())


def check_occasion(session: Session, check_id: int, address: str) -> Occasion:
    """One check as an event that says where it is answered."""
    check = session.get_one(Check, check_id)
    task = session.get_one(CareTask, check.care_task_id)
    facility = session.get_one(Facility, check.facility_id)
    plain = _occasion(facility, task, check.due_on)
    return Occasion(plain.uid, plain.due_on, plain.what, plain.place, plain.minutes, plain.lat, plain.lon, address)


def _occasion(facility: Facility, task: CareTask, due_on: date) -> Occasion:
    uid = f"{facility.reference}-{task.key}-{due_on:%Y%m%d}".lower()
    return Occasion(uid, due_on, task.name, facility.name, task.minutes, facility.lat, facility.lon)
