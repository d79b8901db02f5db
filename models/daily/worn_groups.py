"""Ring, før det bliver for meget: on Mondays the coordinator is told which groups show signs of wear, once a quarter."""

from datetime import date

from sqlmodel import Session

from models.case.volunteer_group import VolunteerGroup
from models.daily.mail_week import is_quiet
from models.figures.wear import worn_groups
from models.persons.contacts import a_facility
from models.post.outbox import add_to_daily
from models.role import Role

MONDAY = 1


def watch_wear(session: Session, on: date) -> None:
    """Tell the coordinator of each worn group with its figures; the same group again at the earliest next quarter."""
    if on.isoweekday() != MONDAY or is_quiet(on):
        return
    quarter = f"{on.year}-{(on.month - 1) // 3 + 1}"
    for number, signs in sorted(worn_groups(session, on=on).items()):
        group = session.get_one(VolunteerGroup, number)
        facility_id = a_facility(session, group)
        if group.is_nobody or facility_id is None:
            continue
        add_to_daily(
            session,
            contact_id=None,
            role=Role.COORDINATOR,
            kind="wear_seen",
            facility_id=facility_id,
            key=f"wear:{number}:{quarter}",
            context={"group_name": group.name, "signs": [sign.danish for sign in signs]},
            on=on,
        )
