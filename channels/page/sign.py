"""Underskriv aftalen: read it, take the PDF, write a name, tick, sign. Paper stays possible."""

from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from channels.page.answer import whose
from channels.page.desk import Desk, Typed, desk_of, done
from channels.page.show import place_words, said_back, show, sorry
from channels.paper.agreement_paper import agreement_markdown, print_agreement
from channels.paper.documents import html_of
from config.settings import settings
from models.case.agreement import Agreement, AgreementStatus, Side, last_agreement, signatures_of
from models.case.facility import Facility, find
from models.database import reading
from models.post.link import Purpose, open_link, use_link
from models.post.receipt import send_receipt
from models.refusal import BadInput, Refusal
from models.role import Door
from models.said import Said
from models.stages.agreement import sign_agreement

router = APIRouter(prefix="/underskriv/{token}")

CHANGED = "Aftalen er ændret, siden I fik linket. I har fået en ny mail: brug linket i den, så I underskriver det, der gælder."


@router.api_route("", methods=["GET", "HEAD"])
def read(request: Request, token: str) -> Response:
    """The agreement, or the receipt when it is signed."""
    return _page(desk_of(request), token)


@router.api_route("/aftale.pdf", methods=["GET", "HEAD"])
def download(request: Request, token: str) -> Response:
    """The agreement as it is signed or will be."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.SIGN, moment=desk.moment())
        return pdf(session.get_one(Agreement, link.subject_id))


@router.post("")
def sign(request: Request, token: str, form: Typed) -> Response:
    """Sign for the volunteers; the hash says that it is the text that was read."""
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            link = open_link(session, token, Purpose.SIGN, moment=desk.moment())
            agreement = session.get_one(Agreement, link.subject_id)
            facility = find(session, session.get_one(Facility, agreement.facility_id).reference)
            if form["accept"] != "yes":
                raise BadInput("accept", "sæt et flueben, når I har læst aftalen.")
            if not form["name"].strip():
                raise BadInput("name", "skriv jeres navn.")
            newest = last_agreement(session, facility)
            if newest is None or newest.id != agreement.id:
                raise Refusal("agreement.changed", CHANGED)
            if not _signature(session, agreement) and form["sha256"] != agreement.sha256:
                raise Refusal("agreement.changed", "Aftalen blev ændret, mens I læste. Læs den igen.")
            sign_agreement(
                session,
                facility,
                Side.VOLUNTEERS,
                form["name"],
                Said(desk.today(), link.acts_as, Door.PAGE),
                printer=print_agreement,
            )
            if use_link(session, link, moment=desk.moment()):
                send_receipt(
                    session,
                    link,
                    facility.number,
                    "I har underskrevet pasningsaftalen. Når begge parter har skrevet under, får I den som PDF.",
                    key=f"agreement:{agreement.id}:signed",
                    on=desk.today(),
                )
    except Refusal as refusal:
        return _page(desk, token, **said_back(refusal), typed=form.typed)
    return done(desk, f"/underskriv/{token}")


def pdf(agreement: Agreement) -> Response:
    """The printed agreement, or a kind word when the file isn't there."""
    path = settings().var_dir / agreement.pdf
    if not agreement.pdf or not path.is_file():
        return sorry(404, "Aftalen er ikke her", "Ring til os, så sender vi den.")
    return FileResponse(path, media_type="application/pdf", filename="pasningsaftale.pdf")


def readable(session: Session, agreement: Agreement) -> Markup:
    """The agreement as HTML; a wide table can be scrolled by itself, also by keyboard."""
    html = html_of(agreement_markdown(session, agreement, with_persons=True))
    parts = html.split("<table>")
    scrolled = parts[0]
    for number, part in enumerate(parts[1:], 1):
        scrolled += f'<div class="bred" role="region" aria-label="Tabel {number}" tabindex="0"><table>{part}'
    return Markup(scrolled.replace("</table>", "</table></div>"))


def _signature(session: Session, agreement: Agreement) -> Any:
    signed = signatures_of(session, agreement)
    return next((signature for signature in signed if signature.side is Side.VOLUNTEERS), None)


def _page(desk: Desk, token: str, *, status: int = 200, **more: Any) -> Response:
    with reading(desk.engine) as session:
        link = open_link(session, token, Purpose.SIGN, moment=desk.moment())
        agreement = session.get_one(Agreement, link.subject_id)
        facility = session.get_one(Facility, agreement.facility_id)
        told = {
            "token": token,
            "facility": facility,
            "agreement": agreement,
            "whose": whose(session, link, facility),
            **place_words(facility),
        }
        if agreement.status is AgreementStatus.VOID:
            return sorry(410, "Aftalen er ændret", CHANGED)
        signature = _signature(session, agreement)
        if signature is not None:
            both = len(signatures_of(session, agreement)) == len(Side)
            return show("signed", status=status, signature=signature, both=both, **told | more)
        if agreement.status is not AgreementStatus.SIGNING:
            return sorry(410, "Aftalen kan ikke underskrives nu", "Den er ikke sendt til underskrift. Ring til os.")
        return show("sign", status=status, text=readable(session, agreement), **told | more)
