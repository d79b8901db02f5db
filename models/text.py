"""What people may type: plain text, of a bounded length, that can't be mistaken for markup or a formula.

Everything typed ends in letters, PDFs, spreadsheets and on screens. Escaping happens there too; this is
the first of the two locks, and the one that tells the person what to change.
"""

import re
import unicodedata
from collections.abc import Callable

from models.refusal import BadInput

Check = Callable[[str, str], str]
"""What is typed, and the field it is typed in, as what is kept; or BadInput."""

NAME_LENGTH = 120
TEXT_LENGTH = 2000

_MARKUP = re.compile(r"[<>{}|`\\]")
_FORMULA = re.compile(r"^\s*[=@]")
_FOLDER_ABOVE = re.compile(r"\.\./")
_MAIL = re.compile(r"^[A-Za-z0-9.!#$%&'*+/=?^_~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,24}$")
_BETWEEN_DIGITS = re.compile(r"[\s\xa0().\-\u2010-\u2015/]+")
_PHONE = re.compile(r"^\+?[0-9](?: ?[0-9]){4,14}$")


def name(value: str, field: str) -> str:
    """A name on one line, at most 120 characters.

    Raises:
        BadInput: it is empty, too long, or has signs that can't be used; names `field`.
    """
    return _plain(value, field, NAME_LENGTH, lines=False)


def text(value: str, field: str, *, required: bool = True) -> str:
    """A text of at most 2000 characters that may have line breaks; empty only if not required.

    Raises:
        BadInput: it is empty, too long, or has signs that can't be used; names `field`.
    """
    if not required and not value.strip():
        return ""
    return _plain(value, field, TEXT_LENGTH, lines=True)


def mail_address(value: str, field: str) -> str:
    """An e-mail address, or "" for none.

    A domain with letters of its own (nyordbådelaug.dk) is kept as mail servers write it, so that it can be
    mailed to everywhere: only that part has another spelling.

    Raises:
        BadInput: it can't be an address.
    """
    value = value.strip()
    before, at, domain = value.rpartition("@")
    if at and not domain.isascii():
        try:
            value = f"{before}@{domain.encode('idna').decode()}"
        except UnicodeError:
            raise BadInput(field, "det ligner ikke en mailadresse. Skriv den som navn@sted.dk.") from None
    if value and not before.isascii():
        raise BadInput(field, "æ, ø, å og andre særlige bogstaver kan ikke stå foran @ i en mailadresse.")
    if any(sign.isspace() for sign in value):
        raise BadInput(field, "der er et mellemrum i mailadressen. Slet det.")
    if value and (len(value) > 254 or ".." in value or not _MAIL.match(value)):
        raise BadInput(field, "det ligner ikke en mailadresse. Skriv den som navn@sted.dk.")
    return value


def phone_number(value: str, field: str) -> str:
    """A telephone number of 5 to 15 digits, or "" for none; +45 and 0045 are the same.

    Dots, dashes and brackets, as people write them, become spaces.

    Raises:
        BadInput: it can't be a number.
    """
    value = _BETWEEN_DIGITS.sub(" ", value.replace("(0)", " ")).strip()
    value = re.sub(r"^(?:00|\+ ?)(?=[1-9])", "+", value)
    if value and not _PHONE.match(value):
        raise BadInput(field, "det ligner ikke et telefonnummer. Skriv kun cifre, fx 12 34 56 78.")
    return value


def _plain(value: str, field: str, length: int, *, lines: bool) -> str:
    value = unicodedata.normalize("NFC", value.strip())
    if lines:
        value = value.replace("\r\n", "\n")
    if not value:
        raise BadInput(field, "feltet er tomt. Skriv en tekst.")
    if len(value) > length:
        raise BadInput(field, f"teksten er på {len(value)} tegn. Der er plads til højst {length}.")
    for sign in value:
        if sign == "\n" and lines:
            continue
        kind = unicodedata.category(sign)
        if sign in "\n\r":
            raise BadInput(field, "teksten har et linjeskift. Skriv den på én linje.")
        if sign == "\ufffd":
            raise BadInput(field, "et bogstav er gået i stykker (\ufffd). Skriv teksten igen.")
        if kind in ("Zl", "Zp") or (kind.startswith("C") and sign != " "):
            raise BadInput(field, "teksten har et usynligt styretegn. Skriv den igen uden at kopiere.")
        if (kind == "So" and sign not in "°©®") or kind == "Me" or sign in "\ufe0e\ufe0f":
            raise BadInput(field, f"tegnet {sign} kan ikke bruges. Skriv uden emoji og symboler.")
    if found := _MARKUP.search(value):
        raise BadInput(field, f"tegnet {found.group()} kan ikke bruges. Skriv det med almindelige ord.")
    if _FOLDER_ABOVE.search(value):
        raise BadInput(field, "../ kan ikke bruges. Skriv det med almindelige ord.")
    if not any(sign.isalnum() for sign in value):
        raise BadInput(field, "teksten har hverken bogstaver eller tal. Skriv, hvad der menes.")
    if _FORMULA.match(value):
        raise BadInput(field, "teksten må ikke begynde med = eller @. Begynd med et ord.")
    return value
