"""How Open311 GeoReport v2 is written: the same answer as JSON or as XML, and its errors as a list."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.responses import Response

from models.refusal import BadInput, Refusal

FORMATS = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STATUS = {"public_report.too_many": 429, "api.too_many": 429, "api_key.scope": 403}

Row = Mapping[str, Any]


def rows(format: str, whole: str, each: str, found: Sequence[Row], status: int = 200) -> Response:
    """A list: `whole` and `each` are what it and its parts are called in XML."""
    if format == "json":
        return Response(json.dumps(list(found), ensure_ascii=False), status, media_type=FORMATS["json"])
    tree = Element(whole)
    for row in found:
        _add(tree, each, row)
    return _xml(tree, status)


def one(format: str, name: str, row: Row) -> Response:
    """A single thing."""
    if format == "json":
        return Response(json.dumps(row, ensure_ascii=False), media_type=FORMATS["json"])
    tree = Element(name)
    for key, value in row.items():
        _add(tree, key, value)
    return _xml(tree, 200)


def error(format: str, status: int, sentence: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """Why not, as GeoReport has it."""
    said = rows(format, "errors", "error", [{"code": status, "description": sentence}], status)
    said.headers.update(headers or {})
    return said


def refused(format: str, refusal: Refusal) -> Response:
    """A rule's no, or what can't be used."""
    if refusal.code.startswith("api_key.") and refusal.code != "api_key.scope":
        return error(format, 401, refusal.sentence, headers={"WWW-Authenticate": 'Bearer realm="driftsklar"'})
    status = 400 if isinstance(refusal, BadInput) else _STATUS.get(refusal.code, 404)
    headers = {"Retry-After": "3600"} if status == 429 else {}
    return error(format, status, refusal.sentence, headers=headers)


def _add(parent: Element, name: str, value: Any) -> None:
    if isinstance(value, Mapping):
        inner = SubElement(parent, name)
        for key, part in value.items():
            _add(inner, key, part)
    elif isinstance(value, list):
        inner = SubElement(parent, name)
        for part in value:
            _add(inner, name.removesuffix("s"), part)
    else:
        said = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        SubElement(parent, name).text = _NOT_XML.sub("", said)


def _xml(tree: Element, status: int) -> Response:
    body = b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(tree, encoding="unicode").encode()
    return Response(body, status, media_type=FORMATS["xml"])
