"""A calendar that is subscribed to: the same events as in a file, with what a program needs to see that one has changed.

What the three programs people have do with it, by what they document: all read `SEQUENCE`, `DTSTAMP` and `LAST-MODIFIED`
(RFC 5545); Outlook asks as often as `X-PUBLISHED-TTL` says, Apple by `REFRESH-INTERVAL` (RFC 7986), Google when it likes.
Outlook shows a whole day as busy time unless told otherwise, and knows a whole day by its own property as well. An event
that only disappears stays in what has been imported, so that it is cancelled first. All days are whole days without a
time zone, which are the same day everywhere; so no VTIMEZONE is needed.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from icalendar import Calendar, Event
from sqlalchemy import Engine

from channels.views.calendar import Occasion, uid_domain
from models.case.facility import NOWHERE
from models.database import reading, transaction
from models.outside.calendar_feed import CalendarEvent, forget_events, is_news, note_told, told_before

CANCELLED = "Bortfalder: "
REFRESH = timedelta(hours=12)


class Told(NamedTuple):
    """One event as a calendar is told it."""

    uid: str
    on: date
    summary: str
    description: str
    place: str
    lat: float
    lon: float
    event: CalendarEvent


def feed_of(engine: Engine, occasions: dict[str, list[Occasion]], *, on: date, moment: datetime) -> list[Told]:
    """What each of these tells (a role or a group, `whose`), with what changed since it was read last noted."""
    found: dict[str, Told] = {}
    for whose, theirs in occasions.items():
        told = {each.uid: _told(each) for each in theirs}
        with reading(engine) as session:
            before = told_before(session, whose)
            news = is_news(before, told, on=on)
        if news:
            with transaction(engine) as session:
                days = {each.uid: each.due_on for each in theirs}
                forget_events(session, on=on)
                before = note_told(session, whose, told, days, on=on, moment=moment)
        by_uid = {each.uid: each for each in theirs}
        for uid, event in before.items():
            if uid in by_uid or event.is_cancelled:
                found.setdefault(uid, _of(event, by_uid.get(uid)))
    return sorted(found.values(), key=lambda each: (each.on, each.uid))


def written(events: Iterable[Told], *, name: str) -> bytes:
    """The events as an iCalendar file: lines of at most 75 octets, CRLF, UTF-8. The same events give the same bytes."""
    calendar = Calendar()
    for key, value in (
        ("prodid", "-//Driftsklar//da"),
        ("version", "2.0"),
        ("calscale", "GREGORIAN"),
        ("method", "PUBLISH"),
        ("name", name),
        ("x-wr-calname", name),
        ("x-wr-timezone", "Europe/Copenhagen"),
        ("x-published-ttl", "PT12H"),
    ):
        calendar.add(key, value)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for each in events:
        calendar.add_component(_event(each))
    return bytes(calendar.to_ical())


def _event(told: Told) -> Event:
    event, moment = Event(), told.event.changed_at.astimezone(UTC)
    event.add("uid", f"{told.uid}@{uid_domain()}")
    event.add("dtstamp", moment)
    event.add("last-modified", moment)
    event.add("sequence", told.event.sequence)
    event.add("dtstart", told.on)
    event.add("dtend", told.on + timedelta(days=1))
    event.add("summary", f"{CANCELLED if told.event.is_cancelled else ''}{told.summary}")
    event.add("status", "CANCELLED" if told.event.is_cancelled else "CONFIRMED")
    if told.description:
        event.add("description", told.description)
    event.add("location", told.place)
    if told.lat != NOWHERE:
        event.add("geo", (told.lat, told.lon))
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    event.add("x-microsoft-cdo-alldayevent", "TRUE")
    event.add("x-microsoft-cdo-busystatus", "FREE")
    return event


def _told(occasion: Occasion) -> list[str]:
    takes = f"Cirka {occasion.minutes} minutter. " if occasion.minutes else ""
    return [
        occasion.due_on.isoformat(),
        f"{occasion.place}: {occasion.what}",
        f"{takes}{occasion.address}".strip(),
        occasion.place,
    ]


def _of(event: CalendarEvent, occasion: Occasion | None) -> Told:
    day, summary, description, place = event.told
    lat, lon = (occasion.lat, occasion.lon) if occasion is not None else (NOWHERE, NOWHERE)
    return Told(event.uid, date.fromisoformat(day), summary, description, place, lat, lon, event)
