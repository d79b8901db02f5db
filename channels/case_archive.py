"""Sagen til arkivet: all of one facility's case as PDF/A with an index, to be filed in an ESDH system.

The same case gives the same bytes, whenever and wherever it is written: nothing in it is the day it was
written, each document is dated by what it tells. Links that letters carried are left out; they open doors.
"""

import hashlib
import json
from base64 import b64encode
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import TemplateError
from sqlmodel import Session, col, select

from channels.agreement_paper import write_once
from channels.documents import environment, markdown_of, pdf_of
from channels.letters import compose
from config.catalogue import catalogue
from config.settings import settings
from models.agreement import CareTask, agreements_of
from models.application import PoolApplication
from models.check import WorkOrder, checks_of, report_of
from models.consultation import Condition, consultations_of
from models.danish import kr, minutter
from models.facility import Facility
from models.incident import incidents_of
from models.journal import JournalEntry, journal_of
from models.message import Message, MessageItem
from models.permit import permits_of
from models.photo import Photo, photos_of
from models.pool import ledger
from models.protocol import defects_of, handovers_of, inspections_of
from models.public_report import PublicReport
from models.refusal import BadInput
from models.volunteer_group import Contact, VolunteerGroup
from models.winding_down import winding_downs_of

FORMAT = "driftsklar-sag-1"
INDEX = "index.json"
PDF = "application/pdf"
NO_LETTER = "indholdet er slettet efter slettefristen"


class Page(NamedTuple):
    """One document of the case: where it lies in the folder, what it is, and the day it tells of."""

    path: str
    title: str
    kind: str
    on: date
    content: bytes


def write_case(
    session: Session, facility: Facility, folder: Path, *, case_number: str = ""
) -> dict[str, Any]:
    """Write the case to a folder and return its index. `case_number` is the archive's; else the pool's own.

    Raises:
        BadInput: the folder holds something else.
        OSError: it can't be written.
    """
    index_file = folder / INDEX
    before = _written_before(folder)
    number = case_number or _case_number(session, facility)
    pages = _pages(session, facility, number)
    index = _index(session, facility, number, pages)
    for page in pages:
        write_once(folder / page.path, page.content)
    for gone in before - {page.path for page in pages}:
        (folder / gone).unlink(missing_ok=True)
    # the index last: what it names is there
    write_once(index_file, (json.dumps(index, ensure_ascii=False, indent=2) + "\n").encode())
    return index


def _index(session: Session, facility: Facility, number: str, pages: list[Page]) -> dict[str, Any]:
    kind = catalogue().type(facility.type_key)
    lines = journal_of(session, facility.id or 0)
    about = {"kle": kind.kle, "case_number": number}
    return {
        "format": FORMAT,
        "municipality": catalogue().municipality.name,
        "case": {
            "reference": facility.reference,
            "name": facility.name,
            "type": facility.type_key,
            "stage": str(facility.stage),
            "lat": facility.lat,
            "lon": facility.lon,
            "utm32_east": facility.utm_east,
            "utm32_north": facility.utm_north,
            "last_changed_on": _last_day(lines, facility).isoformat(),
            **about,
        },
        "files": [
            {
                "path": page.path,
                "title": page.title,
                "kind": page.kind,
                "on": page.on.isoformat(),
                "media_type": PDF,
                "bytes": len(page.content),
                "sha256": hashlib.sha256(page.content).hexdigest(),
                **about,
            }
            for page in pages
        ],
    }


