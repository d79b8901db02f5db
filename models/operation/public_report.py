"""Meldinger fra skiltet: what a stranger reports is a suggestion, until operations or the group confirms it.

Nothing that was sent is thrown away. What looks like a machine's is kept for the coordinator, marked, and nobody else is
sent out for it.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial

from sqlmodel import Session, col, func, select

from models import text
from models.case.facility import Facility
from models.case.photo import MAX_PHOTOS, StoredPhoto, add_photos, as_stored, photos_of
from models.case.volunteer_group import VolunteerGroup, contacts_of
from models.journal import write_journal
from models.operation.incident import open_incident
from models.operation.reporter import Heard, tell_who_reported
from models.operation.suggestion import (
    Known,
    PublicReport,
    ReportState,
    find_public_report,
    known_damage,
    public_reports,
    recent_reports,
)
from models.post.outbox import Message, MessageItem, add_to_daily, tell
from models.refusal import Refusal
from models.role import Door, Role, may_decide
from models.said import Said
from models.stage import Stage

__all__ = [
    "PublicReport",
    "ReportState",
    "confirm_report",
    "dismiss_report",
    "find_public_report",
    "forget_public_reports",
    "may_be_reported",
    "public_reports",
    "recent_reports",
    "report_publicly",
]

MAY_CONFIRM = (Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.COORDINATOR, Role.VOLUNTEER)
MAX_A_DAY = 20
"""Reports of one facility and day; more is noise, and people are asked to ring [assume]."""


def may_be_reported(facility: Facility) -> bool:
    """Whether the public page takes reports: only of places that are in operation."""
    return facility.stage in (Stage.OPERATION, Stage.WINDING_DOWN)


def report_publicly(
    session: Session,
    facility: Facility,
    what: str,
    *,
    safe: bool,
    photos: Sequence[StoredPhoto],
    key: str,
    on: date,
    door: Door,
    looks_automatic: bool = False,
    mail: str = "",
    same_as: str = "",
) -> PublicReport:
    """Take a stranger's report and tell operations and the group, as something nobody has looked at yet.

    What `looks_automatic` is told to the coordinator alone. Photos that come with the same text again are kept, too.
    `mail` is where they want to hear what becomes of it, and `same_as` the known damage they say it is the same as:
    then nobody is sent out a second time, unless it has become dangerous since.

    Raises:
        Refusal: the place isn't in operation, or it has been reported too often today.
        BadInput: nothing was said, or too many photos.
    """
    what, mail = text.text(what, "what"), text.mail_address(mail, "mail")
    there = session.exec(select(PublicReport).where(PublicReport.key == key)).first()
    if there is not None:
        _add_to(session, there, photos, mail, on)
        return there
    if not (may_be_reported(facility) or facility.stage is Stage.CLOSED):  # the form may have been open
        raise Refusal("public_report.not_in_operation", "Stedet er ikke i brug. Ring til kommunen.")
    _refuse_too_many(session, facility, on, looks_automatic)
    report = PublicReport(
        facility_id=facility.number,
        key=key,
        what=what,
        safe=safe,
        state=ReportState.SUGGESTED,
        reported_on=on,
        looks_automatic=looks_automatic,
        mail=mail,
    )
    first = None if looks_automatic else _said_before(session, facility, report, same_as)
    if first is not None:
        report.same_as_id, report.incident_id = first.report_id, first.incident_id
        if first.incident_id is not None:
            report.state, report.decided_on = ReportState.CONFIRMED, on
    session.add(report)
    session.flush()
    add_photos(session, photos, public_report_id=report.id, on=on)
    write_journal(session, facility, _line(report), Said(on, Role.PASSER_BY, door))
    if first is None:
        _tell_of_report(session, facility, report, on)
    return report


def _line(report: PublicReport) -> str:
    danger = "" if report.safe else " Stedet kan måske ikke bruges sikkert."
    if report.looks_automatic:
        danger += " Den ligner en maskines; koordinatoren ser på den."
    return f"Melding nr. {report.id} fra skiltet, ikke bekræftet.{danger}"


def _add_to(session: Session, there: PublicReport, photos: Sequence[StoredPhoto], mail: str, on: date) -> None:
    """What came again, with more photos or an address that was forgotten the first time."""
    room = MAX_PHOTOS - len(photos_of(session, public_report_id=there.id))
    add_photos(session, photos[:room], public_report_id=there.id, on=on)
    if mail and not there.mail and there.state is ReportState.SUGGESTED:
        there.mail = mail


def _said_before(session: Session, facility: Facility, report: PublicReport, key: str) -> Known | None:
    """What is known already and another report says it is the same as; none where it says something worse."""
    first = next((known for known in known_damage(session, facility) if known.key == key), None) if key else None
    return None if first is not None and first.safe and not report.safe else first


def _refuse_too_many(session: Session, facility: Facility, on: date, looks_automatic: bool) -> None:
    """Stop a flood of reports about one place on one day."""
    today = select(func.count()).where(
        PublicReport.facility_id == facility.id,
        PublicReport.reported_on == on,
        PublicReport.looks_automatic == looks_automatic,  # machines don't use up what people may say
    )
    if session.exec(today).one() >= MAX_A_DAY:
        raise Refusal(
            "public_report.too_many",
            "Der er allerede meldt meget om stedet i dag. Er det noget nyt, så ring til kommunen.",
        )


def _tell_of_report(session: Session, facility: Facility, report: PublicReport, on: date) -> None:
    """Operations at once and the group with the day's mail; what looks like a machine's, the coordinator alone."""
    told: dict[str, object] = {"report_id": report.id, "what": report.what, "safe": report.safe}
    key = f"public-report:{report.id}"
    daily = partial(add_to_daily, session, kind="public_report", facility_id=facility.number, key=key, on=on)
    if report.looks_automatic:
        daily(contact_id=None, role=Role.COORDINATOR, context=told | {"looks_automatic": True})
        return
    tell(session, facility, Role.OPERATIONS, "public_report", on, key=key, context=told)
    for contact in contacts_of(session, session.get_one(VolunteerGroup, facility.group_id)):
        daily(contact_id=contact.id, role=None, context=told)


def confirm_report(session: Session, report: PublicReport, said: Said) -> PublicReport:
    """Somebody has looked and it is so: the report becomes an incident, with its photos.

    Raises:
        Refusal: the role may not, or it was dismissed.
    """
    may_decide(said.by, MAY_CONFIRM, "En melding")
    if report.state is ReportState.CONFIRMED:
        return report
    _must_be_open(report)
    incident = open_incident(
        session,
        session.get_one(Facility, report.facility_id),
        report.what,
        said,
        safe=report.safe,
        key=f"public-report:{report.id}",
    )
    shown = [as_stored(photo) for photo in photos_of(session, public_report_id=report.id)]
    add_photos(session, shown, incident_id=incident.id, on=said.on)
    for each in (report, *_same(session, report)):
        each.incident_id = incident.id
        _decide(session, each, ReportState.CONFIRMED, said)
    return report


def dismiss_report(session: Session, report: PublicReport, said: Said) -> PublicReport:
    """Somebody has looked and there is nothing.

    Raises:
        Refusal: the role may not, or it was confirmed.
    """
    may_decide(said.by, MAY_CONFIRM, "En melding")
    if report.state is ReportState.DISMISSED:
        return report
    _must_be_open(report)
    for each in (report, *_same(session, report)):
        _decide(session, each, ReportState.DISMISSED, said)
        tell_who_reported(session, each, Heard.NOTHING, on=said.on)
    return report


def _same(session: Session, report: PublicReport) -> list[PublicReport]:
    """The later reports that say the same, and wait for the same look."""
    rows = select(PublicReport).where(PublicReport.same_as_id == report.id, PublicReport.state == ReportState.SUGGESTED)
    return list(session.exec(rows.order_by(col(PublicReport.id))))


def forget_public_reports(session: Session, *, before: date) -> int:
    """Erase what strangers wrote and showed before a day, once it is decided; the counts stay.

    What was confirmed is an incident by then, with its own words and photos. Addresses of that time go in any case, also
    of those who were never told. Returns how many.
    """
    with_address = select(PublicReport).where(col(PublicReport.reported_on) < before, PublicReport.mail != "")
    for report in session.exec(with_address):
        report.mail = ""
    rows = select(PublicReport).where(
        col(PublicReport.reported_on) < before, PublicReport.state != ReportState.SUGGESTED, PublicReport.what != ""
    )
    old = list(session.exec(rows))
    for report in old:
        report.what = ""
        about = f"public-report:{report.id}:"
        messages = select(Message).where(col(Message.key).startswith(about))
        items = select(MessageItem).where(col(MessageItem.key).startswith(about))
        for told in (*session.exec(messages), *session.exec(items)):  # what was told of it
            told.context = {**told.context, "what": ""}
        for photo in photos_of(session, public_report_id=report.id):
            session.delete(photo)
    session.flush()
    return len(old)


def _must_be_open(report: PublicReport) -> None:
    if report.state is not ReportState.SUGGESTED:
        raise Refusal("public_report.decided", f"Melding nr. {report.id} er allerede {report.state.danish}.")


def _decide(session: Session, report: PublicReport, state: ReportState, said: Said) -> None:
    report.state, report.decided_on, report.decided_by = state, said.on, said.by
    facility = session.get_one(Facility, report.facility_id)
    write_journal(session, facility, f"Melding nr. {report.id} fra skiltet er {state.danish}.", said)
    session.flush()
