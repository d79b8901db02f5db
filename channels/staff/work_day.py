"""Mit arbejde i dag: what the crew must do, late first and then by nearness, answered where they stand.

All of it works as plain pages. Where the browser runs our own script, answers that are typed without net stay on the
phone and are sent when it is back (`templates/staff/arbejde.js`); sent twice they are one, as each order ends once.
"""

from datetime import date
from math import hypot
from typing import NamedTuple

from fastapi import APIRouter
from sqlalchemy import or_
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from channels.addresses import question_path
from channels.page.desk import Form, RowNumber, Typed, desk_of, done, lost_photos
from channels.page.show import Fault
from channels.records.certificates import keep_certificate
from channels.records.photos import keep_good_photos
from channels.staff.doubts import Minutes, ask_if_meant, doubt_in
from channels.staff.roles import as_role, role_choice
from channels.staff.show import show_staff
from channels.staff.visitor import Posting, Visiting, Visitor
from config.catalogue import catalogue
from config.settings import settings
from models.case.agreement_version import cost_of
from models.case.district import districts_of, is_in_area
from models.case.facility import Facility, find
from models.case.inheritance import Inheritance
from models.case.photo import Photo, add_photos
from models.database import reading
from models.operation.check import Check
from models.operation.incident import Incident
from models.operation.inspection_work import inspection_of
from models.operation.work import MAY_FINISH, MAY_WORK, drop_work, finish_work, take_work
from models.operation.work_certificate import add_certificate, certificate_word
from models.operation.work_order import WorkOrder, find_work, open_work
from models.overview.waiting import wait_for_inspection
from models.refusal import BadInput, Refusal
from models.said import Said

PATH = "/arbejde"
router = APIRouter(prefix="/opgaver")

POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The page's own Content-Security-Policy: our script and its service worker, and nothing else more than other pages."""
QUICK_MINUTES = (15, 30, 60, 120)
"""What one tap says that it took."""
SOON_DAYS = 14
"""How far ahead the day's page looks; later orders are told by number."""


class Stop(NamedTuple):
    """A place the crew goes to, with all that is to be done there."""

    facility: Facility
    address: str
    orders: list[WorkOrder]
    photo: Photo | None
    """The newest that shows the place: of damage, of work there, or of a check."""
    late: int
    districts: list[str]
    reports: dict[int, str]
    """Which of the orders need a competent person's report to be done, and what the job is called."""
    answers: dict[int, str]
    """Where it is told how it went, of those that are an inspection or a visit."""

    @property
    def plain(self) -> list[WorkOrder]:
        """The orders that are done when they are done: how an inspection or a visit went is asked for by itself."""
        return [work for work in self.orders if work.number not in self.answers]


@router.api_route(PATH, methods=["GET", "HEAD"])
def work_day(request: Request, visitor: Visiting, omraade: str = "", alle: str = "") -> Response:
    """Today's and late work; `omraade` is an area of the municipality or a part of a name or an address, `alle` shows what comes later, too."""
    return _page(request, visitor, area=omraade, everything=bool(alle))


@router.post(PATH + "/{number}")
def answer(request: Request, visitor: Posting, form: Typed, number: RowNumber) -> Response:
    """Taken, done with what it took, or not because; the same answer again changes nothing."""
    desk = desk_of(request)
    try:
        photos, lost = keep_good_photos(form.by_field.get("photos", []))
        reports = form.by_field.get("certificate", [])
        report = keep_certificate(reports[0]) if reports else None
        with desk.deciding() as session:
            said = visitor.said(desk.today(), as_role(visitor, form, MAY_FINISH))
            work = find_work(session, number)
            if report is not None and work.is_open:
                add_certificate(session, work, report, on=desk.today())
            _answer(session, work, form, said)
            # what isn't done yet is shown as it was before
            is_before = form["svar"] in ("TAKEN", "CANNOT")
            add_photos(session, photos, work_id=work.number, shows_before=is_before, on=desk.today())
    except Refusal as refusal:
        if refusal.code == "role.not_held":
            raise
        # the order may be one of those that come later
        return _page(request, visitor, area=form["omraade"], everything=True, refusal=refusal, about=number, form=form)
    return done(desk, f"/opgaver{PATH}?gjort={number}" + (f"&uden={lost}" if lost else ""))


