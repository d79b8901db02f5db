"""Grupper: who looks after what, new groups, and their contacts."""

import secrets
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import func
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from channels.addresses import address
from channels.page.desk import Form, RowNumber, Typed, desk_of, done
from channels.page.show import Fault
from channels.post.languages import language_choices, language_meant
from channels.questions.fields import Choice, Shown, long_text
from channels.staff import forms
from channels.staff.roles import as_role, role_choice
from channels.staff.show import show_staff, status_of
from channels.staff.visitor import Posting, Visiting, Visitor
from models.alike import plain_letters
from models.case.facility import Facility
from models.case.volunteer_group import (
    Contact,
    Reach,
    VolunteerGroup,
    add_group,
    contacts_of,
    everyone_in,
    find_group,
    members_of,
    missing_readiness,
)
from models.database import reading
from models.figures.wear import worn_groups
from models.persons.contacts import MAY_CHANGE, add_contact, change_contact, choose_language, facilities_of, leave_group
from models.persons.group_correction import correct_group
from models.persons.group_message import MAY_WRITE_TO_GROUPS
from models.persons.invitation import invite, open_invitations, token_of_invitation
from models.post.link import Purpose
from models.refusal import BadInput, Refusal
from models.role import Role
from models.text import NAME_LENGTH

router = APIRouter(prefix="/opgaver/grupper")

SEE_PERSONS = (Role.COORDINATOR, Role.OPERATIONS, Role.OPERATIONS_MANAGER)
"""Who sees names, mails and numbers of contacts: those who ring them."""
A_PAGE = 50
_OF_EACH = ("navn", "mail", "telefon")
"""The fields that each contact's form has, and the one of a new contact, too."""


class ReachChoice(Choice):
    """How a contact wants to hear from us."""

    MAIL = "Mail"
    SMS = "SMS"


class ContactForm(Shown):
    """Somebody in a group."""

    navn: str = Field(title="Navn", min_length=2, max_length=NAME_LENGTH)
    mail: str = Field(default="", title="Mail", max_length=254, json_schema_extra={"one_line": True})
    telefon: str = Field(default="", title="Telefon", max_length=20, description="Mail eller telefon skal med.")


class GroupForm(Shown):
    """A new group with its first two."""

    navn: str = Field(title="Gruppens navn", min_length=2, max_length=NAME_LENGTH)
    cvr: str = Field(default="", title="CVR-nummer", max_length=8, description="Hvis gruppen er en forening og har et.")
    kontakter: list[ContactForm] = Field(default=[], title="Kontakter")


class NameForm(Shown):
    """What a group is called, put right."""

    gruppenavn: str = Field(title="Gruppens navn", min_length=2, max_length=NAME_LENGTH)
    cvr: str = Field(default="", title="CVR-nummer", max_length=12, description="Tomt, hvis gruppen ikke har et.")
    grund: str = long_text(
        "Begrundelse", "Fx: stavet forkert. Det, der er underskrevet, bliver ikke ændret. Ingen personnavne."
    )


class ChangeForm(Shown):
    """New addresses of somebody, and how they are really spelt."""

    navn: str = Field(title="Navn", min_length=2, max_length=NAME_LENGTH)
    mail: str = Field(default="", title="Mail", max_length=254, json_schema_extra={"one_line": True})
    telefon: str = Field(default="", title="Telefon", max_length=20)
    foretraekker: ReachChoice = Field(default=ReachChoice.MAIL, title="Vil helst have")


@router.api_route("", methods=["GET", "HEAD"])
def groups(request: Request, visitor: Visiting, q: str = "", side: str = "1") -> Response:
    """All groups by name; a part of the name or the reference finds one."""
    with reading(desk_of(request).engine) as session:
        wanted = plain_letters(q.strip())
        rows = session.exec(select(VolunteerGroup).order_by(col(VolunteerGroup.name))).all()
        found = [g for g in rows if not g.is_nobody and wanted in plain_letters(f"{g.name} {g.reference}")]
        page = min(max(int(side) if side.isascii() and side.isdigit() and len(side) < 6 else 1, 1), _pages(found))
        shown = found[(page - 1) * A_PAGE : page * A_PAGE]
        counts = dict(_places_by_group(session))
        return show_staff(
            "groups",
            visitor,
            here="/grupper",
            on=desk_of(request).today(),
            rows=[(group, counts.get(group.number, 0), missing_readiness(session, group)) for group in shown],
            q=q[:80],
            count=len(found),
            page=page,
            pages=_pages(found),
            may_change=not visitor.roles.isdisjoint(MAY_CHANGE),
        )


