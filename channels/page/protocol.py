"""Underskriv protokollen: whoever built the place reads the protocol of the handover, and signs it with a name."""

from typing import Any, NamedTuple

from fastapi import APIRouter
from markupsafe import Markup
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from channels.page.answer import whose
from channels.page.desk import Desk, Typed, desk_of, done
from channels.page.show import place_words, said_back, show
from channels.paper.documents import html_of
from channels.paper.protocol_paper import (
    protocol_file,
    protocol_pdf,
    protocol_sha256,
    protocol_text,
    signatures_of_protocol,
)
from models.case.builder import BuiltBy
from models.case.facility import Facility, find
from models.case.firm import Firm
from models.case.handover import Handover
from models.database import reading
from models.post.link import Link, Purpose, open_link, use_link
from models.post.receipt import send_receipt
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stages.protocol_signature import sign_protocol

router = APIRouter(prefix="/protokol/{token}")


class ToSign(NamedTuple):
    """What a link is about."""

    link: Link
    handover: Handover
    facility: Facility
    firm: Firm | None


def protocol_of(session: Session, desk: Desk, token: str) -> ToSign:
    """The handover a link is for.

    Raises:
        Refusal: as `open_link`; `link.revoked` also when the firm has left, or others built the place after all.
    """
    link = open_link(session, token, Purpose.PROTOCOL, moment=desk.moment())
    handover = session.get_one(Handover, link.subject_id)
    facility = session.get_one(Facility, handover.facility_id)
    firm = session.get(Firm, facility.firm_id) if facility.firm_id is not None else None
    if link.acts_as is Role.FIRM:
        is_theirs = (
            facility.built_by is BuiltBy.FIRM
            and firm is not None
            and firm.left_on is None
            and link.about == f"firm:{firm.number}"
        )
    else:
        is_theirs = facility.built_by is BuiltBy.VOLUNTEERS
    if not is_theirs and handover.builder_signed_on is None:
        raise Refusal("link.revoked", "Linket er trukket tilbage: stedet er ikke mere jeres. Ring til os.")
    return ToSign(link, handover, facility, firm)


@router.api_route("", methods=["GET", "HEAD"])
def read(request: Request, token: str) -> Response:
    """The protocol, or the receipt when it is signed."""
    return _page(desk_of(request), token)


@router.api_route("/protokol.pdf", methods=["GET", "HEAD"])
def download(request: Request, token: str) -> Response:
    """The protocol with the signatures there are."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        handover = protocol_of(session, desk, token).handover
        pdf, name = protocol_pdf(session, handover), protocol_file(session, handover)
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


@router.post("")
def sign(request: Request, token: str, form: Typed) -> Response:
    """Sign for whoever built it; the fingerprint says that it is the text that was read."""
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            link, handover, facility, _ = protocol_of(session, desk, token)
            facility = find(session, facility.reference)
            session.refresh(handover)
            if form["accept"] != "yes":
                raise BadInput("accept", "sæt et flueben, når I har læst protokollen.")
            if not form["name"].strip():
                raise BadInput("name", "skriv navnet på den, der skriver under.")
            sha256 = protocol_sha256(session, handover)
            if handover.builder_signed_on is None and form["sha256"] != sha256:
                raise Refusal("handover.changed", "Protokollen blev ændret, mens I læste. Læs den igen.")
            said = Said(desk.today(), link.acts_as, Door.PAGE)
            sign_protocol(session, facility, handover, form["name"], said, remarks=form["remarks"], sha256=sha256)
            if use_link(session, link, moment=desk.moment()):
                what = "I har underskrevet afleveringsprotokollen."
                key = f"handover:{handover.id}:signed"
                send_receipt(session, link, facility.number, what, key=key, on=desk.today())
    except Refusal as refusal:
        return _page(desk, token, **said_back(refusal), typed=form.typed)
    return done(desk, f"/protokol/{token}")


def _page(desk: Desk, token: str, *, status: int = 200, **more: Any) -> Response:
    with reading(desk.engine) as session:
        link, handover, facility, firm = protocol_of(session, desk, token)
        by_firm = link.acts_as is Role.FIRM and firm is not None
        told = {
            "token": token,
            "facility": facility,
            "handover": handover,
            "signatures": signatures_of_protocol(handover),
            "sha256": protocol_sha256(session, handover),
            "text": Markup(html_of(protocol_text(session, handover, with_signatures=False))),
            "whose": firm.name if by_firm and firm is not None else whose(session, link, facility),
            **place_words(facility),
        }
    return show("protocol", status=status, **told | more)