@router.post(PATH + "/sted/{reference}")
def all_here(request: Request, visitor: Posting, form: Typed, reference: str) -> Response:
    """Everything at one place is done, each in the minutes that were expected of it; or taken."""
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            said = visitor.said(desk.today(), as_role(visitor, form, MAY_FINISH))
            facility = find(session, reference)
            for number in _numbers(form):
                found = find_work(session, number)
                if found.facility_id != facility.number:
                    raise BadInput("numre", f"arbejde nr. {number} er et andet sted.")
                if form["svar"] == "TAKEN":
                    take_work(session, found, said)
                else:
                    minutes = found.minutes_estimated
                    finish_work(session, found, said, minutes=minutes, ore=cost_of(minutes))
    except Refusal as refusal:
        if refusal.code == "role.not_held":
            raise
        return _page(request, visitor, everything=True, refusal=refusal, form=form)
    return done(desk, f"/opgaver{PATH}?gjort={reference.upper()}")


@router.api_route("/arbejde.js", methods=["GET", "HEAD"])
def script() -> Response:
    """What keeps answers while there is no net."""
    return _script("arbejde.js")


@router.api_route("/arbejde-uden-net.js", methods=["GET", "HEAD"])
def service_worker() -> Response:
    """What shows the day's page while there is no net."""
    return _script("arbejde-uden-net.js")


@router.api_route(PATH + "/billede/{number}", methods=["GET", "HEAD"])
def photo(request: Request, visitor: Visiting, number: RowNumber) -> Response:
    """The newest photo of a place that has work to be done.

    Raises:
        Refusal: `photo.unknown`, it belongs to nothing that is to be done.
    """
    with reading(desk_of(request).engine) as session:
        found = session.get(Photo, number)
        shown = {stop.photo.number for stop in _stops(session, date.max) if stop.photo is not None}
    path = settings().var_dir / found.path if found is not None and found.number in shown else None
    if path is None or not path.is_file():
        raise Refusal("photo.unknown", "Billedet er her ikke mere.")
    return FileResponse(path, media_type="image/jpeg")


def _answer(session: Session, work: WorkOrder, form: Form, said: Said) -> None:
    match form["svar"]:
        case "TAKEN":
            take_work(session, work, said)
        case "CANNOT":
            if not form["grund"].strip():
                raise BadInput("grund", "skriv, hvorfor det ikke kan gøres.")
            drop_work(session, work, said, reason=form["grund"])
        case "DONE":
            minutes = form.number("minutter")
            if minutes is None:
                raise BadInput("minutter", "skriv, hvor mange minutter det tog.")
            kroner = form.number("kroner")
            ore = kroner * 100 if kroner is not None else cost_of(minutes)
            ask_if_meant(Minutes(minutes, work.minutes_estimated, ore), form)
            finish_work(session, work, said, minutes=minutes, ore=ore, note=form["note"])
        case quick if quick.startswith("DONE-") and quick[5:].isdigit() and int(quick[5:]) in QUICK_MINUTES:
            minutes = int(quick[5:])
            finish_work(session, work, said, minutes=minutes, ore=cost_of(minutes), note=form["note"])
        case _:
            raise BadInput("svar", "vælg et af svarene.")


def _stops(session: Session, until: date, area: str = "") -> list[Stop]:
    """The places with work up to a day: those with late work first, then each the nearest to the one before."""
    orders: dict[int, list[WorkOrder]] = {}
    for work in open_work(session):
        if work.due_on <= until:
            orders.setdefault(work.facility_id, []).append(work)
    places = {f.number: f for f in session.exec(select(Facility).where(col(Facility.id).in_(orders)))} if orders else {}
    came = {row.facility_id: row.address for row in session.exec(select(Inheritance)) if row.facility_id in orders}
    stops = [
        Stop(
            places[number],
            came.get(number, ""),
            mine,
            _newest_photo(session, number),
            0,
            districts_of(places[number]),
            {work.number: word for work in mine if (word := certificate_word(session, work))},
            _answers(session, places[number], mine),
        )
        for number, mine in orders.items()
        if is_in_area(places[number], came.get(number, ""), area)
    ]
    return stops


def _answers(session: Session, place: Facility, orders: list[WorkOrder]) -> dict[int, str]:
    """The path of the question that each order to hold an inspection or a visit belongs to."""
    found = {work.number: inspection_of(session, work) for work in orders}
    return {number: question_path(wait_for_inspection(place, each).key) for number, each in found.items() if each}


