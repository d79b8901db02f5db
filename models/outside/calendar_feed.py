"""Kalender: the secret address that somebody at the desk subscribes to, and what a calendar was told before.

A calendar that is read again must see what changed: an event keeps its name, a change counts it up, and what falls away
ahead of its day is said to be cancelled, since some calendars keep what they once had.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import JSON, UniqueConstraint, delete
from sqlmodel import Field, Session, SQLModel, col, select

from models.database import Numbered
from models.journal import write_journal
from models.post.link import secret_key
from models.refusal import BadInput, Refusal, Remedy
from models.role import Role
from models.said import Said

NOBODY = ""
"""The person of a feed that is a role's, made at the command line where nobody is known as having it."""
KEPT_AFTER = timedelta(days=60)
"""How long an event is remembered after its day [assume]."""


class CalendarFeed(Numbered, SQLModel, table=True):
    """One address. `person` is the short id of whoever made it, "" where only the role is known; days are Danish."""

    __tablename__ = "calendar_feed"

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True, max_length=64)
    salt: str = Field(max_length=64)
    person: str = Field(default="", max_length=12)
    roles: list[str] = Field(sa_type=JSON)
    made_on: date
    used_on: date | None = None
    revoked_on: date | None = None

    @property
    def token(self) -> str:
        """The secret part of the address: derived from the installation's key, so that the database has none.

        Raises:
            Refusal: `link.key`, the installation's key is damaged.
        """
        digest = hmac.digest(secret_key(), f"calendar:{self.salt}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class CalendarEvent(Numbered, SQLModel, table=True):
    """What was told of one event last. `whose` is a role or a group; `told` is what a change is seen by."""

    __tablename__ = "calendar_event"
    __table_args__ = (UniqueConstraint("whose", "uid"),)

    id: int | None = Field(default=None, primary_key=True)
    whose: str = Field(max_length=48)
    uid: str = Field(max_length=200)
    due_on: date
    told: list[str] = Field(sa_type=JSON)
    sequence: int = 0
    changed_at: datetime
    is_cancelled: bool = False


def make_feed(session: Session, roles: Collection[Role], said: Said, *, whose: str | None = None) -> CalendarFeed:
    """The feed of whoever asks (or of `whose`), for these roles; the one that is there, or a new one."""
    wanted, person = sorted(role.value for role in roles), said.person if whose is None else whose
    for there in feeds_of(session, person):
        if there.roles == wanted:
            return there
    made = CalendarFeed(sha256="", salt=secrets.token_hex(16), person=person, roles=wanted, made_on=said.on)
    made.sha256 = hash_of(made.token)
    session.add(made)
    session.flush()
    write_journal(session, None, f"Kalender nr. {made.id} er slået til.", said)
    return made


def feeds_of(session: Session, person: str) -> list[CalendarFeed]:
    """The feeds of one person that work, the oldest first."""
    rows = select(CalendarFeed).where(CalendarFeed.person == person, col(CalendarFeed.revoked_on).is_(None))
    return list(session.exec(rows.order_by(col(CalendarFeed.id))))


def feed_numbered(session: Session, number: int) -> CalendarFeed:
    """The feed with that number.

    Raises:
        BadInput: there is none.
    """
    found = session.get(CalendarFeed, number)
    if found is None:
        raise BadInput("NR", f"der er ingen kalender nr. {number}.", remedy=Remedy.LIST_CALENDARS)
    return found


def revoke_feed(session: Session, feed: CalendarFeed, said: Said) -> None:
    """Its address shows nothing from now on; twice changes nothing."""
    if feed.revoked_on is None:
        feed.revoked_on = said.on
        write_journal(session, None, f"Kalender nr. {feed.id} er slået fra.", said)
        session.flush()


def find_feed(session: Session, token: str) -> CalendarFeed:
    """The feed behind an address.

    Raises:
        Refusal: `link.unknown`, or `link.revoked`.
    """
    feed = session.exec(select(CalendarFeed).where(CalendarFeed.sha256 == hash_of(token))).first()
    if feed is None:
        raise Refusal("link.unknown", "Kalenderen findes ikke. Se efter, om hele adressen er kommet med.")
    if feed.revoked_on is not None:
        raise Refusal("link.revoked", "Kalenderen er slået fra. Lav en ny på jeres side under Opgaver.")
    return feed


def hash_of(token: str) -> str:
    """What is kept of an address."""
    return hashlib.sha256(token.encode()).hexdigest()


def told_before(session: Session, whose: str) -> dict[str, CalendarEvent]:
    """What was told of each event of a role or a group, by its uid."""
    rows = select(CalendarEvent).where(CalendarEvent.whose == whose)
    return {each.uid: each for each in session.exec(rows.order_by(col(CalendarEvent.id)))}


def is_news(before: Mapping[str, CalendarEvent], events: Mapping[str, list[str]], *, on: date) -> bool:
    """Whether a calendar must be told something it wasn't told."""
    new = any(uid not in before or before[uid].is_cancelled or before[uid].told != told for uid, told in events.items())
    return new or any(_falls_away(each, events, on) for each in before.values())


def note_told(
    session: Session,
    whose: str,
    events: Mapping[str, list[str]],
    days: Mapping[str, date],
    *,
    on: date,
    moment: datetime,
) -> dict[str, CalendarEvent]:
    """Note what is told of each event now: what changed is counted up, what fell away before its day is cancelled."""
    before = told_before(session, whose)
    for uid, told in events.items():
        there = before.get(uid)
        if there is None:
            before[uid] = CalendarEvent(whose=whose, uid=uid, due_on=days[uid], told=told, changed_at=moment)
            session.add(before[uid])
        elif there.told != told or there.is_cancelled:
            there.told, there.due_on, there.is_cancelled = told, days[uid], False
            there.sequence, there.changed_at = there.sequence + 1, moment
    for each in before.values():
        if _falls_away(each, events, on):
            each.is_cancelled, each.sequence, each.changed_at = True, each.sequence + 1, moment
    session.flush()
    return before


def forget_events(session: Session, *, on: date) -> None:
    """Let go of events whose day is long past."""
    session.connection().execute(delete(CalendarEvent).where(col(CalendarEvent.due_on) < on - KEPT_AFTER))


def _falls_away(each: CalendarEvent, events: Mapping[str, list[str]], on: date) -> bool:
    return each.uid not in events and not each.is_cancelled and each.due_on >= on
