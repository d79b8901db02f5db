"""Henvendelser: what the public sent, from the pages or by a form, and what whoever answers may do about it: take it over, say no, or set it aside."""

import secrets
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from channels.page.desk import Desk, Form, RowNumber, Typed, desk_of, done
from channels.page.show import fault, sorry
from channels.questions.fields import choices, with_fields
from channels.staff import forms
from channels.staff.proposing import ORDER, ProposalForm, group_choices, near_place, wish_of
from channels.staff.show import show_staff, status_of
from channels.staff.visitor import Posting, Visiting, Visitor
from config.catalogue import catalogue
from config.settings import settings
from models.case.enquiry import Enquiry, EnquiryKind, EnquiryState, enquiries, find_enquiry
from models.case.enquiry_file import files_of
from models.case.facility import Facility
from models.case.photo import photos_of
from models.database import reading
from models.place import is_at_home
from models.refusal import BadInput, Refusal
from models.role import Role
from models.said import Said
from models.stages.enquiry import (
    MAY_ANSWER_FRIENDS,
    MAY_LOOK,
    MAY_TAKE_OVER,
    decline_enquiry,
    mark_as_spam,
    settle_offer,
    take_over,
)
from models.stages.enquiry_proposal import YEARS, group_named
from models.text import NAME_LENGTH

PATH = "/henvendelser"
router = APIRouter(prefix=f"/opgaver{PATH}")

NEW_GROUP = "NY"
MOST_ANSWERED = 100


class TakeOverForm(ProposalForm):
    """The proposal that is made of a wish; the group may be made of whoever sent it."""

    gruppens_navn: str = Field(
        default="",
        title="Den nye gruppes navn",
        max_length=NAME_LENGTH,
        description="Kun når gruppen er ny. Den, der skrev, bliver dens kontaktperson.",
        json_schema_extra={"one_line": True},
    )


@router.api_route("", methods=["GET", "HEAD"])
def waiting(request: Request, visitor: Visiting) -> Response:
    """What waits, the oldest first, and what was answered last."""
    visitor.must_be(*MAY_LOOK)
    with reading(desk_of(request).engine) as session:
        all_of_them = enquiries(session)
        rows = [_line(session, each) for each in all_of_them if each.is_open]
        answered = [_line(session, each) for each in reversed(all_of_them) if not each.is_open][:MOST_ANSWERED]
        return show_staff("enquiries", visitor, here="", rows=rows, answered=answered)


@router.api_route("/{number}", methods=["GET", "HEAD"])
def one(request: Request, visitor: Visiting, number: RowNumber) -> Response:
    """One enquiry, with what may be done about it."""
    with reading(desk_of(request).engine) as session:
        return _page(session, visitor, number)


@router.api_route("/{number}/billede/{photo}", methods=["GET", "HEAD"])
def one_photo(request: Request, visitor: Visiting, number: RowNumber, photo: RowNumber) -> Response:
    """One of its photos, counted from 1."""
    visitor.must_be(*MAY_LOOK)
    with reading(desk_of(request).engine) as session:
        photos = photos_of(session, enquiry_id=number)
    path = settings().var_dir / photos[photo - 1].path if 1 <= photo <= len(photos) else None
    if path is None or not path.is_file():
        return sorry(404, "Billedet er her ikke", "Gå tilbage, og prøv igen.")
    return FileResponse(path, media_type="image/jpeg")


@router.api_route("/{number}/fil/{file}", methods=["GET", "HEAD"])
def one_file(request: Request, visitor: Visiting, number: RowNumber, file: RowNumber) -> Response:
    """One of the files that came with a form, counted from 1: a photo to look at, a PDF to take along."""
    visitor.must_be(*MAY_LOOK)
    with reading(desk_of(request).engine) as session:
        enquiry = session.exec(select(Enquiry).where(Enquiry.id == number)).first()
        files = files_of(session, enquiry) if enquiry is not None else []
    kept = files[file - 1].path if 1 <= file <= len(files) else ""
    path = settings().var_dir / kept
    if not kept or not path.is_file():
        return sorry(404, "Filen er her ikke", "Gå tilbage, og prøv igen.")
    if path.suffix != ".pdf":
        return FileResponse(path, media_type="image/jpeg")
    return FileResponse(path, media_type="application/pdf", filename=f"henvendelse-{number}-{file}.pdf")


