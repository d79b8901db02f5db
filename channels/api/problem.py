"""How the API says no: RFC 9457, with the refusal's code for programs and its sentence for people."""

import json
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import Field
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from channels.views.shapes.shape import Shape
from models.refusal import BadInput, Refusal

MEDIA_TYPE = "application/problem+json"
_STATUS = {
    "role.not_allowed": 403,
    "operator.not_allowed": 403,
    "api_key.scope": 403,
    "api_key.missing": 401,
    "api_key.unknown": 401,
    "api_key.revoked": 401,
    "api_key.expired": 401,
    "api.too_many": 429,
    "public_report.too_many": 429,
    "idempotency.other_request": 422,
}
_TITLES = {
    400: "Forespørgslen kan ikke læses",
    401: "Nøglen virker ikke",
    403: "Det må nøglen ikke",
    404: "Det findes ikke",
    405: "Det kan adressen ikke",
    409: "Det kan ikke lade sig gøre",
    413: "Det er for meget på en gang",
    415: "Det er ikke JSON",
    421: "Adressen er en anden",
    422: "Noget kan ikke bruges",
    429: "For mange forespørgsler",
    500: "Noget gik galt hos os",
    503: "Databasen kan ikke nås",
}
GUARDED = {
    403: "Forespørgslen kom fra en side på et andet netsted. API'et kaldes af programmer, ikke af websider.",
    413: "Det sendte fylder for meget. Send det i flere forespørgsler.",
    421: "Der er spurgt efter en anden adresse end vores. Brug adressen i /api/v1/openapi.json.",
}
"""What a program is told that the guard in front of every page has stopped."""
_UNREADABLE = "Det sendte kan ikke læses som JSON: der er bogstaver, som ikke er skrevet i UTF-8."
CODES = {400: "api.unreadable", 404: "api.no_such_path", 405: "api.no_such_method"}


class Wrong(Shape):
    """A field that can't be used."""

    field: str = Field(description="The field, as it was sent.")
    detail: str = Field(description="What is wrong and what to do, in Danish or English.")


class Problem(Shape):
    """Why not (RFC 9457). `code` is stable; `detail` is for people."""

    type: str = Field(description="`urn:driftsklar:` and the code.")
    title: str = Field(description="What kind of problem, in Danish.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="The refusal's sentence, in Danish.")
    code: str = Field(description="The refusal's code; see docs/refusals.md.")
    errors: list[Wrong] = Field(default=[], description="The fields that can't be used.")


class NotThere(Refusal):
    """What was asked for by its reference isn't there."""


def problem(
    status: int, code: str, detail: str, *, errors: list[Wrong] | None = None, headers: dict[str, str] | None = None
) -> Response:
    """The answer."""
    said: dict[str, Any] = {
        "type": f"urn:driftsklar:{code}",
        "title": _TITLES.get(status, "Det gik ikke"),
        "status": status,
        "detail": detail,
        "code": code,
        "errors": [dict(each) for each in errors or []],
    }
    # ASCII: what was sent may hold half a character
    return Response(json.dumps(said), status, headers, MEDIA_TYPE)


def guarded(status: int) -> Response:
    """The guard's no to a program."""
    return problem(status, "api.guard", GUARDED[status])


def refused(_request: Request, refusal: Exception) -> Response:
    """A rule said no, or what was sent can't be used."""
    assert isinstance(refusal, Refusal)
    if isinstance(refusal, NotThere):
        return problem(404, refusal.code, refusal.sentence)
    if isinstance(refusal, BadInput):
        says = refusal.sentence.removeprefix(f"{refusal.field}: ")
        return problem(422, refusal.code, refusal.sentence, errors=[Wrong(field=refusal.field, detail=says)])
    status = _STATUS.get(refusal.code, 409)
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="driftsklar"'
    if status == 429:
        headers["Retry-After"] = str(getattr(refusal, "seconds", 3600))
    return problem(status, refusal.code, refusal.sentence, headers=headers)


def not_readable(request: Request, error: Exception) -> Response:
    """The parameters or the body don't have the shape that the description says."""
    assert isinstance(error, RequestValidationError)
    if not _is_json(request) and error.body and any(each["loc"][0] == "body" for each in error.errors()):
        says = "Det sendte læses kun som JSON. Send det med Content-Type: application/json."
        return problem(415, "api.not_json", says, headers={"Accept": "application/json"})
    for each in error.errors():
        if each["type"] == "json_invalid":
            return _broken_json(str(error.body), int(each["loc"][1]))
    wrong = [
        Wrong(field=".".join(str(part) for part in each["loc"][1:]) or str(each["loc"][0]), detail=each["msg"])
        for each in error.errors()[:20]
    ]
    named = ", ".join(each.field for each in wrong)
    return problem(422, "api.not_as_described", f"Det sendte passer ikke til beskrivelsen: {named}.", errors=wrong)


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _broken_json(sent: str, at: int) -> Response:
    """Where the JSON breaks off, as an editor counts it."""
    line, column = sent.count("\n", 0, at) + 1, at - sent.rfind("\n", 0, at)
    says = f"kan ikke læses som JSON: linje {line}, tegn {column}. Se efter et komma, en parentes eller et anførselstegn der."
    return problem(422, "api.broken_json", f"Det sendte {says}", errors=[Wrong(field="body", detail=says)])


def not_here(_request: Request, error: Exception) -> Response:
    """There is no such address, or it can't do that."""
    assert isinstance(error, HTTPException)
    status = error.status_code
    return problem(
        status,
        CODES.get(status, "api.refused"),
        _UNREADABLE if status == 400 else "Se /api/v1/openapi.json for de adresser, der er.",
        headers=dict(error.headers or {}),
    )


def written_meanwhile(_request: Request, error: Exception) -> Response:
    """Somebody else wrote the same at the same moment."""
    assert isinstance(error, IntegrityError)
    return problem(
        409, "api.written_meanwhile", "Det samme blev skrevet et andet sted imens. Intet er ændret. Prøv igen."
    )


def out_of_reach(_request: Request, error: Exception) -> Response:
    """The database can't be reached."""
    assert isinstance(error, OperationalError)
    return problem(503, "api.database", "Databasen kan ikke nås. Prøv igen om lidt.", headers={"Retry-After": "5"})


def broken(_request: Request, _error: Exception) -> Response:
    """A fault of ours; nothing was written."""
    return problem(500, "api.fault", "Noget gik galt hos os. Intet er ændret.")
