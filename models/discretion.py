"""Persons stay out of what is kept for ever: the journal and Prefect say "en kontakt", never who.

People write names into reasons and notes although they are asked not to. What goes into the journal, which the
database itself refuses to rewrite, and what Prefect shows is put through here first. Known are the contacts:
their whole names, addresses and numbers. Any other mail address but the municipality's own goes, too.
A first name that stands alone can't be told from a word.
"""

import re
from collections.abc import Iterable

from sqlalchemy import column, select, table
from sqlmodel import Session

from config.catalogue import catalogue

A_CONTACT = "en kontakt"
AN_ADDRESS = "(mailadresse)"
A_NUMBER = "(telefonnummer)"

_MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_~\\-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}"
)
# by name, since the table's own module writes the journal
_CONTACT = table("contact", column("name"), column("phone"))
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d(?:[ .-]?\d){4,14}")


def without_persons(session: Session, text: str) -> str:
    """The text with every contact's name, address and number replaced by a word for it."""
    names, numbers = _known(session)
    words = {word.removesuffix("s") for word in _WORD.findall(text.casefold())}
    for last in words & names.keys():
        for name in names[last]:
            text = replaced(text, name=name, mail="", phone="")
    for run in _DIGITS.findall(text) if numbers else ():
        digits = re.sub(r"\D", "", run)
        for part in (
            digits[i:j] for i in range(len(digits)) for j in range(i + 5, len(digits) + 1)
        ):
            for phone in numbers.get(part, ()):
                text = replaced(text, name="", mail="", phone=phone)
    if "@" not in text:
        return text
    ours = {box.casefold() for box in catalogue().municipality.mailboxes.values()}
    return _MAIL.sub(lambda found: found[0] if found[0].casefold() in ours else AN_ADDRESS, text)


def _known(session: Session) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Names by their last word, numbers by their last digits; read once in a transaction."""
    if "persons" not in session.info:
        names: dict[str, list[str]] = {}
        numbers: dict[str, list[str]] = {}
        for name, phone in session.connection().execute(select(_CONTACT.c.name, _CONTACT.c.phone)):
            if " " in name.strip():
                last = _WORD.findall(name.casefold())[-1:]
                names.setdefault("".join(last).removesuffix("s"), []).append(name)
            if phone:
                numbers.setdefault(digits_of(phone), []).append(phone)
        session.info["persons"] = names, numbers
    known: tuple[dict[str, list[str]], dict[str, list[str]]] = session.info["persons"]
    return known


def replaced(text: str, *, name: str, mail: str, phone: str, by: str = A_CONTACT) -> str:
    """The text without this person: the whole name, also with a genitive s, the address, the number."""
    for pattern, word in _patterns(name, mail, phone, by):
        text = pattern.sub(word, text)
    return text


def mentions(text: str, *, name: str, mail: str, phone: str) -> bool:
    """Whether the text names this person."""
    return any(pattern.search(text) for pattern, _ in _patterns(name, mail, phone, ""))


def _patterns(name: str, mail: str, phone: str, by: str) -> Iterable[tuple[re.Pattern[str], str]]:
    parts = name.split()
    if len(parts) > 1:
        whole = r"\s+".join(re.escape(part) for part in parts)
        yield re.compile(rf"(?<!\w){whole}(?:'?s)?(?!\w)", re.IGNORECASE), by
    if mail:
        yield re.compile(rf"(?<![\w.]){re.escape(mail)}(?![\w-])", re.IGNORECASE), AN_ADDRESS
    digits = digits_of(phone)
    if len(digits) >= 5:
        spaced = r"[ .-]?".join(digits)
        yield re.compile(rf"(?<![\d])(?:(?:\+|00)45 ?)?{spaced}(?!\d)"), A_NUMBER


def digits_of(number: str) -> str:
    """A Danish number without the country's, as people write it one way or the other."""
    digits = re.sub(r"\D", "", number)
    return re.sub(r"^(?:00)?45(?=\d{8}$)", "", digits)
