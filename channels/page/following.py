"""Hvor er vores shelter? Where a wish stands: for whoever sent it by their own link, and for the group from its page.

The link looks, and takes back what its holder sent. It names no person, so that it can be passed on in the village.
"""

from typing import Any

from fastapi import APIRouter
from sqlmodel import select
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Desk, Typed, desk_of, done, lost_photos
from channels.page.show import place_words, said_back, show, sorry
from config.catalogue import catalogue
from models.case.enquiry import Enquiry, EnquiryKind, find_enquiry
from models.case.facility import Facility
from models.database import reading
from models.overview.road import road_of
from models.post.link import Purpose, open_link
from models.refusal import BadInput, Refusal
from models.role import Door
from models.stages.enquiry import withdraw_enquiry

router = APIRouter()


@router.api_route("/hvor/{token}", methods=["GET", "HEAD"])
def see(request: Request, token: str) -> Response:
    """Where what somebody sent stands."""
    return _page(request, token)


@router.post("/hvor/{token}")
def take_back(request: Request, token: str, form: Typed) -> Response:
    """Take it back: what it says of whoever sent it is erased at once."""
    desk = desk_of(request)
    try:
        if form["sure"] != "yes":
            raise BadInput("sure", "sæt hak, hvis I vil have det slettet.")
        with desk.deciding() as session:
            link = open_link(session, token, Purpose.FOLLOW, moment=desk.moment())
            withdraw_enquiry(session, find_enquiry(session, link.subject_id), on=desk.today(), door=Door.PAGE)
    except BadInput as bad:
        return _page(request, token, refusal=bad)
    return done(desk, f"/hvor/{token}")


@router.api_route("/gruppe/{token}/hvor/{reference}", methods=["GET", "HEAD"])
def see_as_a_group(request: Request, token: str, reference: str) -> Response:
    """Where a place of the group's stands."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.GROUP, moment=desk.moment())
        row = select(Facility).where(Facility.reference == reference.strip().upper())
        facility = None if "\0" in reference else session.exec(row).first()
        if facility is None or facility.group_id != link.subject_id:
            return sorry(404, "Siden findes ikke", "Åbn linket fra mailen igen, eller ring til os.")
        told: dict[str, Any] = {"enquiry": None, "facility": facility, "road": road_of(session, facility)}
        return show("following", back=f"/gruppe/{token}", **_common(desk), **told, **place_words(facility))


def _page(request: Request, token: str, *, refusal: Refusal | None = None) -> Response:
    desk = desk_of(request)
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.FOLLOW, moment=desk.moment())
        enquiry = session.get_one(Enquiry, link.subject_id)
        facility = session.get(Facility, enquiry.facility_id) if enquiry.facility_id is not None else None
        is_wish = enquiry.kind is EnquiryKind.PROPOSAL
        told: dict[str, Any] = {
            "enquiry": enquiry,
            "facility": facility,
            "road": road_of(session, facility) if facility is not None and is_wish else [],
            "kind_name": catalogue().types[enquiry.type_key].name if enquiry.type_key in catalogue().types else "",
            "token": token,
            "back": "",
        }
        told |= place_words(facility) if facility is not None else {"sted": "", "Sted": ""}
        told |= {"is_new": request.query_params.get("tak") == "1", "lost_photos": lost_photos(request)}
        told |= said_back(refusal) if refusal is not None else {}
        return show("following", **_common(desk) | told)


def _common(desk: Desk) -> dict[str, Any]:
    return {
        "is_new": False,
        "lost_photos": 0,
        "token": "",
        "kind_name": "",
        "today": desk.today(),
        "months": catalogue().retention.enquiries_months,
    }
