"""Links: how somebody without an account may do one thing, and nothing else.

The database holds only the sha256 of a token. The token itself is derived from the installation's secret
key (`var/secret.key`, made by itself, readable by its owner alone) and the row's random salt. So a mail
that is rendered again, after a crash or on another try, holds the very same link, while whoever steals the
database without the key has no link at all. When the key is lost, links that are out stay good (their hash
is here); only new rows are made for new mails. 256 bits can't be guessed.
"""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import ColumnElement, Update, and_, bindparam, insert, update
from sqlmodel import Field, Session, SQLModel, col, select

from config.file_modes import make_folder
from config.settings import settings
from models.database import Numbered, columns_of, now, word_column
from models.journal import write_journal
from models.refusal import Refusal
from models.role import Role
from models.said import Said

TOKEN_LENGTH = 43
KEY_BYTES = 32


class Purpose(StrEnum):
    """The one thing a link is for. What `subject_id` points at stands behind each."""

    ANSWER = "answer"  # a check
    SIGN = "sign"  # a version of an agreement
    STOP = "stop"  # a facility: stop, pause, give up a task
    CONTACTS = "contacts"  # a group: add a deputy, leave, change one's own mail
    GROUP = "group"  # a group: look, download, ask for the other links
    FEED = "feed"  # a group: its calendar
    SUGGESTION = "suggestion"  # a stranger's report: confirm it or not
    WEEK = "week"  # a group: all that is due and late, answered one by one or at once
    SATISFACTION = "satisfaction"  # a facility: how the cooperation goes, once a year
    QUESTION = "question"  # a facility: the one thing a role is asked about it, which `about` names
    WORK = "work"  # a firm's work order: take it, report it done
    FOLLOW = "follow"  # an enquiry: where it stands, and to take it back
    INVITATION = "invitation"  # an invitation to a group: write oneself on as a member
    PROTOCOL = "protocol"  # a handover: sign its protocol for whoever built the place

    @property
    def danish(self) -> str:
        """What the link is for, as it fits after "et link til at"."""
        return _DANISH[self]

    @property
    def lifetime(self) -> timedelta:
        """How long a link lasts; a feed lasts as long as an agreement can."""
        return timedelta(days=_DAYS[self])


_DANISH = {
    Purpose.ANSWER: "svare på et tjek",
    Purpose.SIGN: "underskrive aftalen",
    Purpose.STOP: "stoppe eller holde pause",
    Purpose.CONTACTS: "rette jeres kontakter",
    Purpose.GROUP: "se gruppens side",
    Purpose.FEED: "hente gruppens kalender",
    Purpose.SUGGESTION: "bekræfte en melding",
    Purpose.WEEK: "svare på ugens tjek",
    Purpose.SATISFACTION: "sige, hvordan samarbejdet går",
    Purpose.QUESTION: "svare på et spørgsmål",
    Purpose.WORK: "tage en opgave og melde den færdig",
    Purpose.FOLLOW: "se, hvor langt jeres forslag er",
    Purpose.INVITATION: "skrive sig på som medlem af gruppen",
    Purpose.PROTOCOL: "underskrive afleveringsprotokollen",
}
_DAYS = {
    Purpose.ANSWER: 90,
    Purpose.SIGN: 90,
    Purpose.STOP: 365,
    Purpose.CONTACTS: 365,
    Purpose.GROUP: 400,
    Purpose.FEED: 3660,
    Purpose.SUGGESTION: 90,
    Purpose.WEEK: 90,
    Purpose.SATISFACTION: 90,
    Purpose.QUESTION: 400,
    Purpose.WORK: 365,
    Purpose.FOLLOW: 1100,
    Purpose.INVITATION: 14,
    Purpose.PROTOCOL: 365,
}


