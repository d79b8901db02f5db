"""Filerne ved siden af databasen: that each file the database knows is there and is the one it was.

A file is read piece by piece. Of each kind only so many bytes are read on one day, on the next day the following
ones, so that a town with a hundred thousand photos waits seconds and still has all of them read in time; that a file
is there is seen every day.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import file_digest
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from sqlmodel import Session, col, select

from config.settings import settings
from models.case.agreement import Agreement, AgreementStatus
from models.case.attached_paper import AttachedPaper
from models.case.certificate import Certificate
from models.case.enquiry_file import EnquiryFile
from models.case.photo import Photo
from models.post.link import KEY_BYTES, Link, has_key_of

READ_A_DAY = 500_000_000
"""Bytes of one kind; at 500 MB a second it takes a second."""
_STEP = 1_000
"""How many files further the reading begins each day, when not all can be read in one."""


class Stored(NamedTuple):
    """A file as the database knows it: what it belongs to, where it lies, its hash."""

    about: str
    path: str
    sha256: str


def wrong_documents(session: Session, *, on: date) -> Iterator[str]:
    """The agreements, certificates and papers of a case whose file is missing or isn't the one that was kept."""
    rows = (
        select(Agreement.id, Agreement.pdf, Agreement.sha256)
        .where((Agreement.pdf != "") | (Agreement.status == AgreementStatus.SIGNED))
        .order_by(col(Agreement.id))
    )
    reports = select(Certificate.work_id, Certificate.path, Certificate.sha256).order_by(col(Certificate.id))
    papers = select(AttachedPaper.id, AttachedPaper.path, AttachedPaper.sha256).order_by(col(AttachedPaper.id))
    agreements = (Stored(f"aftale {n}", path, sha) for n, path, sha in session.exec(rows))
    certificates = (Stored(f"rapport til opgave {n}", path, sha) for n, path, sha in session.exec(reports))
    attached = (Stored(f"papir {n}", path, sha) for n, path, sha in session.exec(papers))
    return _wrong(chain(agreements, certificates, attached), on)


def wrong_photos(session: Session, *, on: date) -> Iterator[str]:
    """The photos, and the files that came with a form, that are missing or aren't those that came in."""
    rows = select(Photo.id, Photo.path, Photo.sha256).order_by(col(Photo.id))
    sent = (
        select(EnquiryFile.id, EnquiryFile.path, EnquiryFile.sha256)
        .where(EnquiryFile.path != "")
        .order_by(col(EnquiryFile.id))
    )
    photos = (Stored(f"billede {n}", path, sha) for n, path, sha in session.exec(rows))
    return _wrong(chain(photos, (Stored(f"indsendt fil {n}", path, sha) for n, path, sha in session.exec(sent))), on)


def wrong_key(session: Session) -> list[str]:
    """Why links that are out can't be made again, if they can't: the key is missing, damaged or another one."""
    newest = session.exec(select(Link).order_by(col(Link.id).desc()).limit(1)).first()
    path = settings().var_dir / "secret.key"
    if not path.exists():
        return ["nøglen secret.key mangler"] if newest is not None else []
    if path.stat().st_size != KEY_BYTES:
        return ["nøglen secret.key er beskadiget"]
    if newest is not None and not has_key_of(newest):
        return ["nøglen secret.key er en anden end den, de nyeste links er lavet med"]
    return []


def _wrong(files: Iterable[Stored], on: date) -> Iterator[str]:
    known = list(files)
    first = on.toordinal() * _STEP % len(known) if known else 0
    left = READ_A_DAY
    root = settings().var_dir.resolve()
    for stored in chain(islice(known, first, None), islice(known, first)):
        path = (root / stored.path).resolve()
        if not stored.path or not path.is_relative_to(root) or not path.is_file():
            yield f"{stored.about} (filen mangler)"
            continue
        size = path.stat().st_size
        if size <= left or left == READ_A_DAY:
            left -= size
            if _sha256(path) != stored.sha256:
                yield f"{stored.about} (filen er ændret)"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
