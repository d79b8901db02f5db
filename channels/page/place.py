"""Stedets side, behind the sign: who looks after it, and how anybody reports damage without an account.

Spam trap: a field people don't see must stay empty, and a form that comes back within three seconds of when it was
first shown was filled in by a machine (`channels.page.shown`). What falls into it is kept all the same, marked, for the
coordinator to look at.
"""

from typing import Any

from fastapi import APIRouter
from sqlmodel import select
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Desk, Typed, desk_of, done, lost_photos
from channels.page.show import fault, must_not_be_used, place_words, show, sorry
from channels.page.shown import key_of, looks_automatic, shown_again, shown_now
from channels.records.photos import keep_good_photos
from config.catalogue import catalogue
from models.case.facility import Facility, find
from models.case.volunteer_group import VolunteerGroup
from models.danish import dato
from models.database import reading
from models.operation.friends import is_without_group
from models.operation.public_report import may_be_reported, recent_reports, report_publicly
from models.operation.suggestion import Known, known_damage
from models.refusal import BadInput, Refusal
from models.role import Door
from models.stage import NEVER_BUILT, Stage

router = APIRouter(prefix="/sted/{reference}")

MOST_KNOWN = 5
WORDS_SHOWN = 80
HIDDEN = (Stage.PROPOSAL, Stage.CONSULTATION, *NEVER_BUILT)


@router.api_route("", methods=["GET", "HEAD"])
def see(request: Request, reference: str) -> Response:
    """The place's page."""
    return _page(desk_of(request), reference)


@router.api_route("/tak", methods=["GET", "HEAD"])
def receipt(request: Request, reference: str) -> Response:
    """Thanks."""
    lost = lost_photos(request)
    return _page(desk_of(request), reference, template="reported", lost_photos=lost, number=_number(request))


@router.post("")
def report(request: Request, reference: str, form: Typed) -> Response:
    """Take a stranger's report as a suggestion."""
    desk = desk_of(request)
    if "\0" in reference:
        return _page(desk, "")
    thanks = f"/sted/{reference.lower()}/tak"
    try:
        automatic = looks_automatic(desk, form)
        if not form["what"].strip():
            raise BadInput("what", "skriv, hvad der er galt. Et par ord er nok.")
        if form["safe"] not in ("yes", "no"):
            raise BadInput("safe", "vælg, om stedet kan bruges sikkert.")
        desk.must_not_flood(request)
        photos, lost = keep_good_photos(form.files)
        with desk.deciding() as session:
            number = report_publicly(
                session,
                find(session, reference),
                form["what"],
                safe=form["safe"] == "yes",
                photos=photos,
                key=key_of(form, "safe", "what"),
                on=desk.today(),
                door=Door.PAGE,
                mail=form["mail"],
                same_as=form["same"],
                looks_automatic=automatic,
            ).number
    except Refusal as refusal:
        too_many = refusal.code == "public_report.too_many"
        status = 422 if isinstance(refusal, BadInput) else 429 if too_many else 409
        shown = shown_again(desk, form["shown"])
        return _page(desk, reference, status=status, fault=fault(refusal), typed=form.typed, shown=shown)
    return done(desk, f"{thanks}?nr={number}" + (f"&uden={lost}" if lost else ""))


def _number(request: Request) -> str:
    """The report's number, which a receipt says."""
    said = request.query_params.get("nr", "")
    return said if said.isascii() and said.isdigit() and len(said) < 10 else ""


def _in_short(known: Known) -> str:
    what = known.what if len(known.what) <= WORDS_SHOWN else known.what[:WORDS_SHOWN].rpartition(" ")[0] + " …"
    told = f": {what}" if what else ""
    return f"Meldt {dato(known.reported_on)}{told} ({known.danish})"


def _page(desk: Desk, reference: str, *, template: str = "place", status: int = 200, **more: Any) -> Response:
    with reading(desk.engine) as session:
        row = select(Facility).where(Facility.reference == reference.strip().upper())
        facility = None if "\0" in reference else session.exec(row).first()
        if facility is None or facility.stage in HIDDEN:
            return sorry(404, "Stedet findes ikke her", "Se efter på skiltet, eller ring til os.")
        group = session.get_one(VolunteerGroup, facility.group_id)
        told = {
            "facility": facility,
            "group": group,
            "seeks_friends": is_without_group(session, facility),
            "may_join": catalogue().public.friends,
            "may_report": may_be_reported(facility),
            "recent": recent_reports(session, facility, on=desk.today()),
            "must_not": must_not_be_used(session, facility),
            "known": [(each.key, _in_short(each)) for each in known_damage(session, facility)[:MOST_KNOWN]],
            "shown": shown_now(desk),
            **place_words(facility),
        }
        return show(template, status=status, **told | more)
