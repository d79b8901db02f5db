"""Eftersyn og besøg: the days that are coming, and until when each firm must be summoned."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import desk_of
from channels.staff.show import show_staff
from channels.staff.visitor import Visiting
from models.case.inspection import open_inspections
from models.database import reading
from models.operation.inspection_answer import MAY_INSPECT

router = APIRouter(prefix="/opgaver")

MOST = 300
"""How many stand on the page; it is for the coming year, and the next are there when these are held."""


@router.api_route("/eftersyn", methods=["GET", "HEAD"])
def inspections(request: Request, visitor: Visiting) -> Response:
    """All that are still to be held, the next one first."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        found = open_inspections(session, most=MOST + 1)
        return show_staff(
            "inspections",
            visitor,
            here="/arbejde",
            on=desk.today(),
            rows=found[:MOST],
            is_cut=len(found) > MOST,
            may=not visitor.roles.isdisjoint(MAY_INSPECT),
        )
