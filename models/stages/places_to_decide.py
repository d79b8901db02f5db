"""Steder, der skal tages stilling til: inherited places of which nobody has decided yet who takes them over.

The choice is the committee's: volunteers, operations at a level, or removal. It is made by an agreement that a group signs,
or by how the place's winding down was answered. Until then it has a day (`config/escalation.yaml`), and those who can
bring it before the committee are reminded as the day comes near.
"""

from collections import Counter
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from config.catalogue import catalogue
from models.calendar import add_months
from models.case.agreement import Agreement, AgreementStatus
from models.case.agreement_version import cost_of
from models.case.facility import Facility
from models.case.inheritance import Inheritance
from models.case.volunteer_group import VolunteerGroup
from models.operation.winding_down import WindingDown
from models.post.outbox import tell
from models.role import Role
from models.stage import Stage

TOLD = (Role.COORDINATOR, Role.LEADER)
LIVES = (Stage.OPERATION, Stage.WINDING_DOWN)


class ToDecide(NamedTuple):
    """One place: by when, who cares for it now, and what each way costs (øre a year; removal once)."""

    facility: Facility
    decide_by_on: date
    group: VolunteerGroup | None
    now_ore: int
    volunteers_ore: int
    levels_ore: tuple[int, ...]
    removal_ore: int


def with_volunteers(facility: Facility, care: Agreement) -> int:
    """What the care costs in a year (øre) where volunteers do their part of it, as they may do already."""
    theirs = 0 if care.volunteer_minutes_per_year else care.municipal_minutes_per_year - facility.minutes_per_year
    return max(0, care.kr_per_year_ore - cost_of(max(0, theirs)))


def levels_of(alone_ore: int) -> tuple[int, ...]:
    """What operations' care costs at each level of `config/escalation.yaml`, where all of it costs `alone_ore` a year."""
    return tuple(alone_ore * percent // 100 for percent in catalogue().escalation.inherited_levels_percent)


def removal_of(facility: Facility) -> int:
    """What taking the place down costs, once (øre): a share of building it anew."""
    return facility.replacement_ore * catalogue().escalation.removal_percent_of_replacement // 100


def decide_by(taken_in_on: date) -> date:
    """The day by which it must be decided of what was taken in on a day."""
    return add_months(taken_in_on, 12 * catalogue().escalation.inherited_decide_within_years)


def places_to_decide(session: Session) -> list[ToDecide]:
    """The inherited places nobody has decided on, the most urgent first."""
    rows = (
        select(Facility, Inheritance, Agreement, VolunteerGroup)
        .join(Inheritance, col(Inheritance.facility_id) == Facility.id)
        .join(Agreement, col(Agreement.facility_id) == Facility.id)
        .join(VolunteerGroup, col(VolunteerGroup.id) == Facility.group_id)
        .where(*_undecided(), Agreement.status == AgreementStatus.IN_FORCE)
        .order_by(col(Inheritance.taken_in_on), col(Facility.reference))
    )
    return [_of(*row) for row in session.exec(rows)]


def _undecided() -> tuple[ColumnElement[bool], ...]:
    """What makes an inherited place one of them: no signed agreement binds it, and no winding down was answered."""
    signed = select(Agreement.facility_id).where(
        Agreement.status == AgreementStatus.IN_FORCE, col(Agreement.signed_on).is_not(None)
    )
    answered = select(WindingDown.facility_id).where(col(WindingDown.outcome).is_not(None))
    number: Any = col(Facility.id)
    return (col(Facility.stage).in_(LIVES), number.not_in(signed), number.not_in(answered))


def _of(facility: Facility, came: Inheritance, care: Agreement, group: VolunteerGroup) -> ToDecide:
    return ToDecide(
        facility,
        decide_by(came.taken_in_on),
        None if group.is_nobody else group,
        care.kr_per_year_ore,
        with_volunteers(facility, care),
        levels_of(care.kr_per_year_ore),
        removal_of(facility),
    )


def watch_places_to_decide(session: Session, on: date) -> None:
    """Remind the coordinator and the leader as the day comes near, and once when it has passed; one letter for a day."""
    escalation = catalogue().escalation
    rows = (
        select(col(Inheritance.taken_in_on))
        .join(Facility, col(Facility.id) == Inheritance.facility_id)
        .where(*_undecided(), col(Inheritance.taken_in_on) <= _newest_that_is_told(on))
    )
    for taken_in_on, count in sorted(Counter(session.exec(rows)).items()):
        last = decide_by(taken_in_on)
        steps = [days for days in escalation.inherited_remind_days_before if last - timedelta(days=days) <= on]
        step = "late" if on > last else str(steps[-1]) if steps else ""
        for role in TOLD if step else ():  # after downtime only the step that matters now
            tell(
                session,
                None,
                role,
                "places_to_decide",
                on,
                key=f"places-to-decide:{taken_in_on}:{step}",
                context={"count": count, "decide_by_on": last.isoformat(), "late": step == "late"},
            )


def _newest_that_is_told(on: date) -> date:
    """The last day of taking in whose first reminder has come, give or take a month."""
    escalation = catalogue().escalation
    soon = on + timedelta(days=escalation.inherited_remind_days_before[0] + 31)
    return add_months(soon, -12 * escalation.inherited_decide_within_years)
