"""Samarbejdet: once a year the group says with one number how it goes. One link, one place."""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from channels.page.answer import whose
from channels.page.desk import Desk, Form, Typed, desk_of, done
from channels.page.show import place_words, said_back, show, sorry
from models.case.agreement import Side
from models.case.facility import Facility
from models.case.volunteer_group import Contact
from models.database import reading
from models.operation.satisfaction import SCORES, answer_of, answer_satisfaction, last_asked_on
from models.post.link import Link, Purpose, open_link, use_link
from models.post.receipt import send_receipt
from models.refusal import BadInput, Refusal
from models.role import Door
from models.said import Said

router = APIRouter(prefix="/samarbejde/{token}")


@router.api_route("", methods=["GET", "HEAD"])
def ask(request: Request, token: str) -> Response:
    """The question, or the receipt when it is answered."""
    return _page(desk_of(request), token)


@router.post("")
def answer(request: Request, token: str, form: Typed) -> Response:
    """Record the answer; the same answer again leads to the same receipt."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        open_link(session, token, Purpose.SATISFACTION, moment=desk.moment())
    try:
        score = _score(form)
        with desk.deciding() as session:
            _record(session, desk, token, score, form["note"])
    except Refusal as refusal:
        return _page(desk, token, **said_back(refusal), typed=form.typed)
    return done(desk, f"/samarbejde/{token}")


def _score(form: Form) -> int:
    score = form.number("score")
    if score not in SCORES:
        raise BadInput("score", "vælg et tal fra 1 til 5.")
    return score


def _record(session: Session, desk: Desk, token: str, score: int, note: str) -> None:
    link = open_link(session, token, Purpose.SATISFACTION, moment=desk.moment())
    facility = session.get_one(Facility, link.subject_id)
    if not _is_theirs(session, link, facility):
        raise Refusal("satisfaction.not_theirs", f"{facility.name} passes af en anden gruppe nu.")
    said = answer_satisfaction(
        session, facility, Side.VOLUNTEERS, score, note, Said(desk.today(), link.acts_as, Door.PAGE)
    )
    use_link(session, link, moment=desk.moment())
    send_receipt(
        session,
        link,
        facility.number,
        f"samarbejdet går {said.score} af 5 i {said.year}.",
        key=f"satisfaction:{said.id}",
        on=desk.today(),
    )


def _is_theirs(session: Session, link: Link, facility: Facility) -> bool:
    if link.contact_id is None:
        return False
    return session.get_one(Contact, link.contact_id).group_id == facility.group_id


def _page(desk: Desk, token: str, *, status: int = 200, **more: Any) -> Response:
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.SATISFACTION, moment=desk.moment())
        facility = session.get_one(Facility, link.subject_id)
        asked_on = last_asked_on(session, facility)
        if asked_on is None or not _is_theirs(session, link, facility):
            return sorry(410, "Der er ikke noget at svare på", f"Vi spørger ikke om {facility.name} lige nu.")
        told: dict[str, Any] = {
            "token": token,
            "facility": facility,
            "year": asked_on.year,
            "scores": SCORES,
            "said": answer_of(session, facility, Side.VOLUNTEERS, asked_on.year),
            "whose": whose(session, link, facility),
            **place_words(facility),
        }
        return show("satisfaction", status=status, **told | more)
