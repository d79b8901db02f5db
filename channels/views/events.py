"""Hændelser as other systems read them: CloudEvents, with references and roles, and nobody's name."""

from typing import Any
from zoneinfo import ZoneInfo

from channels.views.amounts import kroner
from channels.views.shapes.outside import EventLine
from config.settings import settings
from models.calendar import COPENHAGEN
from models.outside.event import Told

TYPE = "dk.driftsklar"


def event_line(told: Told) -> EventLine:
    """One event."""
    line, movement = told.line, told.movement
    entry = line or movement
    assert entry is not None, "an event is about an entry"
    data: dict[str, Any] = {"on": entry.on.isoformat(), "by": str(entry.by), "door": str(entry.door)}
    kind = "ledger"
    if line is not None:
        before = told.event.stage_before
        has_moved = bool(told.facility and line.stage and line.stage != before)
        kind = "stage" if has_moved else "journal"
        data |= {"what": line.what, "stage": line.stage or None}
        if has_moved:
            data["stage_before"] = before or None
    elif movement is not None:
        data |= {
            "kind": str(movement.kind),
            "year": movement.year,
            "kr": kroner(movement.amount_ore),
            "key": movement.key,
        }
    return EventLine(
        specversion="1.0",
        id=str(told.event.id),
        source=settings().page_url,
        type=f"{TYPE}.{kind}",
        subject=told.facility.reference if told.facility else None,
        time=entry.recorded_at.astimezone(ZoneInfo(COPENHAGEN)),
        datacontenttype="application/json",
        data=data,
    )
