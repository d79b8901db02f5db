"""Overblik for the leader: what waits for whom, what is wrong, the pool ten years ahead with what-if, the measures."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from channels.page.desk import Typed, desk_of, done
from channels.page.show import Fault
from channels.staff.action import MAY_BRING
from channels.staff.show import away_since, show_staff
from channels.staff.visitor import Posting, Visiting, Visitor
from channels.staff.waiting import MoneyWait, asked, waiting_money
from config.catalogue import catalogue
from config.settings import settings
from models.database import now, reading
from models.figures.forecast import WhatIf, first_break
from models.figures.forecast_basis import forecast
from models.figures.indicators import Period, figures
from models.overview.alarms import alarms_on
from models.overview.nudge import nudge, nudge_all, nudged_on, to_nudge
from models.overview.passed_on import passing_of
from models.overview.what_waits import READERS, Waiting, all_waiting
from models.pool.ledger import year_of
from models.refusal import BadInput, Refusal
from models.role import Role
from models.said import Said
from models.stages.places_to_decide import places_to_decide

router = APIRouter(prefix="/opgaver/overblik")

YEARS_AHEAD = 10
MAY_NUDGE = (Role.LEADER, Role.OPERATIONS_MANAGER, Role.COORDINATOR, Role.POOL_MANAGER, Role.PROJECT_LEAD)
PICTURES = ("pool", "funnel", "map", "checks", "cost")
"""What the daily run draws."""
PAPER_ALARMS = 10
PAPER_LINES = 40
"""So much of what is wrong, and of what waits, stands on paper, so that all of it is two sides; the rest is counted."""


class Row(NamedTuple):
    """One thing that waits, as the page shows it."""

    path: str
    """Where its link goes, under the desk."""
    whose: str
    """The place, or the proposal about money."""
    what: str
    since: date
    deadline_on: date | None = None
    is_late: bool = False
    key: str = ""
    """The question one can be reminded of; empty for a proposal about money, which has no deadline."""


class Group(NamedTuple):
    """What waits for one role."""

    role: Role
    rows: list[Row]
    to_nudge: int
    """How many of them the role can be reminded of today."""


@router.api_route("", methods=["GET", "HEAD"])
def overview(request: Request, visitor: Visiting) -> Response:
    """The whole page; the query asks what would be if."""
    desk = desk_of(request)
    typed = dict(request.query_params)
    with reading(desk.engine) as session:
        return _page(session, visitor, desk.today(), typed)


@router.post("/mind/{key}")
def remind(request: Request, visitor: Posting, form: Typed, key: str) -> Response:
    """Remind whoever is late, once a day."""

    def of_one(session: Session, said: Said) -> None:
        facility, wait = asked(session, key)
        moved = passing_of(session, key)
        nudge(session, facility, wait, moved.to if moved else wait.role, said)

    return _reminded(request, visitor, of_one)


@router.post("/mind-alle/{role}")
def remind_of_all(request: Request, visitor: Posting, form: Typed, role: Role) -> Response:
    """Remind a role of all that it is late with, in one mail."""

    def of_all(session: Session, said: Said) -> None:
        nudge_all(session, all_waiting(session, role), role, said)

    return _reminded(request, visitor, of_all)


def _reminded(request: Request, visitor: Visitor, remind: Callable[[Session, Said], None]) -> Response:
    desk = desk_of(request)
    visitor.must_be(*MAY_NUDGE)
    by = next(role for role in MAY_NUDGE if role in visitor.roles)
    try:
        with desk.deciding() as session:
            remind(session, visitor.said(desk.today(), by))
    except Refusal as refusal:
        with reading(desk.engine) as session:
            return _page(session, visitor, desk.today(), {}, fault=Fault("", refusal.sentence), status=409)
    return done(desk, "/opgaver/overblik#venter")


@router.api_route("/billede/{name}.svg", methods=["GET", "HEAD"])
def picture(request: Request, visitor: Visiting, name: str) -> Response:
    """A picture of the daily run.

    Raises:
        Refusal: `picture.unknown`, it isn't drawn yet.
    """
    file = settings().var_dir / "overview" / f"{name}.svg"
    if name not in PICTURES or not file.is_file():
        raise Refusal("picture.unknown", "Billedet tegnes i nat.")
    return FileResponse(file, media_type="image/svg+xml")


def _page(
    session: Session,
    visitor: Visitor,
    on: date,
    typed: dict[str, str],
    *,
    fault: Fault | None = None,
    status: int = 200,
) -> Response:
    everything = all_waiting(session)
    what_if = None
    try:
        what_if = _what_if(typed)
        ahead = forecast(session, on, YEARS_AHEAD, what_if)
    except BadInput as bad:
        fault, status = Fault(bad.field, f"{_label(bad.field)}: {bad.sentence.removeprefix(f'{bad.field}: ')}"), 422
        ahead, what_if = forecast(session, on, YEARS_AHEAD), None
    plain = forecast(session, on, YEARS_AHEAD) if what_if is not None else ahead
    undecided = places_to_decide(session)
    nudged = nudged_on(session, on)
    groups = _by_role(everything, waiting_money(session), nudged, on)
    alarms = list(alarms_on(session, everything, on))
    wrong = [alarm for alarm in alarms if not alarm.is_waited_for]
    return show_staff(
        "overview",
        visitor,
        status=status,
        here="/overblik",
        on=on,
        prefect_away=away_since(now()),
        groups=groups,
        may_nudge=not visitor.roles.isdisjoint(MAY_NUDGE),
        nudged=nudged,
        on_paper=_on_paper(groups),
        not_on_paper=max(0, sum(len(group.rows) for group in groups) - PAPER_LINES),
        alarms=alarms,
        wrong_on_paper=wrong[:PAPER_ALARMS],
        wrong_not_on_paper=len(wrong[PAPER_ALARMS:]),
        undecided=len(undecided),
        first_day=undecided[0].decide_by_on if undecided else None,
        may_bring=not visitor.roles.isdisjoint(MAY_BRING),
        pot=year_of(session, on.year),
        years=list(zip(ahead, plain, strict=True)),
        breaks=first_break(ahead),
        breaks_else=first_break(plain),
        is_tried=what_if is not None,
        tried=_tried(typed),
        types=[(key, kind.name) for key, kind in catalogue().types.items()],
        measures=figures(session, Period(date(on.year, 1, 1), on)),
        pictures=[(name, _alt(name)) for name in PICTURES if _alt(name)],
        typed=typed,
        fault=fault,
    )


def _by_role(
    everything: list[Waiting], money: Iterable[MoneyWait], nudged: set[tuple[str, Role]], on: date
) -> list[Group]:
    questions: dict[Role, list[Waiting]] = {}
    rows: dict[Role, list[Row]] = {}
    for each in everything:
        questions.setdefault(each.wait.role, []).append(each)
        rows.setdefault(each.wait.role, []).append(_row(each, on))
    for proposal in money:
        whose = f"Puljen, {proposal.name}"
        rows.setdefault(proposal.role, []).append(Row(proposal.path, whose, proposal.asks, proposal.since))
    order = (*READERS, *(role for role in Role if role not in READERS))
    return [
        Group(role, rows[role], len(to_nudge(questions.get(role, []), role, nudged, on=on)))
        for role in order
        if role in rows
    ]


def _row(each: Waiting, on: date) -> Row:
    place = each.facility
    path, whose = f"/opgaver/sag/{place.reference}", f"{place.reference} {place.name}"
    wait = each.wait
    return Row(path, whose, wait.what, each.since_on, wait.deadline_on, each.is_late(on), wait.key)


def _on_paper(groups: list[Group]) -> set[Row]:
    """What stands on paper too: the late ones first, then by deadline, then what has waited longest."""
    rows = [row for group in groups for row in group.rows]
    rows.sort(key=lambda row: (not row.is_late, row.deadline_on or date.max, row.since))
    return set(rows[:PAPER_LINES])


def _tried(typed: Mapping[str, Any]) -> list[str]:
    """What was tried, in words: the form isn't on paper."""
    said = [
        f"{typed[f'plus_{key}']} {kind.name.lower()} mere"
        for key, kind in catalogue().types.items()
        if typed.get(f"plus_{key}")
    ]
    said += [f"{typed['tab']} procent af grupperne stopper om året"] if typed.get("tab") else []
    return said + ([f"P/L-regulering {typed['pl']} procent om året"] if typed.get("pl") else [])


