"""In which encoding a form may come: one that can't break on its own bytes, nor bring signs that no database keeps."""

from email.message import Message

from starlette.requests import Request

from models.refusal import BadInput

_PLAIN = ("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252")


def require_plain_encoding(request: Request) -> None:
    """Stop a form in an encoding no browser sends, before anything of it is read (`utf-7` brings half signs, `idna` breaks).

    Raises:
        BadInput: naming the header.
    """
    header = Message()
    header["Content-Type"] = request.headers.get("content-type", "")
    said = header.get_param("charset", "utf-8")
    if not isinstance(said, str) or said.lower() not in _PLAIN:
        raise BadInput("Content-Type", "formularen kan ikke læses i den tegnkodning. Send den som utf-8.")
