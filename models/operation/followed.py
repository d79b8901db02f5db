"""Fulgt til dørs: who reported damage hears how it ends, and the address they left is forgotten once they have.

It isn't kept in the message: it is looked up when the message leaves (`Message.public_report_id`), and erased when the last
word has gone.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlmodel import Session, col, select

from models.case.volunteer_group import Contact
from models.operation.check import Report
from models.operation.incident import Incident
from models.operation.public_report import PublicReport
from models.operation.reporter import Heard, tell_who_reported
from models.post.outbox import Fact, Message, tell_contact


def tell_member_who_reported(
    session: Session, incident: Incident, template: str, *, key: str, on: date, context: Mapping[str, Fact]
) -> None:
    """Tell a member whose link the damage came by what the group's contacts are told; contacts hear it as such."""
    contact = _who_of_the_group(session, incident)
    if contact is not None and contact.is_member and contact.left_on is None:
        tell_contact(session, contact, template, facility_id=incident.facility_id, key=key, on=on, context=context)


def _who_of_the_group(session: Session, incident: Incident) -> Contact | None:
    """Whoever of the group told of it; before that was kept, by the check they answered with it."""
    if incident.reported_by_contact is not None:
        return session.get(Contact, incident.reported_by_contact)
    word, _, rest = (incident.key or "").partition(":")
    number = rest.partition(":")[0]
    if word != "check" or not number.isdigit():
        return None
    report = session.exec(select(Report).where(Report.check_id == int(number))).first()
    return session.get(Contact, report.contact_id) if report is not None and report.contact_id is not None else None


def tell_reporters(session: Session, incident: Incident, heard: Heard, *, on: date, again: str = "") -> None:
    """Tell everybody who reported this incident and left an address; `again` tells one repair from the next."""
    rows = select(PublicReport).where(PublicReport.incident_id == incident.id, PublicReport.mail != "")
    for report in session.exec(rows):
        tell_who_reported(session, report, heard, on=on, again=again)


def reports_from(session: Session, address: str) -> list[PublicReport]:
    """The reports whose sender left this address, and hasn't been told to the end yet."""
    wanted = address.strip().casefold()
    rows = select(PublicReport).where(PublicReport.mail != "").order_by(col(PublicReport.id))
    return [report for report in session.exec(rows) if report.mail.casefold() == wanted]


def forget_address(session: Session, address: str) -> int:
    """Forget an address that was left with reports, on its owner's wish; returns how many reports had it."""
    reports = reports_from(session, address)
    for report in reports:
        report.mail = ""
    session.flush()
    return len(reports)


def address_of(session: Session, report_id: int) -> str:
    """Where whoever sent a report wants to be told; empty when they left none, or it is forgotten."""
    report = session.get(PublicReport, report_id)
    return report.mail if report is not None else ""


def forget_who_was_told(session: Session, messages: Iterable[Message]) -> None:
    """Forget the addresses of those whose last message is among these, which have gone or never will."""
    for message in messages:
        if message.public_report_id is None or not Heard(str(message.context.get("heard"))).is_last:
            continue
        report = session.get(PublicReport, message.public_report_id)
        if report is not None:
            report.mail = ""
    session.flush()


def forget_who_was_told_long_ago(session: Session) -> int:
    """The same for whoever was told by a mail that was given up, or was killed just after; returns how many."""
    rows = (
        select(Message)
        .join(PublicReport, col(PublicReport.id) == Message.public_report_id)
        .where(PublicReport.mail != "", col(Message.sent_at).is_not(None) | col(Message.given_up_at).is_not(None))
    )
    told = [message for message in session.exec(rows) if Heard(str(message.context.get("heard"))).is_last]
    forget_who_was_told(session, told)
    return len(told)
