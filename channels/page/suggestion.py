"""En melding fra skiltet: somebody who knows the place confirms it, or says there is nothing."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from channels.page.answer import whose
from channels.page.desk import Desk, RowNumber, Typed, desk_of, done
from channels.page.show import place_words, said_back, show, sorry
from config.settings import settings
from models.case.facility import Facility
from models.case.photo import photos_of
from models.database import reading
from models.operation.public_report import PublicReport, confirm_report, dismiss_report, find_public_report
from models.post.link import Purpose, open_link, use_link
from models.refusal import BadInput, Refusal
from models.role import Door
from models.said import Said

router = APIRouter(prefix="/melding/{token}")


@router.api_route("", methods=["GET", "HEAD"])
def see(request: Request, token: str) -> Response:
    """What was reported."""
    return _page(desk_of(request), token)


@router.api_route("/{number}.jpg", methods=["GET", "HEAD"])
def photo(request: Request, token: str, number: RowNumber) -> Response:
    """One of its photos, counted from 1."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.SUGGESTION, moment=desk.moment())
        photos = photos_of(session, public_report_id=link.subject_id)
    path = settings().var_dir / photos[number - 1].path if 1 <= number <= len(photos) else None
    if path is None or not path.is_file():
        return sorry(404, "Billedet er her ikke", "Åbn linket fra mailen igen.")
    return FileResponse(path, media_type="image/jpeg")


@router.post("")
def decide(request: Request, token: str, form: Typed) -> Response:
    """Confirm or dismiss; the same again changes nothing."""
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            link = open_link(session, token, Purpose.SUGGESTION, moment=desk.moment())
            report = find_public_report(session, link.subject_id)
            said = Said(desk.today(), link.acts_as, Door.PAGE)
            if form["what"] == "confirm":
                confirm_report(session, report, said)
            elif form["what"] == "dismiss":
                dismiss_report(session, report, said)
            else:
                raise BadInput("what", "vælg et af de to svar.")
            use_link(session, link, moment=desk.moment())
    except Refusal as refusal:
        return _page(desk, token, **said_back(refusal))
    return done(desk, f"/melding/{token}")


def _page(desk: Desk, token: str, *, status: int = 200, **more: Any) -> Response:
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.SUGGESTION, moment=desk.moment())
        report = session.get_one(PublicReport, link.subject_id)
        facility = session.get_one(Facility, report.facility_id)
        told = {
            "token": token,
            "report": report,
            "facility": facility,
            "photos": len(photos_of(session, public_report_id=report.id)),
            "whose": whose(session, link, facility),
            **place_words(facility),
        }
        return show("suggestion", status=status, **told | more)
