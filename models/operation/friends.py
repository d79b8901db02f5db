"""Søger nye venner: the places that stand and that no group looks after, so that anybody may offer to."""

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.case.facility import Facility
from models.case.volunteer_group import NOBODY_KEY, VolunteerGroup
from models.database import columns_of
from models.operation.winding_down import Outcome, WindingDown
from models.stage import Stage

STANDS = (Stage.OPERATION, Stage.WINDING_DOWN)


def seeks_friends() -> ColumnElement[bool]:
    """Whether no group looks after a facility of the statement around: it never had one, or that one has stopped.

    A group that stopped stays with the case; the last winding down says that operations took over from it.
    """
    place = columns_of(Facility)
    # aliases, so that a statement around that names these tables, too, isn't taken for the same row
    group, ending, later = aliased(VolunteerGroup), aliased(WindingDown), aliased(WindingDown)
    is_newer = exists().where(col(later.facility_id) == place.id, col(later.id) > ending.id)
    was_left = exists().where(col(ending.facility_id) == place.id, col(ending.outcome) == Outcome.OPERATIONS, ~is_newer)
    has_nobody = exists().where(col(group.id) == place.group_id, col(group.key) == NOBODY_KEY)
    return and_(place.stage.in_(STANDS), or_(place.stage == Stage.WINDING_DOWN, has_nobody, was_left))


def is_without_group(session: Session, facility: Facility) -> bool:
    """The same for one facility."""
    return session.exec(select(Facility.id).where(Facility.id == facility.id, seeks_friends())).first() is not None
