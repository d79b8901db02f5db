"""Slid, set tidligt: what shows that it is getting too much for a group, before it breaks. No blame, only figures.

Answers come later than they used to, checks are skipped, or one person does nearly all of it. The thresholds stand with
their measure in `config/indicators.yaml`; without it nobody is watched.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import select as rows_of
from sqlmodel import Session, col

from config.catalogue import Who, catalogue
from config.indicators import Thresholds
from models.case.agreement import Agreement, CareTask
from models.case.facility import Facility
from models.danish import ental_flertal
from models.operation.check import Check, CheckResult, CheckState, Report
from models.stage import Stage

GRACE_DAYS = 7
"""A check counts as skipped when nobody has answered a week after its day."""
BEFORE = 2
"""How many times as long the time is that the recent one is held against."""
THEIRS = (Who.VOLUNTEERS, Who.BOTH)


class Asked(NamedTuple):
    """One check of a group: its day, the day it was answered (None for not at all), and who did, as a number."""

    due_on: date
    answered_on: date | None
    contact_id: int | None


class Sign(NamedTuple):
    """One sign of wear: what kind, and the figures in a Danish sentence that names nobody."""

    kind: str
    danish: str


def thresholds() -> Thresholds | None:
    """From when it is a sign; None where the measure is left out."""
    measure = catalogue().indicators.get("worn_groups")
    return measure.thresholds if measure is not None else None


def signs_of_wear(asked: Sequence[Asked], limits: Thresholds, *, on: date) -> list[Sign]:
    """What a group's checks show on a day; nothing where there are too few to say."""
    since = on - timedelta(days=limits.days)
    long_before = since - timedelta(days=BEFORE * limits.days)
    recent = [each for each in asked if since <= each.due_on <= on]
    before = [each for each in asked if long_before <= each.due_on < since]
    signs = (_slower(recent, before, limits), _skipped(recent, limits, on), _one_person(recent, limits))
    return [sign for sign in signs if sign is not None]


def _slower(recent: list[Asked], before: list[Asked], limits: Thresholds) -> Sign | None:
    now, then = _days_late(recent), _days_late(before)
    if min(len(now), len(then)) < limits.answers:
        return None
    is_now, was_then = sum(now) / len(now), sum(then) / len(then)
    if is_now - was_then < limits.slower_days:
        return None
    sentence = (
        f"Svarene kommer nu {ental_flertal(round(is_now), 'dag', 'dage')} efter dagen i gennemsnit. Før var det "
        f"{ental_flertal(round(was_then), 'dag', 'dage')}."
    )
    return Sign("slower", sentence)


def _days_late(asked: list[Asked]) -> list[int]:
    return [max(0, (each.answered_on - each.due_on).days) for each in asked if each.answered_on is not None]


def _skipped(recent: list[Asked], limits: Thresholds, on: date) -> Sign | None:
    old_enough = [each for each in recent if each.due_on <= on - timedelta(days=GRACE_DAYS)]
    skipped = sum(each.answered_on is None for each in old_enough)
    if skipped < limits.skipped:
        return None
    of = ental_flertal(len(old_enough), "tjek", "tjek")
    return Sign("skipped", f"{skipped} af {of} er ikke blevet til noget de sidste {limits.days} dage.")


def _one_person(recent: list[Asked], limits: Thresholds) -> Sign | None:
    by = Counter(each.contact_id for each in recent if each.answered_on is not None and each.contact_id is not None)
    answered = sum(by.values())
    if answered < limits.one_person_answers:
        return None
    most = max(by.values())
    if 100 * most < limits.one_person_percent * answered:
        return None
    return Sign("one_person", f"Én person har gjort {most} af {answered} tjek de sidste {limits.days} dage.")


def asked_of_groups(
    session: Session, limits: Thresholds, *, on: date, group_id: int | None = None
) -> dict[int, list[Asked]]:
    """The checks that the signs are read from, of each group that has a place in operation, or of one.

    What an earlier group of the place was asked says nothing about the one that has taken over.
    """
    first = on - timedelta(days=(1 + BEFORE) * limits.days)
    rows = (
        rows_of(col(Facility.group_id), col(Check.due_on), col(Report.result), col(Report.on), col(Report.contact_id))
        .select_from(Check)
        .join(Facility, col(Facility.id) == Check.facility_id)
        .join(CareTask, col(CareTask.id) == Check.care_task_id)
        .join(Agreement, col(Agreement.id) == CareTask.agreement_id)
        .outerjoin(Report, col(Report.check_id) == Check.id)
        .where(
            col(Check.due_on).between(first, on),
            col(Check.who).in_(THEIRS),
            col(Check.state) != CheckState.CANCELLED,
            col(Facility.stage) == Stage.OPERATION,
            col(Agreement.group_id) == col(Facility.group_id),
        )
    )
    if group_id is not None:
        rows = rows.where(col(Facility.group_id) == group_id)
    found: dict[int, list[Asked]] = {}
    for group, due_on, result, answered_on, contact_id in session.execute(rows):
        is_done = answered_on is not None and answered_on <= on and result is not CheckResult.NOT_DONE
        each = Asked(due_on, answered_on if is_done else None, contact_id if is_done else None)
        found.setdefault(group, []).append(each)
    return found


def worn_groups(session: Session, *, on: date, group_id: int | None = None) -> dict[int, list[Sign]]:
    """The groups that show a sign on a day, by their number; or one of them, if it does."""
    limits = thresholds()
    if limits is None:
        return {}
    return worn_of(asked_of_groups(session, limits, on=on, group_id=group_id), limits, on=on)


def worn_of(by_group: dict[int, list[Asked]], limits: Thresholds, *, on: date) -> dict[int, list[Sign]]:
    """Those of the groups that show a sign on a day, from the checks they were asked about (`asked_of_groups`)."""
    signs = {group: signs_of_wear(asked, limits, on=on) for group, asked in by_group.items()}
    return {group: found for group, found in signs.items() if found}
