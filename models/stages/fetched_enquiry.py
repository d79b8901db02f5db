"""Hentede henvendelser: what was sent by a form of another system, kept once for its number over there.

What can't be used is kept as well, with why, and read anew when the mapping is put right. Answered it is as all enquiries
are, by `models.stages.enquiry`.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.case.enquiry import Enquiry, EnquiryState, enquiries
from models.case.enquiry_file import NewFile, add_files
from models.case.facility import LandOwner
from models.journal import write_journal
from models.post.outbox import Message, tell
from models.role import Door, Role
from models.said import Said

TEMPLATE = "form_submissions"
_KEY = "enquiries-fetched"


class ReadAnswers(NamedTuple):
    """What we read in the answers of a form; None and "" for what they don't say."""

    type_key: str
    place_name: str
    lat: float | None
    lon: float | None
    land_owner: LandOwner | None
    years: int | None
    group_name: str
    what: str
    name: str
    mail: str
    phone: str


def known_uuids(session: Session, source: str) -> set[str]:
    """The numbers of the other side that are here already."""
    return {uuid for uuid in session.exec(select(Enquiry.uuid).where(Enquiry.source == source)) if uuid is not None}


def keep_fetched(session: Session, new: Enquiry, files: Sequence[NewFile]) -> Enquiry:
    """Keep it with its files; the same number of the other side again is the one that is there."""
    rows = select(Enquiry).where(Enquiry.source == new.source, Enquiry.uuid == new.uuid)
    if (there := session.exec(rows).first()) is not None:
        return there
    session.add(new)
    session.flush()
    add_files(session, new, files)
    said = Said(new.received_on, Role.PASSER_BY, Door.API)
    write_journal(session, None, f"Henvendelse nr. {new.id} fra formularen {new.form}: {new.kind.danish}.", said)
    return new


def say_what_it_says(enquiry: Enquiry, read: ReadAnswers) -> None:
    """Note what was read in the answers: now it waits to be looked at."""
    for name, value in read._asdict().items():
        setattr(enquiry, name, value)
    enquiry.state = EnquiryState.WAITING


def tell_of_fetched(session: Session, *, on: date) -> None:
    """One message to the project lead about all they haven't been told of, also what came before a crash."""
    keys = session.exec(select(Message.key).where(Message.template == TEMPLATE, col(Message.key).startswith(_KEY)))
    last_told = max((int(key.split(":")[2]) for key in keys), default=0)
    new = [each for each in enquiries(session, only_open=True) if each.is_fetched and each.number > last_told]
    if not new:
        return
    unusable = sum(each.state is EnquiryState.UNUSABLE for each in new)
    told = {"count": len(new), "unusable": unusable, "first": new[0].number, "last": new[-1].number}
    key = f"{_KEY}:{new[0].number}:{new[-1].number}"
    tell(session, None, Role.PROJECT_LEAD, TEMPLATE, on, key=key, context=told)
