"""Indsendelse: what somebody sent by a form of another system, a proposal to be looked at before it is one of ours.

It is kept once for the other side's number. What can't be used is kept as well, with why, and read anew when the mapping
is put right. What becomes of it is `models.stages.form_submission`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.case.facility import LandOwner
from models.database import Numbered, word_column
from models.post.outbox import Message, tell
from models.refusal import BadInput
from models.role import Role
from models.text import NAME_LENGTH


class SubmissionState(StrEnum):
    """Where a submission is."""

    WAITING = "waiting"
    UNUSABLE = "unusable"
    TAKEN = "taken"
    DECLINED = "declined"

    @property
    def danish(self) -> str:
        """The state as people say it."""
        return {"waiting": "venter", "unusable": "kan ikke læses", "taken": "taget over", "declined": "afvist"}[
            self.value
        ]


TEMPLATE = "form_submissions"
#: Where nobody has decided yet.
UNDECIDED = (SubmissionState.WAITING, SubmissionState.UNUSABLE)


class FormSubmission(Numbered, SQLModel, table=True):
    """One submission. `answers` is what was sent, as it was sent; what we read in it stands beside it.

    `sent_at` is when it was completed over there, in UTC; the coordinates are WGS84 degrees. What is known of the sender
    is erased with the answers, `config/retention.yaml` says when.
    """

    __tablename__ = "form_submission"
    __table_args__ = (UniqueConstraint("source", "uuid"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=16)
    form: str = Field(max_length=64)
    uuid: str = Field(max_length=64)
    serial: str = Field(default="", max_length=20)
    sent_at: datetime | None = None
    fetched_on: date
    state: SubmissionState = word_column(SubmissionState)
    trouble: str = Field(default="", max_length=500)
    """Why it can't be used, or what of it is missing; empty where all is well."""
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    type_key: str = Field(default="", max_length=32)
    name: str = Field(default="", max_length=NAME_LENGTH)
    lat: float | None = None
    lon: float | None = None
    land_owner: LandOwner | None = word_column(LandOwner, default=None, nullable=True)
    years: int | None = None
    group_name: str = Field(default="", max_length=NAME_LENGTH)
    what: str = ""
    sender_name: str = Field(default="", max_length=NAME_LENGTH)
    sender_mail: str = Field(default="", max_length=254)
    sender_phone: str = Field(default="", max_length=20)
    decided_on: date | None = None
    decided_by: Role | None = word_column(Role, default=None, nullable=True)
    reason: str = ""
    facility_id: int | None = Field(default=None, foreign_key="facility.id", index=True)

    @property
    def key(self) -> str:
        """The natural key of what it becomes."""
        return f"{self.source}:{self.uuid}"


class FormFile(Numbered, SQLModel, table=True):
    """A file that came with a submission: a photo drawn anew or a PDF, under the data folder; or why it isn't here."""

    __tablename__ = "form_file"

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="form_submission.id", index=True)
    name: str = Field(max_length=NAME_LENGTH)
    path: str = Field(default="", max_length=120)
    sha256: str = Field(default="", max_length=64)
    trouble: str = Field(default="", max_length=300)
    added_on: date


class ReadSubmission(NamedTuple):
    """What we read in the answers of a submission; None and "" for what it doesn't say."""

    type_key: str
    name: str
    lat: float | None
    lon: float | None
    land_owner: LandOwner | None
    years: int | None
    group_name: str
    what: str
    sender_name: str
    sender_mail: str
    sender_phone: str


class NewFile(NamedTuple):
    """A file as it came: what it is called, and where it was kept or why it wasn't."""

    name: str
    path: str
    sha256: str
    trouble: str


def known_uuids(session: Session, source: str) -> set[str]:
    """The numbers of the other side that are here already."""
    return set(session.exec(select(FormSubmission.uuid).where(FormSubmission.source == source)))


