"""Kept answers: the same `Idempotency-Key` from the same system is answered as the first time, and done once."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, delete, select

from models.database import Numbered
from models.outside.api_key import ApiKey
from models.refusal import Refusal

KEPT_DAYS = 30
MAX_KEY = 128


class KeptAnswer(Numbered, SQLModel, table=True):
    """What one key was answered to one request. `asked` is the sha256 of what was asked.

    `body` is empty where it named a person who has been erased since.
    """

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


def forget_old_answers(session: Session, *, on: date) -> int:
    """Delete what was answered more than thirty days ago, whether anything is asked since or not; how many."""
    old = delete(KeptAnswer).where(col(KeptAnswer.answered_on) < on - timedelta(days=KEPT_DAYS))
    return int(session.connection().execute(old).rowcount)


def forget_answers(session: Session, names: Callable[[Any], bool]) -> int:
    """Empty the answers that `names` somebody; how many. That the request was done is still known, what it said is not."""
    emptied = 0
    for kept in session.exec(select(KeptAnswer).where(KeptAnswer.body != "")):
        if names(json.loads(kept.body)):
            kept.body, emptied = "", emptied + 1
    session.flush()
    return emptied


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
        Refusal: `idempotency.other_request`, the key was used for something else; `idempotency.forgotten`, what was
            answered named somebody who has been erased since.
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
    if not there.body:
        at = f" Se, hvordan det står nu: {there.location}." if there.location else ""
        raise Refusal(
            "idempotency.forgotten",
            f"Det er gjort én gang og gøres ikke igen. Svaret er slettet, fordi det nævnte en person.{at}",
        )
    return Answer(there.status, there.body, there.location)


def keep_answer(session: Session, api_key: ApiKey, key: str, asked: str, answer: Answer, on: date) -> None:
    """Keep it, in the transaction of what was done; what is older than thirty days goes."""
    forget_old_answers(session, on=on)
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
