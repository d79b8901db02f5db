"""Celler: what people write in a cell, read as Danes mean it, or refused with what to write instead."""

import re
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from channels.sheets.columns import Column
from channels.sheets.grid import Cell, Fault
from channels.sheets.reading import Row
from models import text
from models.alike import folded
from models.danish import MONTHS
from models.refusal import BadInput

_THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?")
_PLAIN = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,15})?")
_UNIT = re.compile(r"\s*(?:kr\.?|dkk|timer|t\.?|år|m|°)\s*$", re.IGNORECASE)
_NUMERIC_DAY = re.compile(r"([0-9]{1,2})[-./ ]+([0-9]{1,2})[-./ ]+([0-9]{4})")
_HOUR = re.compile(
    r"[T ]+(?:kl\.? ?)?[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$",
    re.IGNORECASE,
)
"""The time of day behind a day, which says nothing about which day it is."""
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NAMED_DAY = re.compile(r"([0-9]{1,2})\.?\s+([a-zæøå]{3,9})\.?\s+([0-9]{4})")
_BROKEN_LETTERS = re.compile(r"\ufffd|Ã[¦¸¥†˜…]")
_MEANT = 0.8
"""How near a word must come to one we know before that one is suggested."""
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


class Wrong(Exception):
    """A value that can't be used: the kind of fault, and a sentence without the value itself."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind, self.sentence = kind, sentence


class Reader:
    """Reads the cells of one row and gathers all that is wrong with them, instead of only the first."""

    def __init__(self, row: Row, columns: tuple[Column, ...], letters: dict[str, str]) -> None:
        self.row, self.letters = row, letters
        self.columns = {column.key: column for column in columns}
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def has(self, key: str) -> bool:
        """Whether anything stands in the cell."""
        cell = self.row.cells.get(key)
        return cell is not None and not cell.is_blank

    def fault(self, key: str, kind: str, sentence: str) -> None:
        """Mark the cell of a column; the first column where the file has no such column."""
        self.faults.append(self._about(key, kind, sentence))

    def warn(self, key: str, kind: str, sentence: str) -> None:
        """Say something about a cell that doesn't stop the row."""
        self.warnings.append(self._about(key, kind, sentence))

    def _about(self, key: str, kind: str, sentence: str) -> Fault:
        letter = self.letters.get(key) or next(iter(self.letters.values()))
        said = sentence[:1].upper() + sentence[1:]
        return Fault(f"{letter}{self.row.number}", self.columns[key].heading, kind, said)

    def written(self, key: str) -> str:
        """What people see in the cell, on one line; "" when there is nothing that can be read."""
        cell = self.cell(key)
        if cell is None:
            return ""
        value = cell.value
        if isinstance(value, bool):
            value = "ja" if value else "nej"
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        # a line break in a cell is a space, and an apostrophe before a sign is ours (`writing.harmless`)
        words = " ".join(str(value).split())
        return words[1:] if words[:1] == "'" and words[1:].lstrip()[:1] in ("=", "+", "-", "@") else words

    def words(self, key: str) -> str:
        """A text on one line, or "" when there is none."""
        said = self.written(key)
        if not said:
            return ""
        if _BROKEN_LETTERS.search(said):
            self.fault(key, "garbled", "bogstaver er gået i stykker (tegnsættet). Skriv cellen igen.")
            return ""
        try:
            return text.name(said, key)
        except BadInput as bad:
            self.fault(key, "text", bad.sentence.removeprefix(f"{key}: "))
            return ""

    def number(self, key: str, *, is_degrees: bool = False) -> Decimal | None:
        """A number with decimal comma; in degrees a point is one too. None when there is none."""
        cell = self.cell(key)
        try:
            return None if cell is None else number_of(cell.value, is_degrees=is_degrees)
        except Wrong as wrong:
            self.fault(key, wrong.kind, wrong.sentence)
            return None

    def whole(self, key: str, least: int, most: int, unit: str) -> Decimal | None:
        """A number within bounds; `unit` is a Danish plural."""
        number = self.number(key)
        if number is not None and not least <= number <= most:
            self.fault(key, "bounds", f"skriv {unit} fra {least} til {most:,}.".replace(",", "."))
            return None
        return number

    def day(self, key: str) -> date | None:
        """A date as Danes write it, or only a year; None when there is none."""
        cell = self.cell(key)
        try:
            return None if cell is None else day_of(cell.value)
        except Wrong as wrong:
            self.fault(key, wrong.kind, wrong.sentence)
            return None

    def choice(self, key: str, words: dict[str, str], shown: list[str], remedy: str = "") -> str:
        """What a word means, by `words` (folded word to meaning); "" when there is none.

        `remedy` is what to do when none of them is meant.
        """
        cell = self.cell(key)
        if cell is None:
            return ""
        said = folded(str(cell.value))
        if said in words:
            return words[said]
        # a few letters wrong, and not another thing that sounds like it
        near = get_close_matches(said, [folded(word) for word in shown], n=1, cutoff=_MEANT)
        meant = next((word for word in shown if near and folded(word) == near[0]), "")
        hint = f"Mente I {meant}?" if meant else f"Vælg en af: {', '.join(shown)}. {remedy}".strip()
        self.fault(key, "choice", f"det ord kender vi ikke her. {hint}")
        return ""

    def cell(self, key: str) -> Cell | None:
        """The cell where something stands that can be read; a required one that is empty is a fault."""
        cell = self.row.cells.get(key)
        if cell is None or cell.is_blank:
            if self.columns[key].is_required:
                self.fault(key, "missing", f"{self.columns[key].heading} mangler. Udfyld cellen.")
            return None
        if cell.is_formula:
            self.fault(
                key, "formula", "cellen er en formel. Kopiér den, og sæt den ind som værdi (Indsæt speciel → Værdier)."
            )
            return None
        if cell.is_error:
            self.fault(key, "error", "cellen viser en fejl fra regnearket. Skriv værdien selv.")
            return None
        return cell


