"""Numbers, money, dates and lists as people write them in Danish. Imports nothing of ours."""

from collections.abc import Sequence
from datetime import date

MONTHS = (
    "januar",
    "februar",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "december",
)


def kr(ore: int) -> str:
    """Money: 650000 øre is "6.500 kr.", 489726 is "4.897,26 kr."."""
    whole, rest = divmod(abs(ore), 100)
    sign = "-" if ore < 0 else ""
    cents = f",{rest:02}" if rest else ""
    return f"{sign}{_thousands(whole)}{cents} kr."


def whole_kr(ore: int) -> str:
    """Money to the nearest krone, for what isn't known better: 650049 øre is "6.500 kr."."""
    return kr((ore + 50) // 100 * 100)


def dato(d: date) -> str:
    """A day: "1. april 2026"."""
    return f"{d.day}. {MONTHS[d.month - 1]} {d.year}"


def dag(d: date) -> str:
    """A day of this year: "1. juni"."""
    return f"{d.day}. {MONTHS[d.month - 1]}"


def kort_tid(n: int) -> str:
    """Minutes as a subject has them: 180 is "3 timer", 90 is "1½ time", 20 is "20 min."."""
    hours, minutes = divmod(n, 60)
    if minutes == 30 and hours:
        return f"{hours}½ {'time' if hours == 1 else 'timer'}"
    if minutes:
        return f"{hours} t. {minutes} min." if hours else f"{minutes} min."
    return ental_flertal(hours, "time", "timer")


def minutter(n: int) -> str:
    """Minutes in words: 90 is "1 time og 30 minutter"."""
    if n < 0:
        raise ValueError(f"minutes can't be negative: {n}")
    hours, minutes = divmod(n, 60)
    parts = []
    if hours:
        parts.append(ental_flertal(hours, "time", "timer"))
    if minutes or not hours:
        parts.append(ental_flertal(minutes, "minut", "minutter"))
    return " og ".join(parts)


def timer(minutes: int) -> str:
    """Minutes as hours with at most one decimal, halves up: 840 is "14 timer", 30 is "0,5 time"."""
    if minutes < 0:
        raise ValueError(f"minutes can't be negative: {minutes}")
    whole, tenth = divmod((minutes * 10 + 30) // 60, 10)
    number = _thousands(whole) + (f",{tenth}" if tenth else "")
    return f"{number} {'time' if 0 < whole * 10 + tenth <= 10 else 'timer'}"


def ental_flertal(n: int, ental: str, flertal: str) -> str:
    """A count with its noun: (1, "måned", "måneder") is "1 måned", 3 is "3 måneder"."""
    return f"{_thousands(n)} {ental if n == 1 else flertal}"


def liste(words: Sequence[str]) -> str:
    """Words in a sentence: "a", "a og b", "a, b og c"; none gives ""."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} og {words[-1]}"


def punktum(words: str) -> str:
    """A person's words as a sentence that ours may follow: "Rækværket er løst" gets its full stop, "Er det løst?" keeps
    its own sign, and no words stay none."""
    words = words.rstrip()
    return words if not words or words.rstrip("\"'”’»)").endswith((".", "!", "?", "…")) else f"{words}."


def _thousands(n: int) -> str:
    return f"{n:,}".replace(",", ".")
