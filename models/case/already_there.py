"""Står der i forvejen: who a row of a list already is, among all that Driftsklar knows.

Asked in this order: the municipality's own number; the same type, name and place; and last what only looks
alike, which is said and never decided. One look at the database answers for a list of any length.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from math import hypot
from typing import NamedTuple, Self

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.alike import are_alike, folded, same_number
from models.case.facility import NOWHERE, Facility, LandOwner
from models.case.inheritance import Inheritance
from models.place import Metres, to_utm32

SAME_PLACE_METRES = 25
"""Two points that far apart, with the same type and name, are one place measured twice."""
ALIKE_METRES = 100
_MOST_COMPARED = 100
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
    line: str | None = None
    """A path's line (`models.case.path_line`): a map that has it may tell where it is by the line alone."""

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
        self._squares: dict[tuple[int, int], dict[str, list[tuple[Metres, Standing]]]] = {}
        for each in standing:
            self.add(each)

    @classmethod
    def read(cls, session: Session) -> Self:
        """Everything the database has, in one look."""
        f, i = Facility, Inheritance
        rows = (
            select(
                col(f.id),
                col(f.reference),
                col(f.key),
                col(f.type_key),
                col(f.name),
                col(f.lat),
                col(f.lon),
                func.coalesce(i.number, ""),
                func.coalesce(i.address, ""),
                func.coalesce(i.said, ""),
                col(i.built_on),
                col(f.land_owner),
                col(f.minutes_per_year),
                col(f.kr_per_year_ore),
                col(f.replacement_ore),
                col(f.life_years),
                col(f.group_id),
                col(f.line),
            )
            .outerjoin(i, col(i.facility_id) == col(f.id))
            .order_by(col(f.id))
        )
        # the columns stand in the order of Standing's fields
        found = (Standing(*row) for row in session.execute(rows))
        return cls(each._replace(lat=None, lon=None) if each.lat == NOWHERE else each for each in found)

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
            square = self._squares.setdefault(_square(metres), {})
            square.setdefault(name, []).append((metres, standing))

    def numbered(self, number: str) -> Standing | None:
        """The one with that number: as it is written first, and then as a number, 001 being 1."""
        there = self._by_number.get(same_number(number), [])
        return next((each for each in there if each.number.casefold() == number.casefold()), None) or next(
            iter(there), None
        )

    def same_place(self, type_key: str, name: str, address: str, metres: Metres | None) -> list[Near]:
        """Those of the same type and name within 25 metres, or at the same address; the nearest first."""
        plain = folded(name)
        if metres is None:
            there = self._by_address.get((type_key, plain, folded(address)), []) if address else []
            return [Near(each, 0.0) for each in there]
        found = (pair for square in self._around(metres) for pair in square.get(plain, ()))
        near = _within(found, metres, SAME_PLACE_METRES)
        return [each for each in near if each.standing.type_key == type_key]

    def one_more(self, type_key: str, name: str, address: str, metres: Metres | None) -> list[Near]:
        """Some that `same_place` finds; where very many stand on one spot only some of them are compared."""
        plain = folded(name)
        if metres is None:
            return self.same_place(type_key, name, address, metres)[:1]
        pairs = (pair for square in self._around(metres) for pair in square.get(plain, ()))
        near = _within(islice(pairs, _MOST_COMPARED), metres, SAME_PLACE_METRES)
        return [each for each in near if each.standing.type_key == type_key]

    def alike(self, type_key: str, name: str, metres: Metres | None) -> list[Near]:
        """Those that may be meant: a name alike not far away, or one of the same type on the spot.

        Where very many stand together, only some are compared: it is a hint, and the list must come to its end.
        """
        if metres is None:
            return []
        plain = folded(name)
        names = ((words, pairs) for square in self._around(metres) for words, pairs in square.items())
        found: list[Near] = []
        for words, pairs in islice(names, _MOST_COMPARED):
            near = _within(pairs[:_MOST_COMPARED], metres, ALIKE_METRES)
            if near and not are_alike(plain, words):
                near = [each for each in near if each.standing.type_key == type_key and each.metres <= TOUCHING_METRES]
            found += near
        return sorted(found, key=lambda each: each.metres)

    def _around(self, metres: Metres) -> Iterator[dict[str, list[tuple[Metres, Standing]]]]:
        east, north = _square(metres)
        for x in (east, east - 1, east + 1):
            for y in (north, north - 1, north + 1):
                if (x, y) in self._squares:
                    yield self._squares[x, y]


def _within(pairs: Iterable[tuple[Metres, Standing]], metres: Metres, most: float) -> list[Near]:
    """Those of the pairs that stand so near, the nearest first."""
    far = (Near(each, hypot(at.east - metres.east, at.north - metres.north)) for at, each in pairs)
    return sorted((near for near in far if near.metres <= most), key=lambda near: near.metres)


def _square(metres: Metres) -> tuple[int, int]:
    """The square of a hundred metres a point lies in; what is within that distance lies in it or beside it."""
    return int(metres.east // ALIKE_METRES), int(metres.north // ALIKE_METRES)
