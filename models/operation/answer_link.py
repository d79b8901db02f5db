"""What hangs on a link to a check, read in one statement: it is the page volunteers wait for on a phone."""

from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from models.case.agreement import CareTask
from models.case.facility import Facility
from models.case.volunteer_group import Contact, VolunteerGroup
from models.database import columns_of
from models.operation.check import OPEN_STATES, Check, CheckState
from models.post.link import Link, Purpose, hash_of, require_working, unknown_link
from models.role import Role


class AskedCheck(NamedTuple):
    """What whoever opens the link is asked; `name` and `type_key` are the facility's."""

    whose: str
    check_id: int
    state: CheckState
    due_on: date
    task: str
    minutes: int
    fine_when: str
    name: str
    type_key: str
    contact_id: int | None
    """Whose link it is, where it is a contact's."""

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        return self.state in OPEN_STATES


def asked_check(connection: Connection, token: str, *, moment: datetime) -> AskedCheck:
    """The check that a link asks about.

    Raises:
        Refusal: as `models.post.link.open_link`.
    """
    found = connection.execute(_asked(), {"sha256": hash_of(token)}).first()
    if found is None:
        raise unknown_link()
    revoked_at, expires_at, role, contact, group, *asked = tuple(found)
    require_working(revoked_at, expires_at, moment=moment)
    return AskedCheck(whose_link(role, contact, group), *asked)


def whose_link(role: Role | None, contact: str | None, group: str) -> str:
    """Whose link it is, so that somebody it was forwarded to sees it."""
    if contact is None:
        return (role or Role.VOLUNTEER).danish
    return f"{contact}, {group}"


class HeldCheck(NamedTuple):
    """A check to be answered. While this is held, the session needn't ask for any of it again."""

    link: Link
    check: Check
    task: CareTask
    facility: Facility


def held_check(session: Session, token: str, *, moment: datetime) -> HeldCheck:
    """The check that a link is to answer, locked until the transaction ends.

    Raises:
        Refusal: as `models.post.link.open_link`.
    """
    found = session.execute(_held(), {"sha256": hash_of(token)}).first()
    if found is None:
        raise unknown_link()
    held = HeldCheck(*found)
    require_working(held.link.revoked_at, held.link.expires_at, moment=moment)
    return held


@cache
def _asked() -> Select[*tuple[Any, ...]]:
    link, check, task, facility = (columns_of(each) for each in (Link, Check, CareTask, Facility))
    contact, group = columns_of(Contact), columns_of(VolunteerGroup)
    return (
        select_columns(
            link.revoked_at,
            link.expires_at,
            link.role,
            contact.name,
            group.name,
            check.id,
            check.state,
            check.due_on,
            task.name,
            task.minutes,
            task.fine_when,
            facility.name,
            facility.type_key,
            link.contact_id,
        )
        .select_from(Link)
        .join(Check, check.id == link.subject_id)
        .join(CareTask, task.id == check.care_task_id)
        .join(Facility, facility.id == check.facility_id)
        .join(VolunteerGroup, group.id == facility.group_id)
        .outerjoin(Contact, contact.id == link.contact_id)
        .where(*_is_asked_for())
    )


@cache
def _held() -> Select[*tuple[Any, ...]]:
    return (
        select(Link, Check, CareTask, Facility)
        .join(Check, col(Check.id) == col(Link.subject_id))
        .join(CareTask, col(CareTask.id) == col(Check.care_task_id))
        .join(Facility, col(Facility.id) == col(Check.facility_id))
        .where(*_is_asked_for())
        .with_for_update(of=Check)
    )


def _is_asked_for() -> tuple[ColumnElement[bool], ...]:
    link = columns_of(Link)
    return link.sha256 == bindparam("sha256"), link.purpose == Purpose.ANSWER
