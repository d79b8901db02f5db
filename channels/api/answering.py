"""How the API answers: with an ETag to what is read, page by page, and once to what is decided by the same key."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Header, Query, Request
from pydantic import TypeAdapter
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select
from starlette.background import BackgroundTask
from starlette.responses import Response

from channels.addresses import root
from channels.api.house import House, house_of
from channels.views.shapes.shape import Shape
from models.outside.api_key import ApiKey
from models.outside.kept_answer import MAX_KEY, Answer, answer_kept, asked_of, keep_answer
from models.refusal import BadInput

BIGGEST = 2_147_483_647
JSON = "application/json"
Row = TypeVar("Row")


class Page(NamedTuple):
    """Which part of a list: what comes after the one with that number, and how many."""

    after: int
    limit: int


def _page(
    after: Annotated[
        int, Query(ge=0, le=BIGGEST, description="Where the page before ended; take it from its `Link` header.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 100,
) -> Page:
    return Page(after, limit)


Paged = Annotated[Page, Depends(_page)]


async def _raw(request: Request) -> bytes:
    raw = await request.body()
    if b"\\u0000" in raw:  # no database keeps it
        raise BadInput("body", "tegnet med nummer 0 kan ikke bruges.")
    return raw


Raw = Annotated[bytes, Depends(_raw)]
Once = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=MAX_KEY,
        pattern=r"^[!-~]+$",
        description="A key of your own: the same request with it again is done once and answered as the first time.",
    ),
]


def shown(request: Request, document: Shape | Sequence[Shape], *, link: str = "") -> Response:
    """What was asked for; 304 when the asker has it already."""
    return with_etag(request, as_json(document), JSON, link=link)


def with_etag(request: Request, body: bytes, media_type: str, *, link: str = "") -> Response:
    """The same for any body."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if link:
        headers["Link"] = link
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type)


def as_json(document: Shape | Sequence[Shape]) -> bytes:
    """The document as JSON, as `--json` has it."""
    if isinstance(document, Shape):
        return document.model_dump_json(by_alias=True).encode()
    kind: Any = type(document[0]) if document else Shape
    return TypeAdapter(list[kind]).dump_json(list(document), by_alias=True)


def cut(rows: Sequence[Row], page: Page, number: Callable[[Row], int], request: Request) -> tuple[list[Row], str]:
    """The page of rows of which one more was asked for than fits, and the `Link` to the next page."""
    here = list(rows[: page.limit])
    if len(rows) <= page.limit:
        return here, ""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
    query = urlencode([*asked, ("after", str(number(here[-1])))])
    return here, f'<{root()}{_path(request)}?{query}>; rel="next"'


def cut_list(rows: Sequence[Row], page: Page, request: Request) -> tuple[list[Row], str]:
    """The same for a list without numbers: counted by place."""
    numbered = list(enumerate(rows, 1))[page.after : page.after + page.limit + 1]
    here, link = cut(numbered, page, lambda pair: pair[0], request)
    return [row for _, row in here], link


def _path(request: Request) -> str:
    path: str = request.scope["path"]
    return path.removeprefix(root())


def once(
    request: Request, key: ApiKey, raw: bytes, own_key: str | None, do: Callable[[Session], tuple[int, Shape, str]]
) -> Response:
    """Do it in one transaction and keep the answer with it, where the asker gave a key of its own.

    `do` returns the status, the document, and where the thing is found (or ""). A refusal isn't kept: what was
    refused may be asked again.

    Raises:
        Refusal: a rule says no, or the key was used for something else.
    """
    house = house_of(request)
    try:
        answer, is_new = _done(house, request, key, raw, own_key, do)
    except IntegrityError:
        answer, is_new = _done(house, request, key, raw, own_key, do)  # somebody was a moment before us
    headers = {"Cache-Control": "no-store"}
    if answer.location:
        headers["Location"] = root() + answer.location
    if not is_new:
        headers["Idempotency-Replayed"] = "true"
    afterwards = BackgroundTask(house.send_post) if is_new else None
    return Response(answer.body.encode(), answer.status, headers, JSON, afterwards)


def _done(
    house: House,
    request: Request,
    key: ApiKey,
    raw: bytes,
    own_key: str | None,
    do: Callable[[Session], tuple[int, Shape, str]],
) -> tuple[Answer, bool]:
    asked = asked_of(request.method, _path(request), raw)
    with house.deciding() as session:
        if own_key is not None:
            # one at a time for each system, so that the second finds what the first was answered
            session.exec(select(ApiKey).where(ApiKey.id == key.id).with_for_update()).one()
            if (kept := answer_kept(session, key, own_key, asked)) is not None:
                return kept, False
        status, document, location = do(session)
        answer = Answer(status, as_json(document).decode(), location)
        if own_key is not None:
            keep_answer(session, key, own_key, asked, answer, house.today())
    return answer, True
