"""Steder, for alle: what stands or is being built here, as a list and as a map, and where new friends are looked for.

Whatever is asked for stands in the address. The map is drawn by us and gone through by links; a real one lies over it where
the municipality has tiles for one.
"""

from collections.abc import Mapping
from typing import NamedTuple, Self
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from channels.addresses import root
from channels.page.desk import desk_of
from channels.page.show import show
from channels.staff.map_marks import (
    AMBER,
    DARK,
    MIDDLE,
    RED,
    SIZE,
    STATES,
    Spot,
    State,
    as_told,
    moved,
    scale_bar,
    scaled,
    spots_as,
    view_of,
)
from channels.staff.place_query import LONGEST, box_in, box_text
from channels.staff.places import page_links
from config.catalogue import catalogue
from config.settings import settings
from models.database import reading
from models.overview.public_places import PublicAsked, PublicPlace, public_marks, public_places

MAP = "/steder/kort"
router = APIRouter(prefix="/steder")

_SHAPE = {state.key: state.path for state in STATES}
#: The worst first, as `channels.staff.map_marks` draws them for staff.
PUBLIC_STATES = (
    State("usikker", "Må ikke bruges lige nu", _SHAPE["usikker"], RED),
    State("forbud", "Lukket: afbrændingsforbud", _SHAPE["forbud"], RED),
    State("skade", "Noget er gået i stykker", _SHAPE["skade"], AMBER),
    State("bygges", "Bliver bygget", _SHAPE["paa_vej"], "#fff"),
    State("venner", "Søger nye venner", _SHAPE["ophoer"], MIDDLE),
    State("drift", "I brug", _SHAPE["drift"], DARK),
)
_BY_KEY = {state.key: state for state in PUBLIC_STATES}


class PublicQuery(NamedTuple):
    """What an address asks for; what it doesn't know is left out."""

    q: str = ""
    type: str = ""
    venner: str = ""
    udsnit: str = ""
    side: int = 1

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Self:
        """What an address says, whatever it says."""
        page, udsnit, kind = said.get("side", ""), said.get("udsnit", ""), said.get("type", "")
        return cls(
            q=said.get("q", "").strip()[:LONGEST],
            type=kind if kind in catalogue().types else "",
            venner="ja" if said.get("venner") == "ja" else "",
            udsnit=udsnit if box_in(udsnit) else "",
            side=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        )

    @property
    def asked(self) -> PublicAsked:
        """The same as the places are asked for."""
        return PublicAsked(self.q, self.type, bool(self.venner), box_in(self.udsnit))

    def address(self, **other: object) -> str:
        """The query part of an address, with something of it changed."""
        told = {
            name: value
            for name, value in self._replace(**other)._asdict().items()  # type: ignore[arg-type]
            if value and (name, value) != ("side", 1)
        }
        return f"?{urlencode(told)}" if told else ""


@router.api_route("", methods=["GET", "HEAD"])
def places(request: Request) -> Response:
    """The places one asked for, fifty a page."""
    query = PublicQuery.of(request.query_params)
    with reading(desk_of(request).engine) as session:
        found = public_places(session, query.asked, page=query.side)
    kinds = catalogue().types
    return show(
        "places",
        query=query,
        found=found,
        lines=[(place, drawn_as(place)) for place in found.places],
        pages=page_links(found.page, found.pages),
        kinds={key: kind.name for key, kind in kinds.items()},
        public=catalogue().public,
    )


@router.api_route("/kort", methods=["GET", "HEAD"])
def place_map(request: Request) -> Response:
    """The same on a map."""
    query = PublicQuery.of(request.query_params)
    with reading(desk_of(request).engine) as session:
        there = public_marks(session, query.asked)
    view = view_of(there, query.asked.box)
    spots = spots_as(there, view, drawn_as, PUBLIC_STATES)
    shown = {spot.state for spot in spots}
    ways = {
        "Zoom ind": scaled(view, 0.5),
        "Zoom ud": scaled(view, 2),
        "Nord": moved(view, 0.5, 0),
        "Syd": moved(view, -0.5, 0),
        "Vest": moved(view, 0, -0.5),
        "Øst": moved(view, 0, 0.5),
    }
    long, words = scale_bar(view)
    return show(
        "places_map",
        query=query,
        total=len(there),
        spots=[(spot, _href(query, spot)) for spot in spots],
        states=[state for state in PUBLIC_STATES if state in shown],
        ways={name: query.address(udsnit=box_text(box), side=1) for name, box in ways.items()},
        size=SIZE,
        scale=(round(long), words),
        view=box_text(view),
        tiles=settings().map_tiles,
        credit=settings().map_credit,
    )


@router.api_route("/kort.json", methods=["GET", "HEAD"])
def spots_as_json(request: Request) -> Response:
    """What stands on the part of the map that the script shows."""
    query = PublicQuery.of(request.query_params)
    with reading(desk_of(request).engine) as session:
        there = public_marks(session, query.asked)
    spots = spots_as(there, view_of(there, query.asked.box), drawn_as, PUBLIC_STATES)
    return JSONResponse([as_told(spot, _href(query, spot)) for spot in spots])


def drawn_as(place: PublicPlace) -> State:
    """The state a place is drawn as and told of: what whoever goes there must know first."""
    if place.is_unsafe:
        return _BY_KEY["usikker"]
    if place.is_banned:
        return _BY_KEY["forbud"]
    if place.is_damaged:
        return _BY_KEY["skade"]
    if place.is_being_built:
        return _BY_KEY["bygges"]
    return _BY_KEY["venner" if place.seeks_friends else "drift"]


def _href(query: PublicQuery, spot: Spot) -> str:
    if spot.reference:
        return f"{root()}/sted/{spot.reference.lower()}"
    nearer = query.address(udsnit=box_text(spot.box), side=1)
    return f"{root()}/steder{nearer}" if spot.is_one_spot else f"{root()}{MAP}{nearer}"
