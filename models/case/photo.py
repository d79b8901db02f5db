"""Billeder: what a check, an incident, a work order, a stranger's report or an enquiry was shown with.

The files lie under `var/photos`.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Integer, column, table
from sqlmodel import Field, Session, SQLModel, col, delete, select

from models.database import Numbered
from models.refusal import BadInput

MAX_PHOTOS = 5


class StoredPhoto(NamedTuple):
    """A photo that was drawn anew and written: its hash, where it lies in the data folder, its size in pixels."""

    sha256: str
    path: str
    width: int
    height: int


class Photo(Numbered, SQLModel, table=True):
    """One photo of one thing. The same file may belong to several."""

    __tablename__ = "photo"

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(max_length=64, index=True)
    path: str = Field(max_length=120)
    width: int
    height: int
    check_id: int | None = Field(default=None, foreign_key="check.id", index=True)
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)
    public_report_id: int | None = Field(default=None, foreign_key="public_report.id", index=True)
    work_id: int | None = Field(default=None, foreign_key="work_order.id", index=True)
    enquiry_id: int | None = Field(default=None, foreign_key="enquiry.id", index=True)
    shows_before: bool | None = None
    """Whether a photo of work shows how it was before; None for what isn't about work."""
    added_on: date


def add_photos(
    session: Session,
    photos: Sequence[StoredPhoto],
    *,
    check_id: int | None = None,
    incident_id: int | None = None,
    public_report_id: int | None = None,
    work_id: int | None = None,
    enquiry_id: int | None = None,
    shows_before: bool | None = None,
    on: date,
) -> None:
    """Keep photos with what they show; one that is there already is not kept twice.

    Raises:
        BadInput: there would be more than five.
    """
    there = photos_of(
        session,
        check_id=check_id,
        incident_id=incident_id,
        public_report_id=public_report_id,
        work_id=work_id,
        enquiry_id=enquiry_id,
    )
    known = {photo.sha256 for photo in there}
    new = [p for p in dict.fromkeys(photos) if p.sha256 not in known]
    if len(there) + len(new) > MAX_PHOTOS:
        raise BadInput("photos", f"der kan højst sendes {MAX_PHOTOS} billeder. Vælg de vigtigste.")
    for photo in new:
        session.add(
            Photo(
                sha256=photo.sha256,
                path=photo.path,
                width=photo.width,
                height=photo.height,
                check_id=check_id,
                incident_id=incident_id,
                public_report_id=public_report_id,
                work_id=work_id,
                enquiry_id=enquiry_id,
                shows_before=shows_before,
                added_on=on,
            )
        )
    session.flush()


def photos_of(
    session: Session,
    *,
    check_id: int | None = None,
    incident_id: int | None = None,
    public_report_id: int | None = None,
    work_id: int | None = None,
    enquiry_id: int | None = None,
) -> list[Photo]:
    """The photos of one thing, in the order they came."""
    rows = select(Photo).order_by(col(Photo.id))
    if check_id is not None:
        rows = rows.where(Photo.check_id == check_id)
    if incident_id is not None:
        rows = rows.where(Photo.incident_id == incident_id)
    if public_report_id is not None:
        rows = rows.where(Photo.public_report_id == public_report_id)
    if work_id is not None:
        rows = rows.where(Photo.work_id == work_id)
    if enquiry_id is not None:
        rows = rows.where(Photo.enquiry_id == enquiry_id)
    return list(session.exec(rows))


def photos_of_checks(session: Session, facility_id: int) -> list[Photo]:
    """The photos of all checks of a facility, by the day the check was due."""
    check = table("check", *(column(name, Integer) for name in ("id", "facility_id", "due_on")))
    rows = select(Photo).join(check, check.c.id == Photo.check_id).where(check.c.facility_id == facility_id)
    return list(session.exec(rows.order_by(check.c.due_on, check.c.id, col(Photo.id))))


def as_stored(photo: Photo) -> StoredPhoto:
    """The same photo, to be kept with something else as well."""
    return StoredPhoto(photo.sha256, photo.path, photo.width, photo.height)


def forget_photos(session: Session, *, before: date) -> int:
    """Let go of the photos that came before a day; the files go with the next run. Returns how many."""
    gone = delete(Photo).where(col(Photo.added_on) < before)
    return session.connection().execute(gone).rowcount


def kept_photos(session: Session) -> set[str]:
    """The paths of all photos that something still shows."""
    return set(session.exec(select(Photo.path)).all())
