"""Doing something about a facility: the form, and the way back to the case, which says what was done."""

import secrets

from fastapi import APIRouter
from pydantic import BaseModel
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Form, Typed, desk_of, done
from channels.page.show import place_words
from channels.records.papers import keep_papers
from channels.records.photos import keep_good_photos
from channels.staff import forms
from channels.staff.action import Action, Given
from channels.staff.correcting_actions import CORRECTING_ACTIONS
from channels.staff.doubts import ask_if_meant, doubt_in
from channels.staff.inspection_actions import INSPECTION_ACTIONS
from channels.staff.place_actions import PLACE_ACTIONS
from channels.staff.roles import as_role, role_choice
from channels.staff.show import show_staff, status_of
from channels.staff.standing_actions import STANDING_ACTIONS
from channels.staff.visitor import Posting, Visiting, Visitor
from models.case.facility import Facility, find
from models.database import reading
from models.refusal import Refusal

router = APIRouter(prefix="/opgaver/sag/{reference}/goer")

BY_PATH = {
    action.path: action for action in (*PLACE_ACTIONS, *STANDING_ACTIONS, *CORRECTING_ACTIONS, *INSPECTION_ACTIONS)
}


@router.api_route("/{path}", methods=["GET", "HEAD"])
def ask(request: Request, visitor: Visiting, reference: str, path: str) -> Response:
    """The form of an action, or why it can't be done now."""
    with reading(desk_of(request).engine) as session:
        return _page(session, visitor, find(session, reference), _action(path), {"key": secrets.token_hex(8)})


@router.post("/{path}")
def act(request: Request, visitor: Posting, form: Typed, reference: str, path: str) -> Response:
    """Do it; a refusal stands above the form, which keeps what was typed."""
    desk, action = desk_of(request), _action(path)
    thanks, lost = f"/opgaver/sag/{reference.upper()}?gjort={path}", 0
    if form["flere"]:
        with reading(desk.engine) as session:
            return _page(session, visitor, find(session, reference), action, form.typed, form=form)
    if desk.repeats.is_repeat(request.url.path, form.typed):
        return done(desk, thanks)
    try:
        visitor.must_be(*action.roles)
        photos, lost = keep_good_photos(form.files) if action.takes_photos else ([], 0)
        papers = keep_papers(form.files, needed=action.needs_papers) if action.takes_papers else ()
        with desk.deciding() as session:
            facility = find(session, reference)
            model = action.form(session, facility)
            given = forms.given(model, tuple(model.model_fields), form)
            if action.minutes is not None:
                ask_if_meant(action.minutes(session, facility, given), form)
            on = forms.day_said(form, desk.today()) if action.is_dated else desk.today()
            said = visitor.said(on, as_role(visitor, form, action.roles))
            action.do(session, facility, Given(given, photos, f"{visitor.key_of(form)}:{path}", papers), said)
    except Refusal as refusal:
        if refusal.code == "role.not_held":
            raise
        with reading(desk.engine) as session:
            return _page(session, visitor, find(session, reference), action, form.typed, form=form, refusal=refusal)
    desk.repeats.take(request.url.path, form.typed)
    return done(desk, f"{thanks}&uden={lost}" if lost else thanks)


def _action(path: str) -> Action:
    if path not in BY_PATH:
        raise Refusal("action.unknown", "Det kan man ikke gøre her. Se på sagens side, hvad man kan.")
    return BY_PATH[path]


def _in_order(action: Action, model: type[BaseModel]) -> list[str]:
    """The form's fields as they are asked."""
    return sorted(model.model_fields, key=lambda name: name != action.first)


def _page(
    session: Session,
    visitor: Visitor,
    facility: Facility,
    action: Action,
    typed: dict[str, str],
    *,
    form: Form | None = None,
    refusal: Refusal | None = None,
) -> Response:
    visitor.must_be(*action.roles)
    why_not = action.why_not(session, facility)
    model = action.form(session, facility) if not why_not else None
    rows = {name.split(".")[0]: forms.rows_typed(name.split(".")[0], typed) for name in typed if "." in name}
    if form is not None and form["flere"]:
        rows[form["flere"]] = rows.get(form["flere"], forms.ROWS) + forms.ROWS
    return show_staff(
        "action",
        visitor,
        status=status_of(refusal),
        here="/steder",
        facility=facility,
        action=action,
        why_not=why_not,
        fields=forms.fields_of(model, _in_order(action, model)) if model is not None else (),
        day=forms.DAY if action.is_dated else None,
        rows=rows,
        who=role_choice(visitor, action.roles),
        doubt=doubt_in(refusal),
        typed=forms.typed_again(typed, refusal),
        fault=forms.fault_in(refusal, model) if refusal is not None else None,
        **place_words(facility),
    )
