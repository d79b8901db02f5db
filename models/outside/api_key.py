"""API-nøgle: how another system is known, what it may do, and in which role it decides. Never a person.

The database holds the key's sha256 alone: the key itself is shown once, when it is made.
"""

import hashlib
import secrets
from datetime import date

from sqlalchemy import JSON, update
from sqlmodel import Field, Session, SQLModel, col, select

from models import text
from models.database import Numbered, word_column
from models.journal import write_journal
from models.numbering import next_number
from models.outside.scope import check_scopes, needs_a_role
from models.refusal import BadInput, Refusal, Remedy
from models.role import Role
from models.said import Said

PREFIX = "driftsklar_"
KEY_BYTES = 32
MAX_LABEL = 80
#: Roles a system can act in; the calendar and strangers have doors of their own.
MAY_ACT = tuple(role for role in Role if role not in (Role.CALENDAR, Role.PASSER_BY, Role.VOLUNTEER))


class ApiKey(Numbered, SQLModel, table=True):
    """One key. `short_id` (A-01) stands in the journal for what was done with it; days are Danish."""

    __tablename__ = "api_key"

    id: int | None = Field(default=None, primary_key=True)
    short_id: str = Field(unique=True, max_length=12)
    sha256: str = Field(unique=True, max_length=64)
    label: str = Field(max_length=MAX_LABEL)
    scopes: list[str] = Field(sa_type=JSON)
    role: Role | None = word_column(Role, default=None, nullable=True)
    created_on: date
    expires_on: date | None = None
    """The last day it works."""
    revoked_on: date | None = None
    used_on: date | None = None

    def works(self, on: date) -> bool:
        """Whether it opens anything on that day."""
        return self.revoked_on is None and (self.expires_on is None or on <= self.expires_on)

    def may(self, *scopes: str) -> bool:
        """Whether it has one of these scopes."""
        return any(scope in self.scopes for scope in scopes)


def make_key(
    session: Session, label: str, scopes: tuple[str, ...], said: Said, *, role: Role | None, expires_on: date | None
) -> tuple[ApiKey, str]:
    """A new key and the secret that is shown this once.

    Raises:
        BadInput: a scope isn't there, a role is missing or can't be acted in, or the last day has passed.
        Refusal: whoever sits here may not act in the role.
    """
    wanted = check_scopes(scopes)
    if role is None and needs_a_role(wanted):
        raise BadInput("--role", "en nøgle, der beslutter noget, skal handle i en rolle, fx operations.")
    if role is not None and role not in MAY_ACT:
        raise BadInput("--role", f"en nøgle kan ikke handle som {role.danish}.")
    if expires_on is not None and expires_on < said.on:
        raise BadInput("--expires", "dagen er gået. Skriv nøglens sidste dag.")
    secret = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    key = ApiKey(
        short_id=f"A-{next_number(session, 'api_key'):02d}",
        sha256=hash_of(secret),
        label=text.name(label, "--label")[:MAX_LABEL],
        scopes=wanted,
        role=role,
        created_on=said.on,
        expires_on=expires_on,
    )
    session.add(key)
    session.flush()
    acts = f", og handler som {role.danish}" if role else ""
    write_journal(session, None, f"API-nøgle {key.short_id} er lavet. Den må {', '.join(wanted)}{acts}.", said)
    return key, secret


def hash_of(secret: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(secret.encode()).hexdigest()


def key_of(session: Session, secret: str) -> ApiKey | None:
    """The key behind what was sent, whether it still works or not."""
    return session.exec(select(ApiKey).where(ApiKey.sha256 == hash_of(secret))).first()


def find_key(session: Session, short_id: str) -> ApiKey:
    """The key with that short id, locked until the transaction ends.

    Raises:
        BadInput: there is none.
    """
    rows = select(ApiKey).where(ApiKey.short_id == short_id.strip().upper()).with_for_update()
    key = session.exec(rows).first()
    if key is None:
        raise BadInput("ID", f"der er ingen nøgle “{short_id[:20]}”.", remedy=Remedy.LIST_API_KEYS)
    return key


def all_keys(session: Session) -> list[ApiKey]:
    """Every key there ever was, the oldest first."""
    return list(session.exec(select(ApiKey).order_by(col(ApiKey.id))))


def revoke_key(session: Session, key: ApiKey, said: Said) -> None:
    """The key opens nothing from now on; twice changes nothing.

    Raises:
        Refusal: whoever sits here may not act in the role.
    """
    if key.revoked_on is None:
        key.revoked_on = said.on
        write_journal(session, None, f"API-nøgle {key.short_id} er trukket tilbage.", said)
        session.flush()


def mark_used(session: Session, key: ApiKey, on: date) -> None:
    """Note the day, once a day: a key nobody uses can be taken back."""
    session.connection().execute(update(ApiKey).where(col(ApiKey.id) == key.id).values(used_on=on))


def require_working(key: ApiKey | None, on: date) -> ApiKey:
    """The key, when it opens something today.

    Raises:
        Refusal: `api_key.unknown`, `api_key.revoked` or `api_key.expired`.
    """
    if key is None:
        raise Refusal("api_key.unknown", "Nøglen er ikke kendt. Se efter, om hele nøglen er sendt.")
    if key.revoked_on is not None:
        raise Refusal("api_key.revoked", f"Nøgle {key.short_id} er trukket tilbage. Bed om en ny.")
    if not key.works(on):
        raise Refusal("api_key.expired", f"Nøgle {key.short_id} er udløbet. Bed om en ny.")
    return key
