"""Ligner: when two names are the same to people, though a machine sees two."""

import unicodedata
from difflib import SequenceMatcher

_ALIKE = 0.85
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


def plain_letters(words: str) -> str:
    """Small letters, with æ, ø and å as ae, oe and aa, and without accents: "Café Ålé" is "cafe aale"."""
    words = unicodedata.normalize("NFC", words).casefold()
    if words.isascii():
        return words
    parts = unicodedata.normalize("NFD", words.translate(_LETTERS))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def folded(words: str) -> str:
    """Words as they are compared: `plain_letters` without spaces or signs."""
    return "".join(sign for sign in plain_letters(words) if sign.isalnum())


def are_alike(one: str, other: str) -> bool:
    """Whether two folded names may be meant as one: the same, one within the other, or a few letters apart."""
    if not one or not other:
        return False
    if one in other or other in one:
        return True
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def same_number(number: str) -> str:
    """A number as it is compared: no case, and 001 is 1. What isn't only digits keeps its zeros."""
    number = " ".join(number.casefold().split())
    return (number.lstrip("0") or "0") if number.isdecimal() else number
