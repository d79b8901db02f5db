"""CSV: a text file with separators. What its quotes and separators leave in doubt is refused with where it is."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from channels.sheets.grid import Grid, column_letter, line_of
from models.refusal import BadInput

SEPARATORS = (";", ",", "\t", "|")
MAX_LINES = 300_000
MAX_COLUMNS = 200
_LOOKED_AT = 20
_SAID = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_DANISH = frozenset("æøåÆØÅ")
#: æ, ø and å as a Mac, as DOS and as UTF-8 wrote them, read as Windows reads them; and what was lost for good
_BROKEN = re.compile(r"\ufffd|Ã[¦¸¥†˜…\x86\x98\x85]|[A-Za-z][¾¿Œ‘›†][a-z]")
_LOST = "\ufffd"


def separated_grid(file: Path, known_headings: Callable[[list[str]], int]) -> Grid:
    """The lines of the file. `known_headings` counts how many headings of a line are known, by which the
    separator is found.

    Raises:
        BadInput: letters that are broken, a quote that isn't closed or swallows rows, or too many lines.
    """
    text = _decoded(file.read_bytes())
    separators: tuple[str, ...] = SEPARATORS
    if (said := _SAID.match(text)) is not None:
        text, separators = text[said.end() :], (str(said[1]),)
    lines = list(io.StringIO(text, newline=""))
    if len(lines) > MAX_LINES:
        raise BadInput("FIL", f"filen er {len(lines)} linjer lang. Del den op.")
    separator = max(separators, key=lambda each: _most_known(lines, each, known_headings))
    records = _records(lines, separator)
    return Grid("CSV", [line_of(list(record), number) for number, record in enumerate(records, 1)], counts_fields=True)


def _most_known(lines: list[str], separator: str, known_headings: Callable[[list[str]], int]) -> int:
    some = csv.reader(lines[:_LOOKED_AT], delimiter=separator, skipinitialspace=True)
    try:
        return max((known_headings(line) for line in some), default=0)
    except csv.Error:
        return 0


def _records(lines: list[str], separator: str) -> list[list[str]]:
    reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
    records: list[list[str]] = []
    begun = 0
    try:
        for record in reader:
            records.append(record[:MAX_COLUMNS])
            if reader.line_num > begun + 1:
                _must_be_one_row(record, separator, len(records), reader.line_num - begun, _width(records))
            begun = reader.line_num
    except csv.Error as wrong:
        at = f"{column_letter(_quoted_column(''.join(lines[begun:]), separator))}{len(records) + 1}"
        raise BadInput(
            "FIL",
            f"cellen {at} (række {len(records) + 1}) begynder med et anførselstegn, der ikke bliver lukket, så rækkerne "
            'efter den hører med til cellen. Slet tegnet, eller skriv det to gange ("") og luk cellen med et.',
        ) from wrong
    return records


def _width(records: list[list[str]]) -> int:
    """How many fields most of the lines have that have been read."""
    return Counter(len(record) for record in records[-1000:]).most_common(1)[0][0]


def _must_be_one_row(record: list[str], separator: str, number: int, lines: int, width: int) -> None:
    """Refuse a cell over several lines that looks as if it had swallowed the rows below it."""
    for at, value in enumerate(record):
        _, *below = value.splitlines() or [""]
        if not below:
            continue
        rows = [piece for piece in below[:-1] if piece.count(separator) >= max(width - 1, 1)]
        if rows or (at > 0 and below[-1].count(separator) >= at):
            cell = f"{column_letter(at + 1)}{number}"
            raise BadInput(
                "FIL",
                f"cellen {cell} (række {number}) begynder med et anførselstegn, der først lukkes {lines - 1} linjer "
                'længere nede, og det ligner hele rækker. Slet tegnet, eller skriv det to gange ("").',
            )


def _quoted_column(record: str, separator: str) -> int:
    """The column (from 1) of the last cell that begins with a quote, in text that csv couldn't read."""
    column, begun, at_start, inside = 1, 1, True, False
    for place, sign in enumerate(record):
        if inside:
            if sign == '"':
                inside = record[place + 1 : place + 2] == '"'
                if not inside and record[place + 1 : place + 2] not in (separator, "\r", "\n", ""):
                    return begun
                at_start = False
        elif sign == separator:
            column, at_start = column + 1, True
        elif sign in "\r\n":
            return begun
        elif sign == '"' and (at_start or record[place - 1] == '"'):
            begun, inside, at_start = column, True, False
        elif sign != " ":
            at_start = False
    return begun


def _decoded(raw: bytes) -> str:
    """UTF-8 if it is that, UTF-16 if every other byte is nothing, and otherwise Windows-1252 as a Danish Excel writes."""
    for codec in _codecs(raw):
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        _refuse_broken_letters(text)
        return text
    if b"\x00" in raw:
        raise BadInput("FIL", "filen er ikke tekst. Gem den som .xlsx, eller som CSV (UTF-8).")
    raise _broken_letters(1)


def _codecs(raw: bytes) -> tuple[str, ...]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    start = raw[:2000]
    if len(start) >= 4 and start[1::2].count(0) > len(start) // 3:
        return ("utf-16-le",)
    if len(start) >= 4 and start[::2].count(0) > len(start) // 3:
        return ("utf-16-be",)
    return ("utf-8-sig", "cp1252")


def _refuse_broken_letters(text: str) -> None:
    found = _BROKEN.search(text)
    # a list that has an æ of its own may have a ¾ as well
    if found is not None and (_LOST in found[0] or "Ã" in found[0] or not _DANISH & set(text)):
        raise _broken_letters(text.count("\n", 0, found.start()) + 1)


def _broken_letters(line: int) -> BadInput:
    return BadInput(
        "FIL",
        f"æ, ø og å er gået i stykker (første gang i linje {line}): filen er gemt med et andet tegnsæt. Åbn listen i det "
        "program, den kom fra, og gem den som .xlsx eller som CSV (UTF-8).",
    )
