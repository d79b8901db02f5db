"""Et anlæg, der findes: what a row of the municipality's list says, and what it comes to. Nothing is written here."""

from collections.abc import Container
from datetime import date
from enum import StrEnum
from hashlib import sha256
from math import hypot
from typing import NamedTuple

from config.catalogue import catalogue
from models import text
from models.alike import same_number
from models.case.already_there import AlreadyThere, Standing
from models.case.facility import LandOwner
from models.case.inheritance import NUMBER_LENGTH
from models.danish import dato
from models.place import is_in_denmark, to_utm32
from models.refusal import BadInput

ROUNDED_METRES = 1
"""Coordinates that another program has rounded say the same place."""


class ExistingPlace(NamedTuple):
    """A facility as the municipality's list has it. None or "" is what the list doesn't say.

    Degrees in WGS84, minutes and øre per year; the type's planning values stand in for what is missing.
    """

    type_key: str
    name: str
    land_owner: LandOwner
    number: str = ""
    lat: float | None = None
    lon: float | None = None
    address: str = ""
    built_on: date | None = None
    minutes_per_year: int | None = None
    kr_per_year_ore: int | None = None
    replacement_ore: int | None = None
    life_years: int | None = None
    group_id: int | None = None


class Change(StrEnum):
    """What a row of a list changes."""

    NEW = "new"
    PLACED = "placed"
    NUMBERED = "numbered"
    NOTHING = "unchanged"


class Decided(NamedTuple):
    """What a row comes to, before anything is written.

    `there` is the facility it already is. `is_told_apart` is False where type, name and place say that it stands
    already, though the rest of the row says something else: nothing is changed then, and somebody should look.
    """

    place: ExistingPlace
    change: Change
    there: Standing | None = None
    is_told_apart: bool = True


def natural_key(place: ExistingPlace) -> str:
    """What makes a row the same row next time: the municipality's own number, or type, name and place."""
    if place.number:
        return f"inherited:nr:{same_number(place.number)}"
    words = [place.type_key, place.name.casefold(), place.address.casefold()]
    if place.lat is not None and place.lon is not None:
        words[2] = "/".join(str(round(metres)) for metres in to_utm32(place.lat, place.lon))
    return f"inherited:{sha256(chr(31).join(words).encode()).hexdigest()}"


def recognised(already: AlreadyThere, place: ExistingPlace) -> Standing | None:
    """Who the row is without a doubt: by the municipality's number, or because it is the very same row."""
    if place.number and (there := already.numbered(place.number)) is not None:
        return there
    return already.by_key.get(natural_key(place))


def decide(already: AlreadyThere, place: ExistingPlace, taken: Container[int] = frozenset()) -> Decided:
    """What a checked row comes to. `taken` are the facilities that other rows of the list are.

    Raises:
        BadInput: the number belongs to a row that says something else.
    """
    there = recognised(already, place)
    if there is not None:
        return _of_the_same(there, place)
    metres = to_utm32(place.lat, place.lon) if place.lat is not None and place.lon is not None else None
    for near in already.same_place(place.type_key, place.name, place.address, metres):
        other = near.standing
        if other.facility_id in taken or (place.number and other.number):
            continue  # another row is that one, or both have a number of their own: two places
        same = place._replace(lat=other.lat, lon=other.lon)
        if other.said != fingerprint(same._replace(number=other.number)):
            return Decided(place, Change.NOTHING, other, is_told_apart=False)
        if place.number and not other.number:
            return Decided(place, Change.NUMBERED, other)
        return Decided(place, Change.NOTHING, other)
    return Decided(place, Change.NEW)


def _of_the_same(there: Standing, place: ExistingPlace) -> Decided:
    as_said = place._replace(number=there.number)
    if there.said == fingerprint(as_said):
        return Decided(place, Change.NOTHING, there)
    if place.lat is not None and place.lon is not None:
        if there.lat is None and there.said == fingerprint(as_said._replace(lat=None, lon=None)):
            return Decided(as_said, Change.PLACED, there)
        if there.metres is not None:
            here = to_utm32(place.lat, place.lon)
            far = hypot(here.east - there.metres.east, here.north - there.metres.north)
            on_the_spot = as_said._replace(lat=there.lat, lon=there.lon)
            if far <= ROUNDED_METRES and there.said == fingerprint(on_the_spot):
                return Decided(place, Change.NOTHING, there)
    raise BadInput(
        "number",
        f"rækken er taget ind før, som {there.reference}, men med andre oplysninger. Skriv dem "
        "som sidst, eller slet rækken: det, der er taget ind, rettes ikke herfra.",
    )


def checked(place: ExistingPlace, on: date) -> ExistingPlace:
    """The row as it is kept.

    Raises:
        BadInput: the field that can't be used.
    """
    if place.type_key not in catalogue().types:
        known = ", ".join(catalogue().types)
        raise BadInput("type", f'"{place.type_key[:40]}" er ikke en anlægstype. Vælg en af: {known}.')
    if len(place.number) > NUMBER_LENGTH:
        raise BadInput("number", f"nummeret er for langt. Der er plads til {NUMBER_LENGTH} tegn.")
    place = place._replace(
        name=text.name(place.name, "name"),
        number=text.name(place.number, "number") if place.number.strip() else "",
        address=text.name(place.address, "address") if place.address.strip() else "",
    )
    if (place.lat is None) != (place.lon is None):
        raise BadInput("lat/lon", "skriv begge koordinater, eller ingen af dem.")
    if place.lat is None and not place.address:
        raise BadInput("address", "der er hverken koordinater eller adresse. Skriv et af dem.")
    if place.lat is not None and place.lon is not None and not is_in_denmark(place.lat, place.lon):
        raise BadInput("lat/lon", "stedet ligger ikke i Danmark. Se koordinaterne efter.")
    if place.built_on is not None and place.built_on > on:
        raise BadInput("built_on", f"{dato(place.built_on)} er ikke kommet endnu.")
    return place


def fingerprint(place: ExistingPlace) -> str:
    """What a row says, as one word."""
    return sha256(chr(31).join(map(repr, place)).encode()).hexdigest()
