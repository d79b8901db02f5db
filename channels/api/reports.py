"""Meldinger og forslag: damage reported, checks answered, groups and proposals made by other systems."""

import secrets
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field
from sqlmodel import Session
from starlette.responses import Response

from channels.api.answering import BIGGEST, Once, Raw, once
from channels.api.body import Body
from channels.api.facilities import Reference, found
from channels.api.house import house_of
from channels.api.keys import Needs, said_by
from channels.api.overview import group_outside
from channels.api.problem import NotThere
from channels.views.cases import check_line, facility_case, facility_line
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import FacilityLine
from channels.views.shapes.operation import CheckLine
from channels.views.shapes.outside import GroupOutside, ReportTaken
from channels.views.shapes.shape import Shape
from models.case.facility import LandOwner
from models.case.volunteer_group import add_group
from models.operation.check import CheckResult, find_check
from models.operation.check_answer import report_check
from models.operation.incident import open_incident
from models.operation.public_report import report_publicly
from models.operation.winding_down import begin_winding_down
from models.outside.api_key import ApiKey
from models.outside.scope import DECIDE, PROPOSE, REPORT
from models.refusal import BadInput
from models.role import Door, Role, may_decide
from models.stages.handover import fix_defect
from models.stages.proposal import MAX_YEARS, Proposal, propose
from models.text import NAME_LENGTH, TEXT_LENGTH

router = APIRouter(tags=["Meldinger og forslag / reports and proposals"])
Proposer = Annotated[ApiKey, Depends(Needs(PROPOSE))]
Reporter = Annotated[ApiKey, Depends(Needs(REPORT))]
MAY_ADD_GROUPS = (Role.COORDINATOR, Role.PROJECT_LEAD, Role.OPERATIONS, Role.OPERATIONS_MANAGER)


class NewReport(Body):
    """Damage at a place."""

    what: str = Field(
        min_length=1,
        max_length=TEXT_LENGTH,
        description="What happened; nobody's name.",
        examples=["Bordet er væltet."],
    )
    safe: bool = Field(description="Whether the place can be used safely.")


class NewGroup(Body):
    """A volunteer group. Its people are taken in and never given out again here."""

    name: str = Field(min_length=1, max_length=NAME_LENGTH, description="What it is called.")
    contacts: list[Annotated[str, Field(max_length=300)]] = Field(
        min_length=1, max_length=10, description="`Name;mail;phone`, the contact first, then the deputies."
    )
    cvr: str = Field(default="", max_length=20, description="Its number in the CVR register.")
    key: str | None = Field(default=None, min_length=1, max_length=100, description="Your own number for it.")


class NewProposal(Body):
    """A wish for a facility."""

    type: str = Field(max_length=60, description="Its type's key in config/facility_types.yaml.", examples=["shelter"])
    name: str = Field(min_length=1, max_length=NAME_LENGTH, description="What the place is called.")
    group: str = Field(max_length=12, description="The volunteer group, G-NUMBER.", examples=["G-0001"])
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False, description="Latitude in degrees (WGS84).", examples=[54.99])
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False, description="Longitude in degrees.", examples=[12.28])
    land_owner: LandOwner = Field(description="Who owns the land.")
    years: int = Field(default=5, ge=1, le=MAX_YEARS, description="How many years the agreement is for.")
    start: date | None = Field(default=None, description="When its operation is expected to begin.")
    key: str | None = Field(default=None, min_length=1, max_length=100, description="Your own number for it.")


class CheckAnswer(Body):
    """How a check went."""

    result: CheckResult = Field(description="`ok`, `damaged` or `not_done`.")
    minutes: int | None = Field(default=None, ge=0, le=10_000, description="How long it took.")
    note: str = Field(default="", max_length=TEXT_LENGTH, description="What was seen; nobody's name.")
    safe: bool = Field(default=True, description="For damage: whether the place can be used safely.")


class Ending(Body):
    """Why the care of a place ends."""

    reason: str = Field(min_length=1, max_length=TEXT_LENGTH, description="Why; nobody's name.")


@router.post("/facilities/{reference}/reports", response_model=ReportTaken, status_code=201, summary="Meld en skade")
def report_damage(
    request: Request, key: Reporter, reference: Reference, body: NewReport, raw: Raw, own_key: Once = None
) -> Response:
    """Report damage: from a key that acts in a role an incident, from any other a suggestion that somebody looks at.

    / Meld en skade.
    """

    def do(session: Session) -> tuple[int, Shape, str]:
        facility = found(session, reference)
        address = f"/api/v1/facilities/{facility.reference}"
        if key.role is not None:
            made = open_incident(session, facility, body.what, said_by(request, key), safe=body.safe, key=None)
            return 201, _taken(made.number, "incident", facility.reference, body), address
        suggestion = report_publicly(
            session,
            facility,
            body.what,
            safe=body.safe,
            photos=[],
            key=f"api:{key.short_id}:{secrets.token_hex(16)}",
            on=house_of(request).today(),
            door=Door.API,
        )
        taken = _taken(suggestion.number, "suggestion", facility.reference, body)
        return 201, taken.model_copy(update={"state": suggestion.state}), address

    return once(request, key, raw, own_key, do)


