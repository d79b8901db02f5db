"""Personer: the contacts, and where each of them is kept, for the one who asks (the right of access).

A person is found by mail address or telephone number, in every group. Who changed address is found by the new one.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, Enum, String, Table, TypeDecorator
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from models.case.agreement import Agreement, Side, Signature
from models.case.photo import Photo, photos_of
from models.case.volunteer_group import Contact
from models.discretion import digits_of, mentions
from models.operation.check import Check, FormerAnswer, Report
from models.operation.incident import Incident, incident_of_check
from models.post.link import Link, Purpose
from models.post.outbox import Message

#: The tables that the database itself refuses to change.
APPEND_ONLY = ("journal", "ledger_entry")


def contacts_with(session: Session, address: str) -> list[Contact]:
    """Every contact, also one who has left, with this mail address or telephone number."""
    wanted, digits = address.strip().casefold(), digits_of(address)
    return [
        contact
        for contact in session.exec(select(Contact).order_by(col(Contact.id)))
        if (contact.mail and contact.mail.casefold() == wanted)
        or ("@" not in wanted and digits and digits_of(contact.phone) == digits)
    ]


def signatures_by(session: Session, contact: Contact) -> list[tuple[Signature, Agreement]]:
    """What the contact signed for the group: a signature holds a name and no address."""
    rows = (
        select(Signature, Agreement)
        .join(Agreement, col(Agreement.id) == Signature.agreement_id)
        .where(Agreement.group_id == contact.group_id, Signature.side == Side.VOLUNTEERS)
        .order_by(col(Signature.id))
    )
    name = contact.name.casefold()
    return [(s, a) for s, a in session.exec(rows) if name in (s.name.casefold(), s.corrected_name.casefold())]


def messages_to(session: Session, contact: Contact) -> list[Message]:
    """All messages to the contact, sent or not."""
    rows = select(Message).where(Message.contact_id == contact.id).order_by(col(Message.id))
    return list(session.exec(rows))


def links_of(session: Session, contact: Contact) -> list[Link]:
    """All links the contact was given."""
    return list(session.exec(select(Link).where(Link.contact_id == contact.id).order_by(col(Link.id))))


def answers_by(session: Session, contact: Contact) -> list[Report]:
    """The answers the contact gave; of those from before it was kept who did, the ones by a link of theirs."""
    used = select(Link.subject_id).where(
        Link.contact_id == contact.id, Link.purpose == Purpose.ANSWER, col(Link.used_at).is_not(None)
    )
    by_link = col(Report.contact_id).is_(None) & col(Report.check_id).in_(used)
    theirs = (col(Report.contact_id) == contact.id) | by_link
    return list(session.exec(select(Report).where(theirs).order_by(col(Report.id))))


def corrected_by(session: Session, contact: Contact) -> list[FormerAnswer]:
    """What the contact had answered before they corrected it: nobody else may."""
    checks = [report.check_id for report in answers_by(session, contact)]
    rows = select(FormerAnswer).where(col(FormerAnswer.check_id).in_(checks)).order_by(col(FormerAnswer.id))
    return list(session.exec(rows))


def damage_told_by(session: Session, contact: Contact) -> list[Incident]:
    """The damage the contact told of by their link."""
    rows = select(Incident).where(Incident.reported_by_contact == contact.id).order_by(col(Incident.id))
    return list(session.exec(rows))


def photos_by(session: Session, contact: Contact) -> list[Photo]:
    """The photos that came with those answers and that damage, also where they show what was found."""
    told_of = damage_told_by(session, contact)
    found = {photo.number: photo for each in told_of for photo in photos_of(session, incident_id=each.id)}
    for report in answers_by(session, contact):
        shown = photos_of(session, check_id=report.check_id)
        incident: Incident | None = incident_of_check(session, session.get_one(Check, report.check_id))
        if incident is not None:
            shown += photos_of(session, incident_id=incident.id)
        found |= {photo.number: photo for photo in shown}
    return list(found.values())


def mentioned(session: Session, contact: Contact) -> Iterator[tuple[str, int, str]]:
    """Every other text that names the contact: table, row number, text. The append-only ones too."""
    who = {"name": contact.name, "mail": contact.mail, "phone": contact.phone}
    for table in SQLModel.metadata.sorted_tables:
        if table.name in ("contact", "signature", "message", "message_item", "link"):
            continue  # told above, each in its own words
        for number, values in texts_of(session, table):
            for text in values.values():
                if mentions(str(text), **who):
                    yield table.name, number, str(text)


def texts_of(session: Session, table: Table) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a table that has numbers: number, and the columns that hold text or lists of it."""
    if "id" not in table.c:
        return
    columns = [c for c in table.c if _holds_text(c.type)]
    if not columns:
        return
    rows = session.connection().execute(select_columns(table.c.id, *columns)).mappings().all()
    for row in rows:
        yield row["id"], {c.name: row[c.name] for c in columns if row[c.name]}


def _holds_text(kind: object) -> bool:
    inner = kind.impl if isinstance(kind, TypeDecorator) else kind
    return isinstance(inner, String | JSON) and not isinstance(inner, Enum)
