"""One question, for somebody who is signed in (`/opgaver/svar/…`) or holds the link in a role's mail (`/opgaver/link/…`)."""

from datetime import date

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from channels.addresses import question_path
from channels.page.desk import RowNumber, Typed, desk_of
from channels.staff import answering
from channels.staff.answering import Answering
from channels.staff.visitor import Posting, Visiting, Visitor
from config.catalogue import catalogue
from config.settings import settings
from models.database import reading
from models.post.link import Purpose, open_link
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said

router = APIRouter(prefix="/opgaver")


def _signed_in(visitor: Visitor, key: str) -> Answering:
    return Answering(key, question_path(key), visitor.roles, visitor.said, visitor)


def _by_link(request: Request, token: str) -> Answering:
    """Who holds a role's link to a question.

    Raises:
        Refusal: the link doesn't work, or the municipality wants a name for this question.
    """
    desk = desk_of(request)
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.QUESTION, moment=desk.moment())
        if link.about.split(":")[1] not in catalogue().roles.by_link:
            raise Refusal("link.revoked", "Det spørgsmål kræver nu, at man logger ind. Åbn det på opgavesiden.")
        role, key = link.acts_as, link.about
    return Answering(key, f"/opgaver/link/{token}", frozenset({role}), _said_by_link, None)


def _correcting(who: Answering) -> Answering:
    return who._replace(path=f"{who.path}{answering.CORRECT}", is_correcting=True)


def _said_by_link(on: date, by: Role) -> Said:
    """By a role's link nobody is known by name, and the journal says so."""
    return Said(on, by, Door.LINK)


@router.api_route("/svar/{key}", methods=["GET", "HEAD"])
def ask(request: Request, visitor: Visiting, key: str, svar: str = "") -> Response:
    """The question, or how it was settled."""
    return answering.ask(request, _signed_in(visitor, key), svar)


@router.post("/svar/{key}")
def answer(request: Request, visitor: Posting, form: Typed, key: str) -> Response:
    """Record the answer."""
    return answering.take(request, _signed_in(visitor, key), form)


@router.api_route("/svar/{key}/tekst", methods=["GET", "HEAD"])
def text(request: Request, visitor: Visiting, key: str) -> Response:
    """The whole document that the question is about."""
    return answering.text(request, _signed_in(visitor, key))


@router.api_route("/svar/{key}/kvittering", methods=["GET", "HEAD"])
def receipt(request: Request, visitor: Visiting, key: str) -> Response:
    """What was answered, and what happens now."""
    return answering.receipt(request, _signed_in(visitor, key))


@router.api_route("/svar/{key}/ret", methods=["GET", "HEAD"])
def ask_again(request: Request, visitor: Visiting, key: str, svar: str = "") -> Response:
    """The question once more, to put its answer right, or why that can't be done."""
    return answering.ask(request, _correcting(_signed_in(visitor, key)), svar)


@router.post("/svar/{key}/ret")
def correct(request: Request, visitor: Posting, form: Typed, key: str) -> Response:
    """Record another answer."""
    return answering.take(request, _correcting(_signed_in(visitor, key)), form)


@router.api_route("/svar/{key}/billede/{number}", methods=["GET", "HEAD"])
def photo(request: Request, visitor: Visiting, key: str, number: RowNumber) -> Response:
    """A photo among the facts."""
    return _photo(request, key, number)


@router.api_route("/link/{token}", methods=["GET", "HEAD"])
def ask_by_link(request: Request, token: str, svar: str = "") -> Response:
    """The same without an account, where `config/roles.yaml` allows it."""
    return answering.ask(request, _by_link(request, token), svar)


@router.post("/link/{token}")
def answer_by_link(request: Request, token: str, form: Typed) -> Response:
    """Record the answer; the address is the key, as on the volunteers' page."""
    return answering.take(request, _by_link(request, token), form)


@router.api_route("/link/{token}/tekst", methods=["GET", "HEAD"])
def text_by_link(request: Request, token: str) -> Response:
    """The same without an account."""
    return answering.text(request, _by_link(request, token))


@router.api_route("/link/{token}/kvittering", methods=["GET", "HEAD"])
def receipt_by_link(request: Request, token: str) -> Response:
    """What was answered, and what happens now."""
    return answering.receipt(request, _by_link(request, token))


@router.api_route("/link/{token}/ret", methods=["GET", "HEAD"])
def ask_again_by_link(request: Request, token: str, svar: str = "") -> Response:
    """The question once more, to put its answer right."""
    return answering.ask(request, _correcting(_by_link(request, token)), svar)


@router.post("/link/{token}/ret")
def correct_by_link(request: Request, token: str, form: Typed) -> Response:
    """Record another answer."""
    return answering.take(request, _correcting(_by_link(request, token)), form)


@router.api_route("/link/{token}/billede/{number}", methods=["GET", "HEAD"])
def photo_by_link(request: Request, token: str, number: RowNumber) -> Response:
    """A photo among the facts."""
    return _photo(request, _by_link(request, token).key, number)


def _photo(request: Request, key: str, number: RowNumber) -> Response:
    with reading(desk_of(request).engine) as session:
        path = settings().var_dir / answering.photo_of(session, key, number).path
    if not path.is_file():
        raise Refusal("photo.unknown", "Billedet er her ikke mere.")
    return FileResponse(path, media_type="image/jpeg")
