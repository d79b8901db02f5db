"""The trace the daily run leaves: that it ran, for which day and when, also where nothing was due.

Without it nobody could tell a quiet day from a day that was forgotten.
"""

from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, func, select

from models.database import insert_new, now
from models.journal import JournalEntry


class DailyRun(SQLModel, table=True):
    """The daily run has run for this day; `recorded_at` is the moment it first did (UTC)."""

    __tablename__ = "daily_run"

    on: date = Field(primary_key=True)
    recorded_at: datetime = Field(default_factory=now, index=True)


def leave_trace(session: Session, on: date) -> None:
    """Note that the daily run has run for this day, once."""
    insert_new(session, DailyRun, [{"on": on, "recorded_at": now()}])


def last_run_at(session: Session) -> datetime | None:
    """When the daily run last ran for a new day; before the first time, when there was first anything to run for."""
    ran: datetime | None = session.exec(select(func.max(DailyRun.recorded_at))).one()
    if ran is not None:
        return ran
    began: datetime | None = session.exec(select(func.min(JournalEntry.recorded_at))).one()
    return began