def _pages(session: Session, facility: Facility, number: str) -> list[Page]:
    reference, last = facility.reference, _last_day(journal_of(session, facility.id or 0), facility)
    told: list[tuple[str, str, str, dict[str, Any]]] = [
        ("01-sag.pdf", f"Sag {reference}", "case", _case(session, facility, number)),
        ("02-forloeb.pdf", f"Forløb {reference}", "timeline", _timeline(session, facility)),
        (
            "03-protokol.pdf",
            f"Afleveringsprotokol {reference}",
            "protocol",
            _protocol(session, facility),
        ),
        ("04-tjek.pdf", f"Tjek {reference}", "checks", _checks(session, facility)),
        ("05-regnskab.pdf", f"Puljens poster {reference}", "ledger", _ledger(session, facility)),
        ("06-beskeder.pdf", f"Beskeder {reference}", "letters", _messages(session, facility)),
    ]
    pages = [
        Page(path, title, kind, last, _pdf(kind, title, context | {"reference": reference}, last))
        for path, title, kind, context in told
    ]
    pages += _agreements(session, facility)
    pages += _letters(session, facility)
    return pages + _photos(session, facility, last)


def _pdf(
    template: str,
    title: str,
    context: dict[str, Any],
    on: date,
    pictures: dict[str, str] | None = None,
) -> bytes:
    templates = environment(settings().templates_dir)
    markdown = markdown_of(f"case/{template}.md.j2", context, templates)
    author = catalogue().municipality.name
    return pdf_of(markdown, title=title, author=author, on=on, pictures=pictures)


def _case(session: Session, facility: Facility, number: str) -> dict[str, Any]:
    kind = catalogue().type(facility.type_key)
    group = session.get_one(VolunteerGroup, facility.group_id)
    conditions = list(
        session.exec(
            select(Condition)
            .where(Condition.facility_id == facility.id)
            .order_by(col(Condition.id))
        )
    )
    applications = session.exec(
        select(PoolApplication)
        .where(PoolApplication.facility_id == facility.id)
        .order_by(col(PoolApplication.id))
    )
    return {
        "facility": {
            "reference": facility.reference,
            "name": facility.name,
            "type_name": kind.name,
        },
        "stage": facility.stage.danish,
        "stage_since": facility.stage_since,
        "kle": kind.kle,
        "case_number": number,
        "lat": f"{facility.lat:.6f}".replace(".", ","),
        "lon": f"{facility.lon:.6f}".replace(".", ","),
        "east": str(facility.utm_east),
        "north": str(facility.utm_north),
        "land_owner": facility.land_owner.danish,
        "group": {"reference": group.reference, "name": group.name},
        "proposed_on": facility.proposed_on,
        "outcome": facility.outcome,
        "rounds": [
            {
                "number": c.round,
                "answer": c.answer.danish if c.answer else "ikke besvaret",
                "asked_on": c.asked_on,
                "decided_on": c.decided_on,
                "minutes": c.minutes_per_year,
                "ore": c.kr_per_year_ore,
                "reason": c.reason,
                "could_be_yes": c.could_be_yes,
                "conditions": [
                    {
                        "number": each.number,
                        "text": each.text,
                        "owner": each.owner.danish,
                        "deadline_on": each.deadline_on,
                        "met_on": each.met_on,
                    }
                    for each in conditions
                    if each.round == c.round
                ],
            }
            for c in consultations_of(session, facility)
        ],
        "permits": [
            {
                "name": catalogue().permits[p.key].name if p.key in catalogue().permits else p.key,
                "result": p.result.danish,
                "case_number": p.case_number,
            }
            for p in permits_of(session, facility)
        ],
        "applications": [
            {
                "applied_on": a.applied_on,
                "decision": a.decision.danish if a.decision else "ikke afgjort",
                "decided_on": a.decided_on,
                "by": a.decided_by.danish if a.decided_by else "",
                "case_number": a.case_number,
                "reason": a.reason,
            }
            for a in applications
        ],
        "incidents": [
            {
                "number": i.id,
                "on": i.reported_on,
                "what": i.what.rstrip("."),
                "decided": f"{i.decision.danish.capitalize()}, {kr(i.kr_ore)} {i.reason}"
                if i.decision
                else "Ikke afgjort.",
            }
            for i in incidents_of(session, facility)
        ],
        "endings": [
            {
                "on": w.begun_on,
                "reason": w.reason.rstrip("."),
                "outcome": w.outcome.danish.capitalize() if w.outcome else "Ikke afgjort.",
            }
            for w in winding_downs_of(session, facility)
        ],
    }


