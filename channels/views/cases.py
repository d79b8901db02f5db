"""What can be read of the cases, as plain data: the keys that programs rely on (docs/schema.json).

Kroner are whole numbers where they are whole, otherwise with two decimals; dates are ISO text; `at` is a
moment in Europe/Copenhagen.
"""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from config.catalogue import catalogue
from models.calendar import COPENHAGEN
from models.case.agreement import CareTask, agreements_of, last_agreement, signatures_of, tasks_of
from models.case.consultation import conditions_of, consultations_of
from models.case.facility import Facility
from models.case.gate import missing_to_next
from models.case.handover import defects_of, inspections_of, last_handover
from models.case.inheritance import inheritance_of
from models.case.permit import permits_of
from models.case.volunteer_group import VolunteerGroup, contacts_of, missing_readiness
from models.journal import JournalEntry, journal_of
from models.operation.check import Check, report_of
from models.operation.incident import incidents_of
from models.overview.waiting import Wait, waits_of
from models.pool.ledger import Kind, LedgerEntry, PoolYear, promised, sums_of

Json = dict[str, Any]


def kroner(ore: int) -> int | float:
    """Øre as kroner for JSON."""
    return ore // 100 if ore % 100 == 0 else ore / 100


def facility_line(session: Session, facility: Facility, waits: list[Wait] | None = None) -> Json:
    """One facility as lists show it; `waits` are its `waits_of`, where they are known already."""
    if waits is None:
        waits = waits_of(session, facility)
    return {
        "reference": facility.reference,
        "name": facility.name,
        "type": facility.type_key,
        "stage": str(facility.stage),
        "stage_since": facility.stage_since.isoformat(),
        "waits_for": _wait(waits[0]) if waits else None,
        "group": session.get_one(VolunteerGroup, facility.group_id).reference,
        "years": facility.years,
    }


def _wait(wait: Wait) -> Json:
    deadline = wait.deadline_on.isoformat() if wait.deadline_on else None
    return {
        "role": str(wait.role),
        "for": wait.what,
        "deadline": deadline,
        "stage": str(wait.stage),
        "incident": wait.subject,
    }


