"""Lister: what the municipality takes out to its own spreadsheets, with Danish headings."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from config.catalogue import catalogue
from models.case.agreement import CareTask
from models.case.facility import Facility, facilities
from models.case.inheritance import Inheritance, never_consulted
from models.case.volunteer_group import VolunteerGroup, contacts_of, missing_readiness
from models.figures.accounting import marks_of
from models.operation.check import Check, Report
from models.overview.waiting import all_waits
from models.pool.ledger import ledger

ROWS_AT_ONCE = 1_000
Value = str | int | float | bool | date | None
Row = Mapping[str, Value]


class List(NamedTuple):
    """One list: its Danish title, its columns by key, and what its rows are."""

    title: str
    columns: Mapping[str, str]
    rows: Callable[[Session], Iterable[Row]]


def _facilities(session: Session) -> list[Row]:
    groups = {group.id: group for group in session.exec(select(VolunteerGroup))}
    inherited = {row.facility_id: row for row in session.exec(select(Inheritance))}
    unasked = {facility.id for facility, _ in never_consulted(session)}
    rows: list[Row] = []
    for each, waits in all_waits(session):
        came = inherited.get(each.number)
        kind = catalogue().types.get(each.type_key)
        rows.append(
            {
                "reference": each.reference,
                "number": came.number if came else "",
                "type": kind.name if kind else each.type_key,
                "name": each.name,
                "stage": each.stage.danish,
                "stage_since": each.stage_since,
                "waits_for": f"{waits[0].role.danish}: {waits[0].what}" if waits else "",
                "deadline": waits[0].deadline_on if waits else None,
                "group": groups[each.group_id].reference,
                "group_name": groups[each.group_id].name,
                "land_owner": each.land_owner.danish,
                "address": came.address if came else "",
                "utm_east": each.utm_east if each.is_placed else None,
                "utm_north": each.utm_north if each.is_placed else None,
                "lat": each.lat if each.is_placed else None,
                "lon": each.lon if each.is_placed else None,
                "built_on": came.built_on if came else None,
                "hours_per_year": round(each.minutes_per_year / 60, 2),
                "kr_per_year": each.kr_per_year_ore / 100,
                "replacement_kr": each.replacement_ore / 100,
                "life_years": each.life_years,
                "is_inherited": came is not None,
                "is_consulted": each.id not in unasked,
            }
        )
    return rows


def _checks(session: Session) -> Iterator[Row]:
    """Handed on as they are read: years of checks don't fit in the memory at once."""
    wanted = (
        select_columns(
            col(Check.id),
            col(Facility.reference),
            col(Facility.name),
            col(CareTask.name),
            col(Check.due_on),
            col(Check.who),
            col(Check.state),
            col(Report.minutes),
            col(Check.closed_on),
            col(Report.note),
        )
        .join(Facility, col(Facility.id) == Check.facility_id)
        .join(CareTask, col(CareTask.id) == Check.care_task_id)
        .outerjoin(Report, col(Report.check_id) == Check.id)
        .order_by(col(Check.due_on), col(Check.id))
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for number, place, name, task, due_on, who, state, minutes, closed_on, note in session.execute(wanted):
        yield {
            "id": number,
            "facility": place,
            "name": name,
            "task": task,
            "due_on": due_on,
            "who": who.danish,
            "state": state.danish,
            "minutes": minutes,
            "closed_on": closed_on,
            "note": note or "",
        }


def _ledger(session: Session) -> list[Row]:
    references = {each.id: each.reference for each in session.exec(select(Facility))}
    entries = ledger(session)
    marks = marks_of(session, entries)
    return [
        {
            "on": entry.on,
            "year": entry.year,
            "facility": references.get(entry.facility_id) if entry.facility_id else "",
            "kind": entry.kind.danish,
            "kr": entry.amount_ore / 100,
            "what": entry.what,
            "key": entry.key,
            "account": marks[entry.key].account,
            "invoice": marks[entry.key].invoice,
        }
        for entry in entries
    ]


def _groups(session: Session) -> list[Row]:
    rows: list[Row] = []
    places = facilities(session)
    for group in session.exec(select(VolunteerGroup).order_by(col(VolunteerGroup.reference))):
        if group.is_nobody:
            continue
        theirs = [place.reference for place in places if place.group_id == group.id]
        rows.append(
            {
                "reference": group.reference,
                "name": group.name,
                "cvr": group.cvr,
                "since_on": group.since_on,
                "contacts": len(contacts_of(session, group)),
                "missing": " ".join(missing_readiness(session, group)),
                "facilities": ", ".join(theirs),
            }
        )
    return rows


def _contacts(session: Session) -> list[Row]:
    """Persons: only for whoever asks for them, and no longer kept than it is needed."""
    return [
        {
            "reference": group.reference,
            "name": group.name,
            "role": contact.role_danish,
            "person": contact.name,
            "mail": contact.mail,
            "phone": contact.phone,
        }
        for group in session.exec(select(VolunteerGroup).order_by(col(VolunteerGroup.reference)))
        for contact in contacts_of(session, group)
    ]


LISTS: Mapping[str, List] = {
    "facilities": List(
        "Anlæg",
        {
            "reference": "Reference",
            "number": "Kommunens nummer",
            "type": "Type",
            "name": "Navn",
            "stage": "Trin",
            "stage_since": "Trin siden",
            "waits_for": "Venter på",
            "deadline": "Senest",
            "group": "Gruppe",
            "group_name": "Gruppens navn",
            "land_owner": "Jordens ejer",
            "address": "Adresse",
            "utm_east": "UTM øst",
            "utm_north": "UTM nord",
            "lat": "Breddegrad",
            "lon": "Længdegrad",
            "built_on": "Opført",
            "hours_per_year": "Timer pr. år",
            "kr_per_year": "Kr. pr. år",
            "replacement_kr": "Genanskaffelse kr.",
            "life_years": "Levetid år",
            "is_inherited": "Arvet",
            "is_consulted": "Driften hørt",
        },
        _facilities,
    ),
    "checks": List(
        "Tjek",
        {
            "id": "Nummer",
            "facility": "Anlæg",
            "name": "Navn",
            "task": "Opgave",
            "due_on": "Dag",
            "who": "Hvem",
            "state": "Stand",
            "minutes": "Minutter",
            "closed_on": "Lukket",
            "note": "Bemærkning",
        },
        _checks,
    ),
    "ledger": List(
        "Puljens poster",
        {
            "on": "Dag",
            "year": "År",
            "facility": "Anlæg",
            "kind": "Art",
            "kr": "Kr.",
            "what": "Tekst",
            "key": "Nøgle",
            "account": "Konto",
            "invoice": "Faktura",
        },
        _ledger,
    ),
    "groups": List(
        "Grupper",
        {
            "reference": "Reference",
            "name": "Navn",
            "cvr": "CVR",
            "since_on": "Siden",
            "contacts": "Kontakter",
            "missing": "Mangler",
            "facilities": "Anlæg",
        },
        _groups,
    ),
}

CONTACTS = List(
    "Kontakter",
    {
        "reference": "Reference",
        "name": "Gruppens navn",
        "role": "Rolle",
        "person": "Person",
        "mail": "Mail",
        "phone": "Telefon",
    },
    _contacts,
)
