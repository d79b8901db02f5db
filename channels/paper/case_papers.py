"""Sagens papirer: what stands on each paper of a case, for the templates in `templates/case/`."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from channels.letter_names import name_of
from channels.paper.protocol_paper import how_signed
from config.catalogue import catalogue
from models.case.agreement import CareTask
from models.case.consultation import Condition, consultations_of
from models.case.facility import Facility
from models.case.funding import PoolApplication
from models.case.handover import defects_of, handovers_of
from models.case.handover_step import steps_of
from models.case.inheritance import by_when, inheritance_of
from models.case.inspection import inspections_of
from models.case.permit import permits_of
from models.case.volunteer_group import Contact, VolunteerGroup
from models.danish import kr, minutter
from models.journal import journal_of
from models.operation.check import checks_of, report_of
from models.operation.incident import incidents_of
from models.operation.winding_down import where_from, winding_downs_of
from models.operation.work_order import work_of
from models.pool.ledger import ledger
from models.post.outbox import Message, MessageItem

NO_LETTER = "indholdet er slettet efter slettefristen"


def case_paper(session: Session, facility: Facility, number: str) -> dict[str, Any]:
    """What it is, where it stands, and every decision about it."""
    kind = catalogue().type(facility.type_key)
    group = session.get_one(VolunteerGroup, facility.group_id)
    return {
        "facility": {"reference": facility.reference, "name": facility.name, "type_name": kind.name},
        "stage": facility.stage.danish,
        "stage_since": facility.stage_since,
        "kle": kind.kle,
        "case_number": number,
        **_place(facility),
        "inherited": _inherited(session, facility),
        "land_owner": facility.land_owner.danish,
        "group": {"reference": group.reference, "name": group.name},
        "proposed_on": facility.proposed_on,
        "outcome": facility.outcome,
        "rounds": _rounds(session, facility),
        "permits": _permits(session, facility),
        "applications": _applications(session, facility),
        "incidents": _incidents(session, facility),
        "endings": _endings(session, facility),
    }


def _place(facility: Facility) -> dict[str, Any]:
    return {
        "is_placed": facility.is_placed,
        "lat": f"{facility.lat:.6f}".replace(".", ","),
        "lon": f"{facility.lon:.6f}".replace(".", ","),
        "east": str(facility.utm_east),
        "north": str(facility.utm_north),
    }


def _inherited(session: Session, facility: Facility) -> dict[str, Any] | None:
    came = inheritance_of(session, facility)
    if came is None:
        return None
    return {"number": came.number, "address": came.address, "built_on": came.built_on, "taken_in_on": came.taken_in_on}


def _rounds(session: Session, facility: Facility) -> list[dict[str, Any]]:
    """What operations was asked and answered, each round with the conditions it set."""
    rows = session.exec(select(Condition).where(Condition.facility_id == facility.id).order_by(col(Condition.id)))
    conditions: dict[int, list[dict[str, Any]]] = {}
    for each in rows:
        told = {
            "number": each.number,
            "text": each.text,
            "owner": each.owner.danish,
            "deadline_on": each.deadline_on,
            "by_when": by_when(session, facility, each),
            "met_on": each.met_on,
        }
        conditions.setdefault(each.round, []).append(told)
    return [
        {
            "number": c.round,
            "answer": c.answer.danish if c.answer else "ikke besvaret",
            "asked_on": c.asked_on,
            "decided_on": c.decided_on,
            "minutes": c.minutes_per_year,
            "ore": c.kr_per_year_ore,
            "reason": c.reason,
            "could_be_yes": c.could_be_yes,
            "conditions": conditions.get(c.round, []),
        }
        for c in consultations_of(session, facility)
    ]


def _permits(session: Session, facility: Facility) -> list[dict[str, Any]]:
    return [
        {
            "name": catalogue().permits[p.key].name if p.key in catalogue().permits else p.key,
            "result": p.result.danish,
            "case_number": p.case_number,
        }
        for p in permits_of(session, facility)
    ]


def _applications(session: Session, facility: Facility) -> list[dict[str, Any]]:
    """What was asked of the pool, and what it decided."""
    rows = select(PoolApplication).where(PoolApplication.facility_id == facility.id).order_by(col(PoolApplication.id))
    return [
        {
            "applied_on": a.applied_on,
            "decision": a.decision.danish if a.decision else "ikke afgjort",
            "decided_on": a.decided_on,
            "by": a.decided_by.danish if a.decided_by else "",
            "case_number": a.case_number,
            "reason": a.reason,
        }
        for a in session.exec(rows)
    ]


def _incidents(session: Session, facility: Facility) -> list[dict[str, Any]]:
    return [
        {
            "number": i.id,
            "on": i.reported_on,
            "what": i.what.rstrip("."),
            "decided": f"{i.decision.danish.capitalize()}, {kr(i.kr_ore)} {i.reason}"
            if i.decision
            else "Ikke afgjort.",
        }
        for i in incidents_of(session, facility)
    ]


def _endings(session: Session, facility: Facility) -> list[dict[str, Any]]:
    """Each time it was to be wound down, and what came of it."""
    return [
        {
            "on": w.begun_on,
            "reason": w.reason.rstrip("."),
            "outcome": f"{w.outcome.danish.capitalize()}." if w.outcome else "Ikke afgjort.",
            "decided": where_from(w),
            "words": w.words,
        }
        for w in winding_downs_of(session, facility)
    ]


def timeline_paper(session: Session, facility: Facility) -> dict[str, Any]:
    """The journal, line by line."""
    return {
        "lines": [
            {"on": line.on, "stage": line.stage, "by": line.by.danish, "door": str(line.door), "what": line.what}
            for line in journal_of(session, facility.number)
        ]
    }


def protocol_paper(session: Session, facility: Facility) -> dict[str, Any]:
    """The handovers, with papers, defects and inspections."""

    def named(keys: list[str]) -> str:
        return ", ".join(catalogue().paper_names(keys)) or "ingen"

    return {
        "handovers": [
            {
                "attempt": h.attempt,
                "result": h.result.danish if h.result else "ikke afgjort",
                "ready_on": h.ready_on,
                "decided_on": h.decided_on,
                "reason": h.reason,
                "papers": named(h.papers),
                "missing": named(h.papers_missing),
                "signed": h.signed_by_builder,
                "signed_on": h.builder_signed_on,
                "how": how_signed(h),
                "signed_for_us": h.signed_for_us or "driften",
                "remarks": h.builder_remarks,
            }
            for h in handovers_of(session, facility)
        ],
        "defects": [
            {"number": d.number, "text": d.text, "deadline_on": d.deadline_on, "fixed_on": d.fixed_on}
            for d in defects_of(session, facility)
        ],
        "steps": [
            {"danish": step.kind.danish, "day_on": step.day_on, "note": step.note}
            for step in steps_of(session, facility)
        ],
        "inspections": [
            {
                "danish": i.kind.danish,
                "last_on": i.inspection_on,
                "summoned_for_on": i.summoned_for_on,
                "held_on": i.held_on,
                "result": i.result.danish if i.result else "",
                "note": i.note,
            }
            for i in inspections_of(session, facility)
        ],
    }


def checks_paper(session: Session, facility: Facility) -> dict[str, Any]:
    """The checks and work orders with what was answered."""
    rows = []
    for check in checks_of(session, facility):
        report = report_of(session, check)
        said = f"{report.result.danish}, {minutter(report.minutes)}. {report.note}" if report else ""
        rows.append(
            {
                "number": check.id,
                "task": session.get_one(CareTask, check.care_task_id).name,
                "due_on": check.due_on,
                "state": check.state.danish,
                "said": said.strip(),
            }
        )
    return {
        "checks": rows,
        "orders": [
            {
                "on": o.ordered_on,
                "what": o.what,
                "state": o.state.danish,
                "minutes": o.minutes_estimated if o.minutes is None else o.minutes,
                "ore": o.ore_estimated if o.ore is None else o.ore,
            }
            for o in sorted(work_of(session, facility), key=lambda o: o.number)
        ],
    }


def ledger_paper(session: Session, facility: Facility) -> dict[str, Any]:
    """The pool's entries about it."""
    return {
        "entries": [
            {"on": e.on, "year": str(e.year), "kind": e.kind.danish, "ore": e.amount_ore, "what": e.what, "key": e.key}
            for e in ledger(session, facility_id=facility.id)
        ]
    }


