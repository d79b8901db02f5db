"""Steder: all facilities, found as one types it, filtered, in order, a page at a time; and the same as a file."""

import tempfile
from pathlib import Path

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from channels.page.desk import desk_of
from channels.sheets.writing import write_list
from channels.staff.place_query import PlaceQuery
from channels.staff.show import show_staff
from channels.staff.visitor import Visiting
from channels.views.lists import LISTS
from config.catalogue import catalogue
from models.database import reading
from models.overview.places import Order, find_places, references
from models.stage import Stage
from models.stages.proposal import MAY_PROPOSE

router = APIRouter(prefix="/opgaver")

AROUND = 2
"""How many pages are linked to on each side of the one that is shown."""


@router.api_route("/steder", methods=["GET", "HEAD"])
def places(request: Request, visitor: Visiting) -> Response:
    """The places one asked for."""
    desk, query = desk_of(request), PlaceQuery.of(request.query_params)
    on = desk.today()
    with reading(desk.engine) as session:
        found = find_places(session, query.asked, on, order=query.order, page=query.side)
    kinds = catalogue().types
    return show_staff(
        "places",
        visitor,
        here="/steder",
        on=on,
        query=query,
        found=found,
        pages=page_links(found.page, found.pages),
        kinds={key: kind.name for key, kind in kinds.items()},
        stages=list(Stage),
        orders=list(Order),
        districts=list(catalogue().municipality.districts),
        may_propose=not visitor.roles.isdisjoint(MAY_PROPOSE),
    )


@router.api_route("/steder.csv", methods=["GET", "HEAD"])
def places_as_file(request: Request, visitor: Visiting) -> Response:
    """The same places as a spreadsheet opens them, all of them."""
    desk, query = desk_of(request), PlaceQuery.of(request.query_params)
    wanted = LISTS["facilities"]
    with tempfile.NamedTemporaryFile(prefix="driftsklar-", suffix=".csv", delete=False) as made:
        file = Path(made.name)
    try:
        with reading(desk.engine) as session:
            asked = references(session, query.asked, desk.today())
            write_list(file, wanted.title, wanted.columns, (r for r in wanted.rows(session) if r["reference"] in asked))
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return FileResponse(
        file, media_type="text/csv; charset=utf-8", filename="steder.csv", background=BackgroundTask(file.unlink)
    )


def page_links(page: int, pages: int) -> list[int]:
    """The pages to link to, with 0 where some are left out: the first, the last, and those around this one."""
    near = {1, pages, *range(max(1, page - AROUND), min(pages, page + AROUND) + 1)}
    found: list[int] = []
    for number in sorted(near):
        if found and number - found[-1] > 1:
            found.append(0)
        found.append(number)
    return found
