"""Vi kan ikke mere: stop wholly, give one task up, or take a pause; and come back from it."""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from channels.page.answer import whose
from channels.page.desk import Desk, Form, Typed, desk_of, done
from channels.page.show import place_words, said_back, show, sorry
from config.catalogue import catalogue
from models.case.agreement import agreement_in_force, tasks_of
from models.case.facility import Facility, find
from models.danish import dato
from models.database import reading
from models.operation.pause import Pause, end_pause, notice_ends_on, pause_care, pauses_of, stop_task, their_tasks
from models.operation.winding_down import begin_winding_down, winding_downs_of
from models.post.link import Link, Purpose, open_link, use_link
from models.post.receipt import send_receipt
from models.refusal import BadInput, Refusal
from models.role import Door
from models.said import Said
from models.stage import Stage

router = APIRouter(prefix="/stop/{token}")

NO_REASON = "Gruppen har sagt, at den ikke kan mere."


@router.api_route("", methods=["GET", "HEAD"])
def ask(request: Request, token: str) -> Response:
    """What is to stop?"""
    return _page(desk_of(request), token)


@router.api_route("/tak", methods=["GET", "HEAD"])
def receipt(request: Request, token: str) -> Response:
    """What holds now."""
    return _page(desk_of(request), token, template="stopped")


@router.post("")
def stop(request: Request, token: str, form: Typed) -> Response:
    """Record it; the same again changes nothing."""
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            link = open_link(session, token, Purpose.STOP, moment=desk.moment())
            facility = find(session, session.get_one(Facility, link.subject_id).reference)
            what, key = _decide(session, desk, link, facility, form)
            use_link(session, link, moment=desk.moment())
            send_receipt(session, link, facility.number, what, key=key, on=desk.today())
    except Refusal as refusal:
        return _page(desk, token, **said_back(refusal), typed=form.typed)
    return done(desk, f"/stop/{token}/tak")


def _decide(session: Session, desk: Desk, link: Link, facility: Facility, form: Form) -> tuple[str, str]:
    """What was decided, as the receipt says it, and the receipt's key."""
    on = desk.today()
    said = Said(on, link.acts_as, Door.PAGE)
    match form["what"]:
        case "all":
            if form["sure"] != "yes":
                raise BadInput("sure", "sæt et flueben, hvis gruppen stopper helt.")
            reason = form["reason"].strip() or NO_REASON
            ending = begin_winding_down(session, facility, reason, said)
            return (
                "gruppen stopper. Koordinatoren ringer til jer. I får ikke flere tjek.",
                f"winding-down:{ending.id}",
            )
        case "pause":
            pause = pause_care(session, facility, said, from_on=form.day("from"), until_on=form.day("until"))
            return (
                f"I holder pause fra {dato(pause.from_on)} til og med {dato(pause.until_on)}. Driften tager over.",
                f"pause:{pause.id}",
            )
        case "task":
            pause = stop_task(session, facility, form["task"], said)
            return "I gør ikke den opgave mere. Driften tager den.", f"pause:{pause.id}"
        case "back":
            number = form.number("pause")
            here = [p for p in pauses_of(session, facility, on=on) if p.id == number]
            if here:
                end_pause(session, here[0], said)
            elif number is None or session.get(Pause, number) is None:
                raise BadInput("pause", "der er ingen pause at slutte.")
            return "I er tilbage. Tak, det er dejligt.", f"pause:{number}:back"
    raise BadInput("what", "vælg, hvad der skal ske.")


def _page(desk: Desk, token: str, *, template: str = "stop", status: int = 200, **more: Any) -> Response:
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.STOP, moment=desk.moment())
        facility = session.get_one(Facility, link.subject_id)
        on = desk.today()
        names = {
            task.key: task.name
            for agreement in [agreement_in_force(session, facility)]
            if agreement is not None
            for task in tasks_of(session, agreement)
        }
        pauses = pauses_of(session, facility, on=on)
        given_up = {pause.task_key for pause in pauses if pause.task_key}
        told = {
            "token": token,
            "facility": facility,
            "whose": whose(session, link, facility),
            "on": on,
            "notice_months": catalogue().escalation.notice_months,
            "notice_ends_on": notice_ends_on(on),
            "task_options": [(t.key, t.name) for t in their_tasks(session, facility) if t.key not in given_up],
            "pauses": [
                {"id": p.id, "task": names.get(p.task_key, ""), "from_on": p.from_on, "until_on": p.until_on}
                for p in pauses
            ],
            **place_words(facility),
        }
        if facility.stage is Stage.WINDING_DOWN:
            ending = winding_downs_of(session, facility)[-1]
            return show("ending", status=status, ending=ending, **told | more)
        if facility.stage is not Stage.OPERATION:
            return sorry(
                410,
                "Der er ikke noget at stoppe",
                f"Aftalen om {told['sted']} gælder ikke nu. Ring til os, hvis I er i tvivl.",
            )
        return show(template, status=status, **told | more)
