"""Where something is, as people paste it: degrees, degrees and minutes, UTM metres, or the address of a map page.

No link is ever opened: what isn't in its own address can't be read, and whoever pasted it is told what to copy.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

from models.place import Degrees, from_metres, is_in_denmark
from models.refusal import BadInput

HOW = "Skriv grader som 55,0402 12,2091, UTM32 som 710000 6104000, eller sæt et kortlink ind."
_NUMBER = r"-?\d{1,3}(?:[.,]\d+)?"
_BETWEEN = r"(?:,|;|~|/|%2C|%3B|%7E|%2F)"
_LINK = re.compile(r"(?:https?://|\b(?:[a-z0-9-]+\.)+[a-z]{2,}[/?#])\S*", re.I)
_KEYS = "q|query|ll|cp|c|center|centre|coordinates?|destination|daddr|loc"
_IN_LINKS = (
    re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})"),  # the place a Google link is about, where its view is another
    re.compile(rf"@({_NUMBER}),({_NUMBER})"),
    re.compile(rf"[?&#](?:{_KEYS})=(?:loc:)?({_NUMBER}){_BETWEEN}\s*({_NUMBER})", re.I),
    re.compile(rf"mlat=({_NUMBER})&(?:amp;)?mlon=({_NUMBER})"),
    re.compile(rf"#(?:map=)?\d+(?:\.\d+)?/({_NUMBER})/({_NUMBER})"),
    re.compile(rf"geo:({_NUMBER}),({_NUMBER})"),
    re.compile(rf"/({_NUMBER}),({_NUMBER})(?:[/,?]|$)"),
)
_DECIMALS = re.compile(rf"(?<![\d.])-?\d+(?:\.\d+)?(?:{_BETWEEN}-?\d+(?:\.\d+)?)+", re.I)
_ANGLE = re.compile(
    r"(?P<d>\d{1,3})\s*[°º]\s*(?P<m>\d{1,2}(?:[.,]\d+)?)\s*['’′´]?\s*(?:(?P<s>\d{1,2}(?:[.,]\d+)?)\s*(?:\"|''|’’|″|”))?\s*(?P<side>[NSØEVW])?",
    re.I,
)
_PARTS = r"(?P<d>\d{1,3})[\s:]+(?P<m>\d{1,2}(?:[.,]\d+)?)(?:[\s:]+(?P<s>\d{1,2}(?:[.,]\d+)?))?"
_SIDED = (  # as GPS units show it: no degree sign, and the side before or after
    re.compile(rf"(?<!\w)(?P<side>[NSØEVW])\s*{_PARTS}(?![.,]?\d)", re.I),
    re.compile(rf"(?<![\w.,]){_PARTS}\s*(?P<side>[NSØEVW])(?!\w)", re.I),
)
_BARE = tuple(
    re.compile(rf"{half}[\s,;]+{half.replace('<', '<_')}")
    for half in (
        r"(?P<d>\d{1,3})[\s:]+(?P<m>\d{1,2}(?:[.,]\d+)?)",
        r"(?P<d>\d{1,3})[\s:]+(?P<m>\d{1,2})[\s:]+(?P<s>\d{1,2}(?:[.,]\d+)?)",
    )
)
_ZONE = re.compile(
    r"(?:\bepsg[\s:]*)?(?<![\d.,])258(?P<epsg>3[23])(?![.,]?\d)"
    r"|\b(?:utm|zone)[\s:_-]*(?:zone[\s:]*)?(?P<said>3[23])(?:\s*[nuv]\b)?(?![.,]?\d)"
    r"|(?<![\w.,])(?P<band>3[23])\s*[uv]\b",
    re.I,
)
_METRES = re.compile(r"\d[\d.]{5,}(?:,\d+)?|\d{3} \d{3}|\d \d{3} \d{3}")


class _Utm(NamedTuple):
    """A pair of metres; `zone` is None where the text doesn't say it, and then 32 as in all national data."""

    east: float
    north: float
    zone: int | None


def place_in(said: str) -> Degrees:
    """The point in WGS84.

    Raises:
        BadInput: it can't be read, or lies outside Denmark.
    """
    text = said.strip()
    if not text:
        raise BadInput("lat/lon", f"skriv, hvor stedet er. {HOW}")
    point = point_in(text)
    if point is None and _LINK.search(text):
        raise BadInput(
            "lat/lon",
            "stedet står ikke i selve kortlinket, og vi åbner ikke links. Hold en finger på stedet i kortappen, kopiér de to "
            "tal, der kommer frem, og sæt dem ind her. Står I på stedet, så brug “Her, hvor jeg står”.",
        )
    if point is None:
        raise BadInput("lat/lon", f"“{text[:60]}” kan ikke læses som et sted. {HOW}")
    return point


