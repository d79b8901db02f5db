"""What one asked for among the places, as it stands in an address: the same for the list, the map and the file."""

from collections.abc import Mapping
from typing import NamedTuple, Self
from urllib.parse import urlencode

from config.catalogue import catalogue
from models.overview.places import Asked, Box, Order
from models.stage import Stage

LONGEST = 200
"""How much of a search is read; the rest of what a machine sends is left."""
LAST_PAGE = 1_000_000


class PlaceQuery(NamedTuple):
    """An address's own words for what is asked; what it doesn't know is left out, as if nobody had said it."""

    q: str = ""
    trin: str = ""
    type: str = ""
    omraade: str = ""
    udsnit: str = ""
    sent: str = ""
    usikker: str = ""
    arvet: str = ""
    sorter: str = ""
    side: int = 1

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Self:
        """What an address says, whatever it says."""
        page = said.get("side", "")
        udsnit = said.get("udsnit", "")
        return cls(
            q=said.get("q", "").strip()[:LONGEST],
            trin=_one_of(said.get("trin", ""), [stage.value for stage in Stage]),
            type=_one_of(said.get("type", ""), list(catalogue().types)),
            omraade=_one_of(said.get("omraade", ""), list(catalogue().municipality.districts)),
            udsnit=udsnit if box_in(udsnit) else "",
            sent=_one_of(said.get("sent", ""), ["ja"]),
            usikker=_one_of(said.get("usikker", ""), ["ja"]),
            arvet=_one_of(said.get("arvet", ""), ["ja"]),
            sorter=_one_of(said.get("sorter", ""), [order.value for order in Order]),
            side=min(int(page), LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        )

    @property
    def asked(self) -> Asked:
        """The same as the places are asked for."""
        district = catalogue().municipality.districts.get(self.omraade)
        here = Box(district.south, district.west, district.north, district.east) if district else None
        cut = box_in(self.udsnit)
        return Asked(
            said=self.q,
            stage=Stage(self.trin) if self.trin else None,
            type_key=self.type,
            box=_both(here, cut) if here and cut else cut or here,
            is_late=bool(self.sent),
            is_unsafe=bool(self.usikker),
            is_inherited=bool(self.arvet),
        )

    @property
    def order(self) -> Order:
        """What the list goes by."""
        return Order(self.sorter) if self.sorter else Order.REFERENCE

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside words is asked for."""
        return self._replace(q="", side=1) != PlaceQuery()

    def address(self, **other: object) -> str:
        """The query part of an address, with something of it changed: "?q=b%C3%A6nk&side=2", or nothing."""
        told = {
            name: value
            for name, value in self._replace(**other)._asdict().items()  # type: ignore[arg-type]
            if value and (name, value) != ("side", 1)
        }
        return f"?{urlencode(told)}" if told else ""

    @property
    def in_words(self) -> str:
        """What is asked for, as it stands above a list on paper."""
        kinds = catalogue().types
        said = [
            f"“{self.q}”" if self.q else "",
            Stage(self.trin).danish if self.trin else "",
            kinds[self.type].name if self.type else "",
            self.omraade,
            "et udsnit af kortet" if self.udsnit else "",
            "forsinket" if self.sent else "",
            "kan ikke bruges sikkert" if self.usikker else "",
            "arvet" if self.arvet else "",
        ]
        return ", ".join(filter(None, said))


def box_text(box: Box) -> str:
    """A part of the map as an address has it."""
    return ",".join(f"{side:.5f}" for side in box)


def _one_of(said: str, known: list[str]) -> str:
    return said if said in known else ""


def box_in(said: str) -> Box | None:
    """A part of the map as `box_text` wrote it; None for anything else."""
    try:
        sides = [float(side) for side in said.split(",")]
    except ValueError:
        return None
    if len(sides) != 4 or not all(-180 <= side <= 180 for side in sides):
        return None
    box = Box(*sides)
    return box if box.south < box.north and box.west < box.east else None


def _both(one: Box, other: Box) -> Box:
    return Box(
        max(one.south, other.south), max(one.west, other.west), min(one.north, other.north), min(one.east, other.east)
    )
