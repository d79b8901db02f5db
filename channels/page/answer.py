"""Svar på et tjek: all fine, something is wrong, or we couldn't. One link, one check."""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Desk, Form, Typed, desk_of, done, lost_photos, number_said, receipt_path
from channels.page.show import place_words, said_back, show, sorry
from channels.records.photos import keep_good_photos
from config.catalogue import catalogue
from models import text
from models.case.facility import Facility
from models.case.photo import StoredPhoto, add_photos, photos_of
from models.case.volunteer_group import Contact, VolunteerGroup
from models.danish import punktum
from models.database import glance, reading
from models.operation.answer_link import asked_check, held_check, whose_link
from models.operation.check import OPEN_STATES, Check, CheckResult, report_of
from models.operation.check_answer import may_be_answered_late, report_check
from models.operation.correction import correct_answer, may_correct
from models.operation.damage_link import Damage, damage_by_check, link_for_damage
from models.operation.incident import incident_of_check
from models.post.link import Link, Purpose, use_link
from models.post.receipt import send_receipt
from models.refusal import BadInput, Refusal
from models.role import Door
from models.said import Said

SEVERITY = {"small": "Det er småt.", "serious": "Det er alvorligt."}

router = APIRouter(prefix="/svar/{token}")


@router.api_route("", methods=["GET", "HEAD"])
def ask(request: Request, token: str) -> Response:
    """The question, or the receipt when it is answered."""
    return _page(desk_of(request), token, "answer", lost_photos=lost_photos(request))


@router.api_route("/galt", methods=["GET", "HEAD"])
def ask_what_is_wrong(request: Request, token: str) -> Response:
    """What is wrong, how bad, and can it be used; also where the check or the link is over."""
    return _damage_page(desk_of(request), token)


@router.api_route("/meldt", methods=["GET", "HEAD"])
def damage_kept(request: Request, token: str) -> Response:
    """Thanks for damage that isn't the answer to the check."""
    lost = lost_photos(request)
    return _damage_page(desk_of(request), token, template="damage_kept", lost_photos=lost, number=number_said(request))


@router.api_route("/ikke", methods=["GET", "HEAD"])
def ask_why_not(request: Request, token: str) -> Response:
    """We couldn't: no reason is needed."""
    return _page(desk_of(request), token, "not_done")


@router.api_route("/ret", methods=["GET", "HEAD"])
def ask_for_the_right_answer(request: Request, token: str) -> Response:
    """The form to correct an answer, for whoever gave it; the receipt for everybody else, and when it is too late."""
    return _page(desk_of(request), token, "answer", corrects=True)


@router.post("/ret")
def correct(request: Request, token: str, form: Typed) -> Response:
    """Replace the answer; the same again leads to the same receipt."""
    desk = desk_of(request)
    try:
        if form["result"] not in ("ok", "not_done"):
            raise BadInput("result", "vælg et af svarene.")
        result, minutes, note = _said(form)
        with desk.deciding() as session:
            held = held_check(session, token, moment=desk.moment())
            said = Said(desk.today(), held.link.acts_as, Door.PAGE)
            told: dict[str, Any] = {"minutes": minutes, "note": note, "contact_id": held.link.contact_id}
            correct_answer(session, held.check, result, said, **told)
    except Refusal as refusal:
        return _page(desk, token, "answer", **said_back(refusal), typed=form.typed, corrects=True)
    return done(desk, f"/svar/{token}")


@router.post("")
def answer(request: Request, token: str, form: Typed) -> Response:
    """Record the answer; the same answer again leads to the same receipt."""
    desk = desk_of(request)
    if form["result"] == CheckResult.DAMAGED:
        return _take_damage(request, desk, token, form)
    template = {"not_done": "not_done"}.get(form["result"], "answer")
    if form.files:  # before they are drawn anew for somebody who has no link
        with glance(desk.engine) as connection:
            asked_check(connection, token, moment=desk.moment())
    try:
        result, minutes, note = _said(form)
        photos, lost = keep_good_photos(form.files)
        with desk.deciding() as session:
            _record(session, desk, token, result, minutes, note, photos, form["receipt"] == "yes")
    except Refusal as refusal:
        return _page(desk, token, template, **said_back(refusal), typed=form.typed)
    return done(desk, receipt_path(f"/svar/{token}", lost))


def _take_damage(request: Request, desk: Desk, token: str, form: Form) -> Response:
    """Damage is taken whatever has become of the check, the link and the place."""
    with reading(desk.engine) as session:  # before photos are drawn anew for somebody who has no link
        _, is_known = link_for_damage(session, token, Purpose.ANSWER)
    try:
        (damage, lost), minutes = said_damage(form), form.number("minutes")
        if not is_known:
            desk.must_not_flood(request)
        with desk.deciding() as session:
            check, incident = damage_by_check(session, token, damage, minutes=minutes, on=desk.today())
            number = incident.number if incident is not None else None
            is_the_answer = incident is not None and incident.key == f"check:{check.id}"
            link, _ = link_for_damage(session, token, Purpose.ANSWER)
            works = link.revoked_at is None and link.expires_at > desk.moment()
            if works:
                use_link(session, link, moment=desk.moment())
    except Refusal as refusal:
        return _damage_page(desk, token, **said_back(refusal), typed=form.typed)
    if is_the_answer and works:
        return done(desk, receipt_path(f"/svar/{token}", lost))
    return done(desk, receipt_path(f"/svar/{token}/meldt", lost, number))