def point_in(said: str) -> Degrees | None:
    """The point in WGS84; None where nothing in it can be read as one.

    Raises:
        BadInput: it lies outside Denmark, or has more than 60 minutes.
    """
    read = False
    for lat, lon in _meant(said.strip()):
        read = True
        if isfinite(lat) and isfinite(lon) and is_in_denmark(lat, lon):
            return Degrees(lat, lon)
    if not read:
        return None
    metres = _metres_in(_LINK.sub(" ", said))
    if metres is not None and metres.zone is None:
        raise BadInput(
            "lat/lon",
            "læst som UTM zone 32 ligger stedet ikke i Danmark. Er tallene fra zone 33, så skriv “UTM 33” foran dem.",
        )
    raise BadInput("lat/lon", f"stedet ligger ikke i Danmark. {HOW}")


def _meant(text: str) -> Iterator[tuple[float, float]]:
    """What it can mean, the likeliest first; the order of the two numbers is tried both ways.

    What was read as minutes or metres isn't read as decimal degrees, too: those of another land would become Danish ones.
    """
    for pattern in _IN_LINKS:
        if found := pattern.search(text):
            yield from _both(_decimal(found[1]), _decimal(found[2]))
    for link in _LINK.findall(text):
        yield from _in_query(link)
    text = _LINK.sub(" ", text)
    angles = _angles_in(text)
    if angles is not None:
        yield from _both(*angles)
        return
    metres = _metres_in(text)
    if metres is not None:
        yield from_metres(25800 + (metres.zone or 32), metres.east, metres.north)
        return
    numbers = _two_numbers(text)
    if numbers is not None:
        yield from _both(*numbers)


def _in_query(link: str) -> Iterator[tuple[float, float]]:
    """Pairs of decimal degrees in Denmark behind a link's ? or #, whatever they are called; not the corners of a box."""
    for found in _DECIMALS.finditer("".join(re.split(r"([?#])", link, maxsplit=1)[1:])):
        numbers = re.split(_BETWEEN, found[0], flags=re.I)
        for first, second in pairwise(numbers) if len(numbers) < 4 else ():
            if "." in first and "." in second:
                yield from (each for each in _both(float(first), float(second)) if is_in_denmark(*each))


def _angles_in(text: str) -> tuple[float, float] | None:
    """Two angles with degrees and minutes, and seconds or not: with their signs, with sides, or six or four bare numbers."""
    for pattern in (_ANGLE, *_SIDED):
        angles = [found for found in pattern.finditer(text) if found["m"]]
        if len(angles) == 2:
            first, second = (_of_angle(each.groupdict()) for each in angles)
            return first, second
    for pattern in _BARE:
        if found := pattern.fullmatch(text.strip()):
            parts = found.groupdict()
            second_half = {name[1:]: value for name, value in parts.items() if name[0] == "_"}
            return _of_angle(parts), _of_angle(second_half)
    return None


def _metres_in(text: str) -> _Utm | None:
    """A pair of UTM metres in the order it has, told by their size, with the zone where the text says it."""
    zone = _ZONE.search(text)
    numbers = _METRES.findall(re.sub(r"(?i)etrs\s*89", " ", _ZONE.sub(" ", text)))
    if len(numbers) != 2:
        return None
    metres = [_plain(each) for each in numbers]
    for east, north in (metres, metres[::-1]):
        if 100_000 < east < 1_000_000 and 5_000_000 < north < 7_000_000:
            return _Utm(east, north, int(zone["epsg"] or zone["said"] or zone["band"]) if zone else None)
    return None


def _two_numbers(text: str) -> tuple[float, float] | None:
    """Two numbers in degrees, with a comma or a point as the decimal sign."""
    for pattern in (r"-?\d{1,3}\.\d+", r"-?\d{1,3},\d+", r"-?\d{1,3}"):
        found = re.findall(pattern, text)
        if len(found) == 2:
            return _decimal(found[0]), _decimal(found[1])
    return None


def _both(first: float, second: float) -> Iterator[tuple[float, float]]:
    yield first, second
    yield second, first


def _decimal(number: str) -> float:
    return float(number.replace(",", "."))


def _plain(metres: str) -> float:
    whole, _, part = metres.replace(" ", "").partition(",")
    digits = whole.replace(".", "") if len(whole.replace(".", "")) >= 6 and whole.count(".") != 1 else whole
    if digits.count(".") == 1 and len(digits.partition(".")[0]) < 6:
        digits = digits.replace(".", "")
    return float(f"{digits}.{part}" if part else digits)


def _of_angle(parts: dict[str, str | None]) -> float:
    minutes, seconds = _decimal(parts["m"] or "0"), _decimal(parts.get("s") or "0")
    if max(minutes, seconds) > 60:  # 60 itself comes of rounding
        raise BadInput("lat/lon", f"minutter og sekunder i grader går kun til 60. {HOW}")
    value = int(parts["d"] or 0) + minutes / 60 + seconds / 3600
    return -value if (parts.get("side") or "").upper() in ("S", "V", "W") else value