@router.post("/{number}/tag")
def take(request: Request, visitor: Posting, form: Typed, number: RowNumber) -> Response:
    """Make a proposal of it; what stands close by is told first."""
    desk = desk_of(request)
    try:
        visitor.must_be(*MAY_TAKE_OVER)
        with desk.deciding() as session:
            enquiry = find_enquiry(session, number)
            model = _form(session)
            given = forms.given(model, tuple(model.model_fields), form)
            wish = wish_of(given)
            near = near_place(session, wish, f"enquiry:{number}")
            if near is not None and form["alligevel"] != near.reference:
                return _page(session, visitor, number, form=form, near=near)
            name = str(given.model_dump()["gruppens_navn"])
            if (is_new := wish.group == NEW_GROUP) and not name.strip():
                raise BadInput("gruppens_navn", "skriv, hvad den nye gruppe hedder.")
            said = visitor.said(desk.today(), Role.PROJECT_LEAD)
            reference = take_over(session, enquiry, wish, said, new_group=name if is_new else None).reference
    except Refusal as refusal:
        return _again(desk, visitor, number, form, refusal)
    return done(desk, f"/opgaver/sag/{reference}?gjort=forslag")


@router.post("/{number}/nej")
def decline(request: Request, visitor: Posting, form: Typed, number: RowNumber) -> Response:
    """Say no, because."""

    def say_no(session: Session, enquiry: Enquiry, said: Said) -> object:
        return decline_enquiry(session, enquiry, form["grund"], said)

    return _decided(request, visitor, form, number, say_no)


@router.post("/{number}/talt")
def settle(request: Request, visitor: Posting, form: Typed, number: RowNumber) -> Response:
    """Note that whoever offered to help was talked to."""
    return _decided(request, visitor, form, number, settle_offer)


@router.post("/{number}/maskine")
def set_aside(request: Request, visitor: Posting, form: Typed, number: RowNumber) -> Response:
    """Say that no human being sent it."""
    return _decided(request, visitor, form, number, mark_as_spam, roles=MAY_LOOK)


def _decided(
    request: Request,
    visitor: Visitor,
    form: Form,
    number: RowNumber,
    decide: Callable[[Session, Enquiry, Said], object],
    *,
    roles: tuple[Role, ...] | None = None,
) -> Response:
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            visitor.must_be(*MAY_LOOK)
            enquiry = find_enquiry(session, number)
            may = roles or _answers(enquiry)
            visitor.must_be(*may)
            role = next(role for role in may if role in visitor.roles)
            decide(session, enquiry, visitor.said(desk.today(), role))
    except Refusal as refusal:
        return _again(desk, visitor, number, form, refusal)
    return done(desk, f"/opgaver{PATH}/{number}")


def _answers(enquiry: Enquiry) -> tuple[Role, ...]:
    return MAY_TAKE_OVER if enquiry.kind is EnquiryKind.PROPOSAL else MAY_ANSWER_FRIENDS


def _again(desk: Desk, visitor: Visitor, number: RowNumber, form: Form, refusal: Refusal) -> Response:
    if refusal.code == "role.not_held":
        raise refusal
    with reading(desk.engine) as session:
        return _page(session, visitor, number, form=form, refusal=refusal)


def _form(session: Session) -> type[TakeOverForm]:
    types = {key: kind.name for key, kind in catalogue().types.items()}
    groups = {NEW_GROUP: "En ny gruppe: dem, der har skrevet"} | group_choices(session)
    return with_fields(
        TakeOverForm,
        type=(choices("Types", types), Field(title="Hvad skal bygges?")),
        gruppe=(choices("Groups", groups), Field(title="Hvilken gruppe?")),
    )


