"""Mailugen: up to which due day a check is told today, and when nobody is asked anything.

A group's checks of a week are told on the week's first day, in one mail; a group that wants each mail, and operations,
are told some days before each. In the quiet time the volunteers' ladder stands still, and goes on where it was.
"""

from datetime import date, timedelta

from sqlalchemy import Boolean, ColumnElement, Date, and_, bindparam, case, not_, select
from sqlalchemy.orm import Mapped

from config.catalogue import Who, catalogue
from models.calendar import week_end
from models.case.facility import Facility
from models.case.volunteer_group import Pace, VolunteerGroup
from models.database import table_of

VOLUNTEERS_TAKE_PART = (Who.VOLUNTEERS, Who.BOTH)
"""Whose checks are also the group's: the group is asked, and operations takes over what it leaves."""

PLACE, GROUP = table_of(Facility), table_of(VolunteerGroup)
WEEK_END, EACH_BY = bindparam("week_end", type_=Date), bindparam("each_by", type_=Date)
IS_QUIET = bindparam("is_quiet", type_=Boolean)


def is_quiet(on: date) -> bool:
    """Whether the day lies in the quiet time of config/mails.yaml."""
    return catalogue().mails.is_quiet(f"{on:%m-%d}")


def told_by(who: Who, pace: Pace, on: date) -> date:
    """The last due day of the checks that are told by `on`."""
    if who in VOLUNTEERS_TAKE_PART and pace is not Pace.EACH:
        return week_end(on, catalogue().mails.weekly_day)
    return on + timedelta(days=catalogue().escalation.notice_days_before)


def horizon(on: date) -> date:
    """The last day whose tasks are planned on `on`: the later of a week's end and the days before each."""
    return max(told_by(Who.VOLUNTEERS, Pace.WEEKLY, on), told_by(Who.MUNICIPALITY, Pace.EACH, on))


def days_of_the_week(on: date) -> dict[str, date | bool]:
    """The parameters of `told_by_in_sql` and `may_be_asked`."""
    return {
        "week_end": told_by(Who.VOLUNTEERS, Pace.WEEKLY, on),
        "each_by": told_by(Who.VOLUNTEERS, Pace.EACH, on),
        "is_quiet": is_quiet(on),
    }


def told_by_in_sql(who: ColumnElement[Who], facility_id: Mapped[int] | ColumnElement[int]) -> ColumnElement[date]:
    """`told_by` for many at once."""
    its, theirs = PLACE.alias("told_place"), GROUP.alias("told_group")
    wants_each = (
        select(theirs.c.id)
        .join(its, its.c.group_id == theirs.c.id)
        .where(its.c.id == facility_id, theirs.c.pace == Pace.EACH)
        .exists()
    )
    return case((and_(who.in_(VOLUNTEERS_TAKE_PART), not_(wants_each)), WEEK_END), else_=EACH_BY)


def may_be_asked(who: ColumnElement[Who]) -> ColumnElement[bool]:
    """Whether anybody is asked for it today: in the quiet time volunteers aren't."""
    return not_(and_(IS_QUIET, who.in_(VOLUNTEERS_TAKE_PART)))
