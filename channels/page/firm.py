"""Firmaets opgave: one order, taken and reported done by a firm's link. One link, one order."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from channels.page.desk import Desk, Form, RowNumber, Typed, desk_of, done, lost_photos, receipt_path
from channels.page.show import place_words, said_back, show, sorry
from channels.records.certificates import keep_certificate
from channels.records.photos import keep_good_photos
from config.settings import settings
from models.case.facility import Facility
from models.case.photo import Photo, photos_of
from models.database import reading
from models.operation.firm_report import FirmReport, FirmsOrder, finish_by_link, firms_order, take_by_link
from models.operation.work_certificate import certificate_word
from models.operation.work_order import WorkState
from models.refusal import BadInput, Refusal

router = APIRouter(prefix="/arbejde/{token}")


@router.api_route("", methods=["GET", "HEAD"])
def see(request: Request, token: str) -> Response:
    """The order: what, where, by when; or the receipt when it is done."""
    return _page(desk_of(request), token, lost_photos=lost_photos(request))


@router.api_route("/{number}.jpg", methods=["GET", "HEAD"])
def photo(request: Request, token: str, number: RowNumber) -> Response:
    """One of the photos that show what is wrong, counted from 1."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        paths = [each.path for each in _photos(session, firms_order(session, token, moment=desk.moment()))]
    path = settings().var_dir / paths[number - 1] if 1 <= number <= len(paths) else None
    if path is None or not path.is_file():
        return sorry(404, "Billedet er her ikke", "Åbn linket fra mailen igen.")
    return FileResponse(path, media_type="image/jpeg")


@router.post("")
def answer(request: Request, token: str, form: Typed) -> Response:
    """Take it or report it done; the same again leads to the same receipt."""
    desk = desk_of(request)
    with reading(desk.engine) as session:  # before files are kept for somebody who has no link
        firms_order(session, token, moment=desk.moment())
    lost = 0
    try:
        if form["what"] == "take":
            before, lost = keep_good_photos(form.by_field.get("before", []))
            with desk.deciding() as session:
                take_by_link(session, token, before, moment=desk.moment(), on=desk.today())
        elif form["what"] == "done":
            report, lost = _report(form)
            with desk.deciding() as session:
                finish_by_link(session, token, report, moment=desk.moment(), on=desk.today())
        else:
            raise BadInput("what", "vælg et af de to svar.")
    except Refusal as refusal:
        return _page(desk, token, **said_back(refusal), typed=form.typed)
    return done(desk, receipt_path(f"/arbejde/{token}", lost))


def _report(form: Form) -> tuple[FirmReport, int]:
    minutes = form.number("minutes")
    if minutes is None:
        raise BadInput("minutes", "skriv, hvor mange minutter det tog.")
    kr = form.number("kr")
    files = form.by_field.get("certificate", [])
    certificate = keep_certificate(files[0]) if files else None
    photos, lost = keep_good_photos(form.by_field.get("photos", []))
    ore = kr * 100 if kr is not None else None
    return FirmReport(minutes, ore, form["invoice"], form["note"], photos, certificate), lost


def _photos(session: Any, order: FirmsOrder) -> list[Photo]:
    """What shows the damage, or how it was before: never what other people sent about other things."""
    shown = [each for each in photos_of(session, work_id=order.work.number) if each.shows_before]
    if order.work.incident_id is not None:
        shown = photos_of(session, incident_id=order.work.incident_id) + shown
    return shown


def _page(desk: Desk, token: str, *, status: int = 200, **more: Any) -> Response:
    with reading(desk.engine) as session:
        order = firms_order(session, token, moment=desk.moment())
        facility = session.get_one(Facility, order.work.facility_id)
        if order.work.state is WorkState.DROPPED:
            return sorry(
                410, "Opgaven er aflyst", f"I skal ikke gøre mere ved {facility.name}. Ring, hvis I er i tvivl."
            )
        told = {
            "token": token,
            "facility": facility,
            "work": order.work,
            "firm": order.firm,
            "is_late": order.work.is_late(desk.today()),
            "certificate": certificate_word(session, order.work),
            "photos": len(_photos(session, order)),
            **place_words(facility),
        }
        return show("work", status=status, **told | more)
