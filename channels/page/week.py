"""Ugens side: all that is due or late at the group's places, answered one by one or all at once, and corrected.

One link for all of it, sent to one contact. Damage is taken here in every state, also where the link has run out.
"""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import Response

from channels.page.answer import said_damage, whose
from channels.page.desk import Desk, Form, RowNumber, Typed, desk_of, done, lost_photos, number_said, receipt_path
from channels.page.show import place_words, said_back, show, sorry
from channels.records.photos import keep_good_photos
from config.catalogue import catalogue
from models.case.facility import Facility
from models.case.photo import add_photos, photos_of
from models.case.volunteer_group import Contact, VolunteerGroup
from models.database import reading
from models.operation.check import OPEN_STATES, CheckResult, report_of
from models.operation.check_answer import may_be_answered_late
from models.operation.correction import correct_answer, may_correct
from models.operation.damage_link import damage_by_week, link_for_damage
from models.operation.public_report import may_be_reported
from models.operation.week import LOOK_BACK, all_is_well, answer_check, done_early, their_check, week_of
from models.operation.who_is_asked import taken_dates, taken_places
from models.persons.contacts import facilities_of
from models.post.link import Link, Purpose, open_link
from models.refusal import BadInput, Refusal
from models.role import Door
from models.said import Said

router = APIRouter(prefix="/uge/{token}")
NOT_THEIRS = ("Siden findes ikke", "Åbn linket fra mailen igen, eller ring til os.")


@router.api_route("", methods=["GET", "HEAD"])
def see(request: Request, token: str) -> Response:
    """All that is asked, and what was answered."""
    return _page(desk_of(request), token, kept=request.query_params.get("gemt", ""))


@router.post("")
def answer(request: Request, token: str, form: Typed) -> Response:
    """One answer, or all at once; the same again leads to the same page."""
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            kept = _record(session, desk, token, form)
    except Refusal as refusal:
        return _page(desk, token, **said_back(refusal))
    return done(desk, f"/uge/{token}?gemt={kept}")


@router.api_route("/tjek/{number}", methods=["GET", "HEAD"])
def see_check(request: Request, token: str, number: RowNumber) -> Response:
    """One check: its answer with minutes, a word and photos; or a correction of it."""
    return _check_page(desk_of(request), token, number, lost_photos=lost_photos(request))


@router.post("/tjek/{number}")
def answer_one(request: Request, token: str, number: RowNumber, form: Typed) -> Response:
    """Answer or correct one check, or add photos to its answer."""
    desk = desk_of(request)
    with reading(desk.engine) as session:  # before photos are drawn anew for somebody who has no link
        open_link(session, token, Purpose.WEEK, moment=desk.moment())
    try:
        photos, lost = keep_good_photos(form.files)
        with desk.deciding() as session:
            link, group = _held(session, desk, token)
            _answer_or_correct(session, desk, link, group, number, form)
            there = {photo.sha256 for photo in photos_of(session, check_id=number)}
            new = [photo for photo in photos if photo.sha256 not in there]
            add_photos(session, new, check_id=number, on=desk.today())
    except Refusal as refusal:
        return _check_page(desk, token, number, **said_back(refusal), typed=form.typed)
    return done(desk, receipt_path(f"/uge/{token}/tjek/{number}", lost))


