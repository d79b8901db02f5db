"""Login: somebody is signed in at the desk. A row that can be listed and revoked; the cookie's token is only hashed.

Roles are never believed because they held at the sign-in: those of a person are read from `roles.yaml` each time. What
the municipality's own sign-in told is kept as roles, and for minutes only (`sessions.oidc_minutes`).
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, update
from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, col, delete, select

from config.roles_now import names_are_known, roles_now
from config.settings import settings
from models.database import Numbered, columns_of, connection_of, word_column
from models.persons.stand_in import roles_lent_to
from models.post.link import secret_key
from models.role import Role

SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when somebody was last here; a look then mostly writes nothing."""
KEPT = timedelta(days=90)
"""How long an ended session can still be listed."""


class Way(StrEnum):
    """How somebody signed in."""

    MAIL = "mail"
    OIDC = "oidc"
    TRYING = "trying"


class StaffSession(Numbered, SQLModel, table=True):
    """One sign-in. `roles` (with spaces between) only where nobody else knows them: by OIDC, and while trying."""

    __tablename__ = "staff_session"

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True, max_length=64)
    person: str = Field(default="", max_length=12, index=True)
    way: Way = word_column(Way)
    roles: str = Field(default="", max_length=300)
    made_at: datetime
    seen_at: datetime
    expires_at: datetime = Field(index=True)
    ended_at: datetime | None = None
    revoked_at: datetime | None = None


class Staff(NamedTuple):
    """Who is there now: the session, the person as the journal knows them, and the roles they have today."""

    session: "StaffSession | Seen"
    person: str
    roles: frozenset[Role]


class Seen(NamedTuple):
    """A sign-in as each request looks it up, which costs half of what a row that could be changed does."""

    number: int
    sha256: str
    person: str
    way: Way
    roles: str
    made_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    revoked_at: datetime | None


@cache
def _by_token() -> Select[*tuple[Any, ...]]:
    login = columns_of(StaffSession)
    asked = (login["id" if name == "number" else name] for name in Seen._fields)
    return rows_of(*asked).where(login.sha256 == bindparam("token_hash"))


def was_here(session: Session, person: str, *, since: datetime) -> bool:
    """Whether a person has been at the desk since a moment, in a sign-in that nobody has taken back."""
    rows = select(StaffSession.id).where(
        StaffSession.person == person, StaffSession.seen_at >= since, col(StaffSession.revoked_at).is_(None)
    )
    return session.exec(rows.limit(1)).first() is not None


def sign_in(session: Session, way: Way, person: str, roles: Iterable[Role], *, moment: datetime) -> str:
    """A new session; the token for the cookie, which is always a fresh one."""
    terms = roles_now().sessions
    lasts = timedelta(minutes=terms.oidc_minutes) if way is Way.OIDC else timedelta(hours=terms.longest_hours)
    session.connection().execute(delete(StaffSession).where(col(StaffSession.expires_at) < moment - KEPT))
    token = secrets.token_urlsafe(32)
    told = " ".join(sorted(roles)) if way is not Way.MAIL else ""
    made = StaffSession(
        sha256=_hash(token),
        person=person,
        way=way,
        roles=told,
        made_at=moment,
        seen_at=moment,
        expires_at=moment + lasts,
    )
    session.add(made)
    session.flush()
    return token


def who_is_there(session: Session | Connection, token: str, *, on: date, moment: datetime) -> Staff | None:
    """Who holds the cookie; None when they are signed out, too long away, revoked, or not among the staff any more."""
    if not token:
        return None
    row = connection_of(session).execute(_by_token(), {"token_hash": _hash(token)}).first()
    there = Seen(*row) if row is not None else None
    if there is None or there.ended_at is not None or there.revoked_at is not None or there.expires_at <= moment:
        return None
    if there.way is not Way.OIDC and there.seen_at + timedelta(minutes=roles_now().sessions.idle_minutes) <= moment:
        return None
    return _with_roles(session, there, on=on)


