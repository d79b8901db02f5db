"""Papirer i sagen: drawings, warranties, consents as files. They lie under `var/documents/papers`, named by their hash."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, delete, select

from config.catalogue import catalogue
from models import text
from models.case.facility import Facility
from models.database import Numbered
from models.stage import OVER

PAPER = "documents/papers"
"""The folder under `var`."""
ANOTHER = "Andet papir"


class StoredPaper(NamedTuple):
    """A file that was looked at and written: its hash, where it lies in the data folder, its length in bytes."""

    sha256: str
    path: str
    size: int


class AttachedPaper(Numbered, SQLModel, table=True):
    """One file of one case. `kind` is a key of `config/papers.yaml`, or empty for any other paper."""

    __tablename__ = "attached_paper"
    __table_args__ = (UniqueConstraint("facility_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    kind: str = Field(default="", max_length=40)
    what: str = Field(max_length=text.NAME_LENGTH)
    sha256: str = Field(max_length=64)
    path: str = Field(max_length=120)
    size: int
    added_on: date

    @property
    def kind_danish(self) -> str:
        """Which paper it is, as people say it; a kind the municipality has taken out since is just a paper."""
        known = catalogue().papers.get(self.kind)
        return known.name if known else ANOTHER

    @property
    def ending(self) -> str:
        """`pdf` or `jpg`: nothing else is kept."""
        return self.path.rpartition(".")[2]


def papers_of(session: Session, facility: Facility) -> list[AttachedPaper]:
    """The papers of a case, in the order they came."""
    rows = select(AttachedPaper).where(AttachedPaper.facility_id == facility.id).order_by(col(AttachedPaper.id))
    return list(session.exec(rows))


def kept_papers(session: Session) -> set[str]:
    """The paths of all papers that a case still has."""
    return set(session.exec(select(AttachedPaper.path)).all())


def forget_papers(session: Session, *, before: date) -> int:
    """Let go of the papers of cases that were over before that day; the files go with the next run. Returns how many."""
    over = select(Facility.id).where(col(Facility.stage).in_(OVER), col(Facility.stage_since) < before)
    gone = delete(AttachedPaper).where(col(AttachedPaper.facility_id).in_(over), col(AttachedPaper.added_on) < before)
    return session.connection().execute(gone).rowcount
