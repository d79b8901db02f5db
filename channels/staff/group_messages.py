"""Besked til grupperne, og vejret: what the coordinator says to some groups or to all, and what a storm or fire ban sets off."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Typed, desk_of, done
from channels.questions.fields import Shown, day_of
from channels.staff import forms
from channels.staff.roles import as_role, role_choice
from channels.staff.show import show_staff, status_of
from channels.staff.visitor import Posting, Visiting, Visitor
from channels.views.weather import weather_line
from config.catalogue import catalogue
from models.case.volunteer_group import find_group
from models.database import reading
from models.operation.weather import MAY_SAY, WeatherKind, end_weather, places_of_weather, start_weather, weather_now
from models.persons.group_message import LONGEST, MAY_WRITE_TO_GROUPS, groups_to_write_to, write_to_groups
from models.refusal import BadInput, Refusal
from models.text import NAME_LENGTH

router = APIRouter(prefix="/opgaver")


class MessageForm(Shown):
    """What is written to the groups."""

    subject: str = Field(title="Emne", min_length=2, max_length=NAME_LENGTH, json_schema_extra={"one_line": True})
    words: str = Field(title="Besked", min_length=2, max_length=LONGEST, description="Skriv ikke navne på nogen.")


class WeatherForm(Shown):
    """What the groups are told; empty for the usual words."""

    words: str = Field(
        default="", title="Besked til grupperne", max_length=LONGEST, description="Tomt: den sædvanlige."
    )


@router.api_route("/besked", methods=["GET", "HEAD"])
def ask(request: Request, visitor: Visiting) -> Response:
    """Whom to write to, and what."""
    return _message_page(request, visitor, {"to": request.query_params.get("gruppe", "") or "all"})


@router.post("/besked")
def write(request: Request, visitor: Posting, form: Typed) -> Response:
    """Write it, once; it goes with each person's next mail."""
    desk = desk_of(request)
    try:
        given = forms.given(MessageForm, tuple(MessageForm.model_fields), form)
        assert isinstance(given, MessageForm)
        with desk.deciding() as session:
            said = visitor.said(desk.today(), as_role(visitor, form, MAY_WRITE_TO_GROUPS))
            word, _, type_key = form["to"].partition(":")
            if word == "type" and type_key not in catalogue().types:
                raise BadInput("to", "vælg, hvem beskeden er til.")
            is_many = word in ("all", "type")
            groups = groups_to_write_to(session, [type_key] if type_key else []) if is_many else []
            if not is_many:
                groups = [find_group(session, form["to"])]
            persons = write_to_groups(session, groups, given.subject, given.words, said)
    except Refusal as refusal:
        if refusal.code == "role.not_held":
            raise
        return _message_page(request, visitor, form.typed, refusal=refusal)
    return done(desk, f"/opgaver/besked?sendt={persons}")


@router.api_route("/vejr", methods=["GET", "HEAD"])
def weather(request: Request, visitor: Visiting) -> Response:
    """What is set off now, and what can be."""
    return _weather_page(request, visitor, {})


@router.post("/vejr")
def change_weather(request: Request, visitor: Posting, form: Typed) -> Response:
    """Set a storm or a fire ban off, or take it back; the same again changes nothing."""
    desk = desk_of(request)
    try:
        if form["kind"] not in list(WeatherKind) or form["what"] not in ("start", "end"):
            raise BadInput("kind", "vælg storm eller afbrændingsforbud.")
        until = day_of(form["until"], "until")
        given = forms.given(WeatherForm, tuple(WeatherForm.model_fields), form)
        assert isinstance(given, WeatherForm)
        kind = WeatherKind(form["kind"])
        with desk.deciding() as session:
            said = visitor.said(desk.today(), as_role(visitor, form, MAY_SAY))
            if form["what"] == "start":
                start_weather(session, kind, said, words=given.words, area=form["area"], until=until)
            else:
                for there in weather_now(session, kind):
                    if form["number"] in ("", str(there.number)):
                        end_weather(session, there, said)
    except Refusal as refusal:
        if refusal.code == "role.not_held":
            raise
        return _weather_page(request, visitor, form.typed, refusal=refusal)
    return done(desk, "/opgaver/vejr")


def _message_page(
    request: Request, visitor: Visitor, typed: dict[str, str], *, refusal: Refusal | None = None
) -> Response:
    visitor.must_be(*MAY_WRITE_TO_GROUPS)
    with reading(desk_of(request).engine) as session:
        groups = groups_to_write_to(session)
        types = {key: len(groups_to_write_to(session, [key])) for key in catalogue().types}
        sent = request.query_params.get("sendt", "")
        return show_staff(
            "group_message",
            visitor,
            here="/grupper",
            status=status_of(refusal),
            sent=sent if sent.isascii() and sent.isdigit() and len(sent) < 7 else "",
            groups=groups,
            types=[(key, catalogue().types[key].name, count) for key, count in types.items() if count],
            fields=forms.fields_of(MessageForm, tuple(MessageForm.model_fields)),
            who=role_choice(visitor, MAY_WRITE_TO_GROUPS),
            **_said(typed, refusal, MessageForm),
        )


def _weather_page(
    request: Request, visitor: Visitor, typed: dict[str, str], *, refusal: Refusal | None = None
) -> Response:
    with reading(desk_of(request).engine) as session:
        kinds = []
        for kind in WeatherKind:
            lasting = [weather_line(session, there) for there in weather_now(session, kind)]
            kinds.append((kind, lasting, places_of_weather(session, kind)))
        return show_staff(
            "weather",
            visitor,
            here="/grupper",
            status=status_of(refusal),
            kinds=kinds,
            usual={"storm": catalogue().weather.storm.words, "fire_ban": catalogue().weather.fire_ban.words},
            days=catalogue().weather.storm.within_days,
            areas=list(catalogue().municipality.districts),
            may_say=not visitor.roles.isdisjoint(MAY_SAY),
            who=role_choice(visitor, MAY_SAY),
            **_said(typed, refusal, WeatherForm),
        )


def _said(typed: dict[str, str], refusal: Refusal | None, model: type[Shown]) -> dict[str, Any]:
    return {"typed": typed, "fault": forms.fault_in(refusal, model) if refusal is not None else None}
