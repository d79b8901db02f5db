"""Papers of a case: a PDF as it is, or a photo drawn anew. A PDF is never opened here; the desk hands it out as a file."""

import io
from collections.abc import Sequence
from datetime import date
from typing import BinaryIO

from sqlmodel import Session

from channels.records.by_hash import keep_by_hash
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
    content, ending = pdf_or_photo(
        file,
        "papers",
        too_big="filen fylder mere end {} MB. Send en mindre, eller del den i flere.",
        neither="filen er hverken en PDF eller et billede (JPEG, PNG, WebP). Gem den som PDF, og send den igen.",
    )
    sha256, path = keep_by_hash(PAPER, content, ending, in_parts=True)
    return StoredPaper(sha256, path, len(content))


def pdf_or_photo(file: BinaryIO, field: str, *, too_big: str, neither: str) -> tuple[bytes, str]:
    """A PDF as it is, or a photo's pixels drawn anew, and the ending of its name.

    Raises:
        BadInput: of `field`, with `too_big` (which gets the megabytes there may be) or `neither`.
    """
    most = settings().photo_megabytes
    if file.seek(0, io.SEEK_END) > most * 1_000_000:
        raise BadInput(field, too_big.format(most))
    file.seek(0)
    content = file.read()
    if is_pdf(content):
        return content, "pdf"
    try:
        content, _ = drawn_anew(io.BytesIO(content))
    except BadInput as bad:
        raise BadInput(field, neither) from bad
    return content, "jpg"


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