def messages_paper(session: Session, facility: Facility) -> dict[str, Any]:
    """What was told to whom, and when; not in what words."""
    own = select(Message).where(Message.facility_id == facility.id)
    rows = [(m, m.template) for m in session.exec(own)]
    items = (
        select(Message, MessageItem)
        .join(MessageItem, col(MessageItem.message_id) == Message.id)
        .where(MessageItem.facility_id == facility.id)
    )
    rows += [(m, item.kind) for m, item in session.exec(items)]
    return {
        "messages": [
            {"on": m.on, "to": recipient_of(session, m), "what": name_of(what), "sent": sent_words(m)}
            for m, what in sorted(rows, key=lambda row: (row[0].on, row[0].number, row[1]))
        ]
    }


def recipient_of(session: Session, message: Message) -> str:
    """Whom a message is to, by name or role."""
    if message.contact_id is not None:
        return session.get_one(Contact, message.contact_id).name
    return message.role.danish if message.role else "ukendt"


def sent_words(message: Message) -> str:
    """Whether and when a message was sent, in words."""
    moment: datetime | None = message.sent_at
    if message.not_needed_at is not None:
        return "Ikke sendt: det var ikke nødvendigt mere."
    if moment is None:
        return "Venter på at blive sendt."
    emptied = f" ({NO_LETTER})" if not message.context else ""
    return f"Sendt {moment.astimezone(UTC):%d.%m.%Y}{emptied}."
