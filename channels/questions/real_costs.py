"""What it really cost, beside what is estimated now: places of the same type by year, and the last work of the same kind."""

from time import monotonic
from weakref import WeakKeyDictionary

from sqlalchemy import Pool
from sqlmodel import Session, col, select

from channels.questions.facts import Listed, Sentence, Strong, says
from channels.views.cases import facility_of_type_costs
from models.case.facility import Facility
from models.danish import dato, kr, minutter
from models.operation.work_order import WorkKind, WorkOrder, WorkState

YEARS, WORKS = 3, 3
"""How many of the last are shown."""

FRESH_SECONDS = 60
"""So old may the figures be: they are sums over the whole ledger, and every question of such a place shows them."""

Costs = list[tuple[int, int]]
_KNOWN: WeakKeyDictionary[Pool, dict[str, tuple[float, Costs]]] = WeakKeyDictionary()
"""By database and type: when they were summed up, and the sums. A pool is what all engines of one database share."""


def cost_of_such_places(session: Session, facility: Facility) -> Sentence:
    """The mean of places of the type, for each of the last years that any cost something."""
    costs = _costs(session, facility.type_key)
    real = " · ".join(f"{year}: {kr(ore)}" for year, ore in costs[-YEARS:]) or "ingen tal endnu"
    return says(Strong("Det kostede et anlæg af samme type om året:"), f" {real}")


def _costs(session: Session, type_key: str) -> Costs:
    known, moment = _KNOWN.setdefault(session.connection().engine.pool, {}), monotonic()
    if type_key not in known or moment - known[type_key][0] > FRESH_SECONDS:
        known[type_key] = (moment, facility_of_type_costs(session, type_key))
    return known[type_key][1]


def cost_of_such_work(session: Session, facility: Facility, kind: WorkKind) -> list[Listed]:
    """The last work of a kind that was done at places of the type, with what it took; nothing where there is none."""
    rows = (
        select(WorkOrder, Facility)
        .join(Facility, col(Facility.id) == WorkOrder.facility_id)
        .where(Facility.type_key == facility.type_key, WorkOrder.kind == kind, WorkOrder.state == WorkState.DONE)
        .order_by(col(WorkOrder.done_on).desc(), col(WorkOrder.id).desc())
        .limit(WORKS)
    )
    lines = [
        says(f"{place.reference} {dato(work.done_on)}: {work.what[:120]} – {minutter(work.minutes)}, {kr(work.ore)}")
        for work, place in session.exec(rows)
        if work.done_on is not None and work.minutes is not None and work.ore is not None
    ]
    return [Listed("Det tog det sidst ved steder af samme type:", tuple(lines))] if lines else []
