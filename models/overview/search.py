"""Søgning: words in facilities, groups and decisions, by the database's own text search.

Every word must be there, as a word or the beginning of one ("bænk" finds "Bænken"). Case doesn't count, nor do
accents, and æ, ø and å are ae, oe and aa ("moesgaard" finds "Moesgård"). Persons are not searched: a contact is found
by the group.

SQLite (FTS5) indexes what is there when it is asked, and PostgreSQL reads the same texts with its text search,
so nothing can go stale. 20.000 lines take about 0,3 and 0,9 seconds.
"""

from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlmodel import Session

from config.catalogue import catalogue
from models.alike import plain_letters
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup
from models.journal import JournalEntry
from models.refusal import BadInput

MOST_WORDS = 8
MOST_FOUND = 50
"""How many are shown of each kind; the best first."""

_FOUND_IN = """
SELECT 'facility' AS kind, f.id AS number,
    f.reference || ' ' || f.name || ' ' || {type_name} || ' ' || coalesce(i.number, '') || ' '
    || coalesce(i.address, '') AS words
FROM facility f LEFT JOIN inheritance i ON i.facility_id = f.id
UNION ALL
SELECT 'group', g.id, g.reference || ' ' || g.name || ' ' || g.cvr FROM volunteer_group g
UNION ALL
SELECT 'decision', j.id, j.what FROM journal j
"""
#: PostgreSQL's own letters may end at z; these know the Danish ones, where the server has them.
_COLLATIONS = ("pg_c_utf8", "und-x-icu")
_JOINS = "-_/.,:@+&~"
"""The signs by which its parser would make a date, an address or a number with a sign of several words."""


#: letters and what `plain_letters` makes of them
_AS_TWO = {"æ": "ae", "ø": "oe", "å": "aa"}
_ACCENTED = "áàâäãéèêëíìîïóòôöõúùûüýÿçñš"
_PLAIN = "".join(plain_letters(letter) for letter in _ACCENTED)


class Found(NamedTuple):
    """What was found: the facilities, the groups, and the lines of the journal with their facility."""

    facilities: list[Facility]
    groups: list[VolunteerGroup]
    decisions: list[tuple[JournalEntry, Facility | None]]


def search(session: Session, said: str) -> Found:
    """Everything that has all the words, the best first and then the newest.

    Raises:
        BadInput: there is no word in what was said, or too many.
    """
    words = _words(said)
    connection = session.connection()
    find = _in_postgresql if connection.dialect.name == "postgresql" else _in_sqlite
    hits: dict[str, list[int]] = {"facility": [], "group": [], "decision": []}
    for kind, number in find(connection, words):
        if len(hits[kind]) < MOST_FOUND:
            hits[kind].append(number)
    lines = [session.get_one(JournalEntry, number) for number in hits["decision"]]
    return Found(
        [session.get_one(Facility, number) for number in hits["facility"]],
        [session.get_one(VolunteerGroup, number) for number in hits["group"]],
        [(line, session.get(Facility, line.facility_id) if line.facility_id else None) for line in lines],
    )


def _words(said: str) -> list[str]:
    plain = plain_letters(said)
    words = "".join(sign if sign.isalnum() else " " for sign in plain).split()
    if not words:
        raise BadInput("TEKST", "skriv mindst ét ord, fx bænk.")
    if len(words) > MOST_WORDS or max(map(len, words)) > 60:
        raise BadInput("TEKST", f"skriv højst {MOST_WORDS} ord.")
    return words


def _documents() -> tuple[str, dict[str, str]]:
    """The texts that are searched, as SQL, with the types' names as they are now."""
    names: dict[str, str] = {}
    cases = ""
    for number, (key, kind) in enumerate(catalogue().types.items()):
        names |= {f"key{number}": key, f"name{number}": kind.name}
        cases += f" WHEN :key{number} THEN :name{number}"
    return _FOUND_IN.format(type_name=f"CASE f.type_key{cases} ELSE f.type_key END"), names


def _plain_in(words: str) -> str:
    """SQL for the words with the letters that `plain_letters` leaves, where they are small already."""
    for letter, two in _AS_TWO.items():
        words = f"replace({words}, '{letter}', '{two}')"
    return words


def _in_sqlite(connection: Connection, words: list[str]) -> list[tuple[str, int]]:
    documents, names = _documents()
    connection.execute(
        text(
            "CREATE VIRTUAL TABLE temp.searched USING fts5(kind UNINDEXED, number UNINDEXED, words, "
            "tokenize = 'unicode61 remove_diacritics 2')"
        )
    )
    try:
        # the tokenizer knows accents and case, but its own lower() only a to z
        plain = _plain_in("replace(replace(replace(words, 'Æ', 'ae'), 'Ø', 'oe'), 'Å', 'aa')")
        connection.execute(
            text(f"INSERT INTO temp.searched SELECT kind, number, {plain} FROM ({documents}) AS documents"), names
        )
        wanted = " ".join(f'"{word}"*' for word in words)
        rows = connection.execute(
            text("SELECT kind, number FROM temp.searched WHERE searched MATCH :wanted ORDER BY rank, number DESC"),
            {"wanted": wanted},
        )
        return [(str(kind), int(number)) for kind, number in rows]
    finally:
        connection.execute(text("DROP TABLE temp.searched"))


def _in_postgresql(connection: Connection, words: list[str]) -> list[tuple[str, int]]:
    documents, names = _documents()
    there = set(connection.execute(text("SELECT collname FROM pg_collation")).scalars())
    letters = next((f'COLLATE "{name}"' for name in _COLLATIONS if name in there), "")
    # its own parser takes VK-2026-0007 for a word and two negative numbers
    plain = _plain_in(f"translate(lower(words {letters}), '{_JOINS}{_ACCENTED}', '{' ' * len(_JOINS)}{_PLAIN}')")
    rows = connection.execute(
        text(
            f"SELECT kind, number FROM (SELECT kind, number, to_tsvector('simple', {plain}) AS seen "
            f"FROM ({documents}) AS documents) AS searched, to_tsquery('simple', :wanted) AS wanted "
            "WHERE seen @@ wanted ORDER BY ts_rank(seen, wanted) DESC, number DESC"
        ),
        names | {"wanted": " & ".join(f"{word}:*" for word in words)},
    )
    return [(str(kind), int(number)) for kind, number in rows]
