"""Svar på et tjek: all fine, something is wrong, or we couldn't. One link, one check."""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Desk, Form, Typed, desk_of, done
from channels.page.show import place_words, said_back, show, sorry
from channels.photos import keep_photos
from models.answer_link import AskedCheck, asked_check, held_check, whose_link
from models.caretaking import report_check
from models.check import Check, CheckResult, CheckState, report_of
from models.database import glance, reading
from models.facility import Facility
from models.incident import incident_of_check
from models.link import Link, use_link
from models.photo import StoredPhoto, add_photos, photos_of
from models.receipt import send_receipt
from models.refusal import BadInput, Refusal
from models.role import Door
from models.volunteer_group import Contact, VolunteerGroup

SEVERITY = {"small": "Det er småt.", "serious": "Det er alvorligt."}

router = APIRouter(prefix="/svar/{token}")


@router.api_route("", methods=["GET", "HEAD"])
def ask(request: Request, token: str) -> Response:
    """The question, or the receipt when it is answered."""
    return _page(desk_of(request), token, "answer")


@router.api_route("/galt", methods=["GET", "HEAD"])
def ask_what_is_wrong(request: Request, token: str) -> Response:
    """What is wrong, how bad, and can it be used."""
    return _page(desk_of(request), token, "damage")


@router.api_route("/ikke", methods=["GET", "HEAD"])
def ask_why_not(request: Request, token: str) -> Response:
    """We couldn't: no reason is needed."""
    return _page(desk_of(request), token, "not_done")


@router.post("")
def answer(request: Request, token: str, form: Typed) -> Response:
    """Record the answer; the same answer again leads to the same receipt."""
    desk = desk_of(request)
    template = {"damaged": "damage", "not_done": "not_done"}.get(form["result"], "answer")
    if form.files:  # before they are drawn anew for somebody who has no link
        with glance(desk.engine) as connection:
            asked_check(connection, token, moment=desk.moment())
    try:
        result, minutes, note, safe = _said(form)
        photos = keep_photos(form.files)
        with desk.deciding() as session:
            _record(session, desk, token, result, minutes, note, safe, photos)
    except Refusal as refusal:
        return _page(desk, token, template, **said_back(refusal), typed=form.typed)
    return done(desk, f"/svar/{token}")


def _said(form: Form) -> tuple[CheckResult, int | None, str, bool]:
    try:
        result = CheckResult(form["result"])
    except ValueError:
        raise BadInput("result", "vælg et af de tre svar.") from None
    minutes, note, safe = form.number("minutes"), form["note"], True
    if result is CheckResult.DAMAGED:
        if not form["what"].strip():
            raise BadInput("what", "skriv, hvad der er galt. Et par ord er nok.")
        if form["severity"] not in SEVERITY:
            raise BadInput("severity", "vælg, hvor slemt det er.")
        if form["safe"] not in ("yes", "no"):
            raise BadInput("safe", "vælg, om stedet kan bruges sikkert.")
        note = f"{form['what'].strip()}\n{SEVERITY[form['severity']]}"
        safe = form["safe"] == "yes"
    return result, minutes, note, safe


def _record(
    session: Session,
    desk: Desk,
    token: str,
    result: CheckResult,
    minutes: int | None,
    note: str,
    safe: bool,
    photos: list[StoredPhoto],
) -> None:
    held = held_check(session, token, moment=desk.moment())
    link, check, on = held.link, held.check, desk.today()
    report_check(
        session,
        check,
        result,
        minutes=minutes,
        note=note,
        safe=safe,
        on=on,
        by=link.acts_as,
        door=Door.PAGE,
    )
    if not use_link(session, link, moment=desk.moment()):
        return  # the second press of the same button
    if photos:
        incident = incident_of_check(session, check)
        incident_id = incident.id if incident is not None else None
        add_photos(session, photos, check_id=check.id, incident_id=incident_id, on=on)
    what = {
        CheckResult.OK: "alt er i orden. Tak, fordi I så efter.",
        CheckResult.DAMAGED: "noget er galt. Driften har fået besked.",
        CheckResult.NOT_DONE: "I nåede det ikke. Det er helt i orden, og driften tager den.",
    }[result]
    send_receipt(session, link, check.facility_id, what, key=f"check:{check.id}", on=on)


def _page(desk: Desk, token: str, template: str, *, status: int = 200, **more: Any) -> Response:
    with glance(desk.engine) as connection:
        asked = asked_check(connection, token, moment=desk.moment())
    told = {"token": token, "asked": asked, **place_words(asked)} | more
    if asked.is_open:
        return show(template, status=status, **told)
    with reading(desk.engine) as session:
        check = session.get_one(Check, asked.check_id)
        report = report_of(session, check)
        if report is None:
            return _closed(asked, str(told["sted"]))
        photos = len(photos_of(session, check_id=check.id))
        incident = incident_of_check(session, check)
    return show("answered", status=status, report=report, photos=photos, incident=incident, **told)


def _closed(asked: AskedCheck, place: str) -> Response:
    """What is said to somebody who answers a check that nobody answered in time, or that fell away."""
    damage = "Har I set noget galt, så ring til os."
    if asked.state is CheckState.CANCELLED:
        said = f"Tjekket af {place} er bortfaldet. I skal ikke gøre noget. {damage}"
        return sorry(410, "Tjekket er bortfaldet", said)
    said = f"Der kom ikke svar i tide, så tjekket af {place} er givet videre, og driften har taget det. I skal ikke gøre mere. {damage}"
    return sorry(410, "Tjekket er givet videre", said)


def whose(session: Session, link: Link, facility: Facility) -> str:
    """Whose link it is, so that somebody it was forwarded to sees it."""
    if link.contact_id is None:
        return whose_link(link.role, None, "")
    contact = session.get_one(Contact, link.contact_id)
    group = session.get_one(VolunteerGroup, facility.group_id)
    return whose_link(link.role, contact.name, group.name)
