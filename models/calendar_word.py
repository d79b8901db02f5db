"""What the calendar says and writes down, in one place."""

from datetime import date

from sqlmodel import Session

from models.facility import Facility
from models.journal import write_journal
from models.message import Fact, add_to_daily
from models.role import Door, Role


def tell_once(
    session: Session,
    facility: Facility,
    role: Role,
    kind: str,
    key: str,
    context: dict[str, Fact],
    on: date,
) -> bool:
    return add_to_daily(
        session,
        contact_id=None,
        role=role,
        kind=kind,
        facility_id=facility.id or 0,
        key=key,
        context=context,
        on=on,
    )


def note(session: Session, facility: Facility, what: str, on: date) -> None:
    write_journal(
        session,
        what,
        facility_id=facility.id,
        stage=facility.stage,
        on=on,
        by=Role.CALENDAR,
        door=Door.CALENDAR,
    )
