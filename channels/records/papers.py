"""Papers of a case: a PDF as it is, or a photo drawn anew. A PDF is never opened here; the desk hands it out as a file."""

import hashlib
import io
from collections.abc import Sequence
from datetime import date
from typing import BinaryIO

from sqlmodel import Session

from channels.paper.agreement_paper import write_once
from channels.records.photos import drawn_anew, sweep_files
from config.settings import settings
from models.case.attached_paper import PAPER, StoredPaper, kept_papers
from models.case.photo import MAX_PHOTOS
from models.refusal import BadInput

MEDIA = {"pdf": "application/pdf", "jpg": "image/jpeg"}


def keep_paper(file: BinaryIO) -> StoredPaper:
    """Keep a paper under `var/documents/papers`, named by the hash of what is kept.

    Raises:
        BadInput: it is too big, or neither a PDF nor a photo; the sentence says what to do.
    """
    most = settings().photo_megabytes
    if file.seek(0, io.SEEK_END) > most * 1_000_000:
        raise BadInput("papers", f"filen fylder mere end {most} MB. Send en mindre, eller del den i flere.")
    file.seek(0)
    content = file.read()
    if is_pdf(content):
        return _written(content, "pdf")
    try:
        content, _ = drawn_anew(io.BytesIO(content))
    except BadInput as bad:
        raise BadInput(
            "papers", "filen er hverken en PDF eller et billede (JPEG, PNG, WebP). Gem den som PDF, og send den igen."
        ) from bad
    return _written(content, "jpg")


def keep_papers(files: Sequence[BinaryIO], *, needed: bool = False) -> tuple[StoredPaper, ...]:
    """Keep each of them.

    Raises:
        BadInput: there is none and there must be, there are more than five, or one can't be used; then none is in the case.
    """
    if needed and not files:
        raise BadInput("papers", "vælg filen, der skal lægges i sagen.")
    if len(files) > MAX_PHOTOS:
        raise BadInput("papers", f"der kan højst sendes {MAX_PHOTOS} filer ad gangen. Send resten bagefter.")
    return tuple(keep_paper(file) for file in files)


def is_pdf(content: bytes) -> bool:
    """Whether bytes begin and end as a PDF does; nothing in it is run or read."""
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]


def sweep_papers(session: Session, *, on: date) -> int:
    """Remove the files that no case has any more, or ever had; how many. What came on that day may be on its way."""
    return sweep_files(f"{PAPER}/*/*.*", kept_papers(session), on=on)


def _written(content: bytes, ending: str) -> StoredPaper:
    sha256 = hashlib.sha256(content).hexdigest()
    path = f"{PAPER}/{sha256[:2]}/{sha256}.{ending}"
    write_once(settings().var_dir / path, content)
    (settings().var_dir / path).touch()  # one that was there is new again, and not swept away now
    return StoredPaper(sha256, path, len(content))