def _timeline(session: Session, facility: Facility) -> dict[str, Any]:
    return {
        "lines": [
            {
                "on": line.on,
                "stage": line.stage,
                "by": line.by.danish,
                "door": str(line.door),
                "what": line.what,
            }
            for line in journal_of(session, facility.id or 0)
        ]
    }


def _protocol(session: Session, facility: Facility) -> dict[str, Any]:
    names = catalogue().papers

    def named(keys: list[str]) -> str:
        return ", ".join(names[key].name if key in names else key for key in keys) or "ingen"

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
            }
            for h in handovers_of(session, facility)
        ],
        "defects": [
            {
                "number": d.number,
                "text": d.text,
                "deadline_on": d.deadline_on,
                "fixed_on": d.fixed_on,
            }
            for d in defects_of(session, facility)
        ],
        "inspections": [i.inspection_on for i in inspections_of(session, facility)],
    }


def _checks(session: Session, facility: Facility) -> dict[str, Any]:
    rows = []
    for check in checks_of(session, facility):
        report = report_of(session, check)
        said = (
            f"{report.result.danish}, {minutter(report.minutes)}. {report.note}" if report else ""
        )
        rows.append(
            {
                "number": check.id,
                "task": session.get_one(CareTask, check.care_task_id).name,
                "due_on": check.due_on,
                "state": check.state.danish,
                "said": said.strip(),
            }
        )
    orders = session.exec(
        select(WorkOrder).where(WorkOrder.facility_id == facility.id).order_by(col(WorkOrder.id))
    )
    return {
        "checks": rows,
        "orders": [
            {"on": o.ordered_on, "what": o.what, "minutes": o.minutes, "ore": o.kr_ore}
            for o in orders
        ],
    }


def _ledger(session: Session, facility: Facility) -> dict[str, Any]:
    return {
        "entries": [
            {
                "on": e.on,
                "year": str(e.year),
                "kind": e.kind.danish,
                "ore": e.amount_ore,
                "what": e.what,
                "key": e.key,
            }
            for e in ledger(session, facility_id=facility.id)
        ]
    }


def _messages(session: Session, facility: Facility) -> dict[str, Any]:
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
            {"on": m.on, "to": _to(session, m), "what": what, "sent": _sent(m)}
            for m, what in sorted(rows, key=lambda row: (row[0].on, row[0].id or 0, row[1]))
        ]
    }


def _agreements(session: Session, facility: Facility) -> list[Page]:
    """The agreements as they were printed, byte for byte: their hashes stand in the case."""
    pages = []
    for agreement in agreements_of(session, facility):
        file = settings().var_dir / agreement.pdf
        if agreement.pdf and file.is_file():
            on = agreement.signed_on or agreement.sent_on or agreement.drafted_on
            title = f"Pasningsaftale {facility.reference}, version {agreement.version} ({agreement.status.danish})"
            path = f"07-aftale-v{agreement.version}.pdf"
            pages.append(Page(path, title, "agreement", on, file.read_bytes()))
    return pages


def _letters(session: Session, facility: Facility) -> list[Page]:
    templates = environment(settings().templates_dir)
    municipality = catalogue().municipality
    kind = catalogue().type(facility.type_key)
    rows = select(Message).where(Message.facility_id == facility.id).order_by(col(Message.id))
    pages = []
    for number, message in enumerate(session.exec(rows), 1):
        to = _to(session, message)
        context: dict[str, Any] = dict(message.context) | {
            "municipality": {
                "name": municipality.name,
                "phone": municipality.phone,
                "mail": municipality.mailboxes["coordinator"],
            },
            "recipient": to,
            "volunteer": message.contact_id is not None,
            "facility": {
                "reference": facility.reference,
                "name": facility.name,
                "type_name": kind.name,
                "definite": kind.definite,
            },
        }
        try:
            subject, body = compose(message.template, context, templates)
        except (TemplateError, ValueError, KeyError):
            continue  # emptied by retention: it stands in the list of messages
        told = {
            "subject": subject,
            "to": to,
            "on": message.on,
            "sent": _sent(message),
            "body": body,
        }
        path = f"breve/{number:03d}-{message.on}-{message.template}.pdf"
        pages.append(
            Page(path, subject, "letter", message.on, _pdf("letter", subject, told, message.on))
        )
    return pages


