"""Afleveringsprotokollen for one handover: what both sides sign, and the paper that shows both signatures.

The text that is signed says what was found and agreed at the handover and nothing that happens later, so its
fingerprint stays the same whoever reads it when. The signatures stand below it.
"""

import hashlib
from typing import Any

from sqlmodel import Session

from channels.paper.documents import environment, markdown_of, pdf_of
from config.catalogue import catalogue
from config.settings import settings
from models.case.builder import BuiltBy
from models.case.facility import Facility
from models.case.firm import Firm
from models.case.handover import Handover, defects_of
from models.case.volunteer_group import VolunteerGroup
from models.role import Role


def protocol_text(session: Session, handover: Handover, *, with_signatures: bool) -> str:
    """The protocol in Markdown; without signatures it is what is signed."""
    facility = session.get_one(Facility, handover.facility_id)
    words: dict[str, Any] = {
        "reference": facility.reference,
        "name": facility.name,
        "municipality": catalogue().municipality.name,
        "builder": builder_name(session, facility),
        "terms": facility.terms.danish if facility.built_by is BuiltBy.FIRM else "",
        "attempt": handover.attempt,
        "ready_on": handover.ready_on,
        "decided_on": handover.decided_on,
        "result": handover.result.danish if handover.result else "",
        "reason": handover.reason,
        "papers": catalogue().paper_names(handover.papers),
        "papers_missing": catalogue().paper_names(handover.papers_missing),
        "defects": [
            {"number": each.number, "text": each.text, "deadline_on": each.deadline_on}
            for each in defects_of(session, facility)
            if each.handover_id == handover.id
        ],
        "signatures": signatures_of_protocol(handover) if with_signatures else None,
    }
    return markdown_of("case/handover_protocol.md.j2", words, environment(settings().templates_dir))


def protocol_sha256(session: Session, handover: Handover) -> str:
    """The fingerprint of what is signed."""
    return hashlib.sha256(protocol_text(session, handover, with_signatures=False).encode()).hexdigest()


def protocol_pdf(session: Session, handover: Handover) -> bytes:
    """The protocol as PDF/A and PDF/UA with the signatures there are; the same signatures give the same bytes."""
    facility = session.get_one(Facility, handover.facility_id)
    assert handover.decided_on is not None
    return pdf_of(
        protocol_text(session, handover, with_signatures=True),
        title=f"Afleveringsprotokol {facility.reference}: {facility.name}",
        author=catalogue().municipality.name,
        on=handover.builder_signed_on or handover.decided_on,
    )


def protocol_file(session: Session, handover: Handover) -> str:
    """What the paper's file is called."""
    facility = session.get_one(Facility, handover.facility_id)
    return f"afleveringsprotokol-{facility.reference}-{handover.attempt}.pdf"


def builder_name(session: Session, facility: Facility) -> str:
    """Who built it, as the protocol names them; empty where nobody has said."""
    if facility.built_by is BuiltBy.FIRM and facility.firm_id is not None:
        firm = session.get_one(Firm, facility.firm_id)
        return f"{firm.name}, CVR {firm.cvr}"
    if facility.built_by is BuiltBy.VOLUNTEERS:
        return session.get_one(VolunteerGroup, facility.group_id).name
    return facility.built_by.danish if facility.built_by is not None else ""


def signatures_of_protocol(handover: Handover) -> dict[str, Any]:
    """Both signatures, each with its day; how the builder's was given stands with it."""
    return {
        "ours": handover.signed_for_us or ("driften" if handover.decided_on else ""),
        "ours_on": handover.decided_on,
        "builders": handover.signed_by_builder,
        "builders_on": handover.builder_signed_on,
        "how": how_signed(handover),
        "remarks": handover.builder_remarks,
        "sha256": handover.signed_sha256,
    }


def how_signed(handover: Handover) -> str:
    """How the builder signed, in words; empty while nobody has."""
    if handover.builder_signed_as is None:
        return ""
    if handover.builder_signed_as in (Role.FIRM, Role.VOLUNTEER):
        return f"med link, af {handover.builder_signed_as.danish}"
    return f"på papir, noteret af {handover.builder_signed_as.danish}"
