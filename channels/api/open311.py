"""Open311 GeoReport v2 at `/open311/v2`: what can be reported, reports in, and how they go."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated, BinaryIO, Literal, NamedTuple

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials
from starlette.exceptions import HTTPException
from starlette.responses import Response

from channels.api.house import House, house_of
from channels.api.keys import Sent, key_sent
from channels.api.limit import Minute
from channels.api.open311_answers import FORMATS, error, one, refused, rows
from channels.api.open311_reports import Filters, definition, last_ninety_days, reports, services, take_report
from channels.api.problem import GUARDED
from channels.form_encoding import is_raw, read_raw, require_plain_encoding
from channels.records.photos import keep_good_photos
from config.settings import settings
from models.case.photo import MAX_PHOTOS
from models.database import reading
from models.outside.scope import READ, REPORT
from models.refusal import BadInput, Refusal

PATH = "/open311/v2"
MOST = 1000
Format = Literal["json", "xml"]
UPLOADS = ("media", "media[]", "media_file", "photo")
"""What clients call a picture that comes with the report: the specification has only its address, `media_url`."""


class Form(NamedTuple):
    """What was said, and the pictures that came with it."""

    said: dict[str, str]
    pictures: list[BinaryIO]


async def _form(request: Request) -> AsyncIterator[Form]:
    require_plain_encoding(request)
    as_written = read_raw if await is_raw(request) else str
    content = await request.form(max_fields=40, max_files=MAX_PHOTOS + 5, max_part_size=64_000)
    try:
        files = [(name, value) for name, value in content.multi_items() if not isinstance(value, str)]
        if any(name not in UPLOADS for name, _ in files):
            raise BadInput("media", "send billeder i feltet media, og intet andet som fil.")
        said = {name: as_written(value) for name, value in content.multi_items() if isinstance(value, str)}
        yield Form(said, [value.file for _, value in files if value.filename or value.size])
    finally:
        await content.close()


Sent311 = Annotated[Form, Depends(_form)]


def make_open311(house: House, minute: Minute | None = None) -> FastAPI:
    """The application."""
    app = FastAPI(title="Driftsklar Open311", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.house = house
    app.state.minute = minute or Minute(settings().api_a_minute)
    app.add_api_route("/discovery.{format}", _discovery, methods=["GET"])
    app.add_api_route("/services.{format}", _services, methods=["GET"])
    app.add_api_route("/services/{code}.{format}", _definition, methods=["GET"])
    app.add_api_route("/requests.{format}", _take, methods=["POST"])
    app.add_api_route("/requests.{format}", _list, methods=["GET"])
    app.add_api_route("/requests/{number}.{format}", _show, methods=["GET"])
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _not_here)
    app.add_exception_handler(HTTPException, _not_here)
    app.add_exception_handler(Exception, _broken)
    return app


def _discovery(request: Request, format: Format) -> Response:
    """Where the service is, as Open311's service discovery has it."""
    return one(
        format,
        "discovery",
        {
            "changeset": "2026-11-29T12:00:00+01:00",
            "contact": "Kommunen, se telefonnummeret på stedets skilt.",
            "key_service": "driftsklar api-key make --scope report",
            "endpoints": [
                {
                    "specification": "http://wiki.open311.org/GeoReport_v2",
                    "url": f"{settings().page_url}{PATH}",
                    "changeset": "2026-11-29T12:00:00+01:00",
                    "type": "production",
                    "formats": list(FORMATS.values()),
                }
            ],
        },
    )


def _services(format: Format) -> Response:
    """What can be reported."""
    return rows(format, "services", "service", services())


def _definition(format: Format, code: str) -> Response:
    """What is asked about one of them."""
    return one(format, "service_definition", definition(code))


