"""Det mistede link: whoever has lost theirs types their mail address and gets it mailed, once a day for each group."""

from datetime import date

from sqlmodel import Session, col, func, select

from models.case.volunteer_group import Contact, VolunteerGroup
from models.persons.contacts import a_facility
from models.post.outbox import add_to_daily


def ask_for_lost_link(session: Session, mail: str, *, on: date) -> int:
    """Mail everybody with that address their links; returns how many, which nobody at the door is told."""
    wanted = mail.strip().lower()
    rows = select(Contact).where(
        func.lower(Contact.mail) == wanted, col(Contact.mail) != "", col(Contact.left_on).is_(None)
    )
    found = 0
    for contact in session.exec(rows.order_by(col(Contact.id))):
        group = session.get_one(VolunteerGroup, contact.group_id)
        facility_id = a_facility(session, group)
        if facility_id is None:
            continue
        found += add_to_daily(
            session,
            contact_id=contact.id,
            role=None,
            kind="lost_link",
            facility_id=facility_id,
            key=f"lost-link:{contact.id}:{on}",
            context={"group_name": group.name},
            on=on,
        )
    return found
