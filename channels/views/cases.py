"""What can be read of the cases, made from their rows: the shapes that programs rely on (docs/schema.json)."""

from collections.abc import Mapping
from datetime import datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam
from sqlalchemy import select as rows_of
from sqlmodel import Session, func

from channels.views.amounts import hours, kroner
from channels.views.parts import (
    agreement_part,
    application_parts,
    builder_part,
    consultation_parts,
    ending_parts,
    handover_part,
    incident_parts,
    inspection_parts,
    permit_parts,
)
from channels.views.shapes.case import Estimate, FacilityCase, Inherited, Place, YearAmount
from channels.views.shapes.case_parts import AgreementVersion, TaskLine
from channels.views.shapes.facility import FacilityLine, JournalLine, Waits
from channels.views.shapes.group import ContactLine, GroupLine
from channels.views.shapes.operation import CheckLine
from channels.views.shapes.pool import LedgerLine, PoolLine
from models.calendar import COPENHAGEN
from models.case.agreement import Agreement, CareTask, agreements_of, last_agreement, tasks_of
from models.case.facility import Facility
from models.case.gate import missing_to_next
from models.case.inheritance import inheritance_of
from models.case.path_line import length_of, line_of
from models.case.volunteer_group import VolunteerGroup, contacts_of, members_of, missing_readiness
from models.database import columns_of, table_of
from models.figures.accounting import marks_of
from models.journal import JournalEntry, journal_of
from models.operation.check import Check, report_of
from models.overview.waiting import Wait, waits_of
from models.pool.ledger import Kind, LedgerEntry, PoolYear, promised, sums_of
from models.prepared_statements import Written


def facility_line(session: Session, facility: Facility, waits: list[Wait] | None = None) -> FacilityLine:
    """One facility as lists show it; `waits` are its `waits_of`, where they are known already."""
    if waits is None:
        waits = waits_of(session, facility)
    return FacilityLine(
        reference=facility.reference,
        name=facility.name,
        type=facility.type_key,
        stage=facility.stage,
        stage_since=facility.stage_since,
        waits_for=wait_line(waits[0]) if waits else None,
        group=session.get_one(VolunteerGroup, facility.group_id).reference,
        years=facility.years,
    )


def wait_line(wait: Wait) -> Waits:
    """Who is waited for, as programs read it."""
    return Waits(
        role=wait.role,
        what=wait.what,
        deadline=wait.deadline_on,
        stage=wait.stage,
        inspection=wait.inspection,
        incident=wait.subject if wait.topic in ("incident", "usable") else None,
        work=wait.subject if wait.topic == "work" else None,
        topic=wait.topic,
    )


def facility_case(session: Session, facility: Facility) -> FacilityCase:
    """All of one facility's case that a caseworker asks for."""
    agreement = last_agreement(session, facility)
    waits = waits_of(session, facility)
    sums = sums_of(session, facility.number)
    group = session.get_one(VolunteerGroup, facility.group_id)
    return FacilityCase(
        **dict(facility_line(session, facility, waits)),
        stage_danish=facility.stage.danish,
        group_name=group.name,
        place=_place(facility),
        inherited=_inherited(session, facility),
        land_owner=facility.land_owner,
        start_on=facility.start_on,
        proposed_on=facility.proposed_on,
        building_started_on=facility.building_started_on,
        outcome=facility.outcome,
        estimate=_estimate(facility),
        waits=[wait_line(wait) for wait in waits],
        readiness=missing_readiness(session, group),
        consultations=consultation_parts(session, facility),
        agreement=agreement_part(session, agreement) if agreement else None,
        agreement_versions=_versions(session, facility),
        commitments=_by_year({year: ore for year, of_year in sums.items() if (ore := promised(of_year))}),
        spent=_by_year({year: of_year[Kind.SPENDING] for year, of_year in sums.items() if Kind.SPENDING in of_year}),
        applications=application_parts(session, facility),
        endings=ending_parts(session, facility),
        permits=permit_parts(session, facility),
        handover=handover_part(session, facility),
        builder=builder_part(session, facility),
        inspections=inspection_parts(session, facility),
        tasks=_tasks(session, agreement) if agreement else [],
        incidents=incident_parts(session, facility),
        sleeping_since=facility.sleeping_since,
        missing=missing_to_next(session, facility),
    )


def _estimate(facility: Facility) -> Estimate:
    return Estimate(
        hours_per_year=hours(facility.minutes_per_year),
        kr_per_year=kroner(facility.kr_per_year_ore),
        replacement_kr=kroner(facility.replacement_ore),
        life_years=facility.life_years,
    )


def _versions(session: Session, facility: Facility) -> list[AgreementVersion]:
    return [
        AgreementVersion(version=each.version, status=each.status, sha256=each.sha256, pdf=each.pdf)
        for each in agreements_of(session, facility)
    ]


