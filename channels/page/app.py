"""The application: the pages behind their guard, and what is said when something can't be done."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from channels.addresses import root
from channels.api.app import PATH as API
from channels.api.app import make_api
from channels.api.open311 import PATH as OPEN311
from channels.api.open311 import guarded as guarded_311
from channels.api.open311 import make_open311
from channels.api.problem import guarded
from channels.page import (
    answer,
    contacts,
    firm,
    following,
    group,
    invitation,
    lost_link,
    place,
    places,
    protocol,
    satisfaction,
    sign,
    stop,
    suggestion,
    week,
    who,
    wishing,
)
from channels.page.desk import Desk, desk_of
from channels.page.guard import HEADERS_WHERE_ONE_STANDS, SECURITY_HEADERS, Guard
from channels.page.show import fault, sorry
from channels.staff.app import headers_of, include, include_first
from channels.staff.place_map import policy as map_policy
from config.catalogue import catalogue
from config.settings import settings
from models.calendar import today
from models.case.photo import MAX_PHOTOS
from models.database import reading
from models.refusal import Refusal

FORM_BYTES = 200_000
STATUS = {"link.unknown": 404, "link.expired": 410, "link.revoked": 410}
NOT_THEIRS = 403
_TITLES = {404: "Siden findes ikke", 405: "Det kan siden ikke", 400: "Formularen kunne ikke læses"}


def make_app(
    engine: Engine, *, clock: Callable[[], date] = today, deliver: Callable[[], None] | None = None
) -> FastAPI:
    """The page on a database; `deliver` sends the post after an answer.

    Where DRIFTSKLAR_PAGE_URL has a path, the web server in front may cut it off or pass it on.
    """
    app = FastAPI(title="Driftsklar", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = Desk(engine=engine, today=clock, deliver=deliver)
    # what is opened most comes first: an application looks through its pages in their order
    app.include_router(answer.router)
    include_first(app)
    app.mount(API, make_api(app.state.desk))
    app.mount(OPEN311, make_open311(app.state.desk))
    app.state.waiting = asyncio.Semaphore(50)
    volunteers = (sign, stop, contacts, group, place, suggestion, satisfaction, week, who, invitation, lost_link)
    for each in (*volunteers, firm, protocol):
        app.include_router(each.router)
    _include_what_is_public(app)
    include(app)
    app.add_api_route("/healthz", _healthz, methods=["GET", "HEAD"])
    app.add_api_route("/side.css", _style, methods=["GET", "HEAD"])
    app.add_api_route("/favicon.ico", _no_icon, methods=["GET", "HEAD"])
    app.add_api_route("/robots.txt", _robots, methods=["GET", "HEAD"])
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _not_here)
    app.add_exception_handler(RequestValidationError, _not_readable)
    app.add_exception_handler(Exception, _broken)
    app.add_middleware(Guard, limit_of=_limit_of, own=settings().page_url, sorry=_Sorry, headers_of=_headers_of())
    return app


def _include_what_is_public(app: FastAPI) -> None:
    """The public's way in, as far as `config/public.yaml` opens it; what is closed has no address."""
    public = catalogue().public
    for is_open, router in (
        (public.places, places.router),
        (public.friends, wishing.friends),
        (public.proposals, wishing.proposals),
        (public.following, following.router),
    ):
        if is_open:
            app.include_router(router)


def _headers_of() -> Callable[[str], Mapping[str, str]]:
    """For a path, the security headers that are others there: the public's form that may ask where one stands, maps, the desk's."""
    tiles, at_the_desk = settings().map_tiles, headers_of()
    public = {wishing.PATH: HEADERS_WHERE_ONE_STANDS}
    public |= {places.MAP: {"Content-Security-Policy": map_policy(tiles)}} if tiles else {}
    return lambda path: public[path] if path in public else at_the_desk(path)


class _Sorry(Response):
    """The guard's no: a page for people, a problem for programs."""

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(status_code=status)
        self._said = (status, title, text)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, title, text = self._said
        path = scope["path"].removeprefix(root())
        if path.startswith(OPEN311):
            answer = guarded_311(path, status)
        else:
            answer = guarded(status) if path.startswith(API) else sorry(status, title, text)
        await answer(scope, receive, send)


def _limit_of(scope: Scope) -> int:
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    if (
        scope["path"]
        .removeprefix(root())
        .startswith(
            (
                "/svar/",
                "/sted/",
                "/forslag",
                "/gruppe/",
                "/uge/",
                "/arbejde/",
                "/opgaver/sag/",
                "/opgaver/svar/",
                "/opgaver/link/",
                "/opgaver/lister/ind/",
                "/opgaver/arbejde/",
                f"{OPEN311}/requests.",
            )
        )
        and kinds[:1]
        and kinds[0].startswith(b"multipart/")
    ):
        return MAX_PHOTOS * settings().photo_megabytes * 1_000_000 + FORM_BYTES
    return FORM_BYTES


def _robots() -> Response:
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")


def _no_icon() -> Response:
    return Response(status_code=204)


def _style() -> Response:
    return FileResponse(
        settings().templates_dir / "pages/side.css",
        media_type="text/css",
        headers={"Cache-Control": "public, max-age=3600"},
    )


def _healthz(request: Request) -> Response:
    try:
        with reading(desk_of(request).engine) as session:
            session.connection().execute(text("SELECT 1"))
    except OperationalError:
        return JSONResponse({"ok": False}, status_code=503)
    return JSONResponse({"ok": True})


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    if refusal.code == "link.unknown":
        desk = desk_of(request)
        over = desk.guesses.over(request.client.host if request.client else "")
        if over:
            return await _slowly(request, min(desk.longest_pause_seconds, over * 0.1))
    return sorry(
        NOT_THEIRS if refusal.code == "role.not_held" else STATUS.get(refusal.code, 409),
        "Linket virker ikke" if refusal.code in STATUS else "Det kan ikke lade sig gøre",
        fault(refusal).sentence,
    )


async def _slowly(request: Request, seconds: float) -> Response:
    """The more wrong links from one address, the longer it waits; links that are right are not slowed."""
    waiting: asyncio.Semaphore = request.app.state.waiting
    if not waiting.locked():
        async with waiting:
            await asyncio.sleep(seconds)
    slow = sorry(429, "For mange forkerte links", "Vent ti minutter, og åbn så linket fra mailen igen.")
    slow.headers["Retry-After"] = "600"
    return slow


def _not_here(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    said = sorry(status, _TITLES.get(status, "Det gik ikke"), "Åbn linket fra mailen igen, eller ring til os.")
    for name, value in (error.headers or {}).items():
        said.headers[name] = value
    return said


def _not_readable(request: Request, error: Exception) -> Response:
    return sorry(400, _TITLES[400], "Åbn linket fra mailen igen, eller ring til os.")


def _broken(request: Request, error: Exception) -> Response:
    said = sorry(500, "Noget gik galt hos os", "Jeres svar er ikke gemt. Prøv igen, eller ring til os.")
    said.headers.update(SECURITY_HEADERS | {"Cache-Control": "no-store"})  # it passes the guard by
    return said
