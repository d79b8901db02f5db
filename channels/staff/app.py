"""The desk's pages, added to the application of the volunteers' page: one guard, one database, one look."""

from collections.abc import Callable, Mapping

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from channels.page.show import sorry
from channels.staff import (
    acting,
    calendars,
    case,
    case_files,
    committee,
    enquiries,
    firms,
    group_messages,
    groups,
    here,
    inspections,
    lists,
    oidc,
    overview,
    place_map,
    places,
    pool,
    proposing,
    question_page,
    sign_in,
    trying,
    waiting,
    work_day,
)
from channels.staff.visitor import Instead
from config.error import ConfigurationError
from config.settings import settings


def include(app: FastAPI) -> None:
    """Add every page of the desk."""
    pages = (
        pool,
        overview,
        acting,
        proposing,
        enquiries,
        groups,
        firms,
        group_messages,
        lists,
        work_day,
        calendars,
        here,
        inspections,
    )
    # oidc before sign_in: /log-ind/oidc is no token
    for each in (oidc, trying, sign_in, *pages, places, place_map, case, case_files, committee):
        app.include_router(each.router)
    app.add_api_route("/opgaver/opgaver.css", _style, methods=["GET", "HEAD"])
    app.add_exception_handler(Instead, _instead)
    app.add_exception_handler(ConfigurationError, _no_roles)


def include_first(app: FastAPI) -> None:
    """Add the question and the list of what waits: an application looks through its pages in their order, and these are
    what people open most."""
    for each in (question_page, waiting):
        app.include_router(each.router)


def headers_of() -> Callable[[str], Mapping[str, str]]:
    """For a path, the security headers that are others there: the pages that run a script of ours, or show a map."""
    tiles = settings().map_tiles
    wider = dict.fromkeys((f"/opgaver{work_day.PATH}", "/opgaver/arbejde-uden-net.js"), work_day.POLICY)
    wider |= {f"/opgaver{place_map.PATH}": place_map.policy(tiles)} if tiles else {}

    answers = f"/opgaver{work_day.PATH}/"  # a refused answer is shown on the same page

    def of(path: str) -> Mapping[str, str]:
        if path.startswith(answers):
            return {"Content-Security-Policy": work_day.POLICY}
        return {"Content-Security-Policy": wider[path]} if path in wider else here.wider(path)

    return of


def _style() -> Response:
    return FileResponse(
        settings().templates_dir / "staff/opgaver.css",
        media_type="text/css",
        headers={"Cache-Control": "public, max-age=3600"},
    )


def _instead(request: Request, way: Exception) -> Response:
    assert isinstance(way, Instead)
    return way.response


def _no_roles(request: Request, wrong: Exception) -> Response:
    """`roles.yaml` was made unreadable while we run: nobody is let in on what it said before."""
    return sorry(503, "Ingen kan logge ind lige nu", "Opsætningen kan ikke læses. Sig det til jeres administrator.")
