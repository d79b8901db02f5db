"""Pasningsaftalen: its versions, the care tasks in them and who signed what."""

from datetime import date
from enum import StrEnum
from functools import cache
from typing import NamedTuple, Protocol

from sqlalchemy import JSON, BigInteger, Index, bindparam, select
from sqlmodel import Field, Session, SQLModel

from config.catalogue import Who
from models import text
from models.calendar import Season
from models.case.facility import Facility
from models.database import Numbered, asked_once, columns_of, rows_by, word_column
from models.prepared_statements import Written


class AgreementStatus(StrEnum):
    """Where a version is; only one version of a facility is in force at a time."""

    REVIEW = "review"
    SIGNING = "signing"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    VOID = "void"
    ENDED = "ended"

    @property
    def danish(self) -> str:
        """The status as people say it."""
        return {
            "review": "til gennemsyn",
            "signing": "til underskrift",
            "signed": "underskrevet",
            "in_force": "gælder",
            "void": "afløst",
            "ended": "ophørt",
        }[self.value]


class Side(StrEnum):
    """The two sides of an agreement."""

    VOLUNTEERS = "volunteers"
    MUNICIPALITY = "municipality"

    @property
    def danish(self) -> str:
        """The side as a word in a sentence."""
        return {"volunteers": "frivilliggruppen", "municipality": "kommunen"}[self.value]


class Agreement(Numbered, SQLModel, table=True):
    """One version. Minutes and øre are per year; the municipality's share is what the pool pays."""

    __tablename__ = "agreement"
    __table_args__ = (Index(None, "status", "until_on"),)  # what runs out, and what waits to be signed

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    group_id: int = Field(foreign_key="volunteer_group.id")
    version: int
    status: AgreementStatus = word_column(AgreementStatus)
    renews: bool = False
    from_on: date
    until_on: date
    volunteer_minutes_per_year: int
    municipal_minutes_per_year: int
    kr_per_year_ore: int = Field(sa_type=BigInteger)
    changes: list[str] = Field(default_factory=list, sa_type=JSON)
    drafted_on: date
    sent_on: date | None = None
    signed_on: date | None = None
    ended_on: date | None = None
    sha256: str = Field(default="", max_length=64)
    pdf: str = Field(default="", max_length=200)
    terms_sha256: str = Field(default="", max_length=64)
    """What was agreed, as a fingerprint (`models.case.agreement_terms`); empty until it binds."""


class CareTask(Numbered, SQLModel, table=True):
    """One recurring task of one version. `next_on` is its next nominal date, None while nothing is planned."""

    __tablename__ = "care_task"

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id", index=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    key: str = Field(max_length=64)
    name: str = Field(max_length=160)
    every_days: int | None = None
    every_months: int | None = None
    season: str = Field(default="", max_length=12)
    minutes: int
    minutes_per_year: int
    who: Who = word_column(Who)
    fine_when: str = ""
    next_on: date | None = Field(default=None, index=True)

    @property
    def season_days(self) -> Season | None:
        """The season as from month, from day, to month, to day."""
        return season_days(self.season)


def season_days(season: str) -> Season | None:
    """A season as it is stored ("04-01/10-31"): from month, from day, to month, to day; None for the whole year."""
    if not season:
        return None
    first, last = season.split("/")
    return (int(first[:2]), int(first[3:]), int(last[:2]), int(last[3:]))


class Signature(Numbered, SQLModel, table=True):
    """Who signed which version, and the hash of the document that was read. Void when the version is."""

    __tablename__ = "signature"

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id", index=True)
    side: Side = word_column(Side)
    name: str = Field(max_length=text.NAME_LENGTH)
    signed_on: date
    sha256: str = Field(max_length=64)
    void_on: date | None = None
    corrected_name: str = Field(default="", max_length=text.NAME_LENGTH)
    """The right name, where the one that was signed with was misspelt; that one is in the document and stays."""

    @property
    def known_as(self) -> str:
        """The name as one reads it: as it was signed, and what is right where that was wrong."""
        return f"{self.name}, rettet til {self.corrected_name}" if self.corrected_name else self.name


class Document(NamedTuple):
    """A printed agreement: the hash of its bytes and where it lies, relative to the data folder."""

    sha256: str
    path: str


class Printer(Protocol):
    """Prints a version as it is now; given by the doors, since models know nothing of documents."""

    def __call__(self, session: Session, agreement: Agreement) -> Document: ...


def agreements_of(session: Session, facility: Facility) -> list[Agreement]:
    """All versions, the first one first."""
    rows = rows_by(session, Agreement, facility_id=facility.id)
    return sorted(rows, key=lambda agreement: agreement.version)


def last_agreement(session: Session, facility: Facility) -> Agreement | None:
    """The newest version, whatever its status."""
    versions = agreements_of(session, facility)
    return versions[-1] if versions else None


def agreement_in_force(session: Session, facility: Facility) -> Agreement | None:
    """The version that binds both sides now."""
    return next((a for a in agreements_of(session, facility) if a.status is AgreementStatus.IN_FORCE), None)


def is_signed(session: Session, facility: Facility) -> bool:
    """Whether the newest version has both signatures."""
    last = last_agreement(session, facility)
    return last is not None and last.status in (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE)


def tasks_of(session: Session, agreement: Agreement) -> list[CareTask]:
    """The version's care tasks in the order of the agreement's table."""
    rows = rows_by(session, CareTask, agreement_id=agreement.id)
    return sorted(rows, key=lambda task: task.number)


class TaskLine(NamedTuple):
    """What a list of an agreement's tasks says of one."""

    key: str
    name: str
    who: Who


def task_lines(session: Session, agreement: Agreement) -> list[TaskLine]:
    """The same for a page that lists them and needs no more of them."""

    def find() -> list[TaskLine]:
        connection = session.connection()
        written = _task_lines(connection.dialect.name)
        rows = written.all(connection, written.bound({"agreement_id": agreement.id}))
        return [TaskLine(key, name, Who(who)) for key, name, who in rows]

    return asked_once(session, (TaskLine, agreement.id), find)


@cache
def _task_lines(dialect_name: str) -> Written:
    task = columns_of(CareTask)
    rows = select(task.key, task.name, task.who).where(task.agreement_id == bindparam("agreement_id"))
    return Written(rows.order_by(task.id), dialect_name)


def signatures_of(session: Session, agreement: Agreement) -> list[Signature]:
    """The version's valid signatures."""
    rows = rows_by(session, Signature, agreement_id=agreement.id)
    return sorted((each for each in rows if each.void_on is None), key=lambda signature: signature.number)
