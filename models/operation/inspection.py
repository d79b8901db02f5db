"""Eftersynets dage: which inspections a place has, until when they can be held, and by when the firm is summoned.

Pure functions of dates. Working days are Monday to Friday but public holidays, as the terms count them: the
municipality's own days off (`config/municipality.yaml`) don't lengthen a contract's deadline.

Sources: ABT 18 § 54 (one year), § 55 (five years: at the latest 30 working days before they have passed; AB 92 the
same), § 56 (summons with at most 60 and at least 20 working days' notice), AB 18 § 55 (claims end after five years).
AB 18's own number for the five-year inspection [check].
"""

from datetime import date, timedelta
from typing import NamedTuple

from models.calendar import add_months, add_working_days, subtract_working_days
from models.case.builder import BuiltBy
from models.case.inspection import InspectionKind

LEAST_NOTICE_WORKING_DAYS = 20
MOST_NOTICE_WORKING_DAYS = 60
BEFORE_FIVE_YEARS_WORKING_DAYS = 30
TOLD_BEFORE_WORKING_DAYS = 60
"""How long before the last lawful day operations is told: the earliest day on which it could summon to that day."""
ANSWER_WORKING_DAYS_BEFORE = 10
"""How long before the meeting the firm is asked to have answered the summons [assume]: half of the least notice."""
FIRST_WEEKS_DAYS = (28, 42)
"""The visit of the first weeks, days after the handover (Soft Landings: four to six weeks)."""
FRIENDLY_LOOK_TOLD_DAYS = 28
MONTHS = {
    InspectionKind.FIRST_WEEKS: 1,
    InspectionKind.FRIENDLY_LOOK: 12,
    InspectionKind.ONE_YEAR: 12,
    InspectionKind.FIVE_YEAR: 60,
}


class InspectionDays(NamedTuple):
    """The days of one inspection: when operations is told, the last day to summon, and the last day to hold it."""

    tell_on: date
    summon_by_on: date | None
    last_on: date


def kinds_for(built_by: BuiltBy | None) -> tuple[InspectionKind, ...]:
    """The inspections of a place; one whose builder isn't known has those by contract, so that no right is lost."""
    if built_by in (BuiltBy.VOLUNTEERS, BuiltBy.OWN_CREW):
        return InspectionKind.FIRST_WEEKS, InspectionKind.FRIENDLY_LOOK
    return InspectionKind.FIRST_WEEKS, InspectionKind.ONE_YEAR, InspectionKind.FIVE_YEAR


def days_of(kind: InspectionKind, handed_over_on: date) -> InspectionDays:
    """The days of an inspection of a place that was handed over on a day."""
    match kind:
        case InspectionKind.FIRST_WEEKS:
            first, last = (handed_over_on + timedelta(days=days) for days in FIRST_WEEKS_DAYS)
            return InspectionDays(first, None, last)
        case InspectionKind.FRIENDLY_LOOK:
            last = add_months(handed_over_on, MONTHS[kind])
            return InspectionDays(last - timedelta(days=FRIENDLY_LOOK_TOLD_DAYS), None, last)
        case InspectionKind.ONE_YEAR:
            return _with_summons(add_months(handed_over_on, MONTHS[kind]))
        case InspectionKind.FIVE_YEAR:
            five_years_on = add_months(handed_over_on, MONTHS[kind])
            return _with_summons(subtract_working_days(five_years_on, BEFORE_FIVE_YEARS_WORKING_DAYS))


def _with_summons(last_on: date) -> InspectionDays:
    return InspectionDays(
        subtract_working_days(last_on, TOLD_BEFORE_WORKING_DAYS),
        subtract_working_days(last_on, LEAST_NOTICE_WORKING_DAYS),
        last_on,
    )


def earliest_after_summons(summoned_on: date) -> date:
    """The first day a firm that is summoned on a day can be summoned to."""
    return add_working_days(summoned_on, LEAST_NOTICE_WORKING_DAYS)


def latest_after_summons(summoned_on: date) -> date:
    """The last day a firm that is summoned on a day can be summoned to."""
    return add_working_days(summoned_on, MOST_NOTICE_WORKING_DAYS)


def answer_summons_by(meeting_on: date) -> date:
    """The day by which the firm is asked to say who comes; without an answer the inspection is held all the same."""
    return subtract_working_days(meeting_on, ANSWER_WORKING_DAYS_BEFORE)


def claims_end_on(handed_over_on: date) -> date:
    """The day on which claims for defects have ended: five years after the handover (AB 18 § 55)."""
    return add_months(handed_over_on, MONTHS[InspectionKind.FIVE_YEAR])