def _by_year(ore: Mapping[int, int]) -> list[YearAmount]:
    return [YearAmount(year=year, kr=kroner(amount)) for year, amount in sorted(ore.items())]


def _tasks(session: Session, agreement: Agreement) -> list[TaskLine]:
    return [
        TaskLine(key=each.key, name=each.name, who=each.who, minutes=each.minutes, next_on=each.next_on)
        for each in tasks_of(session, agreement)
    ]


def _place(facility: Facility) -> Place | None:
    if not facility.is_placed:
        return None
    line = line_of(facility)
    return Place(
        lat=facility.lat,
        lon=facility.lon,
        utm32_east=facility.utm_east,
        utm32_north=facility.utm_north,
        line=[(each.lon, each.lat) for each in line],
        line_metres=round(length_of(line)) if line else None,
    )


def _inherited(session: Session, facility: Facility) -> Inherited | None:
    came = inheritance_of(session, facility)
    if came is None:
        return None
    return Inherited(number=came.number, address=came.address, built_on=came.built_on, taken_in_on=came.taken_in_on)


def journal_line(entry: JournalEntry) -> JournalLine:
    """One line of a timeline."""
    zone = ZoneInfo(COPENHAGEN)
    recorded = entry.recorded_at.astimezone(zone)
    return JournalLine(
        at=recorded if recorded.date() == entry.on else datetime.combine(entry.on, time(12), zone),
        on=entry.on,
        stage=entry.stage,
        what=entry.what,
        by=entry.by,
        door=entry.door,
        operator=entry.operator,
        recorded_at=recorded,
        person=entry.operator or None,
    )


def timeline(session: Session, facility: Facility) -> list[JournalLine]:
    """The case's journal."""
    return [journal_line(entry) for entry in journal_of(session, facility.number)]


def check_line(session: Session, check: Check) -> CheckLine:
    """One check as lists show it."""
    report = report_of(session, check)
    task = session.get_one(CareTask, check.care_task_id)
    return CheckLine(
        id=check.number,
        facility=session.get_one(Facility, check.facility_id).reference,
        task=task.key,
        task_name=task.name,
        due_on=check.due_on,
        who=check.who,
        state=check.state,
        minutes=report.minutes if report else None,
        note=report.note if report else "",
    )


def group_line(session: Session, group: VolunteerGroup) -> GroupLine:
    """One group with its contacts' roles; names and addresses are for the coordinator's own screen."""
    return GroupLine(
        reference=group.reference,
        name=group.name,
        cvr=group.cvr,
        pace=group.pace.value,
        contacts=[
            ContactLine(name=c.name, mail=c.mail, phone=c.phone, role=c.role_danish)
            for c in contacts_of(session, group)
        ],
        members=len(members_of(session, group)),
    )


def pool_line(year: PoolYear) -> PoolLine:
    """One year's balances: put in = committed + spent + free."""
    return PoolLine(
        year=year.year,
        appropriated_kr=kroner(year.put_in_ore),
        committed_kr=kroner(year.committed_ore),
        spent_kr=kroner(year.spent_ore),
        free_kr=kroner(year.free_ore),
    )


def ledger_line(session: Session, entry: LedgerEntry) -> LedgerLine:
    """One movement of money."""
    facility = session.get(Facility, entry.facility_id) if entry.facility_id else None
    marks = marks_of(session, [entry])[entry.key]
    return LedgerLine(
        at=entry.recorded_at.astimezone(ZoneInfo(COPENHAGEN)),
        on=entry.on,
        year=entry.year,
        facility=facility.reference if facility else None,
        kind=entry.kind,
        kr=kroner(entry.amount_ore),
        key=entry.key,
        what=entry.what,
        account=marks.account,
        invoice=marks.invoice,
    )


def facility_of_type_costs(session: Session, type_key: str) -> list[tuple[int, int]]:
    """What facilities of a type really cost: øre spent by year, the mean over those that had any."""
    connection = session.connection()
    written = _costs_by_year(connection.dialect.name)
    rows = written.all(connection, written.bound({"type_key": type_key, "kind": Kind.SPENDING}))
    return [(year, int(spent) // places) for year, spent, places in rows]


@cache  # a page of the desk takes longer to write it anew than the database to answer it
def _costs_by_year(dialect_name: str) -> Written:
    entry, place = columns_of(LedgerEntry), columns_of(Facility)
    rows: Select[*tuple[Any, ...]] = (
        rows_of(entry.year, func.sum(entry.amount_ore), func.count(entry.facility_id.distinct()))
        .join(table_of(Facility), place.id == entry.facility_id)
        .where(place.type_key == bindparam("type_key"), entry.kind == bindparam("kind"))
        .group_by(entry.year)
        .order_by(entry.year)
    )
    return Written(rows, dialect_name)