def _newest_photo(session: Session, facility_id: int) -> Photo | None:
    """The last photo of the place: what was reported, how work left it, or what a check showed; no passer-by's."""
    rows = (
        select(Photo)
        .outerjoin(Incident, col(Incident.id) == Photo.incident_id)
        .outerjoin(WorkOrder, col(WorkOrder.id) == Photo.work_id)
        .outerjoin(Check, col(Check.id) == Photo.check_id)
        .where(
            or_(
                col(Incident.facility_id) == facility_id,
                col(WorkOrder.facility_id) == facility_id,
                col(Check.facility_id) == facility_id,
            )
        )
        .order_by(col(Photo.id).desc())
        .limit(1)
    )
    return session.exec(rows).first()


def _by_nearness(stops: list[Stop]) -> list[Stop]:
    """One way through them, area by area: from the most urgent to whatever is nearest each time, in the same area first."""
    left = sorted(stops, key=lambda stop: (stop.orders[0].due_on, stop.facility.reference))
    way: list[Stop] = []
    while left:
        here = way[-1] if way else left[0]
        left.sort(key=lambda stop: (stop.districts != here.districts, _metres(here.facility, stop.facility)))
        way.append(left.pop(0))
    return way


def _metres(here: Facility, there: Facility) -> float:
    if not (here.is_placed and there.is_placed):
        return float("inf")
    return hypot(here.utm_east - there.utm_east, here.utm_north - there.utm_north)


def _page(
    request: Request,
    visitor: Visitor,
    *,
    area: str = "",
    everything: bool = False,
    refusal: Refusal | None = None,
    about: int = 0,
    form: Form | None = None,
) -> Response:
    desk = desk_of(request)
    on = desk.today()
    until = date.max if everything else date.fromordinal(on.toordinal() + SOON_DAYS)
    with reading(desk.engine) as session:
        stops = [
            stop._replace(late=sum(work.is_late(on) for work in stop.orders)) for stop in _stops(session, until, area)
        ]
        later = sum(work.due_on > until for work in open_work(session)) if not everything else 0
        late = _by_nearness([stop for stop in stops if stop.late])
        rest = _by_nearness([stop for stop in stops if not stop.late])
        fault = None
        if refusal is not None:
            field = refusal.field if isinstance(refusal, BadInput) else ""
            names = {
                "numre": "Arbejdet",
                "minutter": "Minutter",
                "grund": "Hvorfor ikke",
                "kroner": "Kroner",
                "reason": "Hvorfor ikke",
                "certificate": "Rapporten",
            }
            says = refusal.sentence.removeprefix(f"{field}: ")
            fault = Fault(
                f"arbejde-{about}" if about else "",
                f"{names.get(field, field.capitalize())}: {says}" if field else says,
            )
        return show_staff(
            "work_day",
            visitor,
            here=PATH,
            status=200 if refusal is None else 422 if isinstance(refusal, BadInput) else 409,
            on=on,
            groups=[("For sent", late), ("I dag og de næste to uger" if not everything else "Det, der kommer", rest)],
            count=sum(len(stop.orders) for stop in stops),
            late=sum(stop.late for stop in stops),
            later=later,
            area=area[:80],
            districts=list(catalogue().municipality.districts),
            quick=QUICK_MINUTES,
            may=not visitor.roles.isdisjoint(MAY_FINISH),
            may_take=not visitor.roles.isdisjoint(MAY_WORK),
            who=role_choice(visitor, MAY_FINISH),
            about=about,
            doubt=doubt_in(refusal),
            typed=form.typed if form else {},
            done=request.query_params.get("gjort", "")[:20],
            lost_photos=lost_photos(request),
            fault=fault,
        )


def _numbers(form: Form) -> list[int]:
    """The orders that were shown, in one order for all who answer at once."""
    found = {int(each) for each in form["numre"].split(",") if each.isascii() and each.isdigit() and len(each) < 10}
    if not found:
        raise BadInput("numre", "der er intet arbejde valgt. Åbn siden igen.")
    return sorted(found)


def _script(name: str) -> Response:
    # no-cache, and the scope of the desk: a script of yesterday must not answer for today's page
    return FileResponse(
        settings().templates_dir / "staff" / name,
        media_type="text/javascript",
        headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": "/opgaver"},
    )