class Link(Numbered, SQLModel, table=True):
    """One link of one contact or role. Moments in UTC."""

    __tablename__ = "link"

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True, max_length=64)
    salt: str = Field(max_length=64)
    purpose: Purpose = word_column(Purpose)
    subject_id: int = Field(index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    role: Role | None = word_column(Role, default=None, nullable=True)
    about: str = Field(default="", max_length=80)
    """The key of the wait that a role may answer by it; empty where purpose and subject say all."""
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def acts_as(self) -> Role:
        """The role of whoever holds the link."""
        return self.role or Role.VOLUNTEER


class NewLink(NamedTuple):
    """What is written of a link that is made."""

    sha256: str
    salt: str
    purpose: Purpose
    subject_id: int
    contact_id: int | None
    role: Role | None
    about: str
    made_at: datetime
    expires_at: datetime


def make_link(
    session: Session,
    purpose: Purpose,
    subject_id: int,
    *,
    contact_id: int | None,
    role: Role | None,
    moment: datetime,
    about: str = "",
) -> str:
    """The token of a link that works for a good while yet: the one that is there, or a new one.

    Raises:
        Refusal: `link.key`, the installation's key is damaged.
    """
    enough = moment + purpose.lifetime / 4
    token = token_of(session, purpose, subject_id, contact_id=contact_id, role=role, moment=enough, about=about)
    if token is not None:
        return token
    new, token = _new(purpose, subject_id, contact_id, role, moment, secret_key(), about=about)
    session.add(Link(**new._asdict()))
    session.flush()
    return token


class LinkBook:
    """The links of some contacts, read at once; what is missing is made, and written by `keep`.

    For many letters in one transaction: the same links as `make_link` gives, which asks for each.
    """

    def __init__(self, session: Session, contact_ids: Collection[int], *, moment: datetime) -> None:
        """Read what works at `moment`, which must not be later than that of any link asked for."""
        self._session = session
        self._key = secret_key()
        self._known: dict[tuple[Purpose, int, int | None], list[tuple[datetime, str]]] = {}
        self._new: list[NewLink] = []
        rows = select(Link).where(col(Link.contact_id).in_(contact_ids), _is_good(moment)).order_by(col(Link.id).desc())
        for link in session.exec(rows) if contact_ids else ():
            token = _token_again(link, self._key)
            if token is not None:
                whose = (link.purpose, link.subject_id, link.contact_id)
                self._known.setdefault(whose, []).append((link.expires_at, token))

    def token(self, purpose: Purpose, subject_id: int, *, contact_id: int, moment: datetime) -> str:
        """The token of a link of one of the contacts: the one that is there, or a new one."""
        known = self._known.setdefault((purpose, subject_id, contact_id), [])
        enough = moment + purpose.lifetime / 4
        for expires_at, token in known:
            if expires_at > enough:
                return token
        new, token = _new(purpose, subject_id, contact_id, None, moment, self._key)
        self._new.append(new)
        known.insert(0, (new.expires_at, token))
        return token

    def keep(self) -> None:
        """Write the new ones in one statement, before the transaction ends: a letter shows no link that isn't there."""
        if self._new:
            rows = [new._asdict() for new in self._new]
            self._session.connection().execute(insert(Link), rows)
        self._new = []


def token_of(
    session: Session,
    purpose: Purpose,
    subject_id: int,
    *,
    contact_id: int | None,
    role: Role | None,
    moment: datetime,
    about: str = "",
) -> str | None:
    """The token of a link that is good at `moment`, if there is one; makes none.

    Raises:
        Refusal: `link.key`, the installation's key is damaged.
    """
    rows = (
        select(Link)
        .where(
            Link.purpose == purpose,
            Link.subject_id == subject_id,
            col(Link.contact_id).is_(None) if contact_id is None else Link.contact_id == contact_id,
            col(Link.role).is_(None) if role is None else Link.role == role,
            Link.about == about,
            _is_good(moment),
        )
        .order_by(col(Link.id).desc())
        .limit(1)
    )
    link = session.exec(rows).first()
    return _token_again(link, secret_key()) if link is not None else None


def _is_good(moment: datetime) -> ColumnElement[bool]:
    return and_(col(Link.revoked_at).is_(None), col(Link.expires_at) > moment)


def _token_again(link: Link, key: bytes) -> str | None:
    """The token of a link that is there; None when it was made with a key that is lost."""
    token = _token(link.salt, key)
    return token if hash_of(token) == link.sha256 else None


def has_key_of(link: Link) -> bool:
    """Whether the installation's key is the one the link was made with.

    Raises:
        Refusal: `link.key`, the installation's key is damaged.
    """
    return _token_again(link, secret_key()) is not None


def open_link(session: Session, token: str, purpose: Purpose, *, moment: datetime) -> Link:
    """The link, when it is good for this purpose now.

    Raises:
        Refusal: `link.unknown` (also for a link of another purpose), `link.revoked` or `link.expired`.
    """
    rows = select(Link).where(Link.sha256 == hash_of(token), Link.purpose == purpose)
    link = session.exec(rows).first()
    if link is None:
        raise unknown_link()
    require_working(link.revoked_at, link.expires_at, moment=moment)
    return link


def unknown_link() -> Refusal:
    """What is said to a link that isn't there, or is there for something else."""
    return Refusal(
        "link.unknown",
        "Linket virker ikke. Er mailen gammel, er det slettet: brug linket i den nyeste mail. Ellers blev det måske "
        "delt over to linjer: åbn det igen fra mailen.",
    )


def require_working(revoked_at: datetime | None, expires_at: datetime, *, moment: datetime) -> None:
    """Nothing, when a link with these dates works at `moment`.

    Raises:
        Refusal: `link.revoked` or `link.expired`.
    """
    if revoked_at is not None:
        raise Refusal("link.revoked", "Linket er trukket tilbage og virker ikke mere.")
    if expires_at <= moment:
        raise Refusal("link.expired", "Linket er for gammelt. Brug linket i den nyeste mail.")


def use_link(session: Session, link: Link, *, moment: datetime) -> bool:
    """Note that the link was used; whether this was the first time."""
    used = session.connection().execute(_first_use(), {"number": link.id, "moment": moment})
    return used.rowcount == 1


@cache
def _first_use() -> Update:
    columns = columns_of(Link)
    unused = update(Link).where(columns.id == bindparam("number"), columns.used_at.is_(None))
    return unused.values(used_at=bindparam("moment"))


def revoke_links(
    session: Session,
    said: Said,
    *,
    contact_id: int | None = None,
    purpose: Purpose | None = None,
    subject_id: int | None = None,
    sha256: str | None = None,
) -> int:
    """Take back the links that fit all that is said; returns how many still worked."""
    if contact_id is None and subject_id is None and sha256 is None:
        raise AssertionError("all links of the town would be revoked")
    gone = update(Link).where(col(Link.revoked_at).is_(None))
    if contact_id is not None:
        gone = gone.where(col(Link.contact_id) == contact_id)
    if purpose is not None:
        gone = gone.where(col(Link.purpose) == purpose)
    if subject_id is not None:
        gone = gone.where(col(Link.subject_id) == subject_id)
    if sha256 is not None:
        gone = gone.where(col(Link.sha256) == sha256)
    count = session.connection().execute(gone.values(revoked_at=now())).rowcount
    if count:
        write_journal(session, None, f"{'Et link' if count == 1 else f'{count} links'} er trukket tilbage.", said)
    return count


def hash_of_address(address: str) -> str:
    """The stored hash for an address as people copy it: its last part that is long enough."""
    parts = address.strip().removesuffix(".ics").replace(".ics", "").split("/")
    token = next((part for part in parts if len(part) == TOKEN_LENGTH), "")
    return hash_of(token)


def signature_of(message: str) -> str:
    """A short proof that we wrote `message` ourselves; used for the moment a public form was shown.

    Raises:
        Refusal: `link.key`, the installation's key is damaged.
    """
    return hmac.new(secret_key(), f"form:{message}".encode(), hashlib.sha256).hexdigest()[:32]


def secret_key() -> bytes:
    """The installation's key; made the first time, and only once when two ask at the same time.

    Raises:
        Refusal: `link.key`, the file is damaged.
    """
    path = settings().var_dir / "secret.key"
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise Refusal("link.key", f"Nøglen i {path} er beskadiget. Læg den tilbage fra en kopi, eller slet den.")
    return key


def _make_key(path: Path) -> None:
    make_folder(path.parent)
    aside = path.with_name(f".secret.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()


def _new(
    purpose: Purpose,
    subject_id: int,
    contact_id: int | None,
    role: Role | None,
    moment: datetime,
    key: bytes,
    *,
    about: str = "",
) -> tuple[NewLink, str]:
    salt = secrets.token_hex(32)
    token = _token(salt, key)
    ends = moment + purpose.lifetime
    new = NewLink(hash_of(token), salt, purpose, subject_id, contact_id, role, about, moment, ends)
    return new, token


def _token(salt: str, key: bytes) -> str:
    digest = hmac.digest(key, f"link:{salt}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_of(token: str) -> str:
    """What the database holds of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