@router.api_route("/ny", methods=["GET", "HEAD"])
def new_group(request: Request, visitor: Visiting) -> Response:
    """The form of a new group."""
    return _new_page(visitor, {"key": secrets.token_hex(8)})


@router.post("/ny")
def make_group(request: Request, visitor: Posting, form: Typed) -> Response:
    """Register a group; it needs one contact, and had better have a deputy."""
    desk = desk_of(request)
    if form["flere"]:
        return _new_page(visitor, form.typed, form=form)
    try:
        given = forms.given(GroupForm, tuple(GroupForm.model_fields), form)
        assert isinstance(given, GroupForm)
        if not given.kontakter:
            raise BadInput("contact", "skriv mindst én på, med navn og mail eller telefon.")
        contacts = [f"{_plain(each.navn)};{_plain(each.mail)};{_plain(each.telefon)}" for each in given.kontakter]
        with desk.deciding() as session:
            said = visitor.said(desk.today(), as_role(visitor, form, MAY_CHANGE))
            key = visitor.key_of(form)
            reference = add_group(session, given.navn, contacts, said, cvr=given.cvr, key=key).reference
    except Refusal as refusal:
        if refusal.code == "role.not_held":
            raise
        return _new_page(visitor, form.typed, form=form, refusal=refusal)
    return done(desk, f"/opgaver/grupper/{reference}")


@router.api_route("/{reference}", methods=["GET", "HEAD"])
def one_group(request: Request, visitor: Visiting, reference: str) -> Response:
    """A group: its places, and its contacts for those who ring them."""
    with reading(desk_of(request).engine) as session:
        desk = desk_of(request)
        return _group_page(session, visitor, find_group(session, reference), {}, desk.today(), desk.moment())


@router.post("/{reference}/navn")
def rename(request: Request, visitor: Posting, form: Typed, reference: str) -> Response:
    """Put right what the group is called, or its CVR number."""

    def correct(session: Session, group: VolunteerGroup) -> None:
        said = visitor.said(desk_of(request).today(), as_role(visitor, form, MAY_CHANGE))
        given = forms.given(NameForm, tuple(NameForm.model_fields), form)
        assert isinstance(given, NameForm)
        correct_group(session, group, said, name=given.gruppenavn, cvr=given.cvr, reason=given.grund)

    return _change(request, visitor, form, reference, correct, "navn")


@router.post("/{reference}/kontakt")
def write_on(request: Request, visitor: Posting, form: Typed, reference: str) -> Response:
    """Write somebody on."""

    def add(session: Session, group: VolunteerGroup) -> None:
        given = forms.given(ContactForm, tuple(ContactForm.model_fields), form)
        assert isinstance(given, ContactForm)
        said = visitor.said(desk_of(request).today(), as_role(visitor, form, MAY_CHANGE))
        add_contact(session, group, given.navn, given.mail, given.telefon, said)

    return _change(request, visitor, form, reference, add, "ny")


@router.post("/{reference}/kontakt/{number}")
def change(request: Request, visitor: Posting, form: Typed, reference: str, number: RowNumber) -> Response:
    """New addresses of somebody, or the name as it is really spelt."""

    def correct(session: Session, group: VolunteerGroup) -> None:
        given = forms.given(ChangeForm, tuple(ChangeForm.model_fields), form)
        assert isinstance(given, ChangeForm)
        said = visitor.said(desk_of(request).today(), as_role(visitor, form, MAY_CHANGE))
        prefers = Reach[given.foretraekker.name]
        contact = _contact(session, group, number)
        change_contact(session, contact, given.mail, given.telefon, prefers, said, name=given.navn)

    return _change(request, visitor, form, reference, correct, str(number))


@router.post("/{reference}/kontakt/{number}/sprog")
def speak(request: Request, visitor: Posting, form: Typed, reference: str, number: RowNumber) -> Response:
    """Somebody's letters come in another language, where the municipality has written them."""

    def choose(session: Session, group: VolunteerGroup) -> None:
        said = visitor.said(desk_of(request).today(), as_role(visitor, form, MAY_CHANGE))
        choose_language(session, _contact(session, group, number), language_meant(form["sprog"]), said)

    return _change(request, visitor, form, reference, choose, f"sprog-{number}")


@router.post("/{reference}/kontakt/{number}/ud")
def leave(request: Request, visitor: Posting, form: Typed, reference: str, number: RowNumber) -> Response:
    """Somebody leaves; whoever comes next moves up, and is told."""

    def go(session: Session, group: VolunteerGroup) -> None:
        said = visitor.said(desk_of(request).today(), as_role(visitor, form, MAY_CHANGE))
        leave_group(session, _contact(session, group, number), said)

    return _change(request, visitor, form, reference, go, str(number))