def _taken(number: int, kind: str, reference: str, body: NewReport) -> ReportTaken:
    return ReportTaken(id=number, kind=kind, facility=reference, what=body.what, safe=body.safe, state=None)


@router.post("/checks/{number}/answers", response_model=CheckLine, summary="Svar på et tjek")
def answer_check(
    request: Request,
    key: Reporter,
    number: Annotated[int, Path(ge=1, le=BIGGEST, description="Tjekkets nummer.")],
    body: CheckAnswer,
    raw: Raw,
    own_key: Once = None,
) -> Response:
    """Record how a check went; damage becomes an incident. / Svar på et tjek."""

    def do(session: Session) -> tuple[int, Shape, str]:
        try:
            check = find_check(session, number)
        except BadInput as missing:
            raise NotThere("check.unknown", missing.sentence) from None
        said = said_by(request, key)
        report_check(session, check, body.result, said, minutes=body.minutes, note=body.note, safe=body.safe)
        session.flush()
        return 200, check_line(session, check), ""

    return once(request, key, raw, own_key, do)


@router.post("/groups", response_model=GroupOutside, status_code=201, summary="Opret en frivilliggruppe")
def make_group(request: Request, key: Proposer, body: NewGroup, raw: Raw, own_key: Once = None) -> Response:
    """Register a group with its contacts, who are not shown again. / Opret en gruppe."""

    def do(session: Session) -> tuple[int, Shape, str]:
        said = said_by(request, key)
        may_decide(said.by, MAY_ADD_GROUPS, "En gruppe")
        group = add_group(session, body.name, body.contacts, said, cvr=body.cvr, key=body.key)
        session.flush()
        return 201, group_outside(session, group), f"/api/v1/groups/{group.reference}"

    return once(request, key, raw, own_key, do)


@router.post("/proposals", response_model=FacilityLine, status_code=201, summary="Opret et forslag")
def make_proposal(request: Request, key: Proposer, body: NewProposal, raw: Raw, own_key: Once = None) -> Response:
    """A wish becomes a case, and operations is asked at once. / Opret et forslag; driften spørges med det samme."""

    def do(session: Session) -> tuple[int, Shape, str]:
        wish = Proposal(body.type, body.name, body.group, body.lat, body.lon, body.land_owner, body.years, body.start)
        facility = propose(session, wish, said_by(request, key), key=body.key)
        session.flush()
        return 201, facility_line(session, facility), f"/api/v1/facilities/{facility.reference}"

    return once(request, key, raw, own_key, do)


@router.post(
    "/facilities/{reference}/defects/{number}/fixed", response_model=FacilityCase, summary="En mangel er rettet"
)
def defect_fixed(
    request: Request,
    key: Annotated[ApiKey, Depends(Needs(f"{DECIDE}handover"))],
    reference: Reference,
    number: Annotated[int, Path(ge=1, le=BIGGEST, description="Manglens nummer.")],
    raw: Raw,
    own_key: Once = None,
) -> Response:
    """A defect from the handover is put right. / En mangel er rettet."""

    def do(session: Session) -> tuple[int, Shape, str]:
        facility = found(session, reference)
        try:
            fix_defect(session, facility, number, said_by(request, key))
        except BadInput as missing:
            raise NotThere("defect.unknown", missing.sentence) from None
        session.flush()
        return 200, facility_case(session, facility), f"/api/v1/facilities/{facility.reference}"

    return once(request, key, raw, own_key, do)


@router.post("/facilities/{reference}/winding-down", response_model=FacilityCase, summary="Begynd et ophør")
def wind_down(
    request: Request,
    key: Annotated[ApiKey, Depends(Needs(f"{DECIDE}winding_down"))],
    reference: Reference,
    body: Ending,
    raw: Raw,
    own_key: Once = None,
) -> Response:
    """The care of a place comes to its end; the coordinator is asked what becomes of it. / Begynd et ophør."""

    def do(session: Session) -> tuple[int, Shape, str]:
        facility = found(session, reference)
        begin_winding_down(session, facility, body.reason, said_by(request, key))
        session.flush()
        return 200, facility_case(session, facility), f"/api/v1/facilities/{facility.reference}"

    return once(request, key, raw, own_key, do)