def number_of(value: object, *, is_degrees: bool = False) -> Decimal:
    """A number as Danes write it: 6.500 and 6500,50; in degrees also 55.04.

    Raises:
        Wrong: it is no number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong("number", "det er ikke et tal. Skriv det som 6500 eller 6500,50.")
    if not isinstance(value, str):
        return Decimal(repr(value))
    said = _UNIT.sub("", value.replace("\xa0", "").replace(" ", "").replace("−", "-"))
    if not is_degrees and _THOUSANDS.fullmatch(said):
        return Decimal(said.replace(".", "").replace(",", "."))
    if _PLAIN.fullmatch(said):
        return Decimal(said.replace(",", "."))
    raise Wrong("number", "det er ikke et tal. Skriv det som 6500 eller 6500,50.")


def day_of(value: object) -> date:
    """A date: 3-5-2019, 3. maj 2019, 2019-05-03 or a cell of that kind; only a year is its first day.

    Raises:
        Wrong: it is no date, or no date there ever was.
    """
    if isinstance(value, date):
        return value
    said = _HOUR.sub("", str(value).strip()).casefold()
    if _YEAR.fullmatch(said):
        return date(int(said), 1, 1)
    if isinstance(value, int | float):
        raise Wrong("date", "det er et tal, ikke en dato. Giv cellen formatet dato.")
    try:
        if found := _ISO_DAY.fullmatch(said):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _NUMERIC_DAY.fullmatch(said):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _NAMED_DAY.fullmatch(said):
            months = [n for n, month in enumerate(MONTHS, 1) if month.startswith(found[2])]
            if len(months) == 1:
                return date(int(found[3]), months[0], int(found[1]))
    except ValueError:
        raise Wrong("no_such_day", "den dag findes ikke. Skriv dag, måned og år.") from None
    raise Wrong("date", "det er ikke en dato. Skriv den som 03-05-2019, med fire cifre i årstallet.")
