"""Persons stay out of what is kept for ever: the journal and Prefect say "en kontakt", never who.

People write names into reasons and notes although they are asked not to. What goes into the journal, which the
database itself refuses to rewrite, and what Prefect shows is put through here first. Known are the contacts:
their whole names, addresses and numbers. Any other mail address but the municipality's own goes, too.
A first name that stands alone can't be told from a word.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Select, String, any_, bindparam, column, or_, select, table
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, SQLModel

from config.catalogue import catalogue
from models.database import columns_of, dialect_of, inserting_new, putting_new
from models.prepared_statements import Written

A_CONTACT = "en kontakt"
AN_ADDRESS = "(mailadresse)"
A_NUMBER = "(telefonnummer)"
FEWEST_WORDS = 16
"""The shortest list of words that a statement is written for; it is filled up with the same words."""
_NO_WORD = "-"
"""What is asked for where a text has no word: no last name is one."""

_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_~\\-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}")
# by name, since the table's own module writes the journal
_CONTACT = table("contact", *(column(name, String) for name in ("name", "phone", "last_name", "digits")))
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d(?:[ .-]?\d){4,14}")


def without_persons(session: Session, text: str) -> str:
    """The text with every contact's name, address and number replaced by a word for it."""
    for name, phone in _contacts(session, _words(text), _numbers_in(text)):
        text = replaced(text, name=name, mail="", phone=phone)
    if "@" not in text:
        return text
    ours = {box.casefold() for box in catalogue().municipality.mailboxes.values()}
    return _MAIL.sub(lambda found: found[0] if found[0].casefold() in ours else AN_ADDRESS, text)


def insert_discreetly(
    session: Session, table: type[SQLModel], row: dict[str, Any], named: dict[str, Any] | None
) -> int:
    """Insert a row whose `what` is kept for ever, without the persons in it; its number, 0 when its key was there.

    Nearly every text names nobody, and the statement that inserts it finds that out by itself, with what
    `naming_nobody` says of the row.
    """
    dialect_name = dialect_of(session)
    if named is not None:
        written, named = _statement_of_nobody(dialect_name, table, named)
        bound = written.bound(named)  # before the connection begins: then others may wait
        row_made = written.first(session.connection(), bound)
        if row_made is not None:
            return int(row_made[0])
    connection = session.connection()
    discreet = row | {"what": without_persons(session, row["what"])}
    number = connection.execute(_insert(connection.dialect.name, table), discreet).scalar()
    return int(number or 0)


@cache
def _insert(dialect_name: str, table: type[SQLModel]) -> ReturningInsert[Any]:
    return inserting_new(dialect_name, table).returning(columns_of(table).id)


def _statement_of_nobody(
    dialect_name: str, table: type[SQLModel], named: dict[str, Any]
) -> tuple[Written, dict[str, Any]]:
    """The statement that inserts such a row (`naming_nobody`), and what it is run with."""
    if dialect_name == "postgresql":
        return _of_nobody(dialect_name, table, 0), named
    # SQLite takes a list of a length that is written down; a few lengths are enough, so that few statements are kept
    words = named["words"] or [_NO_WORD]
    length = max(FEWEST_WORDS, 1 << (len(words) - 1).bit_length())
    spelled = {f"word{number}": words[number % len(words)] for number in range(length)}
    return _of_nobody(dialect_name, table, length), named | spelled


@cache
def _of_nobody(dialect_name: str, table: type[SQLModel], words: int) -> Written:
    return Written(inserting_of_nobody(dialect_name, table, words), dialect_name)


def naming_nobody(row: dict[str, Any]) -> dict[str, Any] | None:
    """What `inserting_of_nobody` is run with; None where the row's text may hold an address or a number."""
    if "@" in row["what"] or _DIGITS.search(row["what"]):
        return None
    named = {f"_{name}": value for name, value in row.items()}
    named["words"] = sorted(_words(row["what"]))
    return named


def inserting_of_nobody(dialect_name: str, table: type[SQLModel], words: int) -> ReturningInsert[Any]:
    """A statement that inserts a row if its text has no contact's last name and its key is new; returns its number.

    `words` is how many words it is given one by one (SQLite); PostgreSQL takes them as one array.
    """
    columns = [column for column in columns_of(table) if column.name != "id"]
    values = select(*(bindparam(f"_{column.name}", type_=column.type) for column in columns))
    # one parameter for all the words, so that the statement is the same for every text
    meant = (
        _CONTACT.c.last_name == any_(bindparam("words", type_=ARRAY(String)))
        if dialect_name == "postgresql"
        else _CONTACT.c.last_name.in_([bindparam(f"word{number}", type_=String) for number in range(words)])
    )
    nobody = values.where(~select(_CONTACT.c.name).where(meant).exists())
    found = putting_new(dialect_name, table, [column.name for column in columns], nobody)
    return found.returning(columns_of(table).id)


def last_word(name: str) -> str:
    """What a whole name is found by in a text: its last word; "" for one that is only a first name."""
    words = _WORD.findall(name.casefold()) if " " in name.strip() else []
    return words[-1].removesuffix("s") if words else ""


def _words(text: str) -> set[str]:
    return {word.removesuffix("s") for word in _WORD.findall(text.casefold())} - {""}


def _numbers_in(text: str) -> set[str]:
    """All that could be a telephone number: every part of a run of digits that is long enough."""
    runs = (re.sub(r"\D", "", run) for run in _DIGITS.findall(text))
    return {run[i:j] for run in runs for i in range(len(run)) for j in range(i + 5, len(run) + 1)}


def _contacts(session: Session, words: set[str], numbers: set[str]) -> list[tuple[str, str]]:
    """The names and numbers of the contacts that could be meant; each word is asked for once in a transaction."""
    known: dict[str, list[tuple[str, str]]] = session.info.setdefault("persons", {})
    asked = words | numbers
    new = asked - known.keys()
    if new:
        known.update((word, []) for word in new)
        found = session.connection().execute(_named(bool(numbers)), {"words": sorted(new)})
        for name, phone, last_name, digits in found:
            for word in {last_name, digits} & new:
                known[word].append((name, phone))
    # the longest first: "Marie Anne Holm" isn't "Marie en kontakt" because there is an Anne Holm, too
    meant = {person for word in asked for person in known[word]}
    return sorted(meant, key=lambda person: (-len(person[0]), person))


@cache
def _named(also_numbers: bool) -> Select[*tuple[str, ...]]:
    columns = _CONTACT.c
    among: BindParameter[list[str]] = bindparam("words", expanding=True)
    by_number = (columns.digits.in_(among),) if also_numbers else ()
    meant = or_(columns.last_name.in_(among), *by_number)
    return select(columns.name, columns.phone, columns.last_name, columns.digits).where(meant)


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
