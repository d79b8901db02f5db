"""Anlæg: the cases as they stand, and what is open about them."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select
from starlette.responses import Response

from channels.api.answering import Page, Paged, cut, cut_list, shown
from channels.api.house import house_of
from channels.api.keys import Needs
from channels.api.problem import NotThere
from channels.views.amounts import kroner
from channels.views.cases import check_line, facility_case, facility_line, timeline
from channels.views.open_points import defect_in_words, missing_papers_in_words, open_defects
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import FacilityLine, JournalLine
from channels.views.shapes.operation import CheckLine
from channels.views.shapes.outside import IncidentOutside, OpenPoints
from channels.views.shapes.shape import Shape
from models.case.facility import Facility, find
from models.database import reading
from models.operation.check import OPEN_STATES, Check
from models.operation.incident import Incident
from models.outside.api_key import ApiKey
from models.outside.scope import READ
from models.refusal import BadInput
from models.stage import OVER, Stage

REFERENCE = r"^[A-Za-zÆØÅæøå0-9]+(-[0-9]+)+$"
Reference = Annotated[
    str, Path(pattern=REFERENCE, max_length=24, examples=["VK-2026-0007"], description="Anlæggets nummer.")
]
OfFacility = Annotated[
    str | None, Query(pattern=REFERENCE, max_length=24, description="Only this facility's. Kun dette anlægs.")
]
Reader = Annotated[ApiKey, Depends(Needs(READ))]
OfAPlace = TypeVar("OfAPlace", Check, Incident)
router = APIRouter(tags=["Anlæg / facilities"])


def found(session: Session, reference: str) -> Facility:
    """The facility with that reference.

    Raises:
        NotThere: there is none.
    """
    try:
        return find(session, reference)
    except BadInput as missing:
        raise NotThere("facility.unknown", missing.sentence.removeprefix("reference: ")) from None


@router.get("/facilities", response_model=list[FacilityLine], summary="Alle anlæg, og hvem der ventes på")
def list_facilities(
    request: Request,
    key: Reader,
    page: Paged,
    stage: Annotated[Stage | None, Query(description="Only those in this stage.")] = None,
) -> Response:
    """All facilities in the order they were registered, each with whom it waits for. / Alle anlæg, det ældste først."""
    with reading(house_of(request).engine) as session:
        rows = select(Facility).where(col(Facility.id) > page.after)
        if stage is not None:
            rows = rows.where(Facility.stage == stage)
        here, link = cut(
            session.exec(rows.order_by(col(Facility.id)).limit(page.limit + 1)).all(),
            page,
            lambda each: each.number,
            request,
        )
        return shown(request, [facility_line(session, each) for each in here], link=link)


@router.get("/facilities/{reference}", response_model=FacilityCase, summary="Hele sagen for et anlæg")
def show_facility(request: Request, key: Reader, reference: Reference) -> Response:
    """All of one facility's case. / Hele sagen."""
    with reading(house_of(request).engine) as session:
        return shown(request, facility_case(session, found(session, reference)))


@router.get(
    "/facilities/{reference}/timeline",
    response_model=list[JournalLine],
    summary="Hvem der gjorde hvad, hvornår, og gennem hvilken dør",
)
def show_timeline(request: Request, key: Reader, page: Paged, reference: Reference) -> Response:
    """The case's journal, the first line first. / Sagens journal."""
    with reading(house_of(request).engine) as session:
        lines, link = cut_list(timeline(session, found(session, reference)), page, request)
        return shown(request, lines, link=link)


@router.get("/facilities/{reference}/open-points", response_model=OpenPoints, summary="Åbne punkter fra afleveringen")
def show_open_points(request: Request, key: Reader, reference: Reference) -> Response:
    """Defects that aren't put right, papers that haven't come, what the next stage lacks. / Mangler og papirer."""
    with reading(house_of(request).engine) as session:
        return shown(request, _open_points(session, found(session, reference)))


@router.get("/open-points", response_model=list[OpenPoints], summary="Alle åbne punkter")
def list_open_points(request: Request, key: Reader, page: Paged) -> Response:
    """The same of every facility that has any; a page counts facilities looked at. / Alle anlægs åbne punkter."""
    with reading(house_of(request).engine) as session:
        rows = select(Facility).where(col(Facility.id) > page.after, col(Facility.stage).not_in(OVER))
        here, link = cut(
            session.exec(rows.order_by(col(Facility.id)).limit(page.limit + 1)).all(),
            page,
            lambda each: each.number,
            request,
        )
        points = [_open_points(session, each) for each in here]
        return shown(request, [each for each in points if each.open], link=link)


def _open_points(session: Session, facility: Facility) -> OpenPoints:
    case = facility_case(session, facility)
    papers = missing_papers_in_words(case)
    sentences = [*(defect_in_words(each) for each in open_defects(case)), *([papers] if papers else []), *case.missing]
    return OpenPoints(facility=facility.reference, name=facility.name, open=sentences)


@router.get("/checks", response_model=list[CheckLine], summary="Tjek")
def list_checks(
    request: Request,
    key: Reader,
    page: Paged,
    facility: OfFacility = None,
    open: Annotated[bool, Query(description="Only those that aren't closed.")] = False,
) -> Response:
    """Checks, planned, answered and missed, in the order they were planned. / Tjek, de ældste først."""
    only = [col(Check.state).in_(OPEN_STATES)] if open else []
    return _listed(request, page, facility, Check, only, check_line)


@router.get("/incidents", response_model=list[IncidentOutside], summary="Skader")
def list_incidents(
    request: Request,
    key: Reader,
    page: Paged,
    facility: OfFacility = None,
    open: Annotated[bool, Query(description="Only those that aren't decided.")] = False,
) -> Response:
    """Damage, the first reported first, and what was decided. / Skader, den først meldte først."""
    only = [col(Incident.decision).is_(None)] if open else []
    return _listed(request, page, facility, Incident, only, _incident)


def _listed(
    request: Request,
    page: Page,
    facility: str | None,
    table: type[OfAPlace],
    only: Sequence[ColumnElement[bool]],
    line: Callable[[Session, OfAPlace], Shape],
) -> Response:
    """A page of the rows of a table, the first written first; of one facility or of all."""
    with reading(house_of(request).engine) as session:
        rows = select(table).where(col(table.id) > page.after, *only)
        if facility is not None:
            rows = rows.where(table.facility_id == found(session, facility).id)
        read = session.exec(rows.order_by(col(table.id)).limit(page.limit + 1)).all()
        here, link = cut(read, page, lambda each: each.number, request)
        return shown(request, [line(session, each) for each in here], link=link)


def _incident(session: Session, incident: Incident) -> IncidentOutside:
    return IncidentOutside(
        id=incident.number,
        facility=session.get_one(Facility, incident.facility_id).reference,
        what=incident.what,
        safe=incident.safe,
        reported_on=incident.reported_on,
        reported_by=incident.reported_by,
        decision=str(incident.decision) if incident.decision else None,
        decided_on=incident.decided_on,
        kr=kroner(incident.kr_ore),
    )