def said_damage(form: Form) -> tuple[Damage, int]:
    """What was written about damage, and how many photos of it could not be used.

    Raises:
        BadInput: something is missing, or none of the photos can be used.
    """
    if not form["what"].strip():
        raise BadInput("what", "skriv, hvad der er galt. Et par ord er nok.")
    if form["severity"] not in SEVERITY:
        raise BadInput("severity", "vælg, hvor slemt det er.")
    if form["safe"] not in ("yes", "no"):
        raise BadInput("safe", "vælg, om stedet kan bruges sikkert.")
    what = f"{punktum(form['what'].strip())}\n{SEVERITY[form['severity']]}"
    what = text.text(what, "what")
    photos, lost = keep_good_photos(form.files)
    return Damage(what, form["safe"] == "yes", photos), lost


def _said(form: Form) -> tuple[CheckResult, int | None, str]:
    try:
        result = CheckResult(form["result"])
    except ValueError:
        raise BadInput("result", "vælg et af de tre svar.") from None
    return result, form.number("minutes"), form["note"]


def _record(
    session: Session,
    desk: Desk,
    token: str,
    result: CheckResult,
    minutes: int | None,
    note: str,
    photos: list[StoredPhoto],
    wants_receipt: bool,
) -> None:
    held = held_check(session, token, moment=desk.moment())
    link, check, on = held.link, held.check, desk.today()
    said = Said(on, link.acts_as, Door.PAGE)
    report_check(session, check, result, said, minutes=minutes, note=note, contact_id=link.contact_id)
    if not use_link(session, link, moment=desk.moment()):
        return  # the second press of the same button
    if photos:
        add_photos(session, photos, check_id=check.id, on=on)
    if result is CheckResult.OK and not wants_receipt:
        return  # the page has said it
    what = {
        CheckResult.OK: "alt er i orden. Tak, fordi I så efter.",
        CheckResult.NOT_DONE: "I nåede det ikke. Det er helt i orden, og driften tager den.",
    }[result]
    send_receipt(session, link, check.facility_id, what, key=f"check:{check.id}", on=on)


def _damage_page(desk: Desk, token: str, *, template: str = "damage", status: int = 200, **more: Any) -> Response:
    with reading(desk.engine) as session:
        link, is_known = link_for_damage(session, token, Purpose.ANSWER)
        check = session.get_one(Check, link.subject_id)
        facility = session.get_one(Facility, check.facility_id)
        told = {
            "action": f"/svar/{token}",
            "back": f"/svar/{token}",
            "asked": facility,
            "is_known": is_known,
            "counts_minutes": check.state in OPEN_STATES,
            "whose": whose(session, link, facility),
            **place_words(facility),
        }
        return show(template, status=status, **told | more)


def _page(desk: Desk, token: str, template: str, *, status: int = 200, corrects: bool = False, **more: Any) -> Response:
    """What a link to a check shows now: the question as `template` asks it, the receipt, or the form to correct."""
    with glance(desk.engine) as connection:
        try:
            asked = asked_check(connection, token, moment=desk.moment())
        except Refusal as refusal:
            if refusal.code != "link.expired":
                raise
            return sorry(410, "Linket virker ikke", refusal.sentence, damage=f"/svar/{token}/galt")
    told = {"token": token, "asked": asked, "is_late": False, **place_words(asked)} | more
    if asked.is_open:
        return show(template, status=status, **told)
    with reading(desk.engine) as session:
        check = session.get_one(Check, asked.check_id)
        report = report_of(session, check)
        if may_be_answered_late(check, report):
            return show(template, status=status, **told | {"is_late": True})
        if report is None:
            return _fell_away(str(told["sted"]), token)
        receipt = {
            "report": report,
            "photos": len(photos_of(session, check_id=check.id)),
            "incident": incident_of_check(session, check),
            "may_correct": may_correct(report, asked.contact_id, on=desk.today()),
            "correction_days": catalogue().mails.correction_days,
        }
    shown = "correct" if corrects and receipt["may_correct"] else "answered"
    return show(shown, status=status, **receipt | told)


def _fell_away(place: str, token: str) -> Response:
    """What is said to somebody who answers a check that fell away."""
    said = f"Tjekket af {place} er bortfaldet. I skal ikke gøre noget."
    return sorry(410, "Tjekket er bortfaldet", said, damage=f"/svar/{token}/galt")


def whose(session: Session, link: Link, facility: Facility) -> str:
    """Whose link it is, so that somebody it was forwarded to sees it."""
    if link.contact_id is None:
        return whose_link(link.role, None, "")
    contact = session.get_one(Contact, link.contact_id)
    group = session.get_one(VolunteerGroup, facility.group_id)
    return whose_link(link.role, contact.name, group.name)
