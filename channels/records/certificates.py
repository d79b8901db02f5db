"""Certificates that firms send: a PDF as it is, or a photo drawn anew; never opened here, never served on the page."""

import hashlib
import io
from typing import BinaryIO

from channels.paper.agreement_paper import write_once
from channels.records.papers import is_pdf
from channels.records.photos import keep_photos
from config.settings import settings
from models.refusal import BadInput

FOLDER = "documents/certificates"


def keep_certificate(file: BinaryIO) -> tuple[str, str]:
    """Keep a certificate under `var/documents/certificates`; its hash and its path.

    Raises:
        BadInput: it is too big, or neither a PDF nor a photo; the sentence says what to do.
    """
    most = settings().photo_megabytes
    if file.seek(0, io.SEEK_END) > most * 1_000_000:
        raise BadInput("certificate", f"rapporten fylder mere end {most} MB. Send en mindre.")
    file.seek(0)
    content = file.read()
    if is_pdf(content):
        return _written(content, "pdf")
    try:
        (photo,) = keep_photos([io.BytesIO(content)])
    except BadInput as bad:
        raise BadInput("certificate", "rapporten er hverken en PDF eller et billede. Send den som PDF.") from bad
    return _written((settings().var_dir / photo.path).read_bytes(), "jpg")


def _written(content: bytes, ending: str) -> tuple[str, str]:
    sha256 = hashlib.sha256(content).hexdigest()
    path = f"{FOLDER}/{sha256}.{ending}"
    write_once(settings().var_dir / path, content)
    return sha256, path
