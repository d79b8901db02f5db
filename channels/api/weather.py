"""Vejret: a storm or a fire ban is set off and taken back by another system, by the sender's own number."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field
from sqlmodel import Session, col, select
from starlette.responses import Response

from channels.api.answering import BIGGEST, Once, Paged, Raw, cut, once, shown
from channels.api.body import Body
from channels.api.house import house_of
from channels.api.keys import Needs, said_by
from channels.api.problem import NotThere
from channels.views.shapes.group import WarningTaken, WeatherLine
from channels.views.shapes.shape import Shape
from channels.views.weather import weather_line
from models.database import reading
from models.operation.weather import Weather, WeatherKind, end_weather
from models.operation.weather_warning import Warned, take_warning
from models.outside.api_key import ApiKey
from models.outside.scope import READ, WEATHER
from models.text import NAME_LENGTH, TEXT_LENGTH

router = APIRouter(tags=["Vejret / weather"])
Teller = Annotated[ApiKey, Depends(Needs(WEATHER))]


class NewWarning(Body):
    """A storm or a fire ban."""

    reference: str = Field(
        min_length=1,
        max_length=NAME_LENGTH,
        description="Your own number for it; the same number is the same warning.",
        examples=["DMI-2026-118"],
    )
    kind: WeatherKind = Field(description="`storm` or `fire_ban`.")
    area: str = Field(
        default="",
        max_length=NAME_LENGTH,
        description="One of `districts` in municipality.yaml; empty for the whole municipality.",
    )
    begins: date | None = Field(default=None, alias="from", description="The first day; today when left out.")
    until: date | None = Field(
        default=None, alias="to", description="The last day; a fire ban without one stands until it is taken back."
    )
    words: str = Field(
        default="", max_length=TEXT_LENGTH, description="What the groups are told, in Danish; empty for the usual."
    )


@router.get("/weather", response_model=list[WeatherLine], summary="Storm og afbrændingsforbud")
def list_weather(request: Request, key: Annotated[ApiKey, Depends(Needs(READ, WEATHER))], page: Paged) -> Response:
    """What was set off; what has no `ended_on` lasts. / Det, der er meldt; det uden `ended_on` gælder nu."""
    with reading(house_of(request).engine) as session:
        rows = select(Weather).where(col(Weather.id) > page.after).order_by(col(Weather.id)).limit(page.limit + 1)
        here, link = cut(session.exec(rows).all(), page, lambda each: each.number, request)
        return shown(request, [weather_line(session, each) for each in here], link=link)


@router.post("/weather", response_model=WarningTaken, status_code=201, summary="Meld storm eller afbrændingsforbud")
def set_off(request: Request, key: Teller, body: NewWarning, raw: Raw, own_key: Once = None) -> Response:
    """Extra checks after a storm, closed fire pits in a fire ban, and a word to the groups; once for each `reference`.

    / Ekstra tjek efter en storm, lukkede bålpladser ved forbud, og besked til grupperne; én gang for hver `reference`.
    """

    def do(session: Session) -> tuple[int, Shape, str]:
        warned = Warned(body.reference, body.kind, body.begins, body.until, body.area, body.words)
        became, found = take_warning(session, warned, said_by(request, key))
        line = weather_line(session, found) if found is not None else None
        return 201, WarningTaken(reference=body.reference, became=became, weather=line), ""

    return once(request, key, raw, own_key, do)


@router.post("/weather/{number}/end", response_model=WeatherLine, summary="Tag det tilbage")
def take_back(
    request: Request,
    key: Teller,
    number: Annotated[int, Path(ge=1, le=BIGGEST, description="Its `number`. / Dets nummer.")],
    raw: Raw,
    own_key: Once = None,
) -> Response:
    """Places open again, and extra checks nobody answered fall away. / Steder åbner, og ubesvarede tjek bortfalder."""

    def do(session: Session) -> tuple[int, Shape, str]:
        found = session.exec(select(Weather).where(Weather.id == number).with_for_update()).first()
        if found is None:
            raise NotThere("weather.unknown", f"Der er ikke meldt noget vejr med nr. {number}.")
        end_weather(session, found, said_by(request, key))
        return 200, weather_line(session, found), ""

    return once(request, key, raw, own_key, do)
