"""En sag: everything about one facility on one page, and what one may do with it."""

from fastapi import APIRouter
from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from channels.addresses import root
from channels.page.desk import desk_of, lost_photos
from channels.page.show import place_words
from channels.staff.actions import done_words, offered
from channels.staff.case_facts import Told
from channels.staff.show import show_staff
from channels.staff.visitor import Visiting
from models.case.facility import Facility, find
from models.database import reading
from models.operation.weather import closed_by_weather
from models.refusal import BadInput

router = APIRouter(prefix="/opgaver")


@router.api_route("/sag/{reference}", methods=["GET", "HEAD"])
def case(request: Request, visitor: Visiting, reference: str) -> Response:
    """The whole case."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        facility = found(session, reference)
        if facility.reference != reference:
            return RedirectResponse(f"{root()}/opgaver/sag/{facility.reference}", 303)
        told = Told(session, facility, visitor.roles, desk.today())
        return show_staff(
            "case",
            visitor,
            here="/steder",
            facility=facility,
            offered=offered(session, facility, visitor.roles),
            done=done_words(request.query_params.get("gjort", "")),
            lost_photos=lost_photos(request),
            ban=closed_by_weather(session, facility),
            sees_contacts=told.sees_contacts,
            **told.everything(),
            **place_words(facility),
        )


def found(session: Session, reference: str) -> Facility:
    """The facility an address names.

    Raises:
        HTTPException: 404, there is none.
    """
    if len(reference) > 24 or not reference.isprintable():
        raise HTTPException(404)
    try:
        return find(session, reference)
    except BadInput:
        raise HTTPException(404) from None