def _what_if(typed: Mapping[str, Any]) -> WhatIf | None:
    """What was typed into the fields of "hvad nu hvis"; None when all are empty.

    Raises:
        BadInput: a number that is none.
    """
    add = {
        key: _whole(f"plus_{key}", typed.get(f"plus_{key}", ""))
        for key in catalogue().types
        if typed.get(f"plus_{key}", "").strip() not in ("", "0")
    }
    loss = _percent("tab", typed.get("tab", ""))
    index = typed.get("pl", "").strip()
    if not add and not loss and not index:
        return None
    return WhatIf(add, loss, _percent("pl", index) if index else None)


def _label(field: str) -> str:
    """What the page calls a field of "hvad nu hvis"."""
    if field.startswith("plus_"):
        return catalogue().type(field.removeprefix("plus_")).name
    return {"tab": "Grupper, der stopper", "pl": "P/L-regulering"}[field]


def _whole(name: str, text: str) -> int:
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= 4):
        raise BadInput(name, "skriv et helt antal, fx 2.")
    return int(text)


def _percent(name: str, text: str) -> float:
    plain = text.strip().removesuffix("%").strip().replace(",", ".")
    if not plain:
        return 0.0
    try:
        number = float(plain)
    except ValueError:
        raise BadInput(name, "skriv procent som 2,5.") from None
    if not -100 < number < 100:
        raise BadInput(name, "skriv procent som 2,5.")
    return number / 100


def _alt(name: str) -> str:
    file = settings().var_dir / "overview" / f"{name}.txt"
    return file.read_text("utf-8") if file.is_file() else ""