@router.post("/{reference}/invitation")
def invite_members(request: Request, visitor: Posting, form: Typed, reference: str) -> Response:
    """Make an invitation for members, whose link the page shows; the same day again shows the same one."""
    desk = desk_of(request)

    def make(session: Session, group: VolunteerGroup) -> None:
        said = visitor.said(desk.today(), as_role(visitor, form, MAY_CHANGE))
        invite(session, group, said, by_contact=None, most=5, moment=desk.moment())

    return _change(request, visitor, form, reference, make, "invitation")


def _change(request: Request, visitor: Visitor, form: Form, reference: str, what: Any, about: str) -> Response:
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            what(session, find_group(session, reference))
    except Refusal as refusal:
        if refusal.code == "role.not_held":
            raise
        with reading(desk.engine) as session:
            group = find_group(session, reference)
            return _group_page(
                session, visitor, group, form.typed, desk.today(), desk.moment(), refusal=refusal, about=about
            )
    return done(desk, f"/opgaver/grupper/{reference.upper()}")


def _contact(session: Session, group: VolunteerGroup, number: int) -> Contact:
    contact = next((each for each in everyone_in(session, group) if each.number == number), None)
    if contact is None:
        raise BadInput("contact", "den kontakt er gået ud af gruppen.")
    return contact


def _new_page(
    visitor: Visitor, typed: dict[str, str], *, form: Form | None = None, refusal: Refusal | None = None
) -> Response:
    visitor.must_be(*MAY_CHANGE)
    rows = forms.rows_typed("kontakter", typed)
    if form is not None and form["flere"]:
        rows = min(rows + forms.ROWS, forms.MOST_ROWS)
    return show_staff(
        "new_group",
        visitor,
        here="/grupper",
        status=status_of(refusal),
        fields=forms.fields_of(GroupForm, ("navn", "kontakter", "cvr")),
        rows={"kontakter": rows},
        who=role_choice(visitor, MAY_CHANGE),
        typed=forms.typed_again(typed, refusal),
        fault=forms.fault_in(refusal, GroupForm) if refusal is not None else None,
    )


def _group_page(
    session: Session,
    visitor: Visitor,
    group: VolunteerGroup,
    typed: dict[str, str],
    on: date,
    moment: datetime,
    *,
    refusal: Refusal | None = None,
    about: str = "",
) -> Response:
    sees = not visitor.roles.isdisjoint(SEE_PERSONS)
    return show_staff(
        "group",
        visitor,
        here="/grupper",
        status=status_of(refusal),
        group=group,
        places=facilities_of(session, group),
        lacks=missing_readiness(session, group),
        signs=worn_groups(session, on=on, group_id=group.number).get(group.number, []) if sees else [],
        contacts=contacts_of(session, group) if sees else [],
        members=members_of(session, group) if sees else [],
        invitations=[
            (each.left, address(Purpose.INVITATION, token_of_invitation(session, each, moment=moment)))
            for each in open_invitations(session, group, moment=moment)
            if each.contact_id is None and not visitor.roles.isdisjoint(MAY_CHANGE)
        ],
        languages=[("", "Dansk"), *language_choices()],
        may_write=not visitor.roles.isdisjoint(MAY_WRITE_TO_GROUPS),
        sees=sees,
        may_change=sees and not visitor.roles.isdisjoint(MAY_CHANGE),
        new=forms.fields_of(ContactForm, tuple(ContactForm.model_fields)),
        called=forms.fields_of(NameForm, tuple(NameForm.model_fields)),
        who=role_choice(visitor, MAY_CHANGE),
        typed=typed,
        about=about,
        fault=_fault(refusal, about) if refusal is not None else None,
    )


def _fault(refusal: Refusal, about: str) -> Fault:
    """The refusal beside its field in the form it is about: those of a contact have the contact's number after their name."""
    if about == "navn":
        return forms.fault_in(refusal, NameForm)
    fault = forms.fault_in(refusal, ContactForm)
    return Fault(f"{fault.field}-{about}", fault.sentence) if about.isdigit() and fault.field in _OF_EACH else fault


def _places_by_group(session: Session) -> list[tuple[int, int]]:
    rows = select(Facility.group_id, func.count()).group_by(col(Facility.group_id))
    return [(int(group), int(count)) for group, count in session.exec(rows)]


def _pages(found: list[Any]) -> int:
    return max(1, -(-len(found) // A_PAGE))


def _plain(typed: str) -> str:
    return typed.replace(";", ",").strip()
