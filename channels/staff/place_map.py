"""Kort: the places by state, drawn by us and without JavaScript; on a real map where the municipality has tiles for one.

Leaflet comes from its wheel and is served by us. Nothing is loaded from elsewhere but the tiles that DRIFTSKLAR_MAP_TILES
names, and only this page's policy allows them.
"""

from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from channels.addresses import root
from channels.page.desk import desk_of
from channels.staff.map_marks import SIZE, STATES, Spot, as_told, moved, scale_bar, scaled, spots_of, view_of, ways_of
from channels.staff.place_query import PlaceQuery, box_text
from channels.staff.show import show_staff
from channels.staff.visitor import Visiting
from config.settings import settings
from models.database import reading
from models.overview.places import marks

PATH = "/kort"
router = APIRouter(prefix="/opgaver")

_LEAFLET = {"leaflet.js": "text/javascript", "leaflet.css": "text/css"}
_HALF = 0.5


def policy(tiles: str) -> str:
    """The Content-Security-Policy of the map's page: our own script, and pictures from the tiles' host."""
    parts = urlsplit(tiles)
    return (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
        f"img-src 'self' {parts.scheme}://{parts.netloc}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@router.api_route(PATH, methods=["GET", "HEAD"])
def place_map(request: Request, visitor: Visiting) -> Response:
    """The places one asked for, on a map that is gone through by links."""
    desk, query = desk_of(request), PlaceQuery.of(request.query_params)
    with reading(desk.engine) as session:
        there = marks(session, query.asked, desk.today())
    view = view_of(there, query.asked.box)
    spots = spots_of(there, view)
    shown = {spot.state for spot in spots}
    ways = {
        "Zoom ind": scaled(view, _HALF),
        "Zoom ud": scaled(view, 1 / _HALF),
        "Nord": moved(view, _HALF, 0),
        "Syd": moved(view, -_HALF, 0),
        "Vest": moved(view, 0, -_HALF),
        "Øst": moved(view, 0, _HALF),
    }
    long, words = scale_bar(view)
    return show_staff(
        "map",
        visitor,
        here="/steder",
        query=query,
        total=len(there),
        spots=[(spot, _href(query, spot)) for spot in spots],
        lines=ways_of(there, view),
        states=[state for state in STATES if state in shown],
        ways={name: query.address(udsnit=box_text(box), omraade="", side=1) for name, box in ways.items()},
        size=SIZE,
        scale=(round(long), words),
        view=box_text(view),
        tiles=settings().map_tiles,
        credit=settings().map_credit,
    )


@router.api_route(f"{PATH}.json", methods=["GET", "HEAD"])
def spots_as_json(request: Request, visitor: Visiting) -> Response:
    """What stands on the part of the map that the script shows."""
    desk, query = desk_of(request), PlaceQuery.of(request.query_params)
    with reading(desk.engine) as session:
        there = marks(session, query.asked, desk.today())
    view = view_of(there, query.asked.box)
    told = [as_told(spot, _href(query, spot)) for spot in spots_of(there, view)]
    return JSONResponse(told + [{"linje": way.corners, "ord": way.words} for way in ways_of(there, view)])


@router.api_route(f"{PATH}.js", methods=["GET", "HEAD"])
def script() -> Response:
    """Our own script, which puts the places on the map."""
    return FileResponse(settings().templates_dir / "staff/kort.js", media_type="text/javascript", headers=_KEPT)


@router.api_route("/leaflet/{name}", methods=["GET", "HEAD"])
def leaflet(name: str) -> Response:
    """Leaflet as it comes from its wheel.

    Raises:
        HTTPException: 404, we serve nothing else of it.
    """
    if name not in _LEAFLET:
        raise HTTPException(404)
    return Response(_leaflet_file(name), media_type=_LEAFLET[name], headers=_KEPT)


_KEPT = {"Cache-Control": "public, max-age=3600"}


@cache
def _leaflet_file(name: str) -> bytes:
    return (files("xstatic.pkg.leaflet") / "data" / name).read_bytes()


def _href(query: PlaceQuery, spot: Spot) -> str:
    """Where a mark leads: the case, a nearer look, or the list where nearer doesn't help."""
    if spot.reference:
        return f"{root()}/opgaver/sag/{spot.reference}"
    nearer = query.address(udsnit=box_text(spot.box), side=1)
    return f"{root()}/opgaver/steder{nearer}" if spot.is_one_spot else f"{root()}/opgaver{PATH}{nearer}"