def keep_submission(session: Session, new: FormSubmission, files: Sequence[NewFile]) -> FormSubmission:
    """Keep it with its files; the same number again is the one that is there."""
    rows = select(FormSubmission).where(FormSubmission.source == new.source, FormSubmission.uuid == new.uuid)
    if (there := session.exec(rows).first()) is not None:
        return there
    session.add(new)
    session.flush()
    for each in files:
        session.add(
            FormFile(
                submission_id=new.number,
                name=each.name,
                path=each.path,
                sha256=each.sha256,
                trouble=each.trouble[:300],
                added_on=new.fetched_on,
            )
        )
    session.flush()
    return new


def say_what_it_says(submission: FormSubmission, read: ReadSubmission) -> None:
    """Note what was read in the answers: now it waits to be looked at."""
    for name, value in read._asdict().items():
        setattr(submission, name, value)
    submission.state = SubmissionState.WAITING


def tell_of_submissions(session: Session, *, on: date) -> None:
    """One message to the coordinator about all they haven't been told of, also what came before a crash."""
    keys = session.exec(select(Message.key).where(Message.template == TEMPLATE))
    last_told = max((int(key.split(":")[2]) for key in keys), default=0)
    new = [each for each in submissions(session, only_open=True) if each.number > last_told]
    if not new:
        return
    unusable = sum(each.state is SubmissionState.UNUSABLE for each in new)
    told = {"count": len(new), "unusable": unusable, "first": new[0].number, "last": new[-1].number}
    key = f"form-submissions:{new[0].number}:{new[-1].number}"
    tell(session, None, Role.COORDINATOR, TEMPLATE, on, key=key, context=told)


def submissions(session: Session, *, only_open: bool = False) -> list[FormSubmission]:
    """All submissions, the first that came first."""
    rows = select(FormSubmission).order_by(col(FormSubmission.id))
    if only_open:
        rows = rows.where(col(FormSubmission.state).in_(UNDECIDED))
    return list(session.exec(rows))


def find_submission(session: Session, number: int) -> FormSubmission:
    """The submission, locked until the transaction ends.

    Raises:
        BadInput: there is none with that number.
    """
    found = session.exec(select(FormSubmission).where(FormSubmission.id == number).with_for_update()).first()
    if found is None:
        raise BadInput("NR", f"der er ingen indsendelse nr. {number}. Se dem med: driftsklar submission list.")
    return found


def files_of(session: Session, submission: FormSubmission) -> list[FormFile]:
    """The files of a submission, in the order they came."""
    rows = select(FormFile).where(FormFile.submission_id == submission.number).order_by(col(FormFile.id))
    return list(session.exec(rows))


def kept_form_files(session: Session) -> set[str]:
    """The paths of all files that a submission still has."""
    return set(session.exec(select(FormFile.path).where(FormFile.path != "")))


def forget_submissions(session: Session, *, before: date) -> int:
    """Empty what was decided before a day, with the sender and the files; that it was sent is counted still."""
    rows = select(FormSubmission).where(
        col(FormSubmission.decided_on) < before, col(FormSubmission.state).not_in(UNDECIDED)
    )
    old = [each for each in session.exec(rows) if each.answers or each.sender_mail or each.sender_name]
    for each in old:
        _empty(session, each)
    session.flush()
    return len(old)


def forget_sender(session: Session, address: str) -> int:
    """Erase a sender who asks for it, by mail address or number; what waits is still a proposal, of nobody."""
    wanted = address.strip().casefold().replace(" ", "")
    mine = [
        each
        for each in session.exec(select(FormSubmission))
        if wanted in (each.sender_mail.casefold(), each.sender_phone.replace(" ", "").removeprefix("+45"))
    ]
    for each in mine:
        _empty(session, each)
    session.flush()
    return len(mine)


def _empty(session: Session, submission: FormSubmission) -> None:
    submission.answers, submission.what = {}, ""
    submission.sender_name = submission.sender_mail = submission.sender_phone = ""
    for file in files_of(session, submission):
        session.delete(file)
