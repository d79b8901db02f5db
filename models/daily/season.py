"""Årets breve: the season letter twice a year, the thanks at New Year, and long tasks told ahead.

A letter is put in the outbox with little in it: its dates, hours and names are read when it leaves, so that they are those
of that morning (`channels.post.year_letters`).
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, literal, null, or_
from sqlalchemy import select as rows_of
from sqlmodel import Session

from config.catalogue import catalogue
from models.case.agreement import CareTask
from models.case.facility import Facility
from models.case.volunteer_group import Contact
from models.daily.mail_week import VOLUNTEERS_TAKE_PART, is_quiet
from models.database import columns_of, dialect_of, iso_text, json_of, table_of
from models.operation.check import Check
from models.operation.who_is_asked import TakenDate, TakenPlace
from models.post.outbox import put_letters
from models.stage import Stage

SEASON, NEW_YEAR, AHEAD = "season_letter", "new_year", "task_ahead"
LATE_DAYS = 14
"""A letter of the year is sent so many days after its day still, when the run was down."""
A_WEEK, A_YEAR = timedelta(days=7), timedelta(days=366)
EARLIER = table_of(Contact).alias("contact_before")
TASK, PLACE, CONTACT, CHECK = columns_of(CareTask), columns_of(Facility), columns_of(Contact), columns_of(Check)


def write_letters_of_the_year(session: Session, on: date) -> None:
    """Put the letters whose day has come in the outbox, once for each contact of a group that cares for a place."""
    mails = catalogue().mails
    for template, days in ((SEASON, mails.season_letters), (NEW_YEAR, (mails.new_year_letter,))):
        for day in days:
            if f"{on:%m-%d}" >= day and (on - _of_the_year(on.year, day)).days <= LATE_DAYS:
                _write(session, template, day, on)


def _of_the_year(year: int, month_day: str) -> date:
    month, day = (int(part) for part in month_day.split("-"))
    return date(year, month, min(day, 28) if month == 2 else day)


def _write(session: Session, template: str, day: str, on: date) -> None:
    key = literal(f"{template}:{on.year}-{day}:") + cast(CONTACT.id, String)
    theirs = exists().where(TASK.facility_id == PLACE.id, TASK.next_on.is_not(None), TASK.who.in_(VOLUNTEERS_TAKE_PART))
    to = (
        rows_of(
            key.label("key"),
            func.min(PLACE.id).label("facility_id"),
            CONTACT.id.label("contact_id"),
            cast(null(), String).label("role"),
        )
        .select_from(Contact)
        .join(Facility, PLACE.group_id == CONTACT.group_id)
        .where(PLACE.stage == Stage.OPERATION, CONTACT.left_on.is_(None), theirs)
        .group_by(CONTACT.id)
        .order_by(CONTACT.id)
    )
    put_letters(session, template, to, on=on, context={"letter_on": on.isoformat()})


def tell_of_long_tasks(session: Session, on: date) -> None:
    """On the week's day: what takes an hour or more some weeks from now, together with the week's mail where there is
    one, and by itself where it would be too late the next time (`ahead_until`).

    It is told whoever took the date, else whoever took the place, else the contact person (`line_for` in
    `models.operation.who_is_asked`). Where somebody has taken it, the contact person hears who, but only on a day when
    they get a mail anyway.
    """
    mails = catalogue().mails
    if on.isoweekday() != mails.weekly_day or is_quiet(on):
        return
    ahead = timedelta(days=mails.told_ahead_days)
    put_letters(session, AHEAD, _long_tasks(dialect_of(session), on, on + ahead, on + 2 * ahead), on=on, context={})


def ahead_until(on: date) -> date:
    """The last due day of the long tasks that are told on `on` by themselves.

    It is the last that would be told too late on the next week's day when people are written to: before the quiet time
    that is weeks away, and so is what is told.
    """
    following = on + A_WEEK
    while is_quiet(following) and following < on + A_YEAR:
        following += A_WEEK
    return following + timedelta(days=catalogue().mails.told_ahead_days - 1)


def _long_tasks(dialect_name: str, on: date, first: date, last: date) -> Select[*tuple[Any, ...]]:
    has_a_mail_today = (
        exists()
        .where(CHECK.facility_id == PLACE.id, CHECK.noticed_on == on, CHECK.who.in_(VOLUNTEERS_TAKE_PART))
        .correlate(Facility)
    )
    is_contact_person = and_(
        CONTACT.is_member.is_(False),
        ~exists()
        .where(
            EARLIER.c.group_id == CONTACT.group_id, EARLIER.c.left_on.is_(None), EARLIER.c.position < CONTACT.position
        )
        .correlate(Contact),
    )
    taker = _taker()
    soon = ahead_until(on)
    is_soon = TASK.next_on <= soon
    is_told = or_(
        and_(CONTACT.id == taker, or_(is_soon, has_a_mail_today)),
        and_(is_contact_person, taker.is_(None), or_(is_soon, has_a_mail_today)),
        and_(is_contact_person, taker.is_not(None), CONTACT.id != taker, has_a_mail_today),
    )
    due_on = iso_text(dialect_name, TASK.next_on)
    said = {
        "task_name": TASK.name,
        "task_key": TASK.key,
        "minutes": TASK.minutes,
        "due_on": due_on,
        "taken_by": case((CONTACT.id == taker, null()), else_=taker),
    }
    key = literal("task:") + cast(TASK.id, String) + literal(":ahead:") + due_on + literal(":")
    return (
        rows_of(
            (key + cast(CONTACT.id, String)).label("key"),
            PLACE.id.label("facility_id"),
            CONTACT.id.label("contact_id"),
            cast(null(), String).label("role"),
            json_of(dialect_name, said).label("context"),
        )
        .select_from(CareTask)
        .join(Facility, PLACE.id == TASK.facility_id)
        .join(Contact, CONTACT.group_id == PLACE.group_id)
        .where(
            PLACE.stage == Stage.OPERATION,
            CONTACT.left_on.is_(None),
            is_told,
            TASK.minutes >= catalogue().mails.long_task_minutes,
            TASK.who.in_(VOLUNTEERS_TAKE_PART),
            TASK.next_on.between(first, max(soon, last)),
        )
        .order_by(TASK.next_on, TASK.id, CONTACT.id)
    )


def _taker() -> ColumnElement[int | None]:
    """Who took the date, else the first who took the place; NULL for nobody."""
    date_, place = columns_of(TakenDate), columns_of(TakenPlace)
    of_date = (
        rows_of(date_.contact_id)
        .where(date_.care_task_id == TASK.id, date_.due_on == TASK.next_on)
        .correlate(CareTask)
        .scalar_subquery()
    )
    of_place = (
        rows_of(place.contact_id)
        .where(place.facility_id == PLACE.id)
        .order_by(place.id)
        .limit(1)
        .correlate(Facility)
        .scalar_subquery()
    )
    return func.coalesce(of_date, of_place)
