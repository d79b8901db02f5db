"""The API as an application of its own, in the same server as the volunteers' page: `/api/v1`."""

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from channels.api import decisions, enquiries, exports, facilities, money, overview, reports, weather
from channels.api.examples import EXAMPLES
from channels.api.form_words import NotAnswered
from channels.api.house import House
from channels.api.limit import Minute
from channels.api.problem import (
    MEDIA_TYPE,
    Problem,
    broken,
    not_here,
    not_readable,
    out_of_reach,
    problem,
    refused,
    written_meanwhile,
)
from config.settings import settings
from models.refusal import Refusal

PATH = "/api/v1"
ROUTERS = (facilities, decisions, reports, enquiries, overview, money, weather, exports)
DESCRIPTION = """
**English.** Everything that `driftsklar … --json` prints can be read here, and everything that is asked of a role can be
answered, by the same rules. A key is made by `driftsklar api-key make --scope read` and sent as
`Authorization: Bearer …`. Lists have pages (`Link: <…>; rel="next"`), what is read has an `ETag`, what is decided takes an
`Idempotency-Key`. A refusal is `application/problem+json` (RFC 9457) with a stable `code`.

**Dansk.** Alt, hvad `driftsklar … --json` viser, kan læses her, og alt, hvad en rolle spørges om, kan besvares efter de
samme regler. En nøgle laves med `driftsklar api-key make --scope read` og sendes som `Authorization: Bearer …`. Lister
kommer i sider, det læste har en `ETag`, og en afgørelse kan sendes med en `Idempotency-Key`, så den kun sker én gang. Et
nej er en `code` til programmer og en sætning til mennesker. Her er ingen personer: kontakter gives ikke ud.
"""
_NO: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": says, "content": {MEDIA_TYPE: {}}}
    for status, says in (
        (401, "No key, or one that doesn't work. / Ingen nøgle, eller en, der ikke virker."),
        (403, "The key has another scope, or its role may not. / Nøglen må ikke dette."),
        (404, "There is no such thing. / Det findes ikke."),
        (409, "A rule says no; nothing was changed. / En regel siger nej."),
        (422, "Something sent can't be used. / Noget kan ikke bruges."),
        (429, "Too often; wait `Retry-After` seconds. / For ofte."),
        (503, "The database can't be reached. / Databasen kan ikke nås."),
    )
}

_NOT_JSON = "The body isn't sent as `application/json`. / Det sendte er ikke JSON."


def make_api(house: House, minute: Minute | None = None) -> FastAPI:
    """The API of that house; `minute` is its limit."""
    app = FastAPI(
        title="Driftsklar",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        responses=_NO,
        servers=[{"url": f"{settings().page_url}{PATH}"}],
        root_path_in_servers=False,
    )
    app.state.house = house
    app.state.minute = minute or Minute(settings().api_a_minute)
    for each in ROUTERS:
        app.include_router(each.router)
    app.add_exception_handler(NotAnswered, _not_answered)
    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, not_readable)
    app.add_exception_handler(HTTPException, not_here)
    app.add_exception_handler(IntegrityError, written_meanwhile)
    app.add_exception_handler(OperationalError, out_of_reach)
    app.add_exception_handler(Exception, broken)
    app.openapi = lambda: _description(app)  # type: ignore[method-assign]
    return app


def _not_answered(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, NotAnswered)
    return problem(422, refusal.code, refusal.sentence, errors=refusal.errors)


def _description(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: a no is `application/problem+json`, and a key's scopes stand at each address."""
    if app.openapi_schema:
        return app.openapi_schema
    from fastapi.openapi.utils import get_openapi

    made = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, servers=app.servers
    )
    needed = {(method.lower(), route): scopes for method, route, scopes in routes_with_scopes()}
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            operation["x-scopes"] = list(needed.get((method, path), ()))
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = _problem()
                _show_an_example(answer)
            if "requestBody" in operation:
                _show_an_example(operation["requestBody"])
                operation["responses"]["415"] = {"description": _NOT_JSON, "content": _problem()}
                _show_an_example(operation["responses"]["415"])
    app.openapi_schema = made
    return made


def _problem() -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _show_an_example(sent: dict[str, Any]) -> None:
    """Put the example of its shape beside what is sent or answered, where it has none."""
    for content in sent.get("content", {}).values():
        schema = content.get("schema", {})
        shape = str(schema.get("items", schema).get("$ref", "")).rpartition("/")[2]
        if shape in EXAMPLES and "example" not in content:
            content["example"] = [EXAMPLES[shape]] if "items" in schema else EXAMPLES[shape]


def routes_with_scopes() -> list[tuple[str, str, tuple[str, ...]]]:
    """Every address that needs a key, and the scopes of which one is enough; none: any key will do."""
    from fastapi.routing import APIRoute

    from channels.api.keys import Needs

    return [
        (method, route.path, each.call.scopes)
        for router in ROUTERS
        for route in router.router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
        for each in route.dependant.dependencies
        if isinstance(each.call, Needs)
    ]
