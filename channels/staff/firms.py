"""Firmaer: the companies that build and repair, made, corrected and let go without a command line."""

from collections.abc import Callable

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Form, Typed, desk_of, done
from channels.questions.fields import Shown
from channels.staff import forms
from channels.staff.roles import as_role, role_choice
from channels.staff.show import show_staff, status_of
from channels.staff.visitor import Posting, Visiting, Visitor
from models.case.firm import MAY_KEEP_FIRMS, Firm, add_firm, correct_firm, find_firm, firms, leave_firm, take_firm_again
from models.database import reading
from models.refusal import Refusal
from models.said import Said
from models.text import NAME_LENGTH

PATH = "/opgaver/firmaer"
router = APIRouter(prefix=PATH)


class ReachForm(Shown):
    """What a firm is called and how it is reached."""

    navn: str = Field(title="Firmaets navn", min_length=2, max_length=NAME_LENGTH)
    mail: str = Field(
        title="Mail",
        max_length=254,
        description="Firmaets, ikke en persons. Opgaver sendes hertil som links.",
        json_schema_extra={"one_line": True},
    )
    telefon: str = Field(default="", title="Telefon", max_length=20)


class NewForm(ReachForm):
    """A new firm."""

    cvr: str = Field(title="CVR-nummer", max_length=12, description="8 cifre. Det står på fakturaen.")


@router.api_route("", methods=["GET", "HEAD"])
def all_firms(request: Request, visitor: Visiting) -> Response:
    """All firms, those who left at the end."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        rows = sorted(firms(session), key=lambda firm: (firm.left_on is not None, firm.name.casefold()))
    may = not visitor.roles.isdisjoint(MAY_KEEP_FIRMS)
    return show_staff("firms", visitor, here="/lister", on=desk.today(), rows=rows, may=may)


@router.api_route("/ny", methods=["GET", "HEAD"])
def new_firm(visitor: Visiting) -> Response:
    """The form of a new firm."""
    return _form(visitor, None, {})


@router.post("/ny")
def make_firm(request: Request, visitor: Posting, form: Typed) -> Response:
    """Enter a firm; the same CVR number with the same words again changes nothing."""

    def make(session: Session, said: Said) -> None:
        given = forms.given(NewForm, tuple(NewForm.model_fields), form)
        assert isinstance(given, NewForm)
        add_firm(session, given.navn, said, cvr=given.cvr, mail=given.mail, phone=given.telefon)

    return _decide(request, visitor, form, make)


@router.api_route("/{reference}", methods=["GET", "HEAD"])
def one_firm(request: Request, visitor: Visiting, reference: str) -> Response:
    """A firm, with the form that puts its words right."""
    with reading(desk_of(request).engine) as session:
        firm = find_firm(session, reference)
    return _form(visitor, firm, {"navn": firm.name, "mail": firm.mail, "telefon": firm.phone})


@router.post("/{reference}")
def correct(request: Request, visitor: Posting, form: Typed, reference: str) -> Response:
    """Other words about it; its CVR number stays."""

    def change(session: Session, said: Said) -> None:
        given = forms.given(ReachForm, tuple(ReachForm.model_fields), form)
        assert isinstance(given, ReachForm)
        firm = find_firm(session, reference)
        correct_firm(session, firm, said, name=given.navn, mail=given.mail, phone=given.telefon)

    return _decide(request, visitor, form, change, reference)


@router.post("/{reference}/slut")
def leave(request: Request, visitor: Posting, form: Typed, reference: str) -> Response:
    """It works for the municipality no more: no new orders, and its links stop."""

    def end(session: Session, said: Said) -> None:
        leave_firm(session, find_firm(session, reference), said)

    return _decide(request, visitor, form, end, reference)


@router.post("/{reference}/igen")
def take_again(request: Request, visitor: Posting, form: Typed, reference: str) -> Response:
    """It works for the municipality again."""

    def begin(session: Session, said: Said) -> None:
        take_firm_again(session, find_firm(session, reference), said)

    return _decide(request, visitor, form, begin, reference)


def _decide(
    request: Request, visitor: Visitor, form: Form, what: Callable[[Session, Said], None], reference: str = ""
) -> Response:
    """The list where it is done; after a no the form of the firm, or of a new one, with what was typed."""
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            what(session, visitor.said(desk.today(), as_role(visitor, form, MAY_KEEP_FIRMS)))
    except Refusal as refusal:
        if refusal.code == "role.not_held":
            raise
        with reading(desk.engine) as session:
            firm = find_firm(session, reference) if reference else None
        return _form(visitor, firm, form.typed, refusal)
    return done(desk, PATH)


def _form(visitor: Visitor, firm: Firm | None, typed: dict[str, str], refusal: Refusal | None = None) -> Response:
    visitor.must_be(*MAY_KEEP_FIRMS)
    model = NewForm if firm is None else ReachForm
    return show_staff(
        "firm",
        visitor,
        here="/lister",
        status=status_of(refusal),
        firm=firm,
        fields=forms.fields_of(model, tuple(model.model_fields)),
        who=role_choice(visitor, MAY_KEEP_FIRMS),
        typed=typed,
        fault=forms.fault_in(refusal, model) if refusal is not None else None,
    )
