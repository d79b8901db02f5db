"""Indkaldelsen: the summons of a firm to an inspection, as a letter on paper beside the mail.

It is made of what the message said on its day, so that a correction made later doesn't change what was sent: the same
message gives the same bytes, in the mail, on the case's page and in the archive.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from channels.paper.documents import environment, markdown_of, pdf_of
from config.catalogue import catalogue
from config.settings import settings
from models.case.facility import Facility
from models.case.firm import Firm
from models.case.inspection import Inspection
from models.operation.inspection import LEAST_NOTICE_WORKING_DAYS, MOST_NOTICE_WORKING_DAYS
from models.post.outbox import SUMMONS, Message


def summonses_of(session: Session, facility: Facility, inspection: Inspection | None = None) -> list[Message]:
    """The summonses that were sent about a facility, or about one inspection of it; the first one first."""
    rows = select(Message).where(
        Message.facility_id == facility.number, Message.template == SUMMONS, col(Message.firm_id).is_not(None)
    )
    found = [each for each in session.exec(rows.order_by(col(Message.id))) if each.context]
    if inspection is None:
        return found
    return [each for each in found if each.key.startswith(f"inspection:{inspection.number}:")]


def summons_title(summons: Message) -> str:
    """What the letter is called in a list."""
    meeting_on = _day(summons.context, "meeting_on")
    return f"Indkaldelse til {summons.context['kind']} {meeting_on:%d.%m.%Y}"


def summons_file(summons: Message) -> str:
    """What the letter's file is called."""
    return f"indkaldelse-{summons.number}-{summons.on}.pdf"


def summons_pdf(session: Session, summons: Message) -> bytes:
    """The letter as PDF/A and PDF/UA, dated on the day the firm was summoned."""
    assert summons.facility_id is not None
    facility = session.get_one(Facility, summons.facility_id)
    municipality = catalogue().municipality
    told = summons.context
    words = {
        "reference": facility.reference,
        "name": facility.name,
        "is_placed": facility.is_placed,
        "lat": f"{facility.lat:.5f}",
        "lon": f"{facility.lon:.5f}",
        "municipality": {
            "name": municipality.name,
            "phone": municipality.phone,
            "mail": municipality.mailboxes["operations"],
        },
        "firm": _firm(session, summons),
        "sent_on": summons.on,
        "kind": str(told["kind"]),
        "terms": str(told["terms"]),
        "meeting_on": _day(told, "meeting_on"),
        "answer_by_on": _day(told, "answer_by_on"),
        "last_on": _day(told, "last_on"),
        "handed_over_on": _day(told, "handed_over_on"),
        "claims_end_on": _day(told, "claims_end_on"),
        "defects": [dict(each) | {"deadline_on": _day(each, "deadline_on")} for each in _rows(told)],
        "least": LEAST_NOTICE_WORKING_DAYS,
        "most": MOST_NOTICE_WORKING_DAYS,
    }
    markdown = markdown_of("case/summons.md.j2", words, environment(settings().templates_dir))
    title = f"{summons_title(summons)}, {facility.reference}"
    return pdf_of(markdown, title=title, author=municipality.name, on=summons.on)


def _firm(session: Session, summons: Message) -> dict[str, Any]:
    """Who was summoned; a summons from before the letter knows only the firm's number."""
    said = summons.context.get("firm")
    if isinstance(said, Mapping):
        return dict(said)
    firm = session.get_one(Firm, summons.firm_id)
    return {"name": firm.name, "cvr": firm.cvr, "mail": firm.mail}


def _day(told: Mapping[str, Any], name: str) -> date | None:
    said = str(told.get(name) or "")
    return date.fromisoformat(said) if said else None


def _rows(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    said = told.get("defects", [])
    return said if isinstance(said, list) else []