def _page(
    session: Session,
    visitor: Visitor,
    number: RowNumber,
    *,
    form: Form | None = None,
    refusal: Refusal | None = None,
    near: Facility | None = None,
) -> Response:
    visitor.must_be(*MAY_LOOK)
    enquiry = session.exec(select(Enquiry).where(Enquiry.id == number)).first()
    if enquiry is None:
        return sorry(404, "Den henvendelse findes ikke", "Se listen over henvendelser.")
    may_answer = not visitor.roles.isdisjoint(_answers(enquiry))
    takes_over = enquiry.kind is EnquiryKind.PROPOSAL and may_answer
    model = _form(session) if takes_over else None
    wrong = None
    if refusal is not None:
        wrong = forms.fault_in(refusal, model) if model is not None else fault(refusal)
    return show_staff(
        "enquiry",
        visitor,
        here="",
        status=409 if near is not None else status_of(refusal),
        enquiry=enquiry,
        place=session.get(Facility, enquiry.facility_id) if enquiry.facility_id is not None else None,
        photos=len(photos_of(session, enquiry_id=number)),
        kind_name=_kind_name(enquiry),
        is_away=enquiry.lat is not None and enquiry.lon is not None and not is_at_home(enquiry.lat, enquiry.lon),
        map_link=_map_link(enquiry),
        may_answer=may_answer,
        answers=_answers(enquiry)[0].danish,
        is_undecided=enquiry.is_open or enquiry.state is EnquiryState.SPAM,
        answers_sent=_answers_in_words(enquiry),
        files=files_of(session, enquiry),
        fields=forms.fields_of(model, (*ORDER, "gruppens_navn")) if model is not None else (),
        typed=form.typed if form is not None else _proposed(session, enquiry),
        near=near,
        fault=wrong,
    )


def _proposed(session: Session, enquiry: Enquiry) -> dict[str, Any]:
    """What the form of a proposal begins with: what was sent, as far as it says it."""
    where = f"{enquiry.lat:.5f}, {enquiry.lon:.5f}" if enquiry.lat is not None and enquiry.lon is not None else ""
    named = group_named(session, enquiry)
    owner = {"ejer": enquiry.land_owner.name} if enquiry.land_owner is not None else {}
    return {
        "key": secrets.token_hex(8),
        "type": enquiry.type_key,
        "sted": where,
        "navn": enquiry.place_name,
        "gruppe": named.reference.replace("-", "_") if named is not None else NEW_GROUP,
        "gruppens_navn": enquiry.group_name if named is None else "",
        "aar": enquiry.years or YEARS,
    } | owner


def _answers_in_words(enquiry: Enquiry) -> list[tuple[str, str]]:
    """Every answer to a form of another system, by its field's key there, as people read it."""

    def words(value: Any) -> str:
        if isinstance(value, dict):
            return ", ".join(f"{key}: {words(each)}" for key, each in value.items() if words(each))
        if isinstance(value, list):
            return ", ".join(filter(None, map(words, value)))
        return "" if value is None else str(value)

    return [(name.replace("_", " "), said) for name, value in enquiry.answers.items() if (said := words(value))]


def _map_link(enquiry: Enquiry) -> str:
    link = catalogue().mails.map_link
    return link.format(lat=enquiry.lat, lon=enquiry.lon) if link and enquiry.lat is not None else ""


def _kind_name(enquiry: Enquiry) -> str:
    kinds = catalogue().types
    return kinds[enquiry.type_key].name if enquiry.type_key in kinds else ""


def _line(session: Session, enquiry: Enquiry) -> dict[str, Any]:
    place = session.get(Facility, enquiry.facility_id) if enquiry.facility_id is not None else None
    what = f"Forslag: {_kind_name(enquiry) or enquiry.place_name or 'noget andet'}"
    if enquiry.kind is EnquiryKind.FRIENDS and place is not None:
        what = f"Vil være med: {place.name}"
    return {"enquiry": enquiry, "what": what, "place": place}
