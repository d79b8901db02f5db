"""Hvem der meldte det: whoever sent a report from the sign and left an address hears what becomes of it.

They hear what was decided, and when it is mended. Who is told of what: `models.operation.followed`.
"""

from datetime import date
from enum import StrEnum
from typing import Protocol

from sqlmodel import Session

from models.post.outbox import tell_reporter

TEMPLATE = "report_followed"


class Heard(StrEnum):
    """What whoever reported is told."""

    REPAIR = "repair"
    CLOSED = "closed"
    MENDED = "mended"
    NOTHING = "nothing"
    """Somebody looked, and there was nothing."""

    @property
    def is_last(self) -> bool:
        """Whether there is nothing more to tell."""
        return self is not Heard.REPAIR


class Reported(Protocol):
    """A report as it is told of."""

    @property
    def number(self) -> int: ...
    @property
    def facility_id(self) -> int: ...
    @property
    def mail(self) -> str: ...
    @property
    def reported_on(self) -> date: ...


def tell_who_reported(session: Session, report: Reported, heard: Heard, *, on: date, again: str = "") -> None:
    """Tell whoever sent one report, if they left an address."""
    if not report.mail:
        return
    tell_reporter(
        session,
        TEMPLATE,
        report_id=report.number,
        facility_id=report.facility_id,
        key=f"public-report:{report.number}:{heard}{again}",
        on=on,
        context={"heard": heard.value, "number": report.number, "reported_on": report.reported_on.isoformat()},
    )