def facility_case(session: Session, facility: Facility) -> Json:
    """All of one facility's case that a caseworker asks for."""
    handover = last_handover(session, facility)
    agreement = last_agreement(session, facility)
    sums = sums_of(session, facility.number)
    inheritance = inheritance_of(session, facility)
    group = session.get_one(VolunteerGroup, facility.group_id)
    return facility_line(session, facility) | {
        "stage_danish": facility.stage.danish,
        "group_name": group.name,
        "place": {
            "lat": facility.lat,
            "lon": facility.lon,
            "utm32_east": facility.utm_east,
            "utm32_north": facility.utm_north,
        }
        if facility.is_placed
        else None,
        "inherited": {
            "number": inheritance.number,
            "address": inheritance.address,
            "built_on": inheritance.built_on.isoformat() if inheritance.built_on else None,
            "taken_in_on": inheritance.taken_in_on.isoformat(),
        }
        if inheritance
        else None,
        "land_owner": str(facility.land_owner),
        "start_on": facility.start_on.isoformat(),
        "proposed_on": facility.proposed_on.isoformat(),
        "building_started_on": facility.building_started_on.isoformat() if facility.building_started_on else None,
        "outcome": facility.outcome,
        "estimate": {
            "hours_per_year": kroner(facility.minutes_per_year * 100 // 60),
            "kr_per_year": kroner(facility.kr_per_year_ore),
            "replacement_kr": kroner(facility.replacement_ore),
            "life_years": facility.life_years,
        },
        "waits": [_wait(wait) for wait in waits_of(session, facility)],
        "readiness": missing_readiness(session, group),
        "consultations": [
            {
                "round": c.round,
                "answer": str(c.answer) if c.answer else None,
                "reason": c.reason,
                "could_be_yes": c.could_be_yes,
                "conditions": [
                    {
                        "number": k.number,
                        "text": k.text,
                        "owner": str(k.owner),
                        "deadline": k.deadline_on.isoformat() if k.deadline_on else None,
                        "met_on": k.met_on.isoformat() if k.met_on else None,
                    }
                    for k in conditions_of(session, facility)
                    if k.round == c.round
                ],
                "hours_per_year": kroner(c.minutes_per_year * 100 // 60),
                "kr_per_year": kroner(c.kr_per_year_ore),
                "asked_on": c.asked_on.isoformat(),
                "deadline": c.deadline_on.isoformat(),
                "decided_on": c.decided_on.isoformat() if c.decided_on else None,
            }
            for c in consultations_of(session, facility)
        ],
        "agreement": {
            "version": agreement.version,
            "status": str(agreement.status),
            "signed_by": [str(s.side) for s in signatures_of(session, agreement)],
            "sha256": agreement.sha256,
            "pdf": agreement.pdf,
            "from_on": agreement.from_on.isoformat(),
            "until_on": agreement.until_on.isoformat(),
            "hours_per_year": kroner(agreement.municipal_minutes_per_year * 100 // 60),
            "volunteer_hours_per_year": kroner(agreement.volunteer_minutes_per_year * 100 // 60),
            "kr_per_year": kroner(agreement.kr_per_year_ore),
            "changes": agreement.changes,
        }
        if agreement
        else None,
        "agreement_versions": [
            {"version": a.version, "status": str(a.status), "sha256": a.sha256, "pdf": a.pdf}
            for a in agreements_of(session, facility)
        ],
        "commitments": [{"year": y, "kr": kroner(promised(s))} for y, s in sorted(sums.items()) if promised(s)],
        "spent": [{"year": y, "kr": kroner(s[Kind.SPENDING])} for y, s in sorted(sums.items()) if Kind.SPENDING in s],
        "permits": [
            {
                "key": p.key,
                "name": catalogue().permits[p.key].name,
                "result": str(p.result),
                "case_number": p.case_number,
            }
            for p in permits_of(session, facility)
        ],
        "handover": {
            "result": str(handover.result) if handover.result else None,
            "decided_on": handover.decided_on.isoformat() if handover.decided_on else None,
            "defects": [
                {
                    "number": d.number,
                    "text": d.text,
                    "deadline": d.deadline_on.isoformat(),
                    "fixed_on": d.fixed_on.isoformat() if d.fixed_on else None,
                }
                for d in defects_of(session, facility)
            ],
            "papers": handover.papers,
            "papers_missing": handover.papers_missing,
            "inspections": [i.inspection_on.isoformat() for i in inspections_of(session, facility)],
        }
        if handover
        else None,
        "tasks": [
            {
                "key": t.key,
                "name": t.name,
                "who": str(t.who),
                "minutes": t.minutes,
                "next_on": t.next_on.isoformat() if t.next_on else None,
            }
            for t in (tasks_of(session, agreement) if agreement else [])
        ],
        "incidents": [
            {
                "id": i.id,
                "what": i.what,
                "safe": i.safe,
                "reported_on": i.reported_on.isoformat(),
                "decision": str(i.decision) if i.decision else None,
                "kr": kroner(i.kr_ore),
                "reason": i.reason,
            }
            for i in incidents_of(session, facility)
        ],
        "sleeping_since": facility.sleeping_since.isoformat() if facility.sleeping_since else None,
        "missing": missing_to_next(session, facility),
    }


def journal_line(entry: JournalEntry) -> Json:
    """One line of a timeline."""
    zone = ZoneInfo(COPENHAGEN)
    recorded = entry.recorded_at.astimezone(zone)
    at = recorded if recorded.date() == entry.on else datetime.combine(entry.on, time(12), zone)
    return {
        "at": at.isoformat(timespec="seconds"),
        "on": entry.on.isoformat(),
        "stage": entry.stage,
        "what": entry.what,
        "by": str(entry.by),
        "door": str(entry.door),
        "operator": entry.operator,
        "recorded_at": recorded.isoformat(timespec="seconds"),
    }


def timeline(session: Session, facility: Facility) -> list[Json]:
    """The case's journal."""
    return [journal_line(entry) for entry in journal_of(session, facility.number)]


def check_line(session: Session, check: Check) -> Json:
    """One check as lists show it."""
    report = report_of(session, check)
    return {
        "id": check.id,
        "facility": session.get_one(Facility, check.facility_id).reference,
        "task": session.get_one(CareTask, check.care_task_id).key,
        "task_name": session.get_one(CareTask, check.care_task_id).name,
        "due_on": check.due_on.isoformat(),
        "who": str(check.who),
        "state": str(check.state),
        "minutes": report.minutes if report else None,
        "note": report.note if report else "",
    }


def group_line(session: Session, group: VolunteerGroup) -> Json:
    """One group with its contacts' roles; names and addresses are for the coordinator's own screen."""
    return {
        "reference": group.reference,
        "name": group.name,
        "cvr": group.cvr,
        "contacts": [
            {"name": c.name, "mail": c.mail, "phone": c.phone, "role": c.role_danish}
            for c in contacts_of(session, group)
        ],
    }


def pool_line(year: PoolYear) -> Json:
    """One year's balances: put in = committed + spent + free."""
    return {
        "year": year.year,
        "appropriated_kr": kroner(year.put_in_ore),
        "committed_kr": kroner(year.committed_ore),
        "spent_kr": kroner(year.spent_ore),
        "free_kr": kroner(year.free_ore),
    }


def ledger_line(session: Session, entry: LedgerEntry) -> Json:
    """One movement of money."""
    facility = session.get(Facility, entry.facility_id) if entry.facility_id else None
    return {
        "at": entry.recorded_at.astimezone(ZoneInfo(COPENHAGEN)).isoformat(timespec="seconds"),
        "on": entry.on.isoformat(),
        "year": entry.year,
        "facility": facility.reference if facility else None,
        "kind": str(entry.kind),
        "kr": kroner(entry.amount_ore),
        "key": entry.key,
        "what": entry.what,
    }


def facility_of_type_costs(session: Session, type_key: str) -> list[tuple[int, int]]:
    """What facilities of a type really cost: øre spent by year, the mean over those that had any."""
    by_year: dict[int, list[int]] = {}
    for facility in session.exec(select(Facility).where(Facility.type_key == type_key)):
        for year, sums in sums_of(session, facility.number).items():
            if Kind.SPENDING in sums:
                by_year.setdefault(year, []).append(sums[Kind.SPENDING])
    return [(year, sum(costs) // len(costs)) for year, costs in sorted(by_year.items())]
