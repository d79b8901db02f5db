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


async def is_raw(request: Request) -> bool:
    """Whether a form has letters beyond ASCII as they stand, which browsers write as `%C3%A6` and `curl -d` doesn't."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return False
    return not (await request.body()).isascii()


def read_raw(value: str) -> str:
    """A field of such a form: its bytes were taken for one letter each; in utf-8 they are what was written."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value  # it was written in latin-1, or is mixed
