"""Files that come with a form: photos are drawn anew as all photos are, PDFs are kept as they are, the rest stays there."""

from datetime import date
from typing import BinaryIO

from sqlmodel import Session

from channels.records.by_hash import keep_by_hash
from channels.records.photos import keep_photos, sweep_files
from models.case.enquiry_file import NewFile, kept_enquiry_files
from models.refusal import BadInput

FOLDER = "documents/forms"


def keep_form_file(name: str, file: BinaryIO) -> NewFile:
    """Keep a photo or a PDF under the data folder.

    Raises:
        BadInput: it is neither, or a photo that can't be read.
    """
    shown = "".join(sign for sign in name if sign.isprintable())[:120] or "fil"
    head = file.read(5)
    file.seek(0)
    if head == b"%PDF-":
        sha256, path = keep_by_hash(FOLDER, file.read(), "pdf")
        return NewFile(shown, path, sha256, "")
    try:
        [stored] = keep_photos([file])
    except BadInput as bad:
        raise BadInput("files", f"{bad.sentence.removeprefix('photos: ')} Filen ligger i OS2Forms.") from None
    return NewFile(shown, stored.path, stored.sha256, "")


def sweep_form_files(session: Session, *, on: date) -> int:
    """Remove the PDFs that no enquiry has any more; what came on that day may be on its way. Returns how many."""
    return sweep_files(f"{FOLDER}/*.pdf", kept_enquiry_files(session), on=on)
