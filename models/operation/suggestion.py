"""Melding fra skiltet: what a stranger reported, and what is known already of a place's damage.

What is decided about it: `models.operation.public_report`.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Field, Session, SQLModel, col, func, select

from models.case.facility import Facility
from models.database import Numbered, word_column
from models.discretion import without_persons
from models.operation.incident import incidents_of
from models.refusal import BadInput, Remedy
from models.role import Role


class ReportState(StrEnum):
    """Where a stranger's report is."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"

    @property
    def danish(self) -> str:
        """The state as people say it."""
        return {"suggested": "ikke bekræftet", "confirmed": "bekræftet", "dismissed": "afvist"}[self.value]


class PublicReport(Numbered, SQLModel, table=True):
    """One report from the page behind the sign. `key` stands for the form and what was written in it.

    So a second press of the button is harmless, and another text in the same form is another report.
    """

    __tablename__ = "public_report"

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    key: str = Field(unique=True, max_length=128)
    what: str
    safe: bool
    state: ReportState = word_column(ReportState)
    reported_on: date
    looks_automatic: bool = False
    """Whether it came as a machine sends it: then the coordinator looks first."""
    decided_on: date | None = None
    decided_by: Role | None = word_column(Role, default=None, nullable=True)
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)
    mail: str = Field(default="", max_length=254)
    """Where whoever sent it wants to hear what becomes of it; forgotten when they have."""
    same_as_id: int | None = Field(default=None, foreign_key="public_report.id", index=True)
    """The earlier report that says the same: it is decided with that one."""


class Known(NamedTuple):
    """Something that was reported of a place and isn't settled yet, as the public sees it.

    `key` names it in a form. `what` are the words of what somebody has confirmed, without persons; empty before that,
    since nobody has read them yet.
    """

    key: str
    reported_on: date
    what: str
    danish: str
    safe: bool
    report_id: int | None = None
    incident_id: int | None = None


def known_damage(session: Session, facility: Facility) -> list[Known]:
    """What is reported and open, the latest first; what looks like a machine's isn't shown to anybody."""
    incidents = [
        Known(
            f"i{incident.id}",
            incident.reported_on,
            without_persons(session, incident.what),
            incident.danish,
            not incident.is_unsafe,
            incident_id=incident.number,
        )
        for incident in incidents_of(session, facility)
        if incident.is_open or incident.is_unsafe
    ]
    rows = select(PublicReport).where(
        PublicReport.facility_id == facility.id,
        PublicReport.state == ReportState.SUGGESTED,
        col(PublicReport.same_as_id).is_(None),
        col(PublicReport.looks_automatic).is_(False),
    )
    suggested = [
        Known(f"m{report.id}", report.reported_on, "", report.state.danish, report.safe, report_id=report.number)
        for report in session.exec(rows)
    ]
    return sorted(incidents + suggested, key=lambda known: (known.reported_on, known.key), reverse=True)


def find_public_report(session: Session, report_id: int) -> PublicReport:
    """The report, locked until the transaction ends.

    Raises:
        BadInput: there is none with that number.
    """
    row = select(PublicReport).where(PublicReport.id == report_id).with_for_update()
    report = session.exec(row).first()
    if report is None:
        raise BadInput("suggestion", f"der er ingen melding nr. {report_id}.", remedy=Remedy.LIST_SUGGESTIONS)
    return report


def public_reports(session: Session, *, only_open: bool = False) -> list[PublicReport]:
    """All reports, the first one first."""
    rows = select(PublicReport).order_by(col(PublicReport.id))
    if only_open:
        rows = rows.where(PublicReport.state == ReportState.SUGGESTED)
    return list(session.exec(rows))


def recent_reports(session: Session, facility: Facility, *, on: date) -> int:
    """How many reports of the last week nobody has looked at yet; shown so that nobody reports it twice.

    What looks like a machine's doesn't count: it would tell people that it is reported already.
    """
    rows = select(func.count()).where(
        PublicReport.facility_id == facility.id,
        PublicReport.state == ReportState.SUGGESTED,
        col(PublicReport.looks_automatic).is_(False),
        col(PublicReport.reported_on) > on - timedelta(days=7),
    )
    return int(session.exec(rows).one())
