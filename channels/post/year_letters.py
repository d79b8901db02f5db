"""Årets breve: what the season letter and the thanks at New Year say, read on the morning they leave."""

from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from channels.views.calendar import Occasion, occasions_of
from config.catalogue import catalogue
from models.case.agreement import Agreement, AgreementStatus
from models.case.facility import Facility
from models.case.volunteer_group import Contact, VolunteerGroup, contacts_of
from models.danish import dato
from models.operation.check import Check, Report
from models.operation.incident import Incident, IncidentDecision
from models.persons.contacts import facilities_of
from models.role import Role
from models.stage import Stage

HALF_A_YEAR = timedelta(days=183)
MOST_DATES = 60


def season_dates(session: Session, group: VolunteerGroup, *, on: date) -> list[Occasion]:
    """What the group does in the next half year."""
    return [each for each in occasions_of(session, group, on=on) if on <= each.due_on <= on + HALF_A_YEAR][:MOST_DATES]


def season_facts(session: Session, contact: Contact, *, on: date) -> dict[str, Any]:
    """The dates, the hours of the last half year, where the material is, and what changed since."""
    group = session.get_one(VolunteerGroup, contact.group_id)
    dates = season_dates(session, group, on=on)
    places = facilities_of(session, group)
    return {
        "place_names": [each.name for each in places],
        "minutes_given": _minutes(session, places, from_on=on - HALF_A_YEAR, until_on=on),
        "dates": [{"due_on": d.due_on, "place": d.place, "what": d.what, "minutes": d.minutes} for d in dates],
        "materials": _materials(places, {each.what for each in dates}),
        "changes": _changes(session, places, since=on - HALF_A_YEAR),
        "contacts": [f"{each.name} ({each.role_danish})" for each in contacts_of(session, group)],
    }


def new_year_facts(session: Session, contact: Contact, *, letter_on: date) -> dict[str, Any]:
    """The hours of the year that went, and what became of what the group reported."""
    group = session.get_one(VolunteerGroup, contact.group_id)
    places = [each for each in facilities_of(session, group) if each.stage is Stage.OPERATION]
    begin, end = date(letter_on.year - 1, 1, 1), date(letter_on.year - 1, 12, 31)
    names = {each.number: each.name for each in places}
    rows = (
        select(Incident)
        .where(
            col(Incident.facility_id).in_(names),
            Incident.reported_by == Role.VOLUNTEER,
            col(Incident.reported_on).between(begin, end),
        )
        .order_by(col(Incident.reported_on), col(Incident.id))
    )
    return {
        "year": begin.year,
        "minutes_given": _minutes(session, places, from_on=begin, until_on=end),
        "place_names": [each.name for each in places],
        "reported": [
            {"on": each.reported_on, "place": names[each.facility_id], "outcome": _outcome(each)}
            for each in session.exec(rows).all()
        ],
    }


def material_for(facility: Facility, task_key: str) -> str:
    """Where the material for a task is; "" where the municipality hasn't written it."""
    tasks = catalogue().type(facility.type_key).tasks
    return next((task.material for task in tasks if task.key == task_key), "")


def _outcome(incident: Incident) -> str:
    decided = {IncidentDecision.REPAIR: "driften laver det", IncidentDecision.REMOVE: "det tages ned"}
    if incident.mended_on is not None:
        return f"det blev lavet {dato(incident.mended_on)}"
    if incident.decision is None:
        return "vi har ikke besluttet det endnu"
    return decided.get(incident.decision, incident.decision.danish)


def _minutes(session: Session, places: list[Facility], *, from_on: date, until_on: date) -> int:
    rows = (
        select(func.coalesce(func.sum(Report.minutes), 0))
        .join(Check, col(Check.id) == Report.check_id)
        .where(
            col(Check.facility_id).in_([each.number for each in places]),
            Report.by == Role.VOLUNTEER,
            col(Report.on).between(from_on, until_on),
        )
    )
    return int(session.exec(rows).one())


def _materials(places: list[Facility], asked: set[str]) -> list[dict[str, str]]:
    found = {
        (task.name, task.material)
        for place in places
        for task in catalogue().type(place.type_key).tasks
        if task.material and task.name in asked
    }
    return [{"what": what, "material": material} for what, material in sorted(found)]


def _changes(session: Session, places: list[Facility], *, since: date) -> list[str]:
    """Agreements that came into force since, with what is other than before."""
    names = {each.number: each.name for each in places}
    rows = select(Agreement).where(
        col(Agreement.facility_id).in_(names),
        Agreement.status == AgreementStatus.IN_FORCE,
        Agreement.version > 1,
        Agreement.from_on >= since,
    )
    return [f"{names[each.facility_id]}: {change}" for each in session.exec(rows).all() for change in each.changes]