@router.api_route("/galt", methods=["GET", "HEAD"])
def which_place(request: Request, token: str) -> Response:
    """Where damage is: the group's places, also where the link has run out."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        link, _ = link_for_damage(session, token, Purpose.WEEK)
        group = session.get_one(VolunteerGroup, link.subject_id)
        places = [_named(each) for each in facilities_of(session, group) if may_be_reported(each)]
        return show("week_places", token=token, places=places, group=group)


@router.api_route("/galt/{reference}", methods=["GET", "HEAD"])
def ask_what_is_wrong(request: Request, token: str, reference: str) -> Response:
    """What is wrong, how bad, and can it be used."""
    return _damage_page(desk_of(request), token, reference, check=_number(request.query_params.get("tjek", "")))


@router.api_route("/galt/{reference}/meldt", methods=["GET", "HEAD"])
def damage_kept(request: Request, token: str, reference: str) -> Response:
    """Thanks for it."""
    lost = lost_photos(request)
    return _damage_page(
        desk_of(request), token, reference, template="damage_kept", lost_photos=lost, number=number_said(request)
    )


@router.post("/galt/{reference}")
def report_damage(request: Request, token: str, reference: str, form: Typed) -> Response:
    """Open an incident with what was written, whatever has become of the check and the link."""
    desk = desk_of(request)
    check_id = _number(request.query_params.get("tjek", ""))
    with reading(desk.engine) as session:  # before photos are drawn anew for somebody who has no link
        _, is_known = link_for_damage(session, token, Purpose.WEEK)
        facility = _place(session, reference)
    if facility is None:
        return sorry(404, *NOT_THEIRS)
    try:
        (damage, lost), minutes = said_damage(form), form.number("minutes")
        if not is_known:
            desk.must_not_flood(request)
        with desk.deciding() as session:
            place = session.get_one(Facility, facility.number)
            incident = damage_by_week(
                session, token, place, damage, check_id=check_id, minutes=minutes, on=desk.today()
            )
            made = incident.number if incident is not None else None
    except Refusal as refusal:
        return _damage_page(desk, token, reference, check=check_id, **said_back(refusal), typed=form.typed)
    return done(desk, receipt_path(f"/uge/{token}/galt/{reference.lower()}/meldt", lost, made))


def _record(session: Session, desk: Desk, token: str, form: Form) -> str:
    """Do what the button says; what the page says afterwards."""
    link, group = _held(session, desk, token)
    said = Said(desk.today(), link.acts_as, Door.PAGE)
    word, _, rest = form["answer"].partition(":")
    if word == "all":
        shown = [_number(each) for each in form["shown"].split(",")]
        numbers = [each for each in shown if each is not None]
        return "alle" if all_is_well(session, group, numbers, said, contact_id=link.contact_id) else "intet"
    if word == "early":
        number, _, day = rest.partition(":")
        due_on = Form({"answer": day}, {}).day("answer")
        done_early(session, group, _number(number) or 0, due_on, said, contact_id=link.contact_id)
        return "svar"
    if word not in ("ok", "not_done"):
        raise BadInput("answer", "vælg et af svarene.")
    answer_check(
        session, group, _number(rest) or 0, CheckResult(word), said, minutes=None, note="", contact_id=link.contact_id
    )
    return "svar"


def _answer_or_correct(
    session: Session, desk: Desk, link: Link, group: VolunteerGroup, number: int, form: Form
) -> None:
    """What was chosen; nothing, where only photos are added to an answer."""
    check = their_check(session, group, number)
    report = report_of(session, check)
    if not form["result"] and report is not None:
        return
    if form["result"] not in ("ok", "not_done"):
        raise BadInput("result", "vælg et af svarene.")
    said = Said(desk.today(), link.acts_as, Door.PAGE)
    result, minutes = CheckResult(form["result"]), form.number("minutes")
    told: dict[str, Any] = {"minutes": minutes, "note": form["note"], "contact_id": link.contact_id}
    if report is None:
        answer_check(session, group, number, result, said, **told)
    else:
        correct_answer(session, check, result, said, **told)


def _held(session: Session, desk: Desk, token: str) -> tuple[Link, VolunteerGroup]:
    link = open_link(session, token, Purpose.WEEK, moment=desk.moment())
    return link, session.get_one(VolunteerGroup, link.subject_id)


def _page(desk: Desk, token: str, *, status: int = 200, **more: Any) -> Response:
    with reading(desk.engine) as session:
        try:
            link, group = _held(session, desk, token)
        except Refusal as refusal:
            if refusal.code != "link.expired":
                raise
            return sorry(410, "Linket virker ikke", refusal.sentence, damage=f"/uge/{token}/galt")
        week = week_of(session, group, on=desk.today())
        contact = session.get(Contact, link.contact_id) if link.contact_id is not None else None
        told = {
            "token": token,
            "group": group,
            "contact": contact,
            "today": desk.today(),
            "week": week,
            "shown": ",".join(str(each.check.id) for each in week.due),
            "takers": taken_dates(session, group, since=desk.today() - LOOK_BACK),
            "place_takers": taken_places(session, group),
            "places": [_named(each) for each in facilities_of(session, group) if may_be_reported(each)],
            "kept": "",
        }
        return show("week", status=status, **told | more)


def _check_page(desk: Desk, token: str, number: int, *, status: int = 200, **more: Any) -> Response:
    with reading(desk.engine) as session:
        link, group = _held(session, desk, token)
        week = week_of(session, group, on=desk.today())
        found = [each for each in week.due + week.given_on + week.answered if each.check.id == number]
        if not found:
            return sorry(404, *NOT_THEIRS)
        asked = found[0]
        report = asked.report
        told = {
            "token": token,
            "asked": asked,
            "is_open": asked.check.state in OPEN_STATES or may_be_answered_late(asked.check, report),
            "may_correct": report is not None and may_correct(report, link.contact_id, on=desk.today()),
            "correction_days": catalogue().mails.correction_days,
            "photos": len(photos_of(session, check_id=number)),
            "whose": whose(session, link, asked.facility),
            **place_words(asked.facility),
        }
        return show("week_check", status=status, **told | more)


def _damage_page(
    desk: Desk,
    token: str,
    reference: str,
    *,
    template: str = "damage",
    check: int | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    with reading(desk.engine) as session:
        link, is_known = link_for_damage(session, token, Purpose.WEEK)
        facility = _place(session, reference)
        is_theirs = facility is not None and facility.group_id == link.subject_id
        if facility is None or not (is_theirs or may_be_reported(facility)):
            return sorry(404, *NOT_THEIRS)
        asked_by = f"?tjek={check}" if check is not None else ""
        told = {
            "action": f"/uge/{token}/galt/{facility.reference.lower()}{asked_by}",
            "back": f"/uge/{token}",
            "asked": facility,
            "is_known": is_known and is_theirs,
            "counts_minutes": check is not None,
            "whose": whose(session, link, facility),
            **place_words(facility),
        }
        return show(template, status=status, **told | more)


def _place(session: Session, reference: str) -> Facility | None:
    row = select(Facility).where(Facility.reference == reference.strip().upper())
    return None if "\0" in reference else session.exec(row).first()


def _named(facility: Facility) -> dict[str, str]:
    return {"name": facility.name, "reference": facility.reference, **place_words(facility)}


def _number(written: str) -> int | None:
    written = written.strip()
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None
