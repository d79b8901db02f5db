"""Figures about the years and the list made from what was reckoned, for JSON, CSV and tables."""

from channels.views.amounts import kroner
from channels.views.shapes.pool import AheadLine, PointsLine, QueueLine
from models.figures.forecast import YearAhead
from models.pool.priority import Place


def ahead_line(each: YearAhead) -> AheadLine:
    """One year of the forecast. `expected_kr` is the sum of the six parts before it."""
    return AheadLine(
        year=each.year,
        money_kr=kroner(each.money_ore),
        carried_kr=kroner(each.carried_ore),
        money_is_assumed=each.money_is_assumed,
        booked_kr=kroner(each.booked_ore),
        renewals_kr=kroner(each.renewals_ore),
        incidents_kr=kroner(each.incidents_ore),
        replacement_kr=kroner(each.replacement_ore),
        added_kr=kroner(each.added_ore),
        group_loss_kr=kroner(each.group_loss_ore),
        expected_kr=kroner(each.expected_ore),
        low_kr=kroner(each.low_ore),
        high_kr=kroner(each.high_ore),
        chance_of_break=round(each.chance_of_break, 3),
        breaks=each.breaks,
    )


def queue_line(place: Place) -> QueueLine:
    """One place on the priority list, its points in words."""
    application = place.application
    return QueueLine(
        number=place.number,
        facility=place.facility.reference,
        name=place.facility.name,
        points=place.total,
        applied_on=application.applied_on,
        waiting_since=application.waiting_since,
        offered_on=application.offered_on,
        why=[PointsLine(criterion=p.criterion, points=p.points, at_most=p.at_most, why=p.why) for p in place.points],
    )
