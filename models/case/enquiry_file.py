"""Files that came with an enquiry by a form: a photo drawn anew or a PDF, under the data folder; or why it isn't here."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlmodel import Field, Session, SQLModel, col, select

from models.case.enquiry import Enquiry
from models.database import Numbered
from models.text import NAME_LENGTH


class EnquiryFile(Numbered, SQLModel, table=True):
    """One file. `path` is empty where it isn't here, and `trouble` says why."""

    __tablename__ = "enquiry_file"

    id: int | None = Field(default=None, primary_key=True)
    enquiry_id: int = Field(foreign_key="enquiry.id", index=True)
    name: str = Field(max_length=NAME_LENGTH)
    path: str = Field(default="", max_length=120)
    sha256: str = Field(default="", max_length=64)
    trouble: str = Field(default="", max_length=300)
    added_on: date


class NewFile(NamedTuple):
    """A file as it came: what it is called, and where it was kept or why it wasn't."""

    name: str
    path: str
    sha256: str
    trouble: str


def add_files(session: Session, enquiry: Enquiry, files: Sequence[NewFile]) -> None:
    """Keep the files with the enquiry they came with."""
    for each in files:
        session.add(
            EnquiryFile(
                enquiry_id=enquiry.number,
                name=each.name,
                path=each.path,
                sha256=each.sha256,
                trouble=each.trouble[:300],
                added_on=enquiry.received_on,
            )
        )
    session.flush()


def files_of(session: Session, enquiry: Enquiry) -> list[EnquiryFile]:
    """The files of an enquiry, in the order they came."""
    rows = select(EnquiryFile).where(EnquiryFile.enquiry_id == enquiry.number).order_by(col(EnquiryFile.id))
    return list(session.exec(rows))


def kept_enquiry_files(session: Session) -> set[str]:
    """The paths of all files that an enquiry still has."""
    return set(session.exec(select(EnquiryFile.path).where(EnquiryFile.path != "")))
