"""Puljen: balances, movements, the forecast and the list, and appropriations written down."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from sqlmodel import Session, col, select
from starlette.responses import Response

from channels.api.answering import Once, Paged, Raw, cut, cut_list, once, shown
from channels.api.body import Body
from channels.api.facilities import OfFacility, found
from channels.api.house import house_of
from channels.api.keys import Needs, said_by
from channels.views.cases import ledger_line, pool_line
from channels.views.figures import ahead_line, queue_line
from channels.views.shapes.pool import Forecast, LedgerLine, PoolLine, QueueLine
from channels.views.shapes.shape import Shape
from models.database import reading
from models.figures.forecast import WhatIf, first_break
from models.figures.forecast_basis import MOST_YEARS, forecast
from models.outside.api_key import ApiKey
from models.outside.scope import FINANCE, READ
from models.pool.appropriation import appropriate
from models.pool.ledger import LedgerEntry, year_of, years
from models.pool.priority import queue
from models.role import Role
from models.text import NAME_LENGTH, TEXT_LENGTH

router = APIRouter(tags=["Puljen / pool"])
MoneyReader = Annotated[ApiKey, Depends(Needs(READ, FINANCE))]
OfYear = Annotated[int | None, Query(ge=2000, le=2199, description="Only this year.")]


class Appropriation(Body):
    """Money put into the pool for a year."""

    year: int = Field(ge=2000, le=2199, description="The year.")
    kr: int = Field(ge=1, le=1_000_000_000, description="Whole kroner.")
    reason: str = Field(min_length=1, max_length=TEXT_LENGTH, description="Where it comes from.")
    key: str | None = Field(default=None, min_length=1, max_length=100, description="Your own number for it.")
    decided_on: date | None = Field(default=None, description="When it was decided politically.")
    case_number: str = Field(default="", max_length=NAME_LENGTH, description="The case of that decision.")
    supplementary: bool = Field(default=False, description="On top of the year's budget (tillægsbevilling).")
    proposed_by: Role | None = Field(default=None, description="The role that proposed it, for what is on top.")


@router.get("/pool", response_model=list[PoolLine], summary="Puljens saldi")
def show_pool(request: Request, key: MoneyReader, year: OfYear = None) -> Response:
    """Each year's balances: appropriated = committed + spent + free. / Bevilget = tilsagn + forbrug + fri."""
    house = house_of(request)
    with reading(house.engine) as session:
        wanted = [year] if year else (years(session) or [house.today().year])
        return shown(request, [pool_line(year_of(session, each)) for each in wanted])


@router.get("/pool/ledger", response_model=list[LedgerLine], summary="Puljens poster")
def show_ledger(
    request: Request, key: MoneyReader, page: Paged, year: OfYear = None, facility: OfFacility = None
) -> Response:
    """Every movement of money in the order it was booked; none is ever changed. / Alle poster."""
    with reading(house_of(request).engine) as session:
        rows = select(LedgerEntry).where(col(LedgerEntry.id) > page.after)
        if year is not None:
            rows = rows.where(LedgerEntry.year == year)
        if facility is not None:
            rows = rows.where(LedgerEntry.facility_id == found(session, facility).id)
        here, link = cut(
            session.exec(rows.order_by(col(LedgerEntry.id)).limit(page.limit + 1)).all(),
            page,
            lambda each: each.number,
            request,
        )
        return shown(request, [ledger_line(session, each) for each in here], link=link)


@router.get("/pool/forecast", response_model=Forecast, summary="Puljen år for år")
def show_forecast(
    request: Request,
    key: MoneyReader,
    years: Annotated[int, Query(ge=1, le=MOST_YEARS, description="How many years.")] = 10,
) -> Response:
    """The pool in the years ahead, with what lies between low and high in 8 of 10 cases. / Prognosen."""
    house = house_of(request)
    with reading(house.engine) as session:
        ahead = forecast(session, house.today(), years, WhatIf({}, 0.0, None))
    return shown(request, Forecast(years=[ahead_line(each) for each in ahead], first_break=first_break(ahead)))


@router.get("/pool/queue", response_model=list[QueueLine], summary="Prioriteringslisten")
def show_queue(request: Request, key: MoneyReader, page: Paged) -> Response:
    """Who is next in line for the pool's money, and why. / Hvem der står for tur."""
    house = house_of(request)
    with reading(house.engine) as session:
        here, link = cut_list(queue(session, house.today()), page, request)
        return shown(request, [queue_line(each) for each in here], link=link)


@router.post("/pool/appropriations", response_model=PoolLine, status_code=201, summary="Skriv en bevilling")
def write_appropriation(
    request: Request,
    key: Annotated[ApiKey, Depends(Needs(FINANCE))],
    body: Appropriation,
    raw: Raw,
    own_key: Once = None,
) -> Response:
    """Write down an appropriation; the year's balances are answered. / Skriv en bevilling ned."""

    def do(session: Session) -> tuple[int, Shape, str]:
        appropriate(
            session,
            body.year,
            body.kr * 100,
            said_by(request, key),
            reason=body.reason,
            key=body.key,
            decided_on=body.decided_on,
            case_number=body.case_number,
            supplementary=body.supplementary,
            proposed_by=body.proposed_by,
        )
        return 201, pool_line(year_of(session, body.year)), f"/api/v1/pool?year={body.year}"

    return once(request, key, raw, own_key, do)
