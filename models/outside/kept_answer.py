"""Kept answers: the same `Idempotency-Key` from the same system is answered as the first time, and done once."""

import hashlib
from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, delete, select

from models.database import Numbered
from models.outside.api_key import ApiKey
from models.refusal import Refusal

KEPT_DAYS = 30
MAX_KEY = 128


class KeptAnswer(Numbered, SQLModel, table=True):
    """What one key was answered to one request. `asked` is the sha256 of what was asked."""

    __tablename__ = "api_answer"
    __table_args__ = (UniqueConstraint("api_key_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    api_key_id: int = Field(foreign_key="api_key.id", index=True)
    key: str = Field(max_length=MAX_KEY)
    asked: str = Field(max_length=64)
    status: int
    body: str
    location: str = Field(default="", max_length=200)
    answered_on: date = Field(index=True)


class Answer(NamedTuple):
    """An answer as it was sent."""

    status: int
    body: str
    location: str = ""


def asked_of(method: str, path: str, body: bytes) -> str:
    """What stands for a request: the same again has the same."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).hexdigest()


def answer_kept(session: Session, api_key: ApiKey, key: str, asked: str) -> Answer | None:
    """What was answered the first time; None when this is the first.

    Raises:
        Refusal: `idempotency.other_request`, the key was used for something else.
    """
    rows = select(KeptAnswer).where(KeptAnswer.api_key_id == api_key.id, KeptAnswer.key == key)
    there = session.exec(rows).first()
    if there is None:
        return None
    if there.asked != asked:
        raise Refusal(
            "idempotency.other_request",
            f"Idempotency-Key “{key[:40]}” er brugt til noget andet. Brug en ny nøgle til en ny forespørgsel.",
        )
    return Answer(there.status, there.body, there.location)


def keep_answer(session: Session, api_key: ApiKey, key: str, asked: str, answer: Answer, on: date) -> None:
    """Keep it, in the transaction of what was done; what is older than thirty days goes."""
    session.exec(delete(KeptAnswer).where(col(KeptAnswer.answered_on) < on - timedelta(days=KEPT_DAYS)))
    session.add(
        KeptAnswer(
            api_key_id=api_key.number,
            key=key,
            asked=asked,
            status=answer.status,
            body=answer.body,
            location=answer.location,
            answered_on=on,
        )
    )
    session.flush()
