"""Sag til udvalget, from the desk: the same paper as `driftsklar committee paper`, to be taken along."""

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import desk_of
from channels.paper.committee_paper import Format, Paper, committee_paper, committee_places
from channels.staff.action import MAY_BRING
from channels.staff.case import found
from channels.staff.visitor import Visiting
from models.database import reading

router = APIRouter(prefix="/opgaver")


@router.api_route("/sag/{reference}/udvalg.{ending}", methods=["GET", "HEAD"])
def about_a_place(request: Request, visitor: Visiting, reference: str, ending: str) -> Response:
    """What the committee must know about one place.

    Raises:
        HTTPException: 404, it isn't there.
        Refusal: `role.not_held`; `committee.nothing_to_decide`, there is nothing to ask now.
    """
    format_ = _format(ending)
    visitor.must_be(*MAY_BRING)
    desk = desk_of(request)
    with reading(desk.engine) as session:
        made = committee_paper(session, found(session, reference), desk.today())
    return _file(made, format_)


@router.api_route("/overblik/udvalg-steder.{ending}", methods=["GET", "HEAD"])
def about_places(request: Request, visitor: Visiting, ending: str) -> Response:
    """The inherited places of which nobody has decided who takes them over.

    Raises:
        HTTPException: 404, it isn't there.
        Refusal: `role.not_held`; `committee.nothing_to_decide`, there is none.
    """
    format_ = _format(ending)
    visitor.must_be(*MAY_BRING)
    desk = desk_of(request)
    with reading(desk.engine) as session:
        made = committee_places(session, desk.today())
    return _file(made, format_)


def _format(ending: str) -> Format:
    if ending not in tuple(Format):
        raise HTTPException(404)
    return Format(ending)


def _file(made: Paper, format_: Format) -> Response:
    how = "attachment" if format_ is Format.DOCX else "inline"
    name = f'{how}; filename="{made.file}.{format_}"'
    return Response(made.printed(format_), media_type=format_.media_type, headers={"Content-Disposition": name})
