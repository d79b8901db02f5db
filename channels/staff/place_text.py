"""Where something is, as people paste it: degrees, degrees and minutes, UTM metres, or the address of a map page."""

import re
from collections.abc import Iterator
from math import isfinite

from models.place import Degrees, from_utm32, is_in_denmark
from models.refusal import BadInput

HOW = "Skriv grader som 55,0402 12,2091, UTM32 som 710000 6104000, eller sæt et kortlink ind."
_NUMBER = r"-?\d{1,3}(?:[.,]\d+)?"
_IN_LINKS = (
    re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})"),  # the place a Google link is about, where its view is another
    re.compile(rf"@({_NUMBER}),({_NUMBER})"),
    re.compile(rf"[?&#](?:q|query|ll|center|destination|daddr|loc)=(?:loc:)?({_NUMBER})(?:,|%2C)\s*({_NUMBER})", re.I),
    re.compile(rf"mlat=({_NUMBER})&(?:amp;)?mlon=({_NUMBER})"),
    re.compile(rf"#map=\d+(?:\.\d+)?/({_NUMBER})/({_NUMBER})"),
    re.compile(rf"geo:({_NUMBER}),({_NUMBER})"),
    re.compile(rf"/({_NUMBER}),({_NUMBER})(?:[/,?]|$)"),
)
_ANGLE = re.compile(
    r"(?P<d>\d{1,3})\s*[°º]\s*(?P<m>\d{1,2}(?:[.,]\d+)?)\s*['’′´]?\s*(?:(?P<s>\d{1,2}(?:[.,]\d+)?)\s*(?:\"|''|’’|″|”))?\s*(?P<side>[NSØEVW])?",
    re.I,
)
_METRES = re.compile(r"\d[\d.]{5,}(?:,\d+)?|\d{3} \d{3}|\d \d{3} \d{3}")


def place_in(said: str) -> Degrees:
    """The point in WGS84.

    Raises:
        BadInput: it can't be read, or lies outside Denmark.
    """
    text = said.strip()
    if not text:
        raise BadInput("lat/lon", f"skriv, hvor stedet er. {HOW}")
    point = point_in(text)
    if point is None:
        raise BadInput("lat/lon", f"“{text[:60]}” kan ikke læses som et sted. {HOW}")
    return point


def point_in(said: str) -> Degrees | None:
    """The point in WGS84; None where nothing in it can be read as one.

    Raises:
        BadInput: it lies outside Denmark.
    """
    read = False
    for lat, lon in _meant(said.strip()):
        read = True
        if isfinite(lat) and isfinite(lon) and is_in_denmark(lat, lon):
            return Degrees(lat, lon)
    if read:
        raise BadInput("lat/lon", f"stedet ligger ikke i Danmark. {HOW}")
    return None


def _meant(text: str) -> Iterator[tuple[float, float]]:
    """What it can mean, the likeliest first; the order of the two numbers is tried both ways."""
    for pattern in _IN_LINKS:
        if found := pattern.search(text):
            yield from _both(_decimal(found[1]), _decimal(found[2]))
    if re.match(r"https?://", text):
        return
    angles = [found for found in _ANGLE.finditer(text) if found["m"]]
    if len(angles) == 2:
        yield from _both(*(_of_angle(each) for each in angles))
    metres = [
        _plain(each) for each in _METRES.findall(re.sub(r"(?i)utm\s*(?:zone)?\s*32\s*[nv]?|etrs\s*89", " ", text))
    ]
    if len(metres) == 2:
        for east, north in (metres, metres[::-1]):
            if 100_000 < east < 1_000_000 and 5_900_000 < north < 6_500_000:
                yield from_utm32(east, north)
    numbers = _two_numbers(text)
    if numbers is not None:
        yield from _both(*numbers)


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


def _of_angle(found: re.Match[str]) -> float:
    seconds = _decimal(found["s"]) if found["s"] else 0.0
    value = int(found["d"]) + _decimal(found["m"]) / 60 + seconds / 3600
    return -value if (found["side"] or "").upper() in ("S", "V", "W") else value
