"""Login-link: the one-time link that is mailed to a member of staff.

Only the sha256 of its token is stored, and the token is derived from the installation's key and the row's salt, as with
the volunteers' links (`models.post.link`): a mail that is rendered again holds the very same link.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlmodel import Field, Session, SQLModel, col, delete, func, select

from config.roles_now import roles_now
from models.database import Numbered, columns_of
from models.post.link import secret_key
from models.post.outbox import tell_person
from models.refusal import Refusal

LIFETIME = timedelta(minutes=15)
MOST_AT_ONCE = 3
"""So many links a person gets within that time; more would only fill their mailbox."""
KEPT = timedelta(days=7)


class SignInLink(Numbered, SQLModel, table=True):
    """One link that was mailed. Moments in UTC."""

    __tablename__ = "sign_in_link"

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True, max_length=64)
    salt: str = Field(max_length=64)
    person: str = Field(max_length=12, index=True)
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


def ask_for_link(session: Session, mail: str, onward: str, *, on: date, moment: datetime) -> bool:
    """Put a link for the person with that mail address in the outbox, where there is one; whether it was done.

    `onward` is the path they go on to once they are in. The caller must not let whoever asked see the difference.

    Raises:
        Refusal: `link.key`, the installation's key is damaged.
    """
    person = roles_now().person_with_mail(mail)
    session.connection().execute(delete(SignInLink).where(col(SignInLink.made_at) < moment - KEPT))
    if not person:
        return False
    recent = select(func.count()).where(SignInLink.person == person, col(SignInLink.made_at) > moment - LIFETIME)
    if session.exec(recent).one() >= MOST_AT_ONCE:
        return False
    salt = secrets.token_hex(16)
    link = SignInLink(
        sha256=_hash(_token(salt)), salt=salt, person=person, made_at=moment, expires_at=moment + LIFETIME
    )
    session.add(link)
    session.flush()
    context = {"sign_in_id": link.number, "onward": onward}
    tell_person(session, person, "sign_in", on, key=f"sign-in:{link.number}", context=context)
    return True


def token_for_mail(session: Session, number: int) -> str:
    """The token that the mail of a link shows."""
    return _token(session.get_one(SignInLink, number).salt)


def is_dead(session: Session, number: int, *, moment: datetime) -> bool:
    """Whether a link is no use any more, so that its mail needn't leave."""
    link = session.get(SignInLink, number)
    return link is None or link.used_at is not None or link.expires_at <= moment


def look_at_link(session: Session, token: str, *, moment: datetime) -> SignInLink:
    """The link, when it would let somebody in now. Looking at it uses nothing: mail filters open every link.

    Raises:
        Refusal: `link.unknown`, `link.used` or `link.expired`; also when the person isn't in `roles.yaml` any more.
    """
    link = session.exec(select(SignInLink).where(SignInLink.sha256 == _hash(token))).first()
    if link is None or link.person not in roles_now().persons:
        raise Refusal("link.unknown", "Linket virker ikke. Bed om et nyt.")
    if link.used_at is not None:
        raise Refusal("link.used", "Linket er brugt. Det virker kun én gang. Bed om et nyt.")
    if link.expires_at <= moment:
        raise Refusal("link.expired", "Linket er for gammelt. Det gælder et kvarter. Bed om et nyt.")
    return link


def spend_link(session: Session, token: str, *, moment: datetime) -> str:
    """Use the link, once; the id of the person it lets in.

    Raises:
        Refusal: as `look_at_link`; of two at the same moment the second finds it used.
    """
    link = look_at_link(session, token, moment=moment)
    columns = columns_of(SignInLink)
    use = update(SignInLink).where(columns.id == link.number, columns.used_at.is_(None)).values(used_at=moment)
    if session.connection().execute(use).rowcount != 1:
        raise Refusal("link.used", "Linket er brugt. Det virker kun én gang. Bed om et nyt.")
    return link.person


def _token(salt: str) -> str:
    digest = hmac.new(secret_key(), f"sign-in:{salt}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
