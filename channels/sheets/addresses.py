"""Mail og telefon: as people write them in a cell, with what stands around them."""

import re

from channels.sheets.cells import Reader
from models import text
from models.refusal import BadInput

_NOTHING = re.compile(r"[-–—./?]+|ingen|n/a|har ikke|ukendt", re.IGNORECASE)
_IN_ANGLES = re.compile(r".*<([^<>]+@[^<>]+)>")
_ADDRESS = re.compile(r"[^\s;,<>]+@[^\s;,<>]+")
_REMARK = re.compile(
    r"(?P<number>(?:\(?(?:\+|00)[0-9]{1,3}\)?[ .-]*)?(?:\(?[0-9]+\)?[ .-]*){1,8}?)(?P<remark>[ ,;]*\(?[^\W\d_].*)",
    re.DOTALL,
)
_CALLED = re.compile(r"^(?:telefon(?:nummer|nr)?|tlf|tel|mobil(?:nummer|nr)?|mob|fastnet)\b[ .:]*", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]")
_TWO = re.compile(r"[/;,&]|\bog\b|\beller\b")


def mail_in(reader: Reader, key: str) -> str:
    """The one mail address of a cell, also when it was pasted as a link or with a name; "" for none."""
    said = reader.written(key)
    if not said or _NOTHING.fullmatch(said):
        return ""
    said = re.sub(r"^mailto:\s*", "", said, flags=re.IGNORECASE)
    if len(_ADDRESS.findall(said)) > 1:
        reader.fault(key, key, "der står to mailadresser. Skriv én adresse i cellen.")
        return ""
    if (found := _IN_ANGLES.fullmatch(said)) is not None:
        said = found[1]
    return _right(reader, key, said.strip(), text.mail_address)


def phone_in(reader: Reader, key: str) -> str:
    """The one telephone number of a cell; a remark behind it is left out, and that is said. "" for none."""
    said = reader.written(key)
    if not said or _NOTHING.fullmatch(said):
        return ""
    said = _CALLED.sub("", said)
    parts = [part for part in _TWO.split(said) if len(_DIGITS.findall(part)) >= 5]
    if len(parts) > 1:
        reader.fault(key, key, "der står to telefonnumre. Skriv ét nummer i cellen.")
        return ""
    if (found := _REMARK.fullmatch(said)) is not None and len(_DIGITS.findall(found["number"])) >= 5:
        said = found["number"].rstrip(" .,;-(")
        reader.warn(key, "remark", "kun nummeret er læst. Det, der står bag det, kommer ikke med.")
    return _right(reader, key, said, text.phone_number)


def _right(reader: Reader, key: str, said: str, check: text.Check) -> str:
    try:
        return check(said, key)
    except BadInput as bad:
        reader.fault(key, key, bad.sentence.partition(": ")[2])
        return ""
