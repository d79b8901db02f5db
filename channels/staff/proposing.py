"""Nyt forslag on the desk: the place pasted as people have it, the group chosen by its name."""

import secrets
from math import hypot

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Form, Typed, desk_of, done
from channels.questions.fields import OwnerChoice, Shown, choices, day, day_of, with_fields
from channels.staff import forms
from channels.staff.place_text import place_in
from channels.staff.roles import as_role, role_choice
from channels.staff.show import show_staff, status_of
from channels.staff.visitor import Posting, Visiting, Visitor
from config.catalogue import catalogue
from models.case.facility import Facility, LandOwner
from models.case.volunteer_group import VolunteerGroup
from models.database import reading
from models.persons.contacts import MAY_CHANGE
from models.place import to_utm32
from models.refusal import Refusal
from models.stages.proposal import MAX_YEARS, MAY_PROPOSE, Proposal, propose
from models.text import NAME_LENGTH

router = APIRouter(prefix="/opgaver/forslag")

ORDER = ("type", "navn", "sted", "gruppe", "ejer", "aar", "driftsstart")
NEAR_METRES = 50
"""Two of one type that stand this close are mostly one that was proposed twice."""


class ProposalForm(Shown):
    """What is wished for; type and group are choices of what there is, made by `_form`."""

    navn: str = Field(
        title="Navn",
        min_length=3,
        max_length=NAME_LENGTH,
        description="Hvad stedet hedder, fx “Shelter ved Nyord Havn”. Ingen personnavne.",
    )
    sted: str = Field(
        title="Hvor er det?",
        max_length=400,
        description="Sæt et kortlink ind, eller skriv grader (55,0402 12,2091) eller UTM32 (705039 6103973).",
        json_schema_extra={"one_line": True},
    )
    ejer: OwnerChoice = Field(
        title="Hvem ejer jorden?",
        default=OwnerChoice.MUNICIPALITY,
        description="Ejer andre end kommunen den, kræves ejerens samtykke.",
    )
    aar: int = Field(title="Aftalens længde i år", ge=1, le=MAX_YEARS, default=5)
    driftsstart: str = day("Driften ventes at begynde", "Lad den stå tom, hvis I ikke ved det.")


@router.api_route("/nyt", methods=["GET", "HEAD"])
def ask(request: Request, visitor: Visiting) -> Response:
    """The form."""
    with reading(desk_of(request).engine) as session:
        return _page(session, visitor, {"key": secrets.token_hex(8)})


@router.post("/nyt")
def make(request: Request, visitor: Posting, form: Typed) -> Response:
    """Register the proposal; operations is asked at once. What stands close by is told first."""
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            model = _form(session)
            given = forms.given(model, tuple(model.model_fields), form)
            wish = wish_of(given)
            key = visitor.key_of(form)
            near = near_place(session, wish, key)
            if near is not None and form["alligevel"] != near.reference:
                return _page(session, visitor, form.typed, form=form, near=near)
            said = visitor.said(desk.today(), as_role(visitor, form, MAY_PROPOSE))
            facility = propose(session, wish, said, key=key)
            reference = facility.reference
    except Refusal as refusal:
        if refusal.code == "role.not_held":
            raise
        with reading(desk.engine) as session:
            return _page(session, visitor, form.typed, form=form, refusal=refusal)
    return done(desk, f"/opgaver/sag/{reference}?gjort=forslag")


def wish_of(given: BaseModel) -> Proposal:
    """What a form says is wished for."""
    said = given.model_dump()
    lat, lon = place_in(said["sted"])
    return Proposal(
        type_key=said["type"].name,
        name=said["navn"],
        group=said["gruppe"].name.replace("_", "-"),
        lat=lat,
        lon=lon,
        land_owner=LandOwner[said["ejer"].name],
        years=said["aar"],
        start_on=day_of(said["driftsstart"], "Driften ventes at begynde"),
    )


def near_place(session: Session, wish: Proposal, key: str) -> Facility | None:
    """What of the same type is there or proposed so close that it may be the same.

    Not what this very form made: whoever presses twice is led to it, and isn't asked.
    """
    if session.exec(select(Facility.id).where(Facility.key == key)).first() is not None:
        return None
    here = to_utm32(wish.lat, wish.lon)
    rows = select(Facility).where(
        Facility.type_key == wish.type_key,
        col(Facility.utm_east).between(here.east - NEAR_METRES, here.east + NEAR_METRES),
        col(Facility.utm_north).between(here.north - NEAR_METRES, here.north + NEAR_METRES),
    )
    for facility in session.exec(rows.order_by(col(Facility.id).desc())):
        away = hypot(facility.utm_east - here.east, facility.utm_north - here.north)
        if facility.stage.is_open and away <= NEAR_METRES:
            return facility
    return None


def _form(session: Session) -> type[ProposalForm]:
    """With the types and the groups that there are; a group is found by its name."""
    types = {key: kind.name for key, kind in catalogue().types.items()}
    return with_fields(
        ProposalForm,
        type=(choices("Types", types), Field(title="Hvad skal bygges?")),
        gruppe=(choices("Groups", group_choices(session)), Field(title="Hvilken gruppe?")),
    )


def group_choices(session: Session) -> dict[str, str]:
    """The groups that there are, by name; the keys are their references as a choice has them."""
    rows = session.exec(select(VolunteerGroup).order_by(col(VolunteerGroup.name)))
    return {
        group.reference.replace("-", "_"): f"{group.name} ({group.reference})" for group in rows if not group.is_nobody
    }


def _page(
    session: Session,
    visitor: Visitor,
    typed: dict[str, str],
    *,
    form: Form | None = None,
    refusal: Refusal | None = None,
    near: Facility | None = None,
) -> Response:
    visitor.must_be(*MAY_PROPOSE)
    model = _form(session)
    return show_staff(
        "proposing",
        visitor,
        here="/steder",
        status=409 if near is not None else status_of(refusal),
        fields=forms.fields_of(model, ORDER),
        who=role_choice(visitor, MAY_PROPOSE),
        may_make_group=not visitor.roles.isdisjoint(MAY_CHANGE),
        typed=forms.typed_again(typed, refusal),
        near=near,
        fault=forms.fault_in(refusal, model) if refusal is not None else None,
    )
