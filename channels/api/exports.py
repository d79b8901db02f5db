"""Udtræk: the facilities as a map layer, and the lists as CSV."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from channels.api.answering import with_etag
from channels.api.facilities import Reader
from channels.api.house import house_of
from channels.api.keys import Needs
from channels.views.lists import LISTS
from channels.views.maps import pins, write_geojson
from models.database import reading
from models.outside.api_key import ApiKey
from models.outside.scope import FINANCE, READ
from models.stage import Stage

router = APIRouter(tags=["Udtræk / exports"])
GEOJSON, CSV = "application/geo+json", "text/csv; charset=utf-8"


@router.get(
    "/exports/facilities.geojson",
    response_class=Response,
    responses={200: {"content": {GEOJSON: {"schema": {"type": "object"}}}}},
    summary="Anlæggene som GeoJSON",
)
def export_map(
    request: Request,
    key: Reader,
    crs: Annotated[Literal["4326", "25832"], Query(description="The coordinates' EPSG number.")] = "4326",
    stage: Annotated[Stage | None, Query(description="Only those in this stage.")] = None,
) -> Response:
    """The facilities that stand or are on their way. / Anlæggene som kortlag."""
    with reading(house_of(request).engine) as session:
        found = pins(session, int(crs), stage)
    return with_etag(request, _written(lambda file: write_geojson(file, found, int(crs))), GEOJSON)


def _list_route(name: str, *scopes: str) -> None:
    def export_list(request: Request, key: Annotated[ApiKey, Depends(Needs(*scopes))]) -> Response:
        """The list as the municipality's spreadsheets have it, without persons. / Listen som CSV."""
        from channels.sheets.writing import write_list

        wanted = LISTS[name]
        with reading(house_of(request).engine) as session:
            body = _written(lambda file: write_list(file, wanted.title, wanted.columns, wanted.rows(session)), ".csv")
        return with_etag(request, body, CSV)

    router.add_api_route(
        f"/exports/{name}.csv",
        export_list,
        methods=["GET"],
        name=f"export_{name}",
        operation_id=f"export_{name}",
        response_class=Response,
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
        summary=f"{LISTS[name].title} som CSV",
    )


def _written(write: Callable[[Path], object], suffix: str = ".geojson") -> bytes:
    with tempfile.TemporaryDirectory(prefix="driftsklar-") as folder:
        file = Path(folder) / f"export{suffix}"
        write(file)
        return file.read_bytes()


for _name in LISTS:
    _list_route(_name, *((READ, FINANCE) if _name == "ledger" else (READ,)))
