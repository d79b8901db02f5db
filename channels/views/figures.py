"""Figures about the years and the list as plain data, for JSON, CSV and tables. Kroner as in `views`."""

from typing import Any

from channels.views.cases import kroner
from models.figures.forecast import YearAhead
from models.pool.priority import Place

Json = dict[str, Any]


def ahead_line(each: YearAhead) -> Json:
    """One year of the forecast. `expected_kr` is the sum of the six parts before it."""
    return {
        "year": each.year,
        "money_kr": kroner(each.money_ore),
        "carried_kr": kroner(each.carried_ore),
        "money_is_assumed": each.money_is_assumed,
        "booked_kr": kroner(each.booked_ore),
        "renewals_kr": kroner(each.renewals_ore),
        "incidents_kr": kroner(each.incidents_ore),
        "replacement_kr": kroner(each.replacement_ore),
        "added_kr": kroner(each.added_ore),
        "group_loss_kr": kroner(each.group_loss_ore),
        "expected_kr": kroner(each.expected_ore),
        "low_kr": kroner(each.low_ore),
        "high_kr": kroner(each.high_ore),
        "chance_of_break": round(each.chance_of_break, 3),
        "breaks": each.breaks,
    }


def queue_line(place: Place) -> Json:
    """One place on the priority list, its points in words."""
    application = place.application
    return {
        "number": place.number,
        "facility": place.facility.reference,
        "name": place.facility.name,
        "points": place.total,
        "applied_on": application.applied_on.isoformat(),
        "waiting_since": application.waiting_since.isoformat() if application.waiting_since else None,
        "offered_on": application.offered_on.isoformat() if application.offered_on else None,
        "why": [
            {"criterion": p.criterion, "points": p.points, "at_most": p.at_most, "why": p.why} for p in place.points
        ],
    }
