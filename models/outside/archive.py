"""Arkivet (ESDH): the case that a facility has in the municipality's archive, and which of its documents lie there.

Written down before and after each call, so that after a failure it is known what to look for. How an archive is called is
`channels.records.archive_port`.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.case.agreement import Agreement
from models.case.facility import Facility
from models.database import Numbered
from models.journal import write_journal
from models.refusal import Refusal
from models.said import Said
from models.stage import OVER, Stage

#: The stages at which the papers that tell of the whole case are filed as they stand.
MILESTONES = (Stage.OPERATION, *OVER)


class ArchiveCase(Numbered, SQLModel, table=True):
    """One facility's case in one archive. `case_id` is what its programs call it, `case_number` what people do.

    Both are empty from when we began until the archive has answered.
    """

    __tablename__ = "archive_case"
    __table_args__ = (UniqueConstraint("system", "facility_id"),)

    id: int | None = Field(default=None, primary_key=True)
    system: str = Field(max_length=32)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    case_id: str = Field(default="", max_length=64)
    case_number: str = Field(default="", max_length=64)
    begun_on: date
    trouble: str = Field(default="", max_length=300)


class ArchiveDocument(Numbered, SQLModel, table=True):
    """One document of the case, sent once. `key` is its path in the case's folder, for a milestone's paper with the stage."""

    __tablename__ = "archive_document"
    __table_args__ = (UniqueConstraint("archive_case_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    archive_case_id: int = Field(foreign_key="archive_case.id", index=True)
    key: str = Field(max_length=160)
    sha256: str = Field(max_length=64)
    document_id: str = Field(default="", max_length=64)
    begun_on: date
    sent_on: date | None = None
    trouble: str = Field(default="", max_length=300)


def archive_case_of(session: Session, facility: Facility, system: str) -> ArchiveCase | None:
    """The facility's case in that archive, begun or there."""
    rows = select(ArchiveCase).where(ArchiveCase.facility_id == facility.number, ArchiveCase.system == system)
    return session.exec(rows).first()


def archived_number(session: Session, facility: Facility) -> str:
    """The number people know the case by in the archive; empty while there is none."""
    rows = select(ArchiveCase.case_number).where(
        ArchiveCase.facility_id == facility.number, ArchiveCase.case_number != ""
    )
    return next(iter(session.exec(rows.order_by(col(ArchiveCase.id).desc()))), "")


def begin_case(session: Session, facility: Facility, system: str, *, on: date) -> ArchiveCase:
    """Note that the archive is about to be asked for a case; the same again is the one that is noted."""
    if (there := archive_case_of(session, facility, system)) is not None:
        return there
    made = ArchiveCase(system=system, facility_id=facility.number, begun_on=on)
    session.add(made)
    session.flush()
    return made


def note_case(session: Session, case: ArchiveCase, case_id: str, number: str, said: Said) -> None:
    """Keep the number that the archive gave; the case's journal says it.

    Raises:
        Refusal: `archive.other_case`, documents of it lie in another case already.
    """
    if (case.case_id, case.case_number) == (case_id, number):
        return
    if case.case_id and documents_of(session, case):
        raise Refusal(
            "archive.other_case", f"Der ligger dokumenter på sag {case.case_number}. De må flyttes i arkivet først."
        )
    case.case_id, case.case_number, case.trouble = case_id, number, ""
    facility = session.get_one(Facility, case.facility_id)
    write_journal(session, facility, f"Sagen har nummer {number} i arkivet.", said)
    session.flush()


def begin_document(session: Session, case: ArchiveCase, key: str, sha256: str, *, on: date) -> ArchiveDocument:
    """Note that a document is about to be sent, before it is; one that was begun is taken up again."""
    rows = select(ArchiveDocument).where(ArchiveDocument.archive_case_id == case.number, ArchiveDocument.key == key)
    if (there := session.exec(rows).first()) is not None:
        if there.sent_on is None:
            there.sha256 = sha256
            session.flush()
        return there
    made = ArchiveDocument(archive_case_id=case.number, key=key, sha256=sha256, begun_on=on)
    session.add(made)
    session.flush()
    return made


def note_document(session: Session, document: ArchiveDocument, document_id: str, *, on: date) -> None:
    """The archive has it."""
    document.document_id, document.sent_on, document.trouble = document_id, on, ""
    session.get_one(ArchiveCase, document.archive_case_id).trouble = ""
    session.flush()


def documents_of(session: Session, case: ArchiveCase) -> list[ArchiveDocument]:
    """What was begun or sent of a case, in that order."""
    rows = select(ArchiveDocument).where(ArchiveDocument.archive_case_id == case.number)
    return list(session.exec(rows.order_by(col(ArchiveDocument.id))))


def archive_cases(session: Session, system: str) -> list[ArchiveCase]:
    """Every case of that archive, the first one first."""
    return list(session.exec(select(ArchiveCase).where(ArchiveCase.system == system).order_by(col(ArchiveCase.id))))


def behind(session: Session, system: str, *, on: date, days: int, since: date | None) -> Iterator[str]:
    """What should have been in the archive for more than `days`, in Danish: from a signed agreement or a milestone on."""
    before = on - timedelta(days=days)
    for facility in session.exec(select(Facility).order_by(Facility.reference)):
        if since is not None and facility.proposed_on < since:
            continue
        case = archive_case_of(session, facility, system)
        there = {each.key for each in documents_of(session, case) if each.sent_on} if case is not None else set()
        missing = [key for key in _wanted(session, facility, before) if key not in there]
        if missing:
            why = (case.trouble if case is not None else "") or "ikke sendt"
            yield f"{facility.reference} ({len(missing)} dokumenter: {why})"


def milestone_key(path: str, stage: Stage) -> str:
    """The key of a paper of the whole case as it stood at a stage."""
    return f"{path}@{stage.value}"


def _wanted(session: Session, facility: Facility, before: date) -> Iterator[str]:
    signed = select(Agreement.version).where(
        Agreement.facility_id == facility.number, Agreement.pdf != "", col(Agreement.signed_on) < before
    )
    for version in session.exec(signed.order_by(col(Agreement.version))):
        yield f"07-aftale-v{version}.pdf"
    if facility.stage in MILESTONES and facility.stage_since < before:
        yield milestone_key("01-sag.pdf", facility.stage)
