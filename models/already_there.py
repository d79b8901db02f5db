"""Står der i forvejen: who a row of a list already is, among all that Driftsklar knows.

Asked in this order: the municipality's own number; the same type, name and place; and last what only looks
alike, which is said and never decided. One look at the database answers for a list of any length.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from math import hypot
from typing import NamedTuple, Self

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.alike import are_alike, folded, same_number
from models.facility import NOWHERE, Facility, LandOwner
from models.inherited import Inheritance
from models.place import Metres, to_utm32

SAME_PLACE_METRES = 25
"""Two points that far apart, with the same type and name, are one place measured twice."""
ALIKE_METRES = 100
TOUCHING_METRES = 3
"""Two of one type that stand closer than this are probably one, whatever they are called."""


class Standing(NamedTuple):
    """A facility as it stands, and what was said of it when it was taken in. Minutes and øre per year.

    `said` is empty for one that came the usual way, by a proposal.
    """

    facility_id: int
    reference: str
    key: str | None
    type_key: str
    name: str
    lat: float | None
    lon: float | None
    number: str = ""
    address: str = ""
    said: str = ""
    built_on: date | None = None
    land_owner: LandOwner = LandOwner.MUNICIPALITY
    minutes_per_year: int = 0
    kr_per_year_ore: int = 0
    replacement_ore: int = 0
    life_years: int = 0
    group_id: int = 0

    @property
    def metres(self) -> Metres | None:
        """The point in EPSG:25832; None where only an address is known."""
        return None if self.lat is None or self.lon is None else to_utm32(self.lat, self.lon)


class Near(NamedTuple):
    """One that stands near, and how far away; 0 where the address is the same and no point is known."""

    standing: Standing
    metres: float


class AlreadyThere:
    """All that stands, found by reference, key, number, words and place."""

    def __init__(self, standing: Iterable[Standing] = ()) -> None:
        self.by_reference: dict[str, Standing] = {}
        self.by_key: dict[str, Standing] = {}
        self._by_number: dict[str, list[Standing]] = defaultdict(list)
        self._by_address: dict[tuple[str, str, str], list[Standing]] = defaultdict(list)
        self._squares: dict[tuple[int, int], list[tuple[Metres, str, Standing]]] = defaultdict(list)
        for each in standing:
            self.add(each)

    @classmethod
    def read(cls, session: Session) -> Self:
        """Everything the database has, in one look."""
        f, i = Facility, Inheritance
        rows = (
            select(
                col(f.id), col(f.reference), col(f.key), col(f.type_key), col(f.name), col(f.lat), col(f.lon),
                func.coalesce(i.number, ""), func.coalesce(i.address, ""), func.coalesce(i.said, ""),
                col(i.built_on), col(f.land_owner), col(f.minutes_per_year), col(f.kr_per_year_ore),
                col(f.replacement_ore), col(f.life_years), col(f.group_id),
            )
            .outerjoin(i, col(i.facility_id) == col(f.id))
            .order_by(col(f.id))
        )  # fmt: skip
        # the columns stand in the order of Standing's fields
        found = (Standing(*row) for row in session.execute(rows))
        return cls(
            each._replace(lat=None, lon=None) if each.lat == NOWHERE else each for each in found
        )

    def add(self, standing: Standing) -> None:
        """Let it be found from now on."""
        self.by_reference[standing.reference] = standing
        if standing.key:
            self.by_key[standing.key] = standing
        if standing.number:
            self._by_number[same_number(standing.number)].append(standing)
        name = folded(standing.name)
        if standing.address:
            self._by_address[standing.type_key, name, folded(standing.address)].append(standing)
        if (metres := standing.metres) is not None:
            self._squares[_square(metres)].append((metres, name, standing))

    def numbered(self, number: str) -> Standing | None:
        """The one with that number: as it is written first, and then as a number, 001 being 1."""
        there = self._by_number.get(same_number(number), [])
        return next(
            (each for each in there if each.number.casefold() == number.casefold()), None
        ) or next(iter(there), None)

    def same_place(
        self, type_key: str, name: str, address: str, metres: Metres | None
    ) -> list[Near]:
        """Those of the same type and name within 25 metres, or at the same address; the nearest first."""
        plain = folded(name)
        if metres is None:
            there = self._by_address.get((type_key, plain, folded(address)), []) if address else []
            return [Near(each, 0.0) for each in there]
        near = self._within(metres, SAME_PLACE_METRES)
        return [
            Near(each, far)
            for far, words, each in near
            if (each.type_key, words) == (type_key, plain)
        ]

    def alike(
        self, type_key: str, name: str, metres: Metres | None, *, within: float = ALIKE_METRES
    ) -> list[Near]:
        """Those that may be meant: a name alike not far away, or one of the same type on the spot."""
        if metres is None:
            return []
        plain = folded(name)
        return [
            Near(each, far)
            for far, words, each in self._within(metres, within)
            if are_alike(plain, words) or (each.type_key == type_key and far <= TOUCHING_METRES)
        ]

    def _within(self, metres: Metres, most: float) -> list[tuple[float, str, Standing]]:
        east, north = _square(metres)
        found = [
            (far, words, each)
            for x in (east - 1, east, east + 1)
            for y in (north - 1, north, north + 1)
            for point, words, each in self._squares.get((x, y), ())
            if (far := hypot(point.east - metres.east, point.north - metres.north)) <= most
        ]
        return sorted(found, key=lambda each: each[0])


def _square(metres: Metres) -> tuple[int, int]:
    """The square of a hundred metres a point lies in; what is within that distance lies in it or beside it."""
    return int(metres.east // ALIKE_METRES), int(metres.north // ALIKE_METRES)
