"""Kvittering: what was answered is said back to the one who answered, with the rest of the day's post."""

from datetime import date

from sqlmodel import Session

from models.post.link import Link
from models.post.outbox import add_to_daily


def send_receipt(session: Session, link: Link, facility_id: int, what: str, *, key: str, on: date) -> None:
    """Tell the link's contact what was received, once for its key. Mailboxes of roles need none."""
    if link.contact_id is None:
        return
    add_to_daily(
        session,
        contact_id=link.contact_id,
        role=None,
        kind="receipt",
        facility_id=facility_id,
        key=f"receipt:{key}",
        context={"what": what},
        on=on,
    )