def _photos(session: Session, facility: Facility, last: date) -> list[Page]:
    """All photos as one document, each as it was kept."""
    shown: list[tuple[str, Photo]] = []
    for check in checks_of(session, facility):
        shown += [(f"Tjek nr. {check.id}", p) for p in photos_of(session, check_id=check.id)]
    for incident in incidents_of(session, facility):
        found = photos_of(session, incident_id=incident.id)
        shown += [(f"Skade nr. {incident.id}", p) for p in found]
    reports = select(PublicReport).where(PublicReport.facility_id == facility.id)
    for report in session.exec(reports.order_by(col(PublicReport.id))):
        found = photos_of(session, public_report_id=report.id)
        shown += [(f"Melding nr. {report.id}", p) for p in found]
    pictures: dict[str, str] = {}
    photos: list[dict[str, Any]] = []
    for title, photo in shown:
        file = settings().var_dir / photo.path
        if file.is_file():
            name = f"billede{len(photos) + 1}"
            pictures[name] = _as_svg(photo, file.read_bytes())
            photos.append({"title": title, "on": photo.added_on, "name": name})
    if not photos:
        return []
    title = f"Billeder {facility.reference}"
    told = {"reference": facility.reference, "photos": photos}
    return [
        Page("08-billeder.pdf", title, "photos", last, _pdf("photos", title, told, last, pictures))
    ]


def _as_svg(photo: Photo, jpeg: bytes) -> str:
    """A photo as the drawing that documents take."""
    size = f'width="{photo.width}" height="{photo.height}"'
    data = b64encode(jpeg).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {photo.width} {photo.height}">'
        f'<image {size} href="data:image/jpeg;base64,{data}"/></svg>'
    )


def _case_number(session: Session, facility: Facility) -> str:
    """The number of the decision that paid for it, when that had one."""
    rows = select(PoolApplication.case_number).where(
        PoolApplication.facility_id == facility.id, PoolApplication.case_number != ""
    )
    return next(iter(session.exec(rows.order_by(col(PoolApplication.id).desc()))), "")


def _last_day(lines: list[JournalEntry], facility: Facility) -> date:
    return max([facility.proposed_on, facility.stage_since, *(line.on for line in lines)])


def _to(session: Session, message: Message) -> str:
    if message.contact_id is not None:
        return session.get_one(Contact, message.contact_id).name
    return message.role.danish if message.role else "ukendt"


def _sent(message: Message) -> str:
    moment: datetime | None = message.sent_at
    if moment is None:
        return "Ikke sendt."
    emptied = f" ({NO_LETTER})" if not message.context else ""
    return f"Sendt {moment.astimezone(UTC):%d.%m.%Y}{emptied}."


def _written_before(folder: Path) -> set[str]:
    """The files an earlier writing of a case put there; a folder with anything else is left alone."""
    if not folder.exists() or not any(folder.iterdir()):
        return set()
    try:
        index = json.loads((folder / INDEX).read_text("utf-8"))
        if index["format"] == FORMAT:
            paths = {str(each["path"]) for each in index["files"]}
            return {
                path for path in paths if ".." not in Path(path).parts and not path.startswith("/")
            }
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise BadInput("--out", f"{folder} er ikke tom. Vælg en ny mappe, eller en hvor sagen lå før.")
