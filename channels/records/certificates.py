"""Certificates that firms send: a PDF as it is, or a photo drawn anew; never opened here, never served on the page."""

from typing import BinaryIO

from channels.records.by_hash import keep_by_hash
from channels.records.papers import pdf_or_photo

FOLDER = "documents/certificates"


def keep_certificate(file: BinaryIO) -> tuple[str, str]:
    """Keep a certificate under `var/documents/certificates`; its hash and its path.

    Raises:
        BadInput: it is too big, or neither a PDF nor a photo; the sentence says what to do.
    """
    content, ending = pdf_or_photo(
        file,
        "certificate",
        too_big="rapporten fylder mere end {} MB. Send en mindre.",
        neither="rapporten er hverken en PDF eller et billede. Send den som PDF.",
    )
    return keep_by_hash(FOLDER, content, ending)
