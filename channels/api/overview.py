"""Overblik: groups without their people, what waits, indicators, events, and the key that asks."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlmodel import Session, col, select
from starlette.responses import Response

from channels.api.answering import BIGGEST, Paged, cut, cut_list, shown
from channels.api.facilities import OfFacility, Reader, found
from channels.api.house import house_of
from channels.api.keys import Needs
from channels.api.problem import NotThere
from channels.views.cases import wait_line
from channels.views.events import event_line
from channels.views.shapes.outside import EventLine, FigureLine, GroupOutside, KeyShown, WaitLine
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup, contacts_of, find_group, missing_readiness
from models.database import reading
from models.figures.indicators import Period, figures
from models.outside.api_key import ApiKey
from models.outside.event import events_after, gather_events
from models.overview.what_waits import all_waiting
from models.refusal import BadInput
from models.role import PEOPLE, Role

router = APIRouter(tags=["Overblik / overview"])
GROUP = r"^[A-Za-z]-[0-9]{1,8}$"


def key_shown(key: ApiKey) -> KeyShown:
    """A key as it may be shown."""
    return KeyShown(
        id=key.short_id,
        label=key.label,
        scopes=key.scopes,
        role=key.role,
        created=key.created_on,
        expires=key.expires_on,
        revoked=key.revoked_on,
        used=key.used_on,
    )


@router.get("/key", response_model=KeyShown, summary="Hvad nøglen må")
def show_key(request: Request, key: Annotated[ApiKey, Depends(Needs())]) -> Response:
    """What the key that asks may do; any key may ask this. / Nøglens egen ret."""
    return shown(request, key_shown(key))


@router.get("/groups", response_model=list[GroupOutside], summary="Frivilliggrupper, uden personer")
def list_groups(request: Request, key: Reader, page: Paged) -> Response:
    """Volunteer groups; nobody's name, address or number is in them. / Grupper uden personer."""
    with reading(house_of(request).engine) as session:
        rows = select(VolunteerGroup).where(col(VolunteerGroup.id) > page.after).order_by(col(VolunteerGroup.id))
        here, link = cut(session.exec(rows.limit(page.limit + 1)).all(), page, lambda each: each.number, request)
        return shown(request, [group_outside(session, each) for each in here if not each.is_nobody], link=link)


@router.get("/groups/{reference}", response_model=GroupOutside, summary="En gruppe, uden personer")
def show_group(
    request: Request,
    key: Reader,
    reference: Annotated[str, Path(pattern=GROUP, examples=["G-0001"], description="Gruppens nummer.")],
) -> Response:
    """One group. / En gruppe."""
    with reading(house_of(request).engine) as session:
        try:
            group = find_group(session, reference)
        except BadInput as missing:
            raise NotThere("group.unknown", missing.sentence) from None
        return shown(request, group_outside(session, group))


def group_outside(session: Session, group: VolunteerGroup) -> GroupOutside:
    """A group without its people."""
    places = select(Facility.reference).where(Facility.group_id == group.id).order_by(Facility.reference)
    return GroupOutside(
        reference=group.reference,
        name=group.name,
        cvr=group.cvr,
        since=group.since_on,
        contacts=len(contacts_of(session, group)),
        missing=missing_readiness(session, group),
        facilities=list(session.exec(places)),
    )


@router.get("/waits", response_model=list[WaitLine], summary="Hvad der venter på hvem")
def list_waits(
    request: Request,
    key: Reader,
    page: Paged,
    role: Annotated[Role | None, Query(description="Only what waits for this role.")] = None,
) -> Response:
    """What waits for whom, what has waited longest first. / Det, der har ventet længst, først."""
    house = house_of(request)
    on = house.today()
    with reading(house.engine) as session:
        waiting = all_waiting(session, role) if role is None or role in PEOPLE else []
        here, link = cut_list(waiting, page, request)
        lines = [
            WaitLine(
                facility=each.facility.reference,
                name=each.facility.name,
                topic=each.wait.topic,
                since=each.since_on,
                late=each.is_late(on),
                waits_for=wait_line(each.wait),
            )
            for each in here
        ]
        return shown(request, lines, link=link)


@router.get("/indicators", response_model=list[FigureLine], summary="Indikatorer for et år")
def list_indicators(
    request: Request,
    key: Reader,
    year: Annotated[int | None, Query(ge=2000, le=2199, description="The year; this year when left out.")] = None,
) -> Response:
    """The municipality's indicators for a year, or for this year so far. / Årets indikatorer."""
    house = house_of(request)
    wanted = year or house.today().year
    period = Period(date(wanted, 1, 1), min(date(wanted, 12, 31), max(house.today(), date(wanted, 1, 1))))
    with reading(house.engine) as session:
        lines = [
            FigureLine(
                key=each.indicator.key,
                name=each.indicator.name,
                unit=each.indicator.unit,
                year=wanted,
                value=each.value,
                basis=each.basis,
                target=float(each.indicator.target) if each.indicator.target is not None else None,
                met=each.is_met,
            )
            for each in figures(session, period)
        ]
    return shown(request, lines)


@router.get("/events", response_model=list[EventLine], summary="Hændelser siden sidst")
def list_events(
    request: Request,
    key: Reader,
    after: Annotated[
        int, Query(ge=0, le=BIGGEST, description="The `id` of the last event you have; 0 from the first.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 100,
    facility: OfFacility = None,
) -> Response:
    """What happened after the event you have, the oldest first, as CloudEvents; for who can't be called by a webhook.

    / Hændelser siden den sidste, I har.
    """
    house = house_of(request)
    with house.deciding() as session:
        gather_events(session)
    with reading(house.engine) as session:
        place = found(session, facility) if facility is not None else None
        told = events_after(session, after, most=limit, facility=place)
        return shown(request, [event_line(each) for each in told])
