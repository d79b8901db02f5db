"""Overblik: what waits for whom, and since when; and the Monday mail to each role that says so."""

from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Session

from models.case.agreement import Agreement, AgreementStatus
from models.case.facility import Facility
from models.case.funding import last_application
from models.case.inspection import Inspection
from models.case.insurance import without_insurance
from models.operation.incident import Incident
from models.operation.satisfaction import last_asked_on
from models.operation.work_order import WorkOrder
from models.overview.passed_on import roles_passed_to
from models.overview.waiting import Wait, all_waits
from models.post.outbox import tell
from models.role import Role
from models.stage import Stage
from models.stages.agreement import open_version

MONDAY = 0
DAYS_OF_A_WEEK = 7
"""What nothing waits for, and still should be done, stands in the first Monday mail of a month."""
#: The roles that get a page and a Monday mail of their own, in the order they are shown.
READERS = (
    Role.OPERATIONS,
    Role.OPERATIONS_MANAGER,
    Role.COORDINATOR,
    Role.POOL_MANAGER,
    Role.LEADER,
    Role.COMMITTEE,
    Role.PROJECT_LEAD,
)


class Waiting(NamedTuple):
    """Something that waits for a role: which facility, what, since when, and until when."""

    facility: Facility
    wait: Wait
    since_on: date

    def is_late(self, on: date) -> bool:
        """Whether its deadline has passed."""
        return self.wait.deadline_on is not None and self.wait.deadline_on < on


def all_waiting(session: Session, role: Role | None = None) -> list[Waiting]:
    """What waits for a role, or for anybody: the one that has waited longest first.

    What was passed on waits for the role it was passed to.
    """
    passed = roles_passed_to(session)
    found = [
        Waiting(facility, wait._replace(role=passed.get(wait.key, wait.role)), since_of(session, facility, wait))
        for facility, waits in all_waits(session)
        for wait in waits
        if role is None or passed.get(wait.key, wait.role) is role
    ]
    return sorted(found, key=lambda each: (each.since_on, each.facility.reference))


def since_of(session: Session, facility: Facility, wait: Wait) -> date:
    """The day the question was asked, which for a facility in operation isn't the day of its stage."""
    if wait.topic == "work" and wait.subject is not None:
        return session.get_one(WorkOrder, wait.subject).ordered_on
    if wait.subject is not None:
        incident = session.get_one(Incident, wait.subject)
        asked_on = (incident.mended_on or incident.decided_on) if wait.topic == "usable" else None
        return asked_on or incident.reported_on
    if wait.inspection is not None:
        return session.get_one(Inspection, wait.inspection).asked_on or facility.stage_since
    if wait.topic == "satisfaction":
        return last_asked_on(session, facility) or facility.stage_since
    if wait.stage is Stage.FUNDING and (application := last_application(session, facility)):
        return application.applied_on
    if wait.stage is Stage.AGREEMENT and (version := open_version(session, facility)):
        return _asked(version)
    return facility.stage_since


def _asked(version: Agreement) -> date:
    if version.status is AgreementStatus.SIGNING and version.sent_on is not None:
        return version.sent_on
    return version.drafted_on


def line_of(each: Waiting, on: date) -> dict[str, object]:
    """A line of a mail that lists what waits; the link is added as it leaves (`channels.post.role_links`)."""
    return {
        "key": each.wait.key,
        "reference": each.facility.reference,
        "name": each.facility.name,
        "what": each.wait.what,
        "since_on": each.since_on.isoformat(),
        "deadline_on": each.wait.deadline_on.isoformat() if each.wait.deadline_on else "",
        "late": each.is_late(on),
    }


def _is_worth_asking(each: Waiting, on: date) -> bool:
    """What nothing depends on is asked about on two Mondays, and then only answered by whoever likes to."""
    return each.wait.topic != "satisfaction" or on < each.since_on + 2 * timedelta(days=7)


def write_monday_mail(session: Session, on: date) -> None:
    """On Mondays, tell each role what waits for it, once; a role that nothing waits for hears nothing."""
    if on.weekday() != MONDAY:
        return
    waiting = [each for each in all_waiting(session) if _is_worth_asking(each, on)]
    for role in READERS:
        items = [each for each in waiting if each.wait.role is role]
        uninsured = len(without_insurance(session)) if role is Role.COORDINATOR and on.day <= DAYS_OF_A_WEEK else 0
        if not items and not uninsured:
            continue
        told: list[object] = [line_of(each, on) for each in items]
        tell(
            session,
            None,
            role,
            "monday",
            on,
            key=f"monday:{on}",
            context={"waiting": told, "count": len(told), "uninsured": uninsured},
        )