def _with_roles(session: Session | Connection, there: StaffSession | Seen, *, on: date) -> Staff | None:
    kept = frozenset(Role(word) for word in there.roles.split())
    match there.way:
        case Way.TRYING:
            return None if names_are_known() or roles_now().operators else Staff(there, "", kept)
        case Way.OIDC:
            if settings().oidc_issuer is None:
                return None
            person = roles_now().known_as(there.person)
        case Way.MAIL:
            person = there.person
            known = roles_now().persons.get(person)
            if known is None:
                return None
            kept = frozenset(Role(role) for role in known.roles)
    return Staff(there, person, kept | roles_lent_to(session, person, on=on))


def roles_today(session: Session, there: StaffSession, *, on: date) -> frozenset[Role]:
    """The roles a session gives on that day; none for somebody who isn't among the staff any more."""
    staff = _with_roles(session, there, on=on)
    return staff.roles if staff is not None else frozenset()


def must_be_noted(there: StaffSession | Seen, *, moment: datetime) -> bool:
    """Whether it is time to write down again that they are here."""
    return there.seen_at + SEEN_EVERY <= moment


def must_be_renewed(there: StaffSession | Seen, *, moment: datetime) -> bool:
    """Whether half of the time has passed for which the roles of the municipality's sign-in are believed.

    A page that is opened then goes there first; a form that was opened before has the other half to be sent in.
    """
    return there.way is Way.OIDC and moment >= there.made_at + (there.expires_at - there.made_at) / 2


def note_seen(session: Session, number: int, *, moment: datetime) -> None:
    """Write down that they are here."""
    seen = update(StaffSession).where(col(StaffSession.id) == number, col(StaffSession.seen_at) < moment)
    session.connection().execute(seen.values(seen_at=moment))


def sign_out(session: Session, token: str, *, moment: datetime) -> Way | None:
    """End the session of a cookie; how they had come in, None when nobody was there. Once more changes nothing."""
    there = session.exec(select(StaffSession).where(StaffSession.sha256 == _hash(token))).first() if token else None
    if there is None or there.ended_at is not None:
        return None
    there.ended_at = moment
    session.add(there)
    return there.way


def sessions_now(session: Session, *, moment: datetime) -> list[StaffSession]:
    """Those that still let somebody in, the newest last; who was taken out of `roles.yaml` may be among them."""
    rows = select(StaffSession).where(
        col(StaffSession.ended_at).is_(None),
        col(StaffSession.revoked_at).is_(None),
        col(StaffSession.expires_at) > moment,
    )
    return list(session.exec(rows.order_by(col(StaffSession.id))))


def revoke(session: Session, *, number: int | None = None, person: str | None = None, moment: datetime) -> int:
    """Put out one session, or all of a person, however they came in; returns how many still worked. Once more changes nothing."""
    if (number is None) == (person is None):
        raise AssertionError("either a session or a person is revoked")
    known = roles_now().persons.get(person or "")
    names = [person, known.oidc] if known is not None and known.oidc else [person]
    whose = col(StaffSession.id) == number if number is not None else col(StaffSession.person).in_(names)
    gone = update(StaffSession).where(
        whose,
        col(StaffSession.ended_at).is_(None),
        col(StaffSession.revoked_at).is_(None),
        col(StaffSession.expires_at) > moment,
    )
    return session.connection().execute(gone.values(revoked_at=moment)).rowcount


def form_token(there: StaffSession | Seen) -> str:
    """What each form of a session carries, to show that it is a page of ours that sends it."""
    return f"{there.number}.{_proof(there)}"


def is_own_form(session: Session, there: StaffSession | Seen, token: str) -> bool:
    """Whether a form is one that we gave this person: in this session, or in one of theirs that has run out.

    A form that was open while one had to sign in again is still good; one of a session that was revoked isn't.
    """
    number, _, _ = token.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return False
    own = there if int(number) == there.number else session.get(StaffSession, int(number))
    if own is None or own.revoked_at is not None or not hmac.compare_digest(form_token(own), token):
        return False
    return own.number == there.number or (own.person == there.person != "" and own.way is there.way)


def _proof(there: StaffSession | Seen) -> str:
    told = f"desk:{there.number}:{there.sha256}".encode()
    return hmac.new(secret_key(), told, hashlib.sha256).hexdigest()[:40]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
