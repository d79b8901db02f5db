"""Forslag og "vil I være med?": how somebody without an account sends a wish for a place, or an offer to look after one.

Neither is a promise, and the pages say what happens next. Behind the forms is what guards the report from the sign: the signed
moment and the trap (`channels.page.shown`), a limit for each address, photos drawn anew.
"""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from channels.page.desk import Desk, Form, Typed, desk_of, done
from channels.page.place import HIDDEN
from channels.page.show import fault, place_words, show, sorry
from channels.page.shown import key_of, looks_automatic, shown_again, shown_now
from channels.records.photos import keep_good_photos, place_in_photos
from channels.staff.place_text import point_in
from config.catalogue import catalogue
from config.settings import settings
from models.case.enquiry import Enquiry
from models.case.facility import Facility, find
from models.database import reading
from models.place import Degrees
from models.refusal import BadInput, Refusal
from models.stages.enquiry import Sender, Wish, follow_link, offer_to_help, wish_publicly

PATH, SCRIPT = "/forslag", "/forslag/her.js"
proposals = APIRouter(prefix=PATH)
friends = APIRouter(prefix="/sted/{reference}/venner")

_SENDER = ("name", "mail", "phone", "who")


@proposals.api_route("", methods=["GET", "HEAD"])
def ask_for_a_wish(request: Request) -> Response:
    """The form of a wish."""
    return _wish_page(desk_of(request), {})


@proposals.api_route("/her.js", methods=["GET", "HEAD"])
def script() -> Response:
    """What asks the telephone where it is; the form is whole without it."""
    headers = {"Cache-Control": "public, max-age=3600"}
    return FileResponse(settings().templates_dir / "pages/her.js", media_type="text/javascript", headers=headers)


@proposals.api_route("/tak", methods=["GET", "HEAD"])
def wish_kept(request: Request) -> Response:
    """Thanks, where whoever sent it has no page of their own."""
    return show("enquiry_kept", **_thanked(request), is_wish=True)


@proposals.post("")
def send_a_wish(request: Request, form: Typed) -> Response:
    """Keep a wish."""
    desk = desk_of(request)
    try:
        automatic = looks_automatic(desk, form)
        _must_consent(form)
        point = _point_of(form)
        if form["type"] not in ("", *catalogue().types):
            raise BadInput("type", "vælg, hvad I ønsker jer.")
        desk.must_not_flood(request)
        photos, lost = keep_good_photos(form.files)
        with desk.deciding() as session:
            wish = Wish(form["type"], form["place"], point, form["why"])
            key = key_of(form, "type", "place", "why", *_SENDER)
            enquiry = wish_publicly(
                session, wish, _sender(form), photos=photos, key=key, on=desk.today(), looks_automatic=automatic
            )
            path = _receipt(session, enquiry, PATH, lost)
    except Refusal as refusal:
        return _wish_page(desk, form.typed, **_refused(desk, form, refusal))
    return done(desk, path)


@friends.api_route("", methods=["GET", "HEAD"])
def ask_to_help(request: Request, reference: str) -> Response:
    """The form of an offer."""
    return _friends_page(desk_of(request), reference, {})


@friends.api_route("/tak", methods=["GET", "HEAD"])
def offer_kept(request: Request, reference: str) -> Response:
    """Thanks, where whoever sent it has no page of their own."""
    return show("enquiry_kept", **_thanked(request), is_wish=False)


@friends.post("")
def send_an_offer(request: Request, reference: str, form: Typed) -> Response:
    """Keep an offer."""
    desk = desk_of(request)
    if "\0" in reference:
        return _friends_page(desk, "", {})
    try:
        automatic = looks_automatic(desk, form)
        _must_consent(form)
        desk.must_not_flood(request)
        with desk.deciding() as session:
            facility = find(session, reference)
            if facility.stage in HIDDEN:
                return _friends_page(desk, reference, {})
            key = key_of(form, "why", *_SENDER)
            enquiry = offer_to_help(
                session, facility, _sender(form), form["why"], key=key, on=desk.today(), looks_automatic=automatic
            )
            path = _receipt(session, enquiry, f"/sted/{facility.reference.lower()}/venner", 0)
    except Refusal as refusal:
        return _friends_page(desk, reference, form.typed, **_refused(desk, form, refusal))
    return done(desk, path)


def _must_consent(form: Form) -> None:
    if form["consent"] != "yes":
        raise BadInput("consent", "sæt hak her, så vi må gemme det og svare jer.")


def _point_of(form: Form) -> Degrees | None:
    """What was typed, if it can be read as a point; else, where nothing was, what a photo says."""
    try:
        point = point_in(form["place"])
    except BadInput as elsewhere:
        raise BadInput("place", elsewhere.sentence.partition(": ")[2]) from elsewhere
    return place_in_photos(form.files) if point is None and not form["place"].strip() else point


def _sender(form: Form) -> Sender:
    return Sender(form["name"], form["mail"], form["phone"], form["who"])


def _receipt(session: Session, enquiry: Enquiry, path: str, lost: int) -> str:
    """The sender's own page, or thanks where the municipality has none."""
    more = f"&uden={lost}" if lost else ""
    if not catalogue().public.following:
        return f"{path}/tak?nr={enquiry.number}{more}"
    return f"/hvor/{follow_link(session, enquiry)}?tak=1{more}"


def _thanked(request: Request) -> dict[str, Any]:
    number = request.query_params.get("nr", "")
    lost = request.query_params.get("uden", "")
    return {
        "number": number if number.isascii() and number.isdigit() and len(number) < 10 else "",
        "lost_photos": int(lost) if lost in ("1", "2", "3", "4") else 0,
    }


def _refused(desk: Desk, form: Form, refusal: Refusal) -> dict[str, Any]:
    too_many = refusal.code.endswith(".too_many")
    status = 422 if isinstance(refusal, BadInput) else 429 if too_many else 409
    return {"status": status, "fault": fault(refusal), "shown": shown_again(desk, form["shown"])}


def _wish_page(desk: Desk, typed: dict[str, str], *, status: int = 200, **more: Any) -> Response:
    told = {
        "typed": typed,
        "shown": shown_now(desk),
        "kinds": [(key, kind.name) for key, kind in catalogue().types.items()],
        "months": catalogue().retention.enquiries_months,
        "public": catalogue().public,
    }
    return show("wish", status=status, **told | more)


def _friends_page(desk: Desk, reference: str, typed: dict[str, str], *, status: int = 200, **more: Any) -> Response:
    with reading(desk.engine) as session:
        row = select(Facility).where(Facility.reference == reference.strip().upper())
        facility = None if "\0" in reference else session.exec(row).first()
        if facility is None or facility.stage in HIDDEN:
            return sorry(404, "Stedet findes ikke her", "Se efter på skiltet, eller ring til os.")
        told = {
            "typed": typed,
            "facility": facility,
            "shown": shown_now(desk),
            "months": catalogue().retention.enquiries_months,
            "public": catalogue().public,
            **place_words(facility),
        }
        return show("friends", status=status, **told | more)
