"""Områder: the parts that staff divide the municipality into, by `districts` in config/municipality.yaml.

A place lies in each area whose box holds its point. Words that are no area's name are looked for in the place's name
and address, as people do who say "Stege" of a road.
"""

from config.catalogue import catalogue
from models.alike import folded, plain_letters
from models.case.facility import Facility


def districts_of(facility: Facility) -> list[str]:
    """The areas a place lies in, in the order of the file; none where its point isn't known."""
    if not facility.is_placed:
        return []
    return [
        name
        for name, box in catalogue().municipality.districts.items()
        if box.south <= facility.lat <= box.north and box.west <= facility.lon <= box.east
    ]


def is_in_area(facility: Facility, address: str, said: str) -> bool:
    """Whether a place lies in what somebody calls an area: one of the municipality's, or words in its name or address.

    Where the words are an area's name, that is what was meant; a place without a point is then known by its words.
    """
    wanted = folded(said)
    if not wanted:
        return True
    named = [name for name in catalogue().municipality.districts if folded(name) == wanted]
    if named and facility.is_placed:
        return not set(named).isdisjoint(districts_of(facility))
    return plain_letters(said.strip()) in plain_letters(f"{facility.name} {address}") or wanted in folded(
        f"{facility.name} {address}"
    )
