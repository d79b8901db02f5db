"""Henvendelser: what the public sent, read and answered as by `driftsklar enquiry`; who sent it is never given out here."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field
from sqlmodel import Session, col, select
from starlette.responses import Response

from channels.api.answering import BIGGEST, Once, Paged, Raw, cut, once, shown
from channels.api.body import Body
from channels.api.house import house_of
from channels.api.keys import Needs, said_by
from channels.api.problem import NotThere
from channels.views.enquiries import enquiry_line
from channels.views.shapes.outside import EnquiryLine
from channels.views.shapes.shape import Shape
from models.case.enquiry import OPEN, Enquiry, find_enquiry
from models.case.facility import LandOwner
from models.database import reading
from models.outside.api_key import ApiKey
from models.outside.scope import PROPOSE, READ
from models.place import Degrees
from models.refusal import BadInput
from models.role import Door, may_decide
from models.said import Said
from models.stages.enquiry import MAY_LOOK, decline_enquiry, mark_as_spam, settle_offer, take_as_sent, withdraw_enquiry
from models.stages.enquiry_proposal import PutRight
from models.stages.proposal import MAX_YEARS
from models.text import NAME_LENGTH, TEXT_LENGTH

router = APIRouter(prefix="/enquiries", tags=["Henvendelser / enquiries"])
Looker = Annotated[ApiKey, Depends(Needs(READ, PROPOSE))]
Answerer = Annotated[ApiKey, Depends(Needs(PROPOSE))]
Number = Annotated[int, Path(ge=1, le=BIGGEST, description="Henvendelsens nummer.")]


class TakeOver(Body):
    """What is said instead of the enquiry; what is left out stands as it was sent."""

    type: str | None = Field(default=None, max_length=60, description="The type's key.", examples=["baenk"])
    name: str | None = Field(default=None, max_length=NAME_LENGTH, description="What the place is called.")
    lat: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False, description="Latitude (WGS84).")
    lon: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False, description="Longitude (WGS84).")
    land_owner: LandOwner | None = Field(default=None, description="Who owns the land.")
    years: int | None = Field(default=None, ge=1, le=MAX_YEARS, description="How many years; five where nobody says.")
    group: str | None = Field(default=None, max_length=12, description="A group that is there.", examples=["G-0001"])
    new_group: str | None = Field(
        default=None, min_length=1, max_length=NAME_LENGTH, description="A new one, its contact whoever sent it."
    )
    start: date | None = Field(default=None, description="When its operation is expected to begin.")
    anyway: bool = Field(default=False, description="It is another place than the one like it close by.")


class Declined(Body):
    """Why not, as whoever sent it is told."""

    reason: str = Field(min_length=1, max_length=TEXT_LENGTH, description="Why not.", examples=["Der er en bænk her."])


@router.get("", response_model=list[EnquiryLine], summary="Henvendelser, uden afsenderen")
def list_enquiries(
    request: Request,
    key: Looker,
    page: Paged,
    open: Annotated[bool, Query(description="Only those that nobody has answered.")] = False,
) -> Response:
    """What the public sent, from the pages and by forms, the first one first. / Henvendelser, den ældste først."""
    with reading(house_of(request).engine) as session:
        rows = select(Enquiry).where(col(Enquiry.id) > page.after)
        if open:
            rows = rows.where(col(Enquiry.state).in_(OPEN))
        found = session.exec(rows.order_by(col(Enquiry.id)).limit(page.limit + 1)).all()
        here, link = cut(found, page, lambda each: each.number, request)
        return shown(request, [enquiry_line(session, each) for each in here], link=link)


@router.get("/{number}", response_model=EnquiryLine, summary="En henvendelse, uden afsenderen")
def show_enquiry(request: Request, key: Looker, number: Number) -> Response:
    """One enquiry. / En henvendelse."""
    with reading(house_of(request).engine) as session:
        return shown(request, enquiry_line(session, _found(session, number)))


@router.post("/{number}/take", response_model=EnquiryLine, summary="Tag et forslag over")
def take_enquiry(
    request: Request, key: Answerer, number: Number, body: TakeOver, raw: Raw, own_key: Once = None
) -> Response:
    """It becomes a proposal, and operations is asked at once. / Forslaget oprettes, og driften spørges."""
    put_right = PutRight(
        body.type,
        body.name,
        _where(body),
        body.land_owner,
        body.years,
        body.group,
        body.new_group,
        body.start,
        body.anyway,
    )
    return _answered(
        request, key, number, raw, own_key, lambda session, each, said: take_as_sent(session, each, put_right, said)
    )


def _where(body: TakeOver) -> Degrees | None:
    if body.lat is not None and body.lon is not None:
        return Degrees(body.lat, body.lon)
    if (body.lat is None) != (body.lon is None):
        raise BadInput("lat/lon", "skriv begge, eller ingen af dem.")
    return None


@router.post("/{number}/decline", response_model=EnquiryLine, summary="Sig nej tak, fordi …")
def decline(
    request: Request, key: Answerer, number: Number, body: Declined, raw: Raw, own_key: Once = None
) -> Response:
    """Say no, with a reason that whoever sent it is told. / Sig nej tak, med en grund."""
    return _answered(
        request,
        key,
        number,
        raw,
        own_key,
        lambda session, each, said: decline_enquiry(session, each, body.reason, said),
    )


@router.post("/{number}/settle", response_model=EnquiryLine, summary="I har talt med den, der vil være med")
def settle(request: Request, key: Answerer, number: Number, raw: Raw, own_key: Once = None) -> Response:
    """Whoever offered to help was talked to. / I har talt sammen."""
    return _answered(request, key, number, raw, own_key, settle_offer)


@router.post("/{number}/spam", response_model=EnquiryLine, summary="Intet menneske har skrevet den")
def spam(request: Request, key: Answerer, number: Number, raw: Raw, own_key: Once = None) -> Response:
    """Set aside; it can be taken up after all. / Sæt den til side."""
    return _answered(request, key, number, raw, own_key, mark_as_spam)


@router.post("/{number}/erase", response_model=EnquiryLine, summary="Slet, hvem der skrev og hvad")
def erase(request: Request, key: Answerer, number: Number, raw: Raw, own_key: Once = None) -> Response:
    """Because they ask for it: who wrote and what is erased at once. / Fordi de beder om det."""

    def withdraw(session: Session, each: Enquiry, said: Said) -> None:
        may_decide(said.by, MAY_LOOK, "En henvendelse")
        withdraw_enquiry(session, each, on=said.on, door=Door.API)

    return _answered(request, key, number, raw, own_key, withdraw)


def _found(session: Session, number: int) -> Enquiry:
    try:
        return find_enquiry(session, number)
    except BadInput as missing:
        raise NotThere("enquiry.unknown", missing.sentence) from None


def _answered(
    request: Request,
    key: ApiKey,
    number: int,
    raw: bytes,
    own_key: str | None,
    decide: Callable[[Session, Enquiry, Said], object],
) -> Response:
    def do(session: Session) -> tuple[int, Shape, str]:
        found = _found(session, number)
        decide(session, found, said_by(request, key))
        session.flush()
        return 200, enquiry_line(session, found), f"/api/v1/enquiries/{number}"

    return once(request, key, raw, own_key, do)