def _take(request: Request, format: Format, form: Sent311, sent: Sent) -> Response:
    """Take a report with its pictures; the number it is found by is answered at once."""
    house = house_of(request)
    if any("\0" in value for value in form.said.values()):
        raise BadInput("description", "tegnet med nummer 0 kan ikke bruges.")
    # GeoReport has the key as a field of the form; in the address, where it would be kept in logs, it isn't looked for
    field = form.said.get("api_key", "").strip()
    if sent is None and field:
        sent = HTTPAuthorizationCredentials(scheme="Bearer", credentials=field)
    if sent is not None:
        key = key_sent(request, sent)
        if not key.may(REPORT):
            raise Refusal("api_key.scope", f"Nøgle {key.short_id} må ikke melde noget.")
    else:
        house.must_not_flood(request)
    photos, lost = keep_good_photos(form.pictures)
    with house.deciding() as session:
        number = take_report(session, form.said, photos, on=house.today(), has_key=sent is not None).number
    house.send_post()
    notice = "Tak. Driften har fået meldingen."
    if lost:
        notice += f" {lost} af billederne kunne ikke læses og er ikke med."
    told = {"service_request_id": str(number), "service_notice": notice, "account_id": None}
    return rows(format, "service_requests", "request", [told], 201)


def _list(request: Request, format: Format, sent: Sent) -> Response:
    """How reports go; of the last ninety days unless other days or numbers are told."""
    house, asked = house_of(request), request.query_params
    filters = Filters(
        _numbers(asked.get("service_request_id", "")),
        _words(asked.get("service_code", "")),
        _words(asked.get("status", "")),
        _day("start_date", asked.get("start_date", "")),
        _day("end_date", asked.get("end_date", "")),
    )
    if not filters.numbers and filters.from_on is None:
        filters = filters._replace(from_on=last_ninety_days(filters.until_on or house.today()))
    return rows(format, "service_requests", "request", _found(request, sent, filters))


def _show(request: Request, format: Format, number: str, sent: Sent) -> Response:
    """One report."""
    found = _found(request, sent, Filters(_numbers(number), (), (), None, None))
    if not found:
        raise Refusal("open311.request", f"Der er ingen melding nr. {number[:12]}.")
    return rows(format, "service_requests", "request", found)


def _found(request: Request, sent: Sent, filters: Filters) -> list[dict[str, object]]:
    with_text = sent is not None and key_sent(request, sent).may(READ)
    with reading(house_of(request).engine) as session:
        return reports(session, filters, most=MOST, with_text=with_text)


def _words(said: str) -> tuple[str, ...]:
    return tuple(each.strip()[:60] for each in said.replace("\0", "").split(",") if each.strip())


def _numbers(said: str) -> tuple[int, ...]:
    words = _words(said)
    if not all(each.isascii() and each.isdigit() and len(each) < 10 for each in words):
        raise BadInput("service_request_id", "skriv meldingens nummer, fx 12.")
    return tuple(int(each) for each in words[:MOST])


def _day(field: str, said: str) -> date | None:
    if not said:
        return None
    try:
        return datetime.fromisoformat(said.replace(" ", "+").replace("Z", "+00:00")).date()
    except ValueError:
        raise BadInput(field, "skriv en dag som 2026-05-31T00:00:00Z.") from None


def guarded(path: str, status: int) -> Response:
    """The guard's no, as GeoReport has it; `path` says in which format."""
    sentence = GUARDED[status]
    if status == 413:
        sentence = f"Det sendte fylder for meget. Send højst {MAX_PHOTOS} billeder, eller mindre billeder."
    return error("xml" if path.endswith(".xml") else "json", status, sentence)


def _format_of(request: Request) -> str:
    return "xml" if request.url.path.endswith(".xml") else "json"


def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return refused(_format_of(request), refusal)


def _not_here(request: Request, wrong: Exception) -> Response:
    status = wrong.status_code if isinstance(wrong, HTTPException) else 404
    headers = wrong.headers if isinstance(wrong, HTTPException) else None
    sentence = "Adressen findes ikke her. Se services.json og requests.json."
    if status == 400:
        sentence = f"Det sendte kan ikke læses. Send felterne som en formular, og højst {MAX_PHOTOS} billeder."
    return error(_format_of(request), status, sentence, headers=headers)


def _broken(request: Request, _wrong: Exception) -> Response:
    return error(_format_of(request), 500, "Noget gik galt hos os. Intet er gemt.")
